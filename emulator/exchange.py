"""One request with its answer, as plain values. Nothing here knows the server that carries them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from multidict import CIMultiDict, CIMultiDictProxy, MultiDict

from emulator.clock import Instant
from emulator.contract.decoder import NotJson, decode
from emulator.contract.openapi import Operation

Headers = CIMultiDictProxy[str]
NO_HEADERS: Headers = CIMultiDictProxy(CIMultiDict())
JSON = "application/json"


class BadQuery(ValueError):  # noqa: N818 - reads as what it says
    """The query does not decode to text."""


@dataclass
class Request:
    """What a client said, stamped with the instant at which it was heard."""

    method: str
    path: str
    """Below the namespace's prefix, percent-encoded as it was sent."""
    query_string: str = ""
    headers: Headers = field(default_factory=lambda: NO_HEADERS)
    body: bytes = b""
    base: str = ""
    """Scheme, authority and prefix as the client used them: http://127.0.0.1:8087/ns/test-17."""
    sequence: int = 0
    at: Instant = 0
    params: Mapping[str, str] = field(default_factory=dict)
    """The parameters in the path, decoded; a provider adds those in the body that name a job."""
    operation: Operation | None = None
    """What it asks for, as the contract has it; None where path or method leads nowhere."""
    oversize: bool = False
    """Whether the body was longer than the operation takes; it is not kept then."""
    storage: str = ""
    """Like `base`, of the place where files are downloaded."""
    account: str = ""
    """Whose credentials it carries, once a provider has looked."""
    user: Any = None
    """Which of the account's users that is, as the provider knows them."""
    holds: tuple[str, ...] = ()
    """The counts of calls under way that it is one of, until its answer has gone out."""

    @cached_property
    def query(self) -> MultiDict[str]:
        """The decoded query; BadQuery if it is not UTF-8."""
        try:
            return MultiDict(parse_qsl(self.query_string, keep_blank_values=True, errors="strict"))
        except ValueError as error:
            raise BadQuery(str(error)) from None

    @cached_property
    def decoded(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """What the body says, or the NotJson if it says nothing. A long one is read before the request is stamped."""
        try:
            return decode(self.body)
        except NotJson as error:
            return error

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """What the body says; NotJson."""
        if isinstance(self.decoded, NotJson):
            raise self.decoded
        return self.decoded

    @property
    def target(self) -> str:
        """Path and query as they were sent."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path


@dataclass(slots=True)
class Answer:
    """What is said back. `payload` is a JSON value, or text or bytes for another `content_type`; None is no body.

    `rows`, if given, go out one slice after the other in the last key of `payload`, `rows_key`, or in `payload`
    itself if that is a list: so a million rows need no more memory than a slice.
    """

    status: int
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    rows: Iterator[list[Any]] | None = None
    rows_key: str = "rows"
    message: str | None = None
    """Which of the messages it is, where the contract declares a choice of several."""
    declared_as: int | None = None
    """The status that the contract knows it by, where a scenario has named another."""
    job: str | None = None
    """The id of the job it is about, for the journal."""
    scenario: str | None = None
    """The scenario that a submission follows because its client asked for it."""
    ending: bytes = b""
    """What the vendor lets follow the payload, such as a newline."""
    body: bytes = b""
    """The payload once it has been checked and encoded."""
    rule: str | None = None
    """The rule of the scenario that acted, for the journal."""
    notes: tuple[str, ...] = ()
    """What the journal should say of the client."""
    latency: int = 0
    """Real microseconds to wait before it is sent."""
    fault: str | None = None
    """What goes wrong with it on the wire."""

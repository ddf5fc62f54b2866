"""One request with its answer, as plain values. Nothing here knows the server that carries them."""

from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import parse_qsl

from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, MultiDictProxy

from emulator.clock import Instant
from emulator.contract.decoder import NotJson, decode
from emulator.contract.openapi import Operation
from emulator.damage import NONE, Damage

Headers = CIMultiDictProxy[str]
NO_HEADERS: Headers = CIMultiDictProxy(CIMultiDict())
JSON = "application/json"


def presented(headers: Headers) -> str | None:
    """The credential that HTTP's own schemes carry: a Bearer token, or the login of Basic."""
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(value.strip(), validate=True).decode().partition(":")[0] or None
    except ValueError:
        return None


NO_PARAMS: Mapping[str, str] = MappingProxyType({})


class BadQuery(ValueError):  # noqa: N818 - reads as what it says
    """The query does not decode to text."""


@lru_cache(maxsize=256)
def _parsed(query_string: str) -> MultiDictProxy[str]:
    """A query, decoded; ValueError if it is not UTF-8."""
    return MultiDictProxy(MultiDict(parse_qsl(query_string, keep_blank_values=True, errors="strict")))


_UNREAD = object()


class Request:
    """What a client said, stamped with the instant at which it was heard."""

    operation: Operation | None = None
    """What it asks for, as the contract has it; None where path or method leads nowhere."""
    raw: bytes | None = None
    """The bytes it came in, where the same bytes have come before: all that they decide is known then."""
    holds: tuple[str, ...] = ()
    """The counts of calls under way that it is one of, until its answer has gone out."""
    _decoded: Any = _UNREAD

    def __init__(  # noqa: PLR0913 - all that a request is
        self,
        method: str,
        path: str,
        query_string: str = "",
        headers: Headers = NO_HEADERS,
        body: bytes = b"",
        base: str = "",
        *,
        sequence: int = 0,
        at: Instant = 0,
        storage: str = "",
        params: Mapping[str, str] = NO_PARAMS,
        account: str = "",
        user: Any = None,  # noqa: ANN401 - as the provider knows it
        oversize: bool = False,
    ) -> None:
        """`path` is below the namespace's prefix, percent-encoded as it was sent.

        `base` is scheme, authority and prefix as the client used them: http://127.0.0.1:8087/ns/test-17; `storage`
        is the same of the place where files are downloaded. `params` are the parameters in the path, decoded; a
        provider adds those in the body that name a job. `account` and `user` are whose credentials it carries, once
        a provider has looked. `oversize` is whether the body was longer than the operation takes; it is not kept then.
        """
        self.method = method
        self.path = path
        self.query_string = query_string
        self.headers = headers
        self.body = body
        self.base = base
        self.sequence = sequence
        self.at = at
        self.storage = storage
        self.params = params
        self.account = account
        self.user = user
        self.oversize = oversize

    def again(self) -> "Request":
        """The same, said once more: what one exchange makes of it, another does not see."""
        request = object.__new__(Request)
        request.__dict__.update(self.__dict__)
        return request

    @property
    def query(self) -> MultiDictProxy[str]:
        """The decoded query; BadQuery if it is not UTF-8."""
        try:
            return _parsed(self.query_string)
        except ValueError as error:
            raise BadQuery(str(error)) from None

    @property
    def decoded(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """What the body says, or the NotJson if it says nothing. A long one is read before the request is stamped."""
        if self._decoded is _UNREAD:
            self._decoded = self._read()
        return self._decoded

    def _read(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        if not self.body:
            return NotJson("Expecting value", 1, 1)
        try:
            return decode(self.body)
        except NotJson as error:
            return error.anew()

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """What the body says; NotJson."""
        if isinstance(self.decoded, NotJson):
            raise self.decoded.anew()
        return self.decoded

    @property
    def target(self) -> str:
        """Path and query as they were sent."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path


class Pieces(Protocol):
    """A body that goes out as it comes."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Piece by piece."""

    async def aclose(self) -> None:
        """No more of it is wanted. It is told so in any case, once it was to go out."""


@dataclass
class Answer:
    """What is said back. `payload` is a JSON value, or text or bytes for another `content_type`; None is no body.

    A payload that is a part, and rows that are fragments of parts, have been checked.

    `rows`, if given, go out one slice after the other in the last key of `payload`, `rows_key`, or in `payload`
    itself if that is a list: so a million rows need no more memory than a slice.
    """

    status: int
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    rows: Iterator[list[Any]] | None = None
    rows_key: str = "rows"
    pieces: Pieces | None = None
    """Our own API's: what follows the payload as it comes, unchecked; the payload is bytes then."""
    message: str | None = None
    """Which of the messages it is, where the contract declares a choice of several."""
    declared_as: int | None = None
    """The status that the contract knows it by, where a scenario has named another."""
    job: str | None = None
    """The id of the job it is about, for the journal."""
    quoted: bool = False
    """Whether a payload that is text is a JSON string."""
    body: bytes = b""
    """The payload once it has been checked and encoded."""
    head: str = ""
    """The headers as text, likewise."""

    # What is said of few answers; no time is spent on it for the others.

    ending: bytes = field(default=b"", init=False)
    """What the vendor lets follow the payload, such as a newline."""
    scenario: str | None = field(default=None, init=False)
    """The scenario that a submission follows because its client asked for it."""
    rules: tuple[str, ...] = field(default=(), init=False)
    """The rules of the scenario that acted, for the journal."""
    blamed: tuple[str, ...] = field(default=(), init=False)
    """Those of them that have changed what it says."""
    waived: str | None = field(default=None, init=False)
    """The rule by which it may break the contract."""
    notes: tuple[str, ...] = field(default=(), init=False)
    """What the journal should say of the client."""
    latency: int = field(default=0, init=False)
    """Real microseconds to wait before it is sent."""
    damage: Damage = field(default=NONE, init=False)
    """What goes wrong with it on the wire."""

    def hold(self, some: list[Any]) -> None:
        """Of streamed rows, hold these and no others."""
        if isinstance(self.payload, list):
            self.payload = some
        else:
            self.payload[self.rows_key] = some

    def held(self) -> list[Any]:
        """The rows that it holds now."""
        rows: list[Any] = self.payload if isinstance(self.payload, list) else self.payload[self.rows_key]
        return rows

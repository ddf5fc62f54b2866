"""The journal of a namespace: what was said. A filter's values are those of the admin API: `*` stands for any text."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

from emulator.client.awaiting import awaited
from emulator.client.connection import Connection
from emulator.client.errors import VerificationError
from emulator.client.measures import Span, duration, instant, moment
from emulator.client.pages import PAGE

Texts = str | None | Sequence[str | None]
Statuses = int | str | Sequence[int | str]


class Half(TypedDict, total=False):
    """What one side must have said: headers by name, values of the body by JSON Pointer."""

    headers: Mapping[str, Texts]
    body: Mapping[str, Any]


class Filter(TypedDict, total=False):
    """What exchanges must be like; all that is said must hold."""

    api: Texts
    operation: Texts
    job: Texts
    account: Texts
    method: Texts
    path: Texts
    status: Statuses
    rule: Texts
    fault: Texts
    scenario: Texts
    contract: str | Sequence[str]
    since: str | datetime
    until: str | datetime
    after: int
    request: Half
    response: Half


@dataclass(frozen=True)
class Message:
    """One half of an exchange; its body is as the journal keeps it, secrets struck out."""

    headers: Mapping[str, Sequence[str]]
    body: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """The body, decoded; ValueError if it is not JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Exchange:
    """One request with its answer."""

    sequence: int
    at: datetime
    api: str
    operation: str | None
    account: str
    job: str | None
    rules: tuple[str, ...]
    fault: str | None
    contract: str
    method: str
    target: str
    status: int
    request: Message
    response: Message
    notes: tuple[str, ...]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Exchange":
        """From the admin API's JSON."""
        asked, answered = told["request"], told["response"]
        same = {key: told[key] for key in ("sequence", "api", "operation", "account", "job", "fault", "contract")}
        return cls(
            **same,
            at=moment(told["at"]),
            rules=tuple(told["rules"]),
            method=asked["method"],
            target=asked["target"],
            status=answered["status"],
            request=Message(asked["headers"], asked["body"]),
            response=Message(answered["headers"], answered["body"]),
            notes=tuple(told["notes"]),
        )


class Requests:
    """All exchanges of a namespace that are still kept. A filter that is none is a ProblemError 422."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, **wanted: Unpack[Filter]) -> Sequence[Exchange]:
        """Those that match, oldest first."""
        return [Exchange.read(each) for each in self._pages(_wish(wanted))]

    def count(self, **wanted: Unpack[Filter]) -> int:
        """How many match."""
        return int(self._connection.ask("POST", "/requests/count", _wish(wanted))["count"])

    def expect(
        self,
        *,
        exactly: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **wanted: Unpack[Filter],
    ) -> int:
        """How many match: one or more unless something is said. VerificationError otherwise, with what came nearest."""
        bounds = {"exactly": exactly, "at_least": at_least, "at_most": at_most}
        given = {key: value for key, value in bounds.items() if value is not None}
        told = self._connection.ask("POST", "/requests/count", {**_wish(wanted), **given})
        if not told["satisfied"]:
            raise VerificationError(_too_many_or_few(told, given or {"at_least": 1}, wanted))
        return int(told["count"])

    def wait(self, *, at_least: int = 1, timeout: Span = "10s", **wanted: Unpack[Filter]) -> int:
        """How many match, once there are so many. TimeoutError, with what came nearest, after so much real time."""
        wish = {**_wish(wanted), "at_least": at_least, "timeout": duration(timeout)}
        told = self._connection.ask("POST", "/requests/wait", wish)
        if not told["satisfied"]:
            raise TimeoutError(_too_many_or_few(told, {"at_least": at_least}, wanted))
        return int(told["count"])

    def verify(
        self,
        *steps: str | Mapping[str, Any],
        per: Literal["job", "account"] | None = None,
        strict: bool = False,
        **wanted: Unpack[Filter],
    ) -> int:
        """How many conversations there are, all of which took these steps. VerificationError says which did not.

        A step is an operationId or a filter: `getTask+` is one or more of them in a row, `*` any number, `?` perhaps
        one. Those of each job, or account, are a conversation of their own if `per` says so. `strict`: nothing else
        may come between.
        """
        wish = {**_wish(wanted), "sequence": list(steps), "strict": strict, **({"per": per} if per else {})}
        told = self._connection.ask("POST", "/requests/verify", wish)
        if not told["satisfied"]:
            raise VerificationError("\n".join(_broken(told)))
        return int(told["checked"])

    def _pages(self, wish: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        offset = 0
        while True:
            body = {**wish, "limit": PAGE, "offset": offset}
            rows = self._connection.ask("POST", "/requests/find", body)["requests"]
            yield from rows
            if len(rows) < PAGE:
                return
            offset += PAGE


class AsyncRequests:
    """`Requests`, awaited."""

    def __init__(self, requests: Requests) -> None:
        self.find = awaited(requests.find)
        self.count = awaited(requests.count)
        self.expect = awaited(requests.expect)
        self.wait = awaited(requests.wait)
        self.verify = awaited(requests.verify)


def _wish(wanted: Filter) -> dict[str, Any]:
    """The filter as the admin API has it."""
    told: dict[str, Any] = dict(wanted)
    return {**told, **{key: instant(told[key]) for key in ("since", "until") if key in told}}


def _too_many_or_few(told: Mapping[str, Any], bounds: Mapping[str, int], wanted: Filter) -> str:
    wished = " and ".join(f"{key.replace('_', ' ')} {value}" for key, value in bounds.items())
    asked = ", ".join(f"{key}={value!r}" for key, value in wanted.items()) or "anything"
    lines = [f"expected {wished} of {asked}, but there were {told['count']}"]
    for each in told.get("near_misses", ()):
        failed = ", ".join(f"{one['condition']} is {one['found']!r}" for one in each["failed"])
        times = f" and {each['times'] - 1} more" if each["times"] > 1 else ""
        name = each["operation"] or f"{each['method']} {each['target']}"
        lines.append(f"near: #{each['sequence']} {name} ({each['status']}){times}: {failed}")
    return "\n".join([*lines, *_lost(told)])


def _broken(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{told['broken']} of {told['checked']} conversations went otherwise"
    for each in told["breaks"]:
        whose = [f"{key} {each[key]}: " for key in ("job", "account") if key in each]
        yield "".join([*whose, each["reason"]])
    yield from _lost(told)


def _lost(told: Mapping[str, Any]) -> Iterator[str]:
    if lost := told["evicted"] + told["dropped"]:
        yield f"{lost} exchanges are no longer kept, and were not looked at"

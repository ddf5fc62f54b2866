"""What a rule asks of the call it is about: path, query, headers, body.

Texts are compared as texts; in a body, JSON values as they are. A pattern is matched in time linear in the text, and
against no more than `MATCHED` characters of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import jsonschema_rs

from emulator import pointer

MATCHED = 4096

Place = Literal["path", "query", "header", "body"]

ADDRESS: frozenset[Place] = frozenset({"path", "query"})
"""What is the same whenever the same address is asked."""
ALL: frozenset[Place] = ADDRESS | {"header", "body"}


class Text(Protocol):
    """The parameters of a query, or headers."""

    def getall(self, name: str, default: list[str], /) -> Sequence[str]:
        """All values of that name."""


class Call(Protocol):
    """What conditions are about: a request, or a callback."""

    @property
    def path(self) -> str:
        """Percent-encoded, without the query."""

    @property
    def query(self) -> Text:
        """Decoded; ValueError if it is not text."""

    @property
    def headers(self) -> Text:
        """By name, whatever its case."""

    @property
    def decoded(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """The body's JSON value, or the NotJson if it has none."""


class Pattern:
    """A regular expression without look-around and back-references, so that no text takes it long."""

    __slots__ = ("_validator", "text")

    def __init__(self, text: str) -> None:
        """ValueError if it is none."""
        self.text = text
        self._validator = jsonschema_rs.Draft202012Validator(
            {"pattern": text}, pattern_options=jsonschema_rs.RegexOptions()
        )

    def search(self, text: str) -> bool:
        """Whether it is found in the text."""
        return self._validator.is_valid(text[:MATCHED])


@dataclass(frozen=True, slots=True)
class Test:
    """What one value must be like. All that is given must hold; ABSENT asks nothing."""

    equals: Any = pointer.ABSENT
    contains: Any = pointer.ABSENT
    matches: Pattern | None = None
    exists: bool = True

    def holds(self, found: Sequence[Any]) -> bool:
        """Whether one of the values that were found is like that."""
        if not found or not self.exists:
            return not found and not self.exists
        return self._fits(found[0]) or (len(found) > 1 and any(map(self._fits, found)))

    def _fits(self, value: Any) -> bool:  # noqa: ANN401
        if self.equals is not pointer.ABSENT and not _same(value, self.equals):
            return False
        if self.contains is not pointer.ABSENT and not _holds(value, self.contains):
            return False
        return self.matches is None or (isinstance(value, str) and self.matches.search(value))


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of what stands in one place of the call."""

    place: Place
    name: str
    """Of the parameter or the header; for a body, a JSON Pointer."""
    test: Test

    def holds(self, call: Call) -> bool:
        """Whether the call is like that."""
        found = _FOUND[self.place](call, self.name)
        return self.test.holds(found) if found else not self.test.exists


def _path(call: Call, _name: str) -> Sequence[Any]:
    return [call.path]


def _query(call: Call, name: str) -> Sequence[Any]:
    try:
        return call.query.getall(name, [])
    except ValueError:
        return []


def _header(call: Call, name: str) -> Sequence[Any]:
    return call.headers.getall(name, [])


def _body(call: Call, name: str) -> Sequence[Any]:
    value = call.decoded
    found = pointer.ABSENT if isinstance(value, Exception) else pointer.get(value, name)
    return [] if found is pointer.ABSENT else [found]


_FOUND: Mapping[Place, Any] = {"path": _path, "query": _query, "header": _header, "body": _body}


def _same(found: Any, wanted: Any) -> bool:  # noqa: ANN401
    """Equal as JSON has it: true is not 1, though Python thinks so; lists and frozen tuples are alike."""
    if isinstance(wanted, Mapping):
        alike = isinstance(found, Mapping) and found.keys() == wanted.keys()
        return alike and all(_same(found[key], each) for key, each in wanted.items())
    if isinstance(wanted, list | tuple):
        alike = isinstance(found, list | tuple) and len(found) == len(wanted)
        return alike and all(map(_same, found, wanted))
    return bool(found == wanted) and isinstance(found, bool) == isinstance(wanted, bool)


def _holds(found: Any, wanted: Any) -> bool:  # noqa: ANN401
    """Whether a text has it as a part, or a list as an element."""
    if isinstance(found, str):
        return isinstance(wanted, str) and wanted in found[:MATCHED]
    return isinstance(found, list | tuple) and any(_same(each, wanted) for each in found)

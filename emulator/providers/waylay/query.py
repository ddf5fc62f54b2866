"""Metadata query language. https://docs.waylay.io/#/api/resources/?id=metadata-query-language

`<metadata key>:<operation>(<arguments>)`, such as `address.city:in(Ghent,Brussels)`. That several of them may stand in
one query, and must then all hold, is inferred.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.waylay.objects import REFERENCE, Entity, references

Test = Callable[[Entity], bool]

_CLAUSE = re.compile(r"\s*([^\s:()]+):([a-z]+)\(([^()]*)\)[\s,]*")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def clauses(request: Request) -> Iterator[Test]:
    """A test for each clause of the `query` parameter. ApiError bad-request."""
    query, at = request.query.get("query", ""), 0
    while at < len(query):
        match = _CLAUSE.match(query, at)
        if not match or match.group(2) not in OPERATIONS:
            raise ApiError("bad-request", text="'query' parameter must be <metadata key>:<operation>(<arguments>)")
        yield _clause(*match.groups())
        at = match.end()


def value_at(entity: Any, key: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The value at a dotted key, None if there is none; a key that holds dots itself is found as it is."""
    if not isinstance(entity, dict):
        return None
    if key in entity:
        return entity[key]
    head, dot, rest = key.partition(".")
    return value_at(entity.get(head), rest) if dot else None


def _clause(key: str, operation: str, wanted: str) -> Test:
    holds = OPERATIONS[operation]
    return lambda entity: any(holds(each, wanted) for each in _each(value_at(entity, key)))


def _each(value: Any) -> Iterable[Any]:  # noqa: ANN401 - JSON is any of six types
    """A list holds what one of its items holds."""
    return () if value is None else value if isinstance(value, list) else (value,)


def _same(value: Any, wanted: str) -> bool:  # noqa: ANN401 - JSON is any of six types
    return _compared(value, wanted) == 0


def _compared(value: Any, wanted: str) -> float:  # noqa: ANN401 - JSON is any of six types
    """Below, at or above 0 as `value` is below, at or above what is wanted; NaN if the two have no order."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not _NUMBER.fullmatch(wanted):
            return float("nan")
        number = float(wanted)
        return int(value > number) - int(value < number)
    text = _text(value)
    return int(text > wanted) - int(text < wanted)


def _text(value: Any) -> str:  # noqa: ANN401 - JSON is any of six types
    return str(value).lower() if isinstance(value, bool) else str(value)


OPERATIONS: dict[str, Callable[[Any, str], bool]] = {
    "eq": _same,
    "in": lambda value, wanted: any(_same(value, each.strip()) for each in wanted.split(",")),
    "lt": lambda value, wanted: _compared(value, wanted) < 0,
    "lte": lambda value, wanted: _compared(value, wanted) <= 0,
    "gt": lambda value, wanted: _compared(value, wanted) > 0,
    "gte": lambda value, wanted: _compared(value, wanted) >= 0,
    "ref": lambda value, wanted: wanted.removeprefix(REFERENCE) in references(value),
    "exists": lambda _value, _wanted: True,
    "like": lambda value, wanted: fnmatchcase(_text(value), wanted.replace("[", "[[]")),
}
"""What each asks of a value that is there. In `like`, only * and ? are special."""

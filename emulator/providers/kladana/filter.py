r"""Filtering and sorting of lists. https://dev.kladana.com/doc/api/remap/1.2/#general-information

    filter=state=done;deletionDate<2026-03-01 12:00:00    conditions, joined by `;`; in a value it is written `\;`
    order=deletionDate,desc;request                       fields, each with a direction if it is not `asc`

A list says with a table of `Field` what it can be asked. Conditions on different fields must all hold. On one field,
several `=` are alternatives, several `!=` must all hold, and of a comparison only the first counts.
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from emulator.clock import Instant, to_instant
from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.kladana.general import MOSCOW
from emulator.providers.kladana.settings import KladanaWorld

Row = TypeVar("Row")
Value = Any
"""What a row has in a field: a text or an instant, None if it has nothing there."""
Asked = dict[str, list[Value]]
"""What is asked of one field: its operators, each with the values behind it."""

EQUALITY = frozenset({"=", "!="})
COMPARISON = frozenset({"<", ">", "<=", ">="})
LIKENESS = frozenset({"~", "~=", "=~"})

DIRECTIONS = ("asc", "desc")


@dataclass(frozen=True)
class Field(Generic[Row]):
    """A field that a list can be filtered by, with the operators it takes; some it can be sorted by."""

    value: Callable[[KladanaWorld, Row], Value]
    read: Callable[[str, str], Value]
    """(field, text behind an operator) -> the value that is meant; ApiError 1014, 1035, 1041."""
    operators: frozenset[str]
    sortable: bool = False


Fields = Mapping[str, Field[Row]]


def select(world: KladanaWorld, request: Request, fields: Fields[Row], rows: Iterable[Row]) -> list[Row]:
    """The rows that `filter` lets through, as `order` has them. ApiError 1014, 1034, 1035, 1041, 1042, 1063."""
    asked = filtering(fields, _parameter(request, "filter"))
    order = list(sorting(fields, _parameter(request, "order")))
    found = list(rows)
    for name, signs in asked.items():
        value = fields[name].value
        found = [row for row in found if meets(value(world, row), signs)]
    for name, downwards in reversed(order):
        found.sort(key=_place(world, fields[name]), reverse=downwards)
    return found


def _parameter(request: Request, name: str) -> str:
    """A parameter as one text. Whoever repeats it asks for all of it."""
    return ";".join(request.query.getall(name, []))


# Filtering -------------------------------------------------------------------

_CONDITION = re.compile(r"([\w.]+)([<>!]=|~=|=~|[=<>~])(.*)", re.ASCII | re.DOTALL)
_SEPARATOR = re.compile(r"(?<!\\);")


def filtering(fields: Fields[Row], text: str) -> dict[str, Asked]:
    """What is asked of each field that is mentioned. ApiError 1014, 1034, 1035, 1041."""
    asked: dict[str, Asked] = {}
    for condition in filter(None, _SEPARATOR.split(text)):
        name, sign, value = _condition(fields, condition.replace("\\;", ";"))
        asked.setdefault(name, {}).setdefault(sign, []).append(value)
    for name, signs in asked.items():
        if "=" in signs and COMPARISON & set(signs):
            raise ApiError(1034, reason=f"'=' and a comparison cannot both be applied to field '{name}'")
    return asked


def _condition(fields: Fields[Row], text: str) -> tuple[str, str, Value]:
    """Field, operator and value of one condition; `field=` and `field!=` ask whether there is a value."""
    match = _CONDITION.fullmatch(text)
    if not match:
        raise ApiError(1034, reason=f"condition '{text}' is not a field, an operator and a value")
    name, sign, wanted = match.groups()
    if name not in fields or not fields[name].operators:
        raise ApiError(1034, reason=f"unknown field '{name}'")
    if sign not in fields[name].operators:
        raise ApiError(1034, reason=f"operator '{sign}' is not supported for field '{name}'")
    empty = not wanted and sign in EQUALITY
    return name, sign, None if empty else fields[name].read(name, wanted)


def meets(value: Value, asked: Asked) -> bool:
    """Whether a value is as all operators want it."""
    return all(HOLDS[sign](value, wanted) for sign, wanted in asked.items())


def _first(compare: Callable[[Value, Value], bool]) -> Callable[[Value, list[Value]], bool]:
    """A comparison with the first of the values wanted. Nothing compares with a value that is not there."""
    return lambda value, wanted: value is not None and compare(value, wanted[0])


HOLDS: Mapping[str, Callable[[Value, list[Value]], bool]] = {
    "=": lambda value, wanted: value in wanted,
    "!=": lambda value, wanted: value not in wanted,  # so what is not there differs from every value
    "<": _first(operator.lt),
    ">": _first(operator.gt),
    "<=": _first(operator.le),
    ">=": _first(operator.ge),
    "~": _first(lambda text, part: part.casefold() in text.casefold()),
    "~=": _first(lambda text, part: text.casefold().startswith(part.casefold())),
    "=~": _first(lambda text, part: text.casefold().endswith(part.casefold())),
}

# What stands behind an operator -----------------------------------------------

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d{3})?)?", re.ASCII)
MINIMUM: Instant = 0
"""1970-01-01 03:00:00 in Moscow."""


def text_value(_field: str, text: str) -> str:
    """A text, as it is."""
    return text


def one_of(valid: Iterable[str]) -> Callable[[str, str], str]:
    """One of some words; the vendor's own example writes them in lower case. ApiError 1041."""
    words = {word.upper(): word for word in valid}

    def read(field: str, text: str) -> str:
        if text.upper() not in words:
            raise ApiError(1041, value=text, parameter=field, valid=", ".join(words.values()))
        return words[text.upper()]

    return read


def date_value(field: str, text: str) -> Instant:
    """A date with time, seconds and milliseconds optional, in Moscow. ApiError 1035; 1014 below the minimum."""
    if not _DATE_TIME.fullmatch(text):
        raise ApiError(1035)
    try:
        at = to_instant(datetime.fromisoformat(text).replace(tzinfo=MOSCOW))
    except ValueError:
        raise ApiError(1035) from None
    if at < MINIMUM:
        raise ApiError(1014, value=text, parameter=field)
    return at


# Sorting -----------------------------------------------------------------------


def sorting(fields: Fields[Row], text: str) -> Iterator[tuple[str, bool]]:
    """The fields to sort by, the weightiest first, each with whether downwards. ApiError 1042, 1063."""
    for each in filter(None, text.split(";")):
        name, comma, direction = each.partition(",")
        if name not in fields or not fields[name].sortable:
            raise ApiError(1063, field=name)
        if comma and direction not in DIRECTIONS:
            raise ApiError(1042, value=direction, parameter=name, valid=", ".join(DIRECTIONS))
        yield name, direction == "desc"


def _place(world: KladanaWorld, field: Field[Row]) -> Callable[[Row], tuple[bool, Value]]:
    """The key to sort by. What is not there counts as greater than every value: last upwards, first downwards."""

    def key(row: Row) -> tuple[bool, Value]:
        value = field.value(world, row)
        return value is None, value

    return key

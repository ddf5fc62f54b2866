"""What an exchange must be like: conditions, all of which must hold.

A wish is JSON, as `schemas/admin/filter.json` has it. Texts are compared as they are, but that `*` stands for any
text; a list means any of its members, and null that there is none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from emulator import pointer
from emulator.clock import iso
from emulator.journal import Exchange
from emulator.scenario.measures import instant

Found = Sequence[Any]
"""What an exchange has to say to a condition; nothing, or several things."""


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    return value


class BadFilter(ValueError):  # noqa: N818 - reads as what it says
    """A wish that no exchange could be asked; says which part of it and why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that an exchange must be like."""

    name: str
    """As the wish has it: `status`, or `response.body /state`."""
    wanted: Any
    found: Callable[[Exchange], Found]
    fits: Callable[[Found], bool]
    shown: Callable[[Any], Any] = _as_it_is

    def holds(self, exchange: Exchange) -> bool:
        """Whether it is."""
        return self.fits(self.found(exchange))

    def told(self, exchange: Exchange) -> Any:  # noqa: ANN401 - JSON is any of six types
        """What the exchange has instead: a value, a list of several, None for nothing."""
        found = [self.shown(each) for each in self.found(exchange)]
        return found if len(found) > 1 else found[0] if found else None


@dataclass(frozen=True, slots=True)
class Filter:
    """All conditions of a wish; none is met by every exchange."""

    conditions: tuple[Condition, ...] = ()

    def matches(self, exchange: Exchange) -> bool:
        """Whether all hold."""
        return all(each.holds(exchange) for each in self.conditions)

    def failed(self, exchange: Exchange) -> tuple[Condition, ...]:
        """Those that do not."""
        return tuple(each for each in self.conditions if not each.holds(exchange))


def read(wish: Mapping[str, Any]) -> Filter:
    """The filter that a wish describes; keys that are none of a filter's are left to who asked. BadFilter."""
    return Filter(tuple(_conditions(wish)))


# Conditions -----------------------------------------------------------------


def _conditions(wish: Mapping[str, Any]) -> Iterator[Condition]:
    for name, found in TEXTS.items():
        if name in wish:
            yield Condition(name, wish[name], found, _like(wish[name]))
    if "status" in wish:
        yield Condition("status", wish["status"], lambda exchange: (exchange.status,), _status(wish["status"]))
    for name, (measured, holds) in BOUNDS.items():
        if name in wish:
            yield _bounded(name, wish[name], measured, holds)
    for side, (headers, body) in SIDES.items():
        said = wish.get(side, {})
        for name, wanted in said.get("headers", {}).items():
            yield Condition(f"{side}.headers {name}", wanted, _header(headers, name), _like(wanted))
        for place, wanted in said.get("body", {}).items():
            yield Condition(f"{side}.body {place}", wanted, _place(body, place), _equal(wanted))


def _scenarios(exchange: Exchange) -> Found:
    """Those whose rules acted on it: a rule is named by its scenario and its place in it."""
    return sorted({rule.rpartition(" ")[0] for rule in exchange.rules})


def _some(text: str | None) -> Found:
    return () if text is None else (text,)


TEXTS: Mapping[str, Callable[[Exchange], Found]] = {
    "api": lambda exchange: (exchange.api,),
    "operation": lambda exchange: _some(exchange.operation),
    "job": lambda exchange: _some(exchange.job),
    "account": lambda exchange: (exchange.account,),
    "method": lambda exchange: (exchange.method,),
    "path": lambda exchange: (exchange.target.partition("?")[0],),
    "rule": lambda exchange: exchange.rules,
    "fault": lambda exchange: _some(exchange.fault),
    "scenario": _scenarios,
    "contract": lambda exchange: (exchange.contract.partition(" ")[0],),
}
"""What is compared as text, by its name in a wish."""

BOUNDS: Mapping[str, tuple[Callable[[Exchange], int], Callable[[int, int], bool]]] = {
    "since": (lambda exchange: exchange.at, lambda found, bound: found >= bound),
    "until": (lambda exchange: exchange.at, lambda found, bound: found <= bound),
    "after": (lambda exchange: exchange.sequence, lambda found, bound: found > bound),
}
"""What lies on one side of a bound: virtual instants, both ends included, and numbers beyond one."""

Texts = Callable[[Exchange], tuple[tuple[str, str], ...]]

SIDES: Mapping[str, tuple[Texts, Callable[[Exchange], bytes]]] = {
    "request": (lambda exchange: exchange.request_headers, lambda exchange: exchange.request_body),
    "response": (lambda exchange: exchange.answer_headers, lambda exchange: exchange.answer_body),
}
"""The two halves of an exchange: its headers, its body."""


def _bounded(
    name: str, wanted: str | int, found: Callable[[Exchange], int], holds: Callable[[int, int], bool]
) -> Condition:
    try:
        bound = instant(wanted) if isinstance(wanted, str) else wanted
    except ValueError as error:
        raise BadFilter(f"/{name}: {error}") from None
    shown = iso if isinstance(wanted, str) else _as_it_is
    return Condition(name, wanted, lambda exchange: (found(exchange),), lambda told: holds(told[0], bound), shown)


def _header(headers: Texts, name: str) -> Callable[[Exchange], Found]:
    wanted = name.lower()
    return lambda exchange: [value for key, value in headers(exchange) if key.lower() == wanted]


def _place(body: Callable[[Exchange], bytes], place: str) -> Callable[[Exchange], Found]:
    def found(exchange: Exchange) -> Found:
        value = pointer.get(_parsed(body(exchange)), place)
        return () if value is pointer.ABSENT else (value,)

    return found


@lru_cache(maxsize=8)
def _parsed(body: bytes) -> Any:  # noqa: ANN401 - JSON is any of six types
    """What a body says as JSON; ABSENT if it is none, was cut or may not be shown."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return pointer.ABSENT


# Comparing ------------------------------------------------------------------


def _like(wanted: Any) -> Callable[[Found], bool]:  # noqa: ANN401 - text, null, or a list of them
    """Whether something found is one of the texts that are wanted."""
    several = wanted if isinstance(wanted, list) else [wanted]
    none_will_do = None in several
    patterns = [text_pattern(each) for each in several if each is not None]
    return lambda found: any(like(text) for text in found for like in patterns) if found else none_will_do


def text_pattern(wanted: str) -> Callable[[str], bool]:
    """Whether a text is the wanted one, in which `*` stands for any text. Linear in the text."""
    if "*" not in wanted:
        return wanted.__eq__
    first, *middle, last = wanted.split("*")

    def like(text: str) -> bool:
        at, end = len(first), len(text) - len(last)
        if end < at or not text.startswith(first) or not text.endswith(last):
            return False
        for part in middle:
            at = text.find(part, at, end) + len(part)
            if at < len(part):
                return False
        return True

    return like


def _status(wanted: int | str | Iterable[int | str]) -> Callable[[Found], bool]:
    """Whether a status is one of those wanted: 202, or one of the hundred that `4xx` stands for."""
    several = [wanted] if isinstance(wanted, int | str) else wanted
    beginnings = tuple(str(each).removesuffix("xx") for each in several)
    return lambda found: str(found[0]).startswith(beginnings)


def _equal(wanted: Any) -> Callable[[Found], bool]:  # noqa: ANN401 - JSON is any of six types
    """Whether what stands there is the JSON value wanted; a text may hold `*`."""
    if isinstance(wanted, str):
        like = text_pattern(wanted)
        return lambda found: any(isinstance(value, str) and like(value) for value in found)
    return lambda found: any(_same(value, wanted) for value in found)


def _same(found: Any, wanted: Any) -> bool:  # noqa: ANN401 - JSON is any of six types
    """Equal as JSON has it: true is not 1, though Python thinks so."""
    if isinstance(wanted, dict):
        alike = isinstance(found, dict) and found.keys() == wanted.keys()
        return alike and all(_same(found[key], each) for key, each in wanted.items())
    if isinstance(wanted, list):
        alike = isinstance(found, list) and len(found) == len(wanted)
        return alike and all(map(_same, found, wanted))
    return bool(found == wanted) and isinstance(found, bool) == isinstance(wanted, bool)

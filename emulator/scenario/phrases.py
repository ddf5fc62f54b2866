"""Durations, counts, waits and values in plain words: `5 to 30 s`, `the third call`, `when released`."""

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.chance import Distribution, Fixed, LogNormal, Uniform
from emulator.clock import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Instant, iso
from emulator.job import AT_ONCE, Polls, Release, Wait
from emulator.scenario.mistakes import shown
from emulator.scenario.story import Ordinals
from emulator.scenario.template import Text

_UNITS = (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND), ("ms", MILLISECOND))
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_TEENS = range(11, 14)
_TIMES = {1: "once", 2: "twice"}
_LONGEST = 60  # characters of a text within a sentence


def duration(length: int) -> str:
    """90,000,000 as `1 min 30 s`. What is less than a millisecond is lost."""
    parts = []
    for unit, worth in _UNITS:
        count, length = divmod(length, worth)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts) or "0 s"


def drawn(how: Distribution) -> str:
    """How long something takes: `10 s`, `5 to 30 s`, `about 200 ms (p99 2 s)`."""
    match how:
        case Fixed(length):
            return duration(length)
        case Uniform(low, high):
            return _between(duration(low), duration(high))
        case LogNormal(median, p99):
            return f"about {duration(median)} (p99 {duration(p99)})"
    raise TypeError(how)


def _between(low: str, high: str) -> str:
    count, _, unit = low.partition(" ")
    return f"{count if unit == high.partition(' ')[2] else low} to {high}"


def wait(after: Wait) -> str:
    """When a step comes: `at once`, `after 10 s`, `after 2 polls`, `when released`."""
    match after:
        case Release():
            return "when released"
        case Polls(count):
            return f"after {counted(count, 'poll')}"
    return "at once" if after == AT_ONCE else f"after {drawn(after)}"


def instant(at: Instant) -> str:
    """As files write it, without a fraction that is none."""
    return iso(at).replace(".000000Z", "Z")


def counted(number: int, noun: str) -> str:
    """`1 poll`, `2 polls`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def times(number: int) -> str:
    """`once`, `twice`, `3 times`."""
    return _TIMES.get(number, f"{number} times")


def nth(number: int) -> str:
    """3 as `third`, 21 as `21st`."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if number % 100 in _TEENS else _ENDINGS.get(number % 10, "th")
    return f"{number}{ending}"


def which(counts: Ordinals, noun: str) -> str:
    """The ones that count: `every call`, `the third call`, `calls 2 to 3`, `every second call from the fourth`."""
    if counts.every > 1:
        until = f" up to the {nth(counts.last)}" if counts.last else ""
        since = f" from the {nth(counts.first)}" if counts.first > 1 else ""
        return f"every {nth(counts.every)} {noun}{since}{until}"
    if counts.last is None:
        return f"every {noun}" if counts.first == 1 else f"every {noun} from the {nth(counts.first)}"
    if counts.first == counts.last:
        return f"the {nth(counts.first)} {noun}"
    return f"{noun}s {counts.first} to {counts.last}"


def value(given: Any) -> str:  # noqa: ANN401 - whatever a file may hold
    """A value within a sentence: words as they are, mappings as `key value`, lists of lists counted."""
    if isinstance(given, Text):
        return f"a text with {series(dict.fromkeys(each.word for each in given.names))} filled in"
    if isinstance(given, Mapping):
        return ", ".join(f"{key} {_inner(each)}" for key, each in given.items()) or "nothing"
    if isinstance(given, tuple | list):
        simple = not any(isinstance(each, Mapping | tuple | list) for each in given)
        return series(map(value, given)) if simple and given else f"({len(given)} of them)"
    return given if isinstance(given, str) and given.strip() and len(given) <= _LONGEST else shown(given)


def _inner(given: Any) -> str:  # noqa: ANN401
    return f"({value(given)})" if isinstance(given, Mapping) else value(given)


def series(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    told = list(words)
    return f" {last} ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else "".join(told)


def sentence(text: str) -> str:
    """It begins with a capital, and ends."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")

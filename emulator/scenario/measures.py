"""Durations, sizes, instants and counts: the texts people write, and the ints they stand for."""

import re
from collections.abc import Mapping
from datetime import datetime

from emulator.clock import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Duration, Instant, to_datetime, to_instant
from emulator.scenario.mistakes import shown
from emulator.scenario.story import ALWAYS, Ordinals
from emulator.scenario.vocabulary import Size

DURATION = "^(0|([0-9]+(ms|s|m|h|d))+)$"
SIZE = "^[0-9]+(B|KB|MB|GB|KiB|MiB|GiB)$"
RANGE = r"^[1-9][0-9]*\.\.([1-9][0-9]*)?$"

LONGEST_DURATION = Duration(3650 * DAY)
"""A hundred steps of it, and the calendar still has room."""
LARGEST_SIZE = 1 << 50
LARGEST_COUNT = 1_000_000_000

A_DURATION = "expected a duration such as 500ms, 5s, 2m or 1h"
A_SIZE = "expected a size such as 500KB, 10MB or 2MiB"
A_COUNT = "expected a number from 1, or a range such as 2..3 or 3.."
A_DATE = "expected a date and time with a zone, such as 2026-03-01T09:00:00Z"

_DURATIONS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": MILLISECOND}
_SIZES = {"GiB": 1 << 30, "GB": 10**9, "MiB": 1 << 20, "MB": 10**6, "KiB": 1 << 10, "KB": 10**3, "B": 1}
_PART = re.compile("([0-9]+)([A-Za-z]+)")
_LONGEST_TEXT = 40
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[-+][0-9]{2}:[0-9]{2})")
_YEARS = range(1970, 3000)
_UNIT_WORDS = (
    ("milliseconds?|millis|msecs?", "ms"),
    ("sec(ond)?s?", "s"),
    ("min(ute)?s?", "m"),
    ("h(ou)?rs?", "h"),
    ("days?", "d"),
)


def microseconds(text: str | int) -> Duration:
    """`1m30s` as 90,000,000 and `0` as 0; ValueError for anything else, and beyond ten years."""
    if text == 0 and not isinstance(text, bool):  # to JSON Schema 0.0 is an integer too
        return Duration(0)
    duration = _sum(_fitting(text, DURATION, A_DURATION), _DURATIONS)
    if duration > LONGEST_DURATION:
        raise ValueError(f"expected a duration of at most {duration_text(LONGEST_DURATION)}, got {shown(text)}")
    return Duration(duration)


def octets(text: str) -> Size:
    """`10MB` as 10,000,000 and `1KiB` as 1024; ValueError for anything else, and beyond a pebibyte."""
    size = _sum(_fitting(text, SIZE, A_SIZE), _SIZES)
    if size > LARGEST_SIZE:
        raise ValueError(f"expected a size of at most {size_text(LARGEST_SIZE)}, got {shown(text)}")
    return Size(size)


def _fitting(text: str | int, form: str, expected: str) -> str:
    """The text, if it has the form and no more digits than Python reads in no time."""
    if len(str(text)) > _LONGEST_TEXT:
        raise ValueError(f"{expected}, in at most {_LONGEST_TEXT} characters, got {shown(text)}")
    if isinstance(text, bool) or not re.fullmatch(form, str(text)):
        raise ValueError(f"{expected}, got {shown(text)}")
    return str(text)


def _sum(text: str, units: Mapping[str, int]) -> int:
    return sum(int(number) * units[unit] for number, unit in _PART.findall(text))


def _count(digits: str) -> int:
    return min(int(digits[:_LONGEST_TEXT]), LARGEST_COUNT)


def duration_text(duration: int) -> str:
    """90,000,000 as `1m30s`. What is less than a millisecond is lost."""
    parts = []
    for unit, worth in _DURATIONS.items():
        count, duration = divmod(duration, worth)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def size_text(size: int) -> str:
    """10,000,000 as `10MB`, in the largest unit that loses nothing."""
    if not size:
        return "0B"
    return next(f"{size // worth}{unit}" for unit, worth in _SIZES.items() if not size % worth)


def likely_duration(value: object) -> str | None:
    """What somebody meant who did not quite write a duration: `5 minutes` is `5m`, and 5 is `5s`."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return f"{value}s"
    text = re.sub(r"\s", "", str(value)[:100]).lower()
    for word, unit in _UNIT_WORDS:
        text = re.sub(rf"(?<=[0-9]){word}(?![a-z])", unit, text)
    return text if re.fullmatch(DURATION, text) else None


def ordinals(calls: int | str | None, every: int | None) -> Ordinals:
    """3, `2..3` or `3..`, and every n-th; ValueError when none can ever be meant."""
    first, last = _ends(calls)
    counted = Ordinals(first, last, int(every or 1))
    following = -(-counted.first // counted.every) * counted.every
    if counted.last is not None and following > counted.last:
        among = f" among every {counted.every}." if counted.every > 1 else ""
        raise ValueError(f"expected a range that holds something, got {shown(calls)}{among}".removesuffix("."))
    return ALWAYS if counted == ALWAYS else counted


def _ends(calls: int | str | None) -> tuple[int, int | None]:
    if calls is None:
        return 1, None
    if not isinstance(calls, str):
        return int(calls), int(calls)
    if not re.fullmatch(RANGE, calls):
        raise ValueError(f"{A_COUNT}, got {shown(calls)}")
    first, last = calls.split("..")
    return _count(first), _count(last) if last else None


def instant(text: str) -> Instant:
    """An RFC 3339 date-time as an instant; ValueError without a zone, before 1970 or after 2999."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"{A_DATE}, got {shown(text)}")
    try:
        at = to_instant(datetime.fromisoformat(text))
        year = to_datetime(at).year
    except (ValueError, OverflowError):
        raise ValueError(f"{A_DATE}, got {shown(text)}") from None
    if year not in _YEARS:
        raise ValueError(f"expected a date from {_YEARS[0]} to {_YEARS[-1]}, got {shown(text)}")
    return at

"""Periods: `momentFrom`, `momentTo`, and the intervals that a series divides one into. Moscow time throughout."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from emulator.clock import to_datetime
from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.kladana.general import MOSCOW

DAY = timedelta(days=1)
FIRST, LAST = datetime(1970, 1, 1, 3, tzinfo=MOSCOW), datetime(2999, 12, 31, tzinfo=MOSCOW)
"""No date before the one is taken; the other is the end of any clock here."""

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{3})?)?)?")


def moment(request: Request, name: str) -> datetime | None:
    """A date, with a time or without; None if it is not given. ApiError 1035."""
    text = request.query.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=MOSCOW) if _MOMENT.fullmatch(text) else None
    except ValueError:
        at = None
    if at is None or not FIRST <= at <= LAST:
        raise ApiError(1035, parameter=name)
    return at


def today(request: Request) -> datetime:
    """The beginning of the day on which it is asked."""
    return start(to_datetime(request.at).astimezone(MOSCOW), "day")


def later(at: datetime, months: int) -> datetime:
    """The same day so many months later, or earlier; the last of that month where it is too short."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    for day in (at.day, 30, 29, 28):
        if day <= at.day:
            try:
                return at.replace(year=year, month=month + 1, day=day)
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")


# Profit ----------------------------------------------------------------------


def days(request: Request) -> int:
    """How many days a profit report is about: the last month, unless moments say otherwise. ApiError 1035.

    Without its beginning a period starts on the first of January, without its end it lasts until today.
    """
    since, until = moment(request, "momentFrom"), moment(request, "momentTo")
    now = today(request)
    if since is None:
        since = later(now, -1) if until is None else now.replace(month=1, day=1)
    return max(-((since - (until or now + DAY)) // DAY), 0)


# Series ----------------------------------------------------------------------

LONGEST: Mapping[str, tuple[str, Callable[[datetime], datetime]]] = {
    "hour": ("30 days", lambda since: since + 30 * DAY),
    "day": ("10 years", lambda since: later(since, 10 * 12)),
    "month": ("100 years", lambda since: later(since, 100 * 12)),
}
"""Interval -> how long a period divided by it may be, in words and as its last possible end."""


def series(request: Request) -> tuple[str, Iterator[datetime]]:
    """The interval, and the beginning of each one in the period. ApiError 1035, 39001, 39002."""
    interval = request.query["interval"]
    if interval not in LONGEST:
        raise ApiError(39002, parameter="interval")
    since, until = moment(request, "momentFrom"), moment(request, "momentTo")
    assert since is not None
    assert until is not None
    limit, last = LONGEST[interval]
    if until > last(since):
        raise ApiError(39001, interval=interval, limit=limit)
    return interval, _beginnings(interval, since, until)


def start(at: datetime, interval: str) -> datetime:
    """The beginning of the interval that `at` is in."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    if interval == "hour":
        return hour
    return hour.replace(hour=0, day=1) if interval == "month" else hour.replace(hour=0)


def after(at: datetime, interval: str) -> datetime:
    """The beginning of the interval after the one that begins at `at`."""
    return later(at, 1) if interval == "month" else at + (DAY if interval == "day" else timedelta(hours=1))


def _beginnings(interval: str, since: datetime, until: datetime) -> Iterator[datetime]:
    at = start(since, interval)
    while at <= until:
        yield at
        at = after(at, interval)

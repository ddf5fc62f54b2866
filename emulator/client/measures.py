"""Durations and instants, as Python has them and as the admin API writes them."""

from datetime import UTC, datetime, timedelta

Span = str | float | timedelta
"""A length of time: `"5m"`, seconds, or a timedelta."""

_MILLISECOND = timedelta(milliseconds=1)


def duration(span: Span) -> str:
    """The span as the admin API has it; fractions of a millisecond are rounded up. ValueError if it is negative."""
    if isinstance(span, str):
        return span
    length = span if isinstance(span, timedelta) else timedelta(seconds=span)
    if length < timedelta(0):
        raise ValueError(f"time cannot go backwards by {span!r}")
    return f"{-(-length // _MILLISECOND)}ms"


def instant(at: str | datetime) -> str:
    """The instant as the admin API has it; ValueError when a datetime names no time zone."""
    if isinstance(at, str):
        return at
    if at.tzinfo is None:
        raise ValueError(f"{at!r} names no time zone, and so no instant")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """An instant of the admin API as an aware datetime in UTC."""
    return datetime.fromisoformat(text)

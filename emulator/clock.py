"""Virtual time. The only module that may look at a real clock.

An `Instant` is an int: microseconds since 1970-01-01T00:00:00Z. A `Duration` is one too. Ints add up exactly,
sort, fit in a snapshot, and cost little by the million.

Time moves in three places only: `arrive` and `catch_up` (a request has arrived: read the real clock, or make a step),
`skip_to` (a client would see nothing new) and `advance` (a test moves it). Between two such moves `now()` does not
change, so everything one exchange says is said at one instant, and whatever was due has happened before anybody looks,
each thing at its own instant.
"""

import asyncio
import heapq
import itertools
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Generic, Literal, NewType, TypeVar

Instant = int
Duration = NewType("Duration", int)

MILLISECOND = Duration(1_000)
SECOND = Duration(1_000_000)
MINUTE = Duration(60 * SECOND)
HOUR = Duration(60 * MINUTE)
DAY = Duration(24 * HOUR)

Mode = Literal["real", "rate", "frozen", "step", "skip"]
Event = TypeVar("Event")

SLICE = 5 * MILLISECOND
"""How long a backlog is worked off, in real time, before other clients get a turn."""

END_OF_TIME: Instant = 32_503_680_000 * SECOND
"""The year 3000: no clock goes further, so every instant is a date that any client can read."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_datetime(at: Instant) -> datetime:
    """The instant as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def to_instant(moment: datetime) -> Instant:
    """An aware datetime as an instant; ValueError when it names no time zone."""
    if moment.tzinfo is None:
        raise ValueError("a date without a time zone names no instant")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def iso(at: Instant) -> str:
    """The instant as RFC 3339 with microseconds, as our own documents have it."""
    return to_datetime(at).isoformat(timespec="microseconds").replace("+00:00", "Z")


def wall() -> Instant:
    """What the wall clock of this machine says."""
    return time.time_ns() // 1_000


def monotonic() -> int:
    """Real microseconds since some fixed past moment: not moved by anybody who sets the wall clock."""
    return time.monotonic_ns() // 1_000


async def pause(duration: Duration | float) -> None:
    """Wait in real time: latency on the wire is the client's own time, whatever the virtual clock says."""
    await asyncio.sleep(duration / SECOND)


class AlreadyAdvancing(Exception):  # noqa: N818 - it is a state, not a mistake of the program
    """One `advance` at a time: two at once would have no order."""


class Clock(Generic[Event]):
    """Time that a test can hold still.

    `rate` is virtual seconds per real second: 1 runs with the wall clock, 60 makes a minute of a second, 0 stands
    still until `advance`. One that stands still may move by a `step` with each request, or be one that `skips`: a
    client that would see nothing new finds it at the next event instead. The agenda holds (instant, order, event) and
    nothing that could not be written down; `happen` is told each event when its instant has come.
    """

    def __init__(
        self,
        happen: Callable[[Event], None],
        *,
        start: Instant | None = None,
        rate: float = 1,
        step: Duration = Duration(0),
        skips: bool = False,
        reading: Callable[[], int] = monotonic,
    ) -> None:
        self._happen = happen
        self._reading = reading
        self._agenda: list[tuple[Instant, int, Event]] = []
        self._order = itertools.count()  # equal instants happen in the order they were set
        self._now: Instant = wall() if start is None else start
        self.began: Instant = self._now
        self._advancing = False
        self._skipped = False  # in this exchange
        self.run_at(rate, step=step, skips=skips)

    def now(self) -> Instant:
        """The instant of the last move. It stays until the next `catch_up` or `advance`."""
        return self._now

    @property
    def mode(self) -> Mode:
        """How it moves, by the name users know."""
        if self.step:
            return "step"
        if self.skips:
            return "skip"
        return "frozen" if not self.rate else "real" if self.rate == 1 else "rate"

    def told(self, duration: int, unit: Duration) -> int:
        """A duration as a client is told it, in whole units of its own time: at least one if there is any.

        A client waits in real time, so what it is told is divided by the rate; a clock that does not run by itself
        divides nothing.
        """
        return -int(-duration // ((self.rate or 1) * unit))

    def run_at(self, rate: float, *, step: Duration = Duration(0), skips: bool = False) -> None:
        """From now on, let this many virtual seconds pass in each real one; only at rate 0 may it step or skip."""
        if rate < 0 or step < 0:
            raise ValueError("time cannot go backwards")
        if bool(rate) + bool(step) + skips > 1:
            raise ValueError("a clock runs by itself, or steps, or skips")
        self.rate = rate
        """Virtual seconds per real second. Like the two that follow, it is changed here alone."""
        self.step = step
        """How far each request moves it."""
        self.skips = skips
        """Whether it goes to the next event where a client would see nothing new."""
        self._anchor = self._now - int(self._reading() * rate)

    def at(self, when: Instant, event: Event) -> None:
        """Put `event` on the agenda; one that is late already happens next."""
        heapq.heappush(self._agenda, (max(when, self._now), next(self._order), event))

    def agenda(self) -> list[tuple[Instant, Event]]:
        """All that is to come, in the order in which it will happen."""
        return [(when, event) for when, _, event in sorted(self._agenda, key=lambda entry: entry[:2])]

    def resume(self, now: Instant, began: Instant, agenda: Iterable[tuple[Instant, Event]]) -> None:
        """Go on from where another clock stood, with what it had on its agenda, in this order."""
        self._anchor += now - self._now
        self._now, self.began = now, began
        self._agenda.clear()
        for when, event in agenda:
            self.at(when, event)

    def next_due(self, such: Callable[[Event], bool] = lambda _event: True) -> Instant | None:
        """When the next event is due, or the next `such` event, if there is one before time ends."""
        ahead = [(self._agenda[0], 0)] if self._agenda else []
        while ahead:  # down the heap, soonest first: only what is due before it is looked at
            (due, _, event), place = heapq.heappop(ahead)
            if due > END_OF_TIME:
                return None
            if such(event):
                return due
            for child in range(2 * place + 1, min(2 * place + 3, len(self._agenda))):
                heapq.heappush(ahead, (self._agenda[child], child))
        return None

    def pending(self) -> int:
        """How many events are still to come."""
        return len(self._agenda)

    def due_in(self) -> int | None:
        """Real microseconds until the next event falls due by itself; None if none will, or while being advanced."""
        if not self.rate or self._advancing or not self._agenda or (due := self._agenda[0][0]) > END_OF_TIME:
            return None
        return max(0, math.ceil((due - self._due_by_itself()) / self.rate))

    @property
    def advancing(self) -> bool:
        """Whether an `advance` is under way."""
        return self._advancing

    def forget(self) -> None:
        """Nothing on the agenda will happen; an `advance` under way comes to its end."""
        self._agenda.clear()

    def catch_up(self) -> None:
        """Let everything happen that has fallen due by itself."""
        self._settle(self._due_by_itself())

    def arrive(self) -> None:
        """A request has arrived: catch up, or make a step. While it is advanced, the clock stands where it is."""
        self._skipped = False
        until = self._due_by_itself()
        if self.step and not self._advancing:
            until = min(END_OF_TIME, until + self.step)
        self._settle(until)

    def skip_to(self, when: Instant) -> None:
        """Let everything happen until `when`, at once: for a clock that skips, once between two arrivals.

        Nothing for any other clock, nor for one that is being advanced.
        """
        if self.skips and not self._skipped and not self._advancing and when > self._now:
            self._skipped = True
            self._settle(min(END_OF_TIME, when))

    async def advance(self, by: Duration, settled: Callable[[], Awaitable[None]] | None = None) -> None:
        """Move forward. Whatever falls due on the way happens at its own instant, in order.

        `settled` is awaited after each such instant, with the clock standing there: callbacks are tried in it.
        ValueError when `by` is negative, AlreadyAdvancing when another advance is under way.
        """
        if by < 0:
            raise ValueError("time cannot go backwards")
        if self._advancing:
            raise AlreadyAdvancing
        passed = self._due_by_itself() - self._now
        target = self._now + passed + by
        if target > END_OF_TIME:
            raise ValueError(f"time ends at {iso(END_OF_TIME)}")
        self._advancing = True
        self._anchor -= passed  # what has passed by itself is walked through like the rest
        try:
            await self._walk(target, settled)
        finally:
            self._advancing = False

    async def _walk(self, target: Instant, settled: Callable[[], Awaitable[None]] | None) -> None:
        slice_ends = self._reading() + SLICE
        while self._agenda and (due := self._agenda[0][0]) <= target:
            self._stand_at(due)
            while self._agenda and self._agenda[0][0] <= due:
                self._next_happens()
                if self._reading() > slice_ends:
                    await asyncio.sleep(0)
                    slice_ends = self._reading() + SLICE
            if settled:
                await settled()
        self._stand_at(target)

    def _stand_at(self, when: Instant) -> None:
        """Stand at `when`; the time that passes by itself goes on from there."""
        skipped = max(0, when - self._now)
        self._now += skipped
        self._anchor += skipped

    def _due_by_itself(self) -> Instant:
        if not self.rate or self._advancing:  # while it is advanced, others are served at the instant it stands at
            return self._now
        return max(self._now, min(END_OF_TIME, self._anchor + int(self._reading() * self.rate)))

    def _settle(self, until: Instant) -> None:
        while self._agenda and self._agenda[0][0] <= until:
            self._next_happens()
        self._now = until

    def _next_happens(self) -> None:
        self._now, _, event = heapq.heappop(self._agenda)
        self._happen(event)

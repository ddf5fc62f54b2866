"""The clock of a namespace, in a test's hands."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import Any, Protocol

from emulator.client.awaiting import awaited
from emulator.client.connection import Connection
from emulator.client.errors import EmulatorError
from emulator.client.measures import Span, duration, instant, moment

RUNNING = frozenset({"real", "rate"})
"""The modes in which time passes by itself."""


class Mover(Protocol):
    """Whoever moves the client's own time: a traveller of time-machine, a frozen time of freezegun."""

    def move_to(self, target: datetime, /) -> object:
        """It is that late now."""


@dataclass(frozen=True)
class ClockState:
    """What time it is, how time passes, and, after a move, what happened on the way: the first thousand of `count`."""

    now: datetime
    mode: str
    rate: float
    pending: int
    next: datetime | None
    happened: tuple[Mapping[str, Any], ...] = ()
    count: int = 0

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "ClockState":
        """From the admin API's JSON."""
        due = told["next"]
        return cls(
            now=moment(told["now"]),
            mode=told["mode"],
            rate=told["rate"],
            pending=told["pending"],
            next=None if due is None else moment(due),
            happened=tuple(told.get("happened", ())),
            count=told.get("count", 0),
        )


class Clock:
    """Virtual server time. Each change returns the state after it, and raises ProblemError if it is refused."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._followers: list[Mover] = []

    def state(self) -> ClockState:
        """What time it is, and how time passes."""
        return ClockState.read(self._connection.ask("GET", "/clock"))

    def now(self) -> datetime:
        """What time it is, in UTC."""
        return self.state().now

    def advance(self, by: Span) -> ClockState:
        """Move on by `"5m"`, seconds or a timedelta; all that falls due, callbacks too, is done on return."""
        return self._change({"advance": duration(by)})

    def to(self, at: str | datetime) -> ClockState:
        """Move on to an instant."""
        return self._change({"to": instant(at)})

    def freeze(self) -> ClockState:
        """Stand still from now on, until moved."""
        return self.mode("frozen")

    def rate(self, rate: float) -> ClockState:
        """From now on, let so many virtual seconds pass in each real one."""
        return self._change({"rate": rate})

    def step(self, by: Span) -> ClockState:
        """From now on, let each request to an API move it by so much."""
        return self._change({"step": duration(by)})

    def mode(self, mode: str) -> ClockState:
        """From now on: `real`, `frozen`, or `skip`, where a poll that would show nothing new jumps to what is next."""
        return self._change({"mode": mode})

    def sleep(self, seconds: float) -> None:
        """Let time pass as `time.sleep` would, at no cost: give it to a client that takes its sleep from outside."""
        self.advance(float(seconds))

    @contextmanager
    def together(self, mover: Mover | None = None) -> Iterator[Mover]:
        """Within, the client's own time stands where this clock does, and moves with each change made here.

        `mover` is whatever moves the client's time by `move_to`; without one, time-machine or else freezegun is
        started. EmulatorError if neither is installed.
        """
        with _moving(mover, self.now()) as follower:
            self._followers.append(follower)
            try:
                yield follower
            finally:
                self._followers.remove(follower)

    def _change(self, wanted: Mapping[str, Any]) -> ClockState:
        state = ClockState.read(self._connection.ask("POST", "/clock", wanted))
        for each in self._followers:
            each.move_to(state.now)
        return state


class AsyncClock:
    """`Clock`, awaited."""

    def __init__(self, clock: Clock) -> None:
        self.state = awaited(clock.state)
        self.now = awaited(clock.now)
        self.advance = awaited(clock.advance)
        self.to = awaited(clock.to)
        self.freeze = awaited(clock.freeze)
        self.rate = awaited(clock.rate)
        self.step = awaited(clock.step)
        self.mode = awaited(clock.mode)
        self.sleep = awaited(clock.sleep)
        self.together = clock.together


@contextmanager
def _moving(mover: Mover | None, now: datetime) -> Iterator[Mover]:
    if mover is not None:
        mover.move_to(now)
        yield mover
        return
    for package, start in _MOVERS.items():
        if find_spec(package):
            with start(now) as started:
                yield started
            return
    raise EmulatorError(f"to move the client's time, install {' or '.join(_MOVERS)}, or give a mover")


def _time_machine(now: datetime) -> AbstractContextManager[Mover]:
    import time_machine  # noqa: PLC0415 - an extra

    return time_machine.travel(now, tick=False)


def _freezegun(now: datetime) -> AbstractContextManager[Mover]:
    import freezegun  # noqa: PLC0415 - an extra

    # A server in a thread of this process goes on in real time, or no timer of its event loop would end.
    return freezegun.freeze_time(now, ignore=["emulator."], real_asyncio=True)


_MOVERS: Mapping[str, Callable[[datetime], AbstractContextManager[Mover]]] = {
    "time_machine": _time_machine,
    "freezegun": _freezegun,
}

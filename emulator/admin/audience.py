"""Calls that stay: those that wait for something, and those that listen. There is room for so many at once."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from emulator.clock import SECOND, Duration
from emulator.namespace import Namespace
from emulator.problem import Problem


@dataclass(eq=False)
class Room:
    """Room for calls of one kind: so many of each namespace, and so many in all."""

    kind: str
    each: int
    all: int
    taken: Counter[Namespace] = field(default_factory=Counter)

    @contextmanager
    def seat(self, namespace: Namespace) -> Iterator[None]:
        """A place within it. Problem 503 if there is none left."""
        if self.taken[namespace] >= self.each:
            raise Problem(503, f"{self.each} calls {self.kind} in this namespace already: let one end")
        if self.taken.total() >= self.all:
            raise Problem(503, f"{self.all} calls {self.kind} on this server already: let one end")
        self.taken[namespace] += 1
        try:
            yield
        finally:
            self.taken[namespace] -= 1
            self.taken += Counter()  # who has none is forgotten


class Audience:
    """Those who stay on a server, until it stops."""

    def __init__(self) -> None:
        self.waiting = Room("wait", each=32, all=256)
        self.listening = Room("listen", each=8, all=64)
        self.events_dropped = 0
        """Events that listeners were too slow to take."""
        self.stopped = asyncio.Event()

    async def stop(self) -> None:
        """Let all of them go."""
        self.stopped.set()


async def first_of(*events: asyncio.Event, within: Duration) -> None:
    """Wait until one of them is set, or so much real time has passed."""
    waits = [asyncio.ensure_future(each.wait()) for each in events]
    try:
        await asyncio.wait(waits, timeout=within / SECOND, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)

"""The calls of all namespaces.

While a namespace's clock is advanced, the calls due at an instant are made and awaited with the clock standing there
(`settle`). All others go out beside the exchanges (`send`), and one waker per process sees to those that fall due when
nobody asks. What is owed, and when it is due, only the outboxes know: nothing here need be written down.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from emulator.callback import Attempt, Outbox
from emulator.clock import MILLISECOND, SECOND, Instant, monotonic
from emulator.courier.allowed import Allowed
from emulator.courier.call import Session, call, session_for
from emulator.namespace import Namespace
from emulator.namespaces import Namespaces

log = logging.getLogger("emulator.courier")

AT_ONCE = 32
"""Calls of one namespace that are made at a time."""
NEVER_AGAIN: Instant = 2**63


class Courier:
    """Makes the calls of all namespaces of a server."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._flights: dict[Outbox, set[asyncio.Task[None]]] = {}
        self._session: Session | None = None
        self._sooner = asyncio.Event()
        self._wakes: Instant = NEVER_AGAIN

    @asynccontextmanager
    async def at_work(self, namespaces: Namespaces) -> AsyncIterator[None]:
        """Make calls while the body runs; what is under way at its end is broken off."""
        self._session = session_for(self._allowed)
        waker = asyncio.create_task(self._wake(namespaces), name="waker")
        try:
            yield
        finally:
            waker.cancel()
            with suppress(asyncio.CancelledError):
                await waker
            await self.stop()

    async def stop(self) -> None:
        """Break off what is under way, and start nothing more."""
        session, self._session = self._session, None
        flying = [task for flights in self._flights.values() for task in flights]
        for task in flying:
            task.cancel()
        if flying:
            await asyncio.wait(flying)
        if session:
            await session.close()

    async def settle(self, outbox: Outbox) -> None:
        """Make every call that is due and await those under way, until there are none of either."""
        while flights := self._launch(outbox):
            await asyncio.wait(flights)

    def send(self, namespace: Namespace) -> None:
        """An exchange is over: what is due goes out beside it, and what is to come is seen to."""
        outbox, clock = namespace.outbox, namespace.clock
        if outbox.counts and outbox.pending and not clock.advancing:
            clock.catch_up()
            self._launch(outbox)
        wait = clock.due_in()
        if wait is not None and monotonic() + wait < self._wakes:
            self._sooner.set()

    def recall(self, outbox: Outbox) -> None:
        """Break off what is under way, and start nothing more."""
        outbox.close()
        for task in self._flights.get(outbox, ()):
            task.cancel()

    async def landed(self, outbox: Outbox) -> None:
        """What was broken off has come to its end."""
        if flights := self._flights.get(outbox):
            await asyncio.wait(flights)

    def notice(self) -> None:
        """Look again at what falls due next."""
        self._sooner.set()

    def _launch(self, outbox: Outbox) -> set[asyncio.Task[None]]:
        """Have enough tasks at work on what is due; those that are."""
        flights = self._flights.get(outbox, set())
        for _ in range(min(outbox.due, AT_ONCE - len(flights)) if self._session else 0):
            task = asyncio.create_task(self._carry(outbox), name="delivery")
            self._flights.setdefault(outbox, flights).add(task)
            task.add_done_callback(lambda done: self._end(outbox, done))
        return set(flights)

    def _end(self, outbox: Outbox, task: asyncio.Task[None]) -> None:
        flights = self._flights[outbox]
        flights.discard(task)
        if not flights:
            del self._flights[outbox]
        if not task.cancelled() and (error := task.exception()):
            log.error("a delivery failed", exc_info=error)

    async def _carry(self, outbox: Outbox) -> None:
        """Make one call after the other while any are due."""
        clock = outbox.clock
        while self._session and (delivery := outbox.take()):
            at, began = clock.now(), monotonic()
            status, reason = await call(self._session, delivery.callback)
            outbox.made(delivery, Attempt(at, status, reason, monotonic() - began))
            if not clock.advancing:
                clock.catch_up()  # the next attempt may be due at once
                self._launch(outbox)
        self._sooner.set()

    async def _wake(self, namespaces: Namespaces) -> None:
        """Let happen what falls due while nobody asks."""
        while True:
            self._sooner.clear()
            waits = [wait for each in namespaces if (wait := each.clock.due_in()) is not None]
            pause = max(min(waits), MILLISECOND) if waits else None
            self._wakes = NEVER_AGAIN if pause is None else monotonic() + pause
            with suppress(TimeoutError):
                async with asyncio.timeout(None if pause is None else pause / SECOND):
                    await self._sooner.wait()
            for each in list(namespaces):
                if each.outbox.due or each.clock.due_in() == 0:
                    self._rouse(each)

    def _rouse(self, namespace: Namespace) -> None:
        """What is due in it happens, and what it owes goes out; a mistake in one keeps no other waiting."""
        try:
            namespace.clock.catch_up()
        except Exception:
            log.exception("%s: what fell due could not happen", namespace.name)
        self._launch(namespace.outbox)

"""Something that happens once, and that clients may be waiting for in real time."""

import asyncio

from emulator.clock import SECOND, Duration


class Signal(asyncio.Event):
    """An event for which many may wait that have little time."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: set[asyncio.Future[None]] = set()

    def set(self) -> None:
        """Let all go who wait."""
        super().set()
        for sleeper in self._sleepers:
            _wake(sleeper)

    async def within(self, duration: Duration | int) -> None:
        """Wait until it is set, or so much real time has passed: `asyncio.timeout` takes as long as a whole answer."""
        if self.is_set():
            return
        loop = asyncio.get_running_loop()
        sleeper = loop.create_future()
        timer = loop.call_later(duration / SECOND, _wake, sleeper)
        self._sleepers.add(sleeper)
        try:
            await sleeper
        finally:
            timer.cancel()
            self._sleepers.discard(sleeper)


def _wake(sleeper: "asyncio.Future[None]") -> None:
    if not sleeper.done():
        sleeper.set_result(None)

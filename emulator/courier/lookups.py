"""Names of receivers, looked up in threads of their own.

Whoever is called may have a name that nobody answers for, and no look-up can be broken off. In the threads of the
event loop, a few of them would hold up all else that is done there; and its end waits for those threads.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, TypeVar

Found = TypeVar("Found")

AT_ONCE = 64
"""Look-ups under way; the others wait, no longer than their calls may."""


class Lookups:
    """What aiohttp's resolver asks of an event loop."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def getaddrinfo(self, host: str, port: int, **told: Any) -> list[Any]:  # noqa: ANN401 - passed on
        """As `socket.getaddrinfo` has it. OSError."""
        return await self._looked_up(lambda: socket.getaddrinfo(host, port, **told))

    async def getnameinfo(self, address: Any, flags: int = 0) -> tuple[str, str]:  # noqa: ANN401 - passed on
        """As `socket.getnameinfo` has it. OSError."""
        return await self._looked_up(lambda: socket.getnameinfo(address, flags))

    async def _looked_up(self, look: Callable[[], Found]) -> Found:
        await self._room.acquire()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Found] = loop.create_future()

        def end(tell: Callable[[], None]) -> None:
            self._room.release()
            if not found.done():  # else whoever wanted to know has given up
                tell()

        def run() -> None:
            try:
                tell = partial(found.set_result, look())
            except Exception as error:  # noqa: BLE001 - whoever waits is told
                tell = partial(found.set_exception, error)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(end, tell)

        Thread(target=run, name="look-up", daemon=True).start()
        return await found

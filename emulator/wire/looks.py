"""How the event loop looks at its sockets: at a few of them at a time.

The kernel puts those it has told of behind all others. Told of all at once, a loop serves them all before it looks
again; whoever is served last asks again just after that look, is behind all the others once more, and so waits for all
of them twice, each time. Told of a few, it finds everybody in the order in which they have asked.
"""

import asyncio
import math
import select
import selectors
import sys

AT_A_TIME = 16

if sys.platform == "linux":

    class FewAtATime(selectors.EpollSelector):
        """epoll that tells of `AT_A_TIME` sockets at most."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            """Those that are ready, waiting for them up to so many seconds (None: without end)."""
            wait = -1 if timeout is None else math.ceil(max(timeout, 0) * 1000) / 1000  # epoll counts milliseconds
            told = self._selector.poll(wait, AT_A_TIME)  # type: ignore[attr-defined]
            known = self._fd_to_key  # type: ignore[attr-defined]
            return [(key, _MEANT.get(event, _BOTH) & key.events) for fd, event in told if (key := known.get(fd))]

    _MEANT = {select.EPOLLIN: selectors.EVENT_READ, select.EPOLLOUT: selectors.EVENT_WRITE}
    _BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE
    """Where a connection has broken, too: whoever waits for either is told."""


def new_loop() -> asyncio.AbstractEventLoop:
    """An event loop for a server."""
    return asyncio.SelectorEventLoop(FewAtATime()) if sys.platform == "linux" else asyncio.new_event_loop()

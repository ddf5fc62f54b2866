"""So many exchanges, then a look at the sockets: who asks once is not kept waiting by those who ask thousands."""

import asyncio

from emulator.clock import pause

AT_A_TIME = 64


class Turns:
    """Tasks that each want to be served take turns."""

    def __init__(self, at_a_time: int = AT_A_TIME) -> None:
        self._at_a_time = at_a_time
        self._left = at_a_time
        self._spent = False

    async def take(self) -> None:
        """Wait until there is one: at once, unless so many have been taken since the last look at the sockets."""
        while not self._left:
            await pause(0)
        if not self._spent:
            self._spent = True
            asyncio.get_running_loop().call_soon(self._renew)  # before any who are waiting look again
        self._left -= 1

    def _renew(self) -> None:
        self._left, self._spent = self._at_a_time, False

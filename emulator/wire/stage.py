"""Scripts, performed: bytes are written, real time passes, and the connection ends as the script says."""

from collections.abc import Iterator

from aiohttp import web

from emulator.clock import SECOND, monotonic, pause
from emulator.exchange import Pieces
from emulator.signals import Signal
from emulator.wire.acting import Script, Wait
from emulator.wire.reply import CLOSED, KEPT, Body, Written, reset

_LOOK_UP = SECOND // 10
"""How often somebody who waits looks whether the client is still there."""


class Stage:
    """Where clients are kept waiting: before an answer, in the middle of it, or without any.

    A pause is over as soon as the namespace is reset or the stage is cleared: what is left to say is said at once.
    """

    def __init__(self) -> None:
        self._cleared = False

    async def perform(self, incoming: web.BaseRequest, ended: Signal, script: Script) -> Written:
        """Do as it says, until the client leaves. `ended` is set when the namespace is reset."""
        try:
            for act in script.acts:
                if not isinstance(act, Wait):
                    await incoming.writer.write(act.data)
                    await incoming.writer.drain()
                elif not await self.wait(incoming, ended, act.duration):
                    return CLOSED
        except ConnectionError:
            return CLOSED
        if script.ending == "reset":
            return reset(incoming)
        if script.ending == "hang":
            await self.wait(incoming, ended)
        return KEPT if script.ending == "keep" else CLOSED

    async def wait(self, incoming: web.BaseRequest, ended: Signal, duration: int | None = None) -> bool:
        """So many real microseconds pass, or there is no end of it; whether the client is still there then."""
        transport = incoming.transport
        until = None if duration is None else monotonic() + duration
        while not (transport is None or transport.is_closing()):
            left = _LOOK_UP if until is None else min(_LOOK_UP, until - monotonic())
            if left <= 0 or self._cleared or ended.is_set():
                return True
            await ended.within(left)
        return False

    async def clear(self) -> None:
        """Nobody is kept waiting any more."""
        self._cleared = True


async def whole(body: Body) -> bytes:
    """A body in one piece, with a turn for others after each part of it."""
    if isinstance(body, bytes):
        return body
    return b"".join([part async for part in _each(body)])


async def _each(parts: Iterator[bytes] | Pieces) -> Pieces:
    if not isinstance(parts, Iterator):
        async for part in parts:
            yield part
        return
    for part in parts:
        yield part
        await pause(0)

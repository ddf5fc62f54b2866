"""Requests that arrive in one piece, answered before the event loop goes on.

aiohttp wakes a task for each request, which starts another: for an answer that is there at once, that is half of what
it costs. Whatever must wait for anything goes on in a task all the same. And a request that comes again, byte by
byte, is not read again.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from aiohttp import web
from aiohttp.http import RawRequestMessage, StreamWriter
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader

from emulator.wire.hearing import Heard
from emulator.wire.looks import sender
from emulator.wire.reply import Written

Rest = Callable[[web.BaseRequest], Coroutine[Any, Any, Written]]
"""What is left of an exchange that has begun, which goes on as aiohttp's own."""
Hear = Callable[[web.BaseRequest], Heard | None]
"""Reads a request that has arrived whole; None if it cannot be begun with at once."""
Send = Callable[[bytes], None]
"""Sends a whole answer where nothing waits to be sent."""
Begin = Callable[[Heard, Send], Rest | None]
"""Answers a request as far as that goes without waiting: what is left to be done, None if nothing is."""

KEPT, LONGEST, MET = 1024, 2048, 8192
"""So many requests of at most so many bytes are kept with what they say; of so many it is known that they came once."""

Said = tuple[Heard, RawRequestMessage]


class Known:
    """Whole requests with what they say, as one address of ours has heard them: those that have come twice."""

    __slots__ = ("_met", "_said", "get")

    def __init__(self) -> None:
        self._met: set[int] = set()
        self._said: dict[bytes, Said] = {}
        self.get = self._said.get

    def __len__(self) -> int:
        return len(self._said)

    def meet(self, data: bytes, said: Said) -> None:
        """Keep it if it has come before. When there are too many, all are forgotten, and soon there again."""
        if len(data) > LONGEST:
            return
        if len(self._said) >= KEPT or len(self._met) >= MET:
            self.forget()
        if (met := hash(data)) in self._met:
            said[0].request.raw = data
            self._said[data] = said
        else:
            self._met.add(met)

    def forget(self) -> None:
        """They may mean something else from now on."""
        self._met.clear()
        self._said.clear()


class Prompt(web.RequestHandler):
    """aiohttp's connection, whose task is woken only for what comes in pieces, or several at once.

    Its `_waiter` is what that task waits for, and None while it serves somebody: while an answer takes its time beside
    it, that is so too, and whatever arrives stands in line.
    """

    __slots__ = ("_begin", "_between", "_following", "_hear", "_known", "_send")

    def __init__(
        self,
        server: web.Server,
        hear: Hear,
        begin: Begin,
        *,
        loop: asyncio.AbstractEventLoop,
        **told: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(server, loop=loop, **told)
        self._hear = hear
        self._begin = begin
        self._known = Known()
        self._between = True  # what comes next is the beginning of a request, for certain
        self._following: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        super().connection_made(transport)
        self._send = sender(self._loop, cast("asyncio.WriteTransport", transport))

    def data_received(self, data: bytes) -> None:
        """Part of a head, of a body, or of several of either."""
        waiter = self._waiter
        if waiter is None or waiter.done() or self._paused or self._close or self._force_close:
            self._take(data, None)
        elif self._between and len(data) <= LONGEST and (known := self._known.get(data)) is not None:
            self._request_count += 1
            self._answer(*known, waiter)
        else:
            self._take(data, waiter)

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109 - aiohttp's signature
        """Let the answer under way have so long, and end."""
        if self._following is not None:
            _, late = await asyncio.wait((self._following,), timeout=timeout)
            for each in late:
                each.cancel()
        await super().shutdown(timeout)

    def _take(self, data: bytes, waiter: "asyncio.Future[None] | None") -> None:
        """What has not come before as it is; `waiter` is None if what it says must wait."""
        if waiter is None:
            self._between = False
            super().data_received(data)
        else:
            self._read(data, waiter)

    def _read(self, data: bytes, waiter: "asyncio.Future[None]") -> None:
        began, self._between, known = self._between, False, None
        self._waiter = None  # or the task would be woken by what is served without it
        try:
            super().data_received(data)
            if len(self._messages) == 1:
                message, payload = self._messages[0]
                known = self._heard(message, payload)
        finally:
            self._waiter = waiter
        if known is None:
            if self._messages:
                waiter.set_result(None)
            return
        self._messages.popleft()
        self._parser.message_consumed()  # type: ignore[union-attr]
        self._between = payload is EMPTY_PAYLOAD and data.endswith(b"\r\n\r\n")
        if began and self._between:
            self._known.meet(data, known)
        self._answer(*known, waiter)

    def _heard(self, message: object, payload: StreamReader) -> Said | None:
        """What has arrived, if it is whole and can be answered at once."""
        if not isinstance(message, RawRequestMessage) or not payload.is_eof() or self.transport is None:
            return None
        if message.should_close or message.upgrade or "Transfer-Encoding" in message.headers:
            return None
        heard = self._hear(self._incoming(message, payload))
        return None if heard is None else (heard, message)

    def _answer(self, heard: Heard, message: RawRequestMessage, waiter: "asyncio.Future[None]") -> None:
        self._manager.requests_count += 1  # type: ignore[union-attr]
        rest = self._begin(heard, self._send)
        if rest is None:
            self._go_on(waiter)
        else:
            self._waiter = None
            self._following = self._loop.create_task(self._follow(rest(self._incoming(message)), waiter))

    async def _follow(self, rest: Coroutine[Any, Any, Written], waiter: "asyncio.Future[None]") -> None:
        """An answer takes its time. `waiter` is what the task waits for, when it is over."""
        lasting = False
        try:
            lasting = (await rest).keep_alive and not (self._close or self._force_close)
        finally:
            self._following, self._waiter = None, waiter
            if lasting:
                self._go_on(waiter)
            else:
                self.force_close()

    def _incoming(self, message: RawRequestMessage, payload: StreamReader = EMPTY_PAYLOAD) -> web.BaseRequest:
        writer = StreamWriter(self, self._loop)
        return self._request_factory(message, payload, self, writer, self._task_handler)  # type: ignore[misc,arg-type]

    def _go_on(self, waiter: "asyncio.Future[None]") -> None:
        """What aiohttp does after each answer: to the next, or the time begins in which another request may come."""
        if self._messages:
            waiter.set_result(None)
        self._keepalive = True
        self._next_keepalive_close_time = closes = self._loop.time() + self._keepalive_timeout
        if self._keepalive_handle is None:
            self._keepalive_handle = self._loop.call_at(closes, self._process_keepalive)

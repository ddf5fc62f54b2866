"""Requests that are whole with their head, answered before the event loop goes on.

aiohttp wakes a task for each request, which starts another: for an answer that is there at once, that is half of what
it costs. Whatever must wait for anything goes on in a task all the same.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage, StreamWriter
from aiohttp.streams import EMPTY_PAYLOAD

from emulator.wire.reply import Written

Rest = Coroutine[Any, Any, Written]
Begin = Callable[[web.BaseRequest], Rest | None]
"""Answers a request as far as that goes without waiting: what is left to be done, None if nothing is."""


class Prompt(web.RequestHandler):
    """aiohttp's connection, whose task is woken only where there is something to wait for."""

    __slots__ = ("_begin", "_rest")

    def __init__(self, server: web.Server, begin: Begin, *, loop: asyncio.AbstractEventLoop, **told: Any) -> None:  # noqa: ANN401
        super().__init__(server, loop=loop, **told)
        self._begin = begin
        self._rest: asyncio.Task[Written] | None = None

    def data_received(self, data: bytes) -> None:
        """Part of a head, of a body, or of several of either."""
        waiter = self._waiter
        if waiter is None or waiter.done() or self._paused:
            super().data_received(data)
            return
        self._waiter = None  # or the task would be woken by what is served without it
        try:
            super().data_received(data)
        finally:
            self._waiter = waiter
        if self._messages and not (len(self._messages) == 1 and self._served()):
            waiter.set_result(None)

    def rest(self) -> asyncio.Task[Written] | None:
        """What is under way of the exchange that the task has been woken for, if that has begun."""
        rest, self._rest = self._rest, None
        return rest

    def _served(self) -> bool:
        """Whether that could be done at once."""
        message, payload = self._messages[0]
        if not isinstance(message, RawRequestMessage) or payload is not EMPTY_PAYLOAD or self.transport is None:
            return False
        if message.should_close or message.upgrade:
            return False
        rest = self._begin(self._request(message, payload, StreamWriter(self, self._loop)))
        if rest is not None:
            self._rest = self._loop.create_task(rest)
            return False
        self._messages.popleft()
        self._after_answer()
        return True

    def _request(self, message: Any, payload: Any, writer: AbstractStreamWriter) -> web.BaseRequest:  # noqa: ANN401
        return self._request_factory(message, payload, self, writer, self._task_handler)  # type: ignore[misc,arg-type]

    def _after_answer(self) -> None:
        """What aiohttp does after each: the parser goes on, and the time begins in which another request may come."""
        if self._parser is not None:
            self._parser.message_consumed()
        self._manager.requests_count += 1  # type: ignore[union-attr]
        self._keepalive = True
        self._next_keepalive_close_time = closes = self._loop.time() + self._keepalive_timeout
        if self._keepalive_handle is None:
            self._keepalive_handle = self._loop.call_at(closes, self._process_keepalive)

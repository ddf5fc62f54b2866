"""Connections, held only as long as their clients do their part, and only so many at once.

aiohttp closes those that are idle. What it would wait for without end is bounded here: a head that does not become
whole, and an answer that nobody takes. All times are real seconds.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiohttp import HttpVersion11, http_parser, web

from emulator.problem import Problem
from emulator.sealing import encode
from emulator.wire.outgoing import SERVER
from emulator.wire.prompt import Begin, Hear, Known, Prompt
from emulator.wire.reply import CLOSED, Reply, Written, head

log = logging.getLogger("emulator.wire")

HEAD_SECONDS = 10
"""From the first byte of a head to its last."""
IDLE_SECONDS = 75
"""Without a request, from the beginning or from the last answer on."""
TAKING_SECONDS = 60
"""For a client to take what has been written of an answer: at most a piece of it (`reply.PIECE`)."""
LINGER_SECONDS = 2
"""For the rest of a body that is not wanted, so that the refusal is read before the connection ends."""
PARTING_SECONDS = 1
"""From the refusal of a connection to its end."""


class Connections(web.Server):
    """Makes a `Connection` of each that comes in, as long as there are fewer than `room`."""

    def __init__(
        self, serve: Callable[[web.BaseRequest], Awaitable[Written]], hear: Hear, begin: Begin, room: int
    ) -> None:
        """`hear` and `begin` are `serve` for a request that is whole with its head."""
        super().__init__(
            serve,
            access_log=None,
            auto_decompress=False,  # `unpacking` does it
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGER_SECONDS,
        )
        self._hear = hear
        self._begin = begin
        self._known: dict[tuple[bool, object], Known] = {}
        self.room = room
        self.refused = 0
        self.parting: set[asyncio.Transport] = set()
        self.arriving = memoryview(bytearray(2**16))
        """Where connections read what arrives: one place for all, for they do so in turn, in one thread."""

    @property
    def full(self) -> bool:
        """Whether one more would be too many."""
        return len(self._connections) >= self.room

    def __call__(self) -> "Connection":
        """One more connection, which is not made yet."""
        return Connection(self, self._hear, self._begin, loop=self._loop, **self._kwargs)

    def known(self, transport: asyncio.BaseTransport) -> Known:
        """The requests that have been heard at the address that a connection leads to."""
        secure = transport.get_extra_info("sslcontext") is not None
        return self._known.setdefault((secure, transport.get_extra_info("sockname")), Known())

    def forget(self) -> None:
        """What requests mean has changed, such as which port serves what."""
        for each in self._known.values():
            each.forget()

    async def shutdown(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - aiohttp's signature
        """End all of them; those that serve somebody may take so long."""
        for each in tuple(self.parting):
            each.abort()
        await super().shutdown(timeout)


class Connection(Prompt, asyncio.BufferedProtocol):
    """aiohttp's, with an end to what a client may let it wait for.

    What arrives is read into one place that all share, and copied from there at once: asyncio would make room for
    256 KB each time, and leave holes in memory between the little that stays of each.
    """

    __slots__ = ("_head_due", "_server", "_taking_due")

    def __init__(
        self,
        server: Connections,
        hear: Hear,
        begin: Begin,
        *,
        loop: asyncio.AbstractEventLoop,
        **told: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(server, hear, begin, loop=loop, **told)
        self._server = server
        self._head_due: asyncio.TimerHandle | None = None
        self._taking_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is served, or told that there is no room."""
        if self._server.full:
            self._server.refused += 1
            refusal = Refusal(self._server)
            transport.set_protocol(refusal)
            refusal.connection_made(transport)
            return
        super().connection_made(transport)
        self._known = self._server.known(transport)
        cast("asyncio.WriteTransport", transport).set_write_buffer_limits(high=1, low=0)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing is waited for any more."""
        self._no_longer_waits_for_head()
        self._no_longer_waits_for_taking()
        super().connection_lost(exc)

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Where to put what has arrived."""
        return self._server.arriving

    def buffer_updated(self, nbytes: int) -> None:
        """So much of it has."""
        self.data_received(bytes(self._server.arriving[:nbytes]))

    def _take(self, data: bytes, waiter: "asyncio.Future[None] | None") -> None:
        heard = self._request_count
        super()._take(data, waiter)
        if self._request_count != heard or not self._between_requests:
            self._no_longer_waits_for_head()
        elif self._head_due is None and data.strip(b"\r\n"):  # empty lines before a head are none of it
            self._head_due = self._loop.call_later(HEAD_SECONDS, self._head_is_late)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 400,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is not HTTP is refused in our own words, and the connection ends: what follows cannot be told apart."""
        log.debug("not HTTP: %s %r", message, exc)
        if self.transport is not None and not request.writer.output_size:
            self.transport.write(refusal(status, "what arrived is no HTTP request"))
        self.force_close()
        return CLOSED

    def pause_writing(self) -> None:
        """There is something that the client has not taken yet."""
        super().pause_writing()
        if self.transport is not None:
            self._taking_due = self._loop.call_later(TAKING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It has taken all of it."""
        super().resume_writing()
        self._no_longer_waits_for_taking()

    @property
    def _between_requests(self) -> bool:
        """Whether aiohttp waits for a head to be whole."""
        return self._waiter is not None and not self._waiter.done()

    def _no_longer_waits_for_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _no_longer_waits_for_taking(self) -> None:
        if self._taking_due is not None:
            self._taking_due.cancel()
            self._taking_due = None

    def _head_is_late(self) -> None:
        self._head_due = None
        if self._between_requests and self.transport is not None:
            self.transport.write(refusal(408, f"no whole head arrived within {HEAD_SECONDS} seconds"))
            self.force_close()


class Refusal(asyncio.Protocol):
    """A connection too many. Whoever asks anything on it is told so; it ends soon, whether they do or not."""

    def __init__(self, server: Connections) -> None:
        self._server = server
        self._told = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Its time begins."""
        self._transport = cast("asyncio.Transport", transport)
        self._server.parting.add(self._transport)
        self._end = asyncio.get_running_loop().call_later(PARTING_SECONDS, self._transport.abort)

    def data_received(self, _data: bytes) -> None:
        """Somebody asks: the answer is always the same, and there is one only."""
        if self._told:
            return
        self._told = True
        detail = f"there are {self._server.room} connections already: close some, or see --max-connections"
        self._transport.write(refusal(503, detail, ("Retry-After", "1")))
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def connection_lost(self, _exc: BaseException | None) -> None:
        """It has ended."""
        self._end.cancel()
        self._server.parting.discard(self._transport)


def refusal(status: int, detail: str, *more: tuple[str, str]) -> bytes:
    """A whole answer to what has not become a request: a problem, after which the connection ends."""
    answer = Problem(status, detail).answer()
    body = encode(answer.payload)
    headers = [
        ("Server", SERVER),
        *more,
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    return head(HttpVersion11, Reply.of(status, headers)) + body


def warn_of_parser() -> None:
    """Tell of the parser in Python, if aiohttp has come to that: it is slow, and laxer about what a request is."""
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        log.warning("aiohttp reads requests without its extension (AIOHTTP_NO_EXTENSIONS, or a platform without it)")

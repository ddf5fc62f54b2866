"""Somebody who is called back, and answers as told."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from emulator.clock import MILLISECOND, SECOND, pause


@dataclass(frozen=True)
class Heard:
    """A call as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


async def silence(_receiver: "Receiver", _request: web.Request) -> web.StreamResponse:
    await pause(30 * SECOND)  # whoever waits for so long has no time limit
    return web.Response()


async def reset(_receiver: "Receiver", request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
    return web.Response()


async def loop(receiver: "Receiver", _request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": receiver.url})


async def drip(_receiver: "Receiver", request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(3000):
            await response.write(b".")
            await pause(10 * MILLISECOND)
    return response


async def huge(receiver: "Receiver", request: web.Request) -> web.StreamResponse:
    """A thousand megabytes, if anybody takes them."""
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(16_000):
            await response.write(b"." * 65_536)
            receiver.sent += 65_536
    return response


async def half(_receiver: "Receiver", request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport
    request.transport.close()
    return response


async def nonsense(_receiver: "Receiver", request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.write(b"nonsense\r\n\r\n")  # type: ignore[attr-defined]
    request.transport.close()
    return web.Response()


async def zipped(_receiver: "Receiver", _request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"not zipped at all", headers={"Content-Encoding": "gzip"})


async def gate(receiver: "Receiver", _request: web.Request) -> web.StreamResponse:
    await receiver.opened.wait()
    return web.Response()


Behaviour = int | Callable[["Receiver", web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Receiver:
    """A server that notes what it hears. It does what is `told`, in order, and then `afterwards` for ever."""

    told: list[Behaviour] = field(default_factory=list)
    afterwards: Behaviour = 200
    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    sent: int = 0
    under_way: int = 0
    most: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].partition("/")[0])

    async def hears(self, number: int) -> list[Heard]:
        """The calls, once there are so many."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: len(self.heard) >= number)
        return self.heard

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            body = await request.read()
            said = Heard(request.method, request.path, dict(request.query), dict(request.headers), body)
            async with self._news:
                self.heard.append(said)
                self._news.notify_all()
            behaviour = self.told.pop(0) if self.told else self.afterwards
            if isinstance(behaviour, int):
                return web.Response(status=behaviour)
            return await behaviour(self, request)
        finally:
            self.under_way -= 1


@asynccontextmanager
async def receiving(**said: Any) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver(**said)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.serve)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    receiver.url = str(server.make_url("/hook"))
    try:
        yield receiver
    finally:
        receiver.opened.set()
        await server.close()

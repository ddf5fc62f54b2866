"""A server at work: what is beside it as long as it is, and the addresses it listens on."""

import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from emulator.config import MAX_CONNECTIONS
from emulator.wire import Connections, Shell, descriptors

DRAIN_SECONDS = 10
BACKLOG = 4096
BOTH_ATTEMPTS = 20
"""How often a free port is looked for that is free on both loopbacks."""


class CannotBind(Exception):  # noqa: N818 - reads as what it says
    """The address is taken or not ours."""


Beside = Callable[[], AbstractAsyncContextManager[None]]
"""What is at work as long as a server is."""


class App:
    """A server, loaded. It serves within `at_work`, at the addresses it is told to listen on."""

    def __init__(
        self,
        shell: Shell,
        beside: Sequence[Beside],
        stops: Sequence[Callable[[], Awaitable[None]]],
        context: ssl.SSLContext | None = None,
        *,
        connections: int = MAX_CONNECTIONS,
    ) -> None:
        """`beside` is what is at work as long as it is; `stops` end what exchanges may wait for; `context` is TLS's."""
        self._context = context
        self._connections = connections
        self._shell = shell
        self._beside = beside
        self._stops = stops

    @asynccontextmanager
    async def at_work(self, drain_seconds: float = DRAIN_SECONDS) -> AsyncIterator["Listener"]:
        """Serve while the body runs; at its end, what is under way has so long to end."""
        shell = self._shell
        server = Connections(shell.serve, shell.hear, shell.begin, descriptors.room(self._connections))
        runner = _Runner(server, self._stops, drain_seconds)
        async with AsyncExitStack() as stack:
            for each in self._beside:
                await stack.enter_async_context(each())
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            yield Listener(runner, self._shell, self._context)


class _Runner(web.ServerRunner):
    """Ends what exchanges may wait for, before it waits for them to end."""

    __slots__ = ("_stops", "forget")

    def __init__(
        self, server: Connections, stops: Sequence[Callable[[], Awaitable[None]]], shutdown_timeout: float
    ) -> None:
        super().__init__(server, shutdown_timeout=shutdown_timeout)
        self._stops = stops
        self.forget = server.forget

    async def shutdown(self) -> None:
        """Connections that serve nobody have been closed; those that do are next."""
        for each in self._stops:
            await each()


@dataclass(frozen=True, slots=True)
class Listener:
    """What binds a server that is at work."""

    _runner: _Runner
    _shell: Shell
    _context: ssl.SSLContext | None = None

    async def listen(self, host: str, port: int) -> int:
        """Bind; the real port, which is the same on both loopbacks where `localhost` is asked for. CannotBind."""
        if host != "localhost" or not _has_second_loopback():
            return (await self._bind(host, port)).port
        for attempts_left in reversed(range(BOTH_ATTEMPTS)):
            first = await self._bind("127.0.0.1", port)
            try:
                await self._bind("::1", first.port)
            except CannotBind:
                if port or not attempts_left:
                    raise
                await first.stop()
            else:
                break
        return first.port

    async def _bind(self, host: str, port: int) -> web.TCPSite:
        site = web.TCPSite(self._runner, host, port, backlog=BACKLOG, ssl_context=self._context)
        try:
            await site.start()
        except OSError as error:
            reason = error.strerror or str(error)
            raise CannotBind(f"cannot listen on {host}:{port}: {reason}") from None
        return site

    async def listen_for_storage(self, host: str, port: int) -> None:
        """Bind, and hand out links to files at that port. CannotBind."""
        self._shell.hearing.ports.storage = await self.listen(host, port)
        self._runner.forget()

    async def listen_for_admin(self, host: str, port: int) -> int:
        """Bind; the real port, which is the only one from now on where `/__admin` is served. CannotBind."""
        self._shell.hearing.ports.admin = port = await self.listen(host, port)
        self._runner.forget()
        return port


def _has_second_loopback() -> bool:
    """Whether this machine has `::1` too."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False

"""Everything put together: configuration -> a server that runs until it is told to stop."""

import asyncio
import gc
import logging
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Literal

from aiohttp import web

from emulator import data, tls
from emulator.admin import Admin, Guard
from emulator.admin.guard import LOOPBACK
from emulator.admin.operations import HANDLERS
from emulator.clock import Duration, Instant
from emulator.courier import Allowed, Courier
from emulator.files import write_whole
from emulator.namespace import NAME, Origin, cast
from emulator.namespaces import LIMIT, MAX_JOBS, Namespaces
from emulator.providers import PROVIDERS
from emulator.scenario.library import Library
from emulator.scenario.story import ClockSetting
from emulator.scenario.vocabulary import Vocabulary
from emulator.watch import Watch
from emulator.wire import Connections, Shell, descriptors, quiet_bad_requests, warn_of_parser

log = logging.getLogger("emulator")

DRAIN_SECONDS = 10
STOPPING = (signal.SIGTERM, signal.SIGINT)
MAX_CONNECTIONS = 20_000
BACKLOG = 4096
BOTH_ATTEMPTS = 20
"""How often a free port is looked for that is free on both loopbacks."""
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - looked up, not bound


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the command line says; each field is a flag and an environment variable."""

    host: str = "127.0.0.1"
    port: int = 8087
    storage_port: int | None = None
    admin_port: int | None = None
    tls: Literal["self"] | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_host: tuple[str, ...] = ()
    tls_ca_file: Path | None = None
    trust_proxy: bool = False
    port_file: Path | None = None
    scenario: tuple[str, ...] = ()
    scenarios: tuple[Path, ...] = ()
    settings: tuple[str, ...] = ()
    seed: int = 0
    rate: float = 1
    step: Duration = Duration(0)
    skip: bool = False
    start: Instant | None = None
    admin_token: str | None = None
    debug_headers: bool = True
    allow_callback_to: tuple[str, ...] = ()
    watch: bool = False
    max_connections: int = MAX_CONNECTIONS
    max_jobs: int = MAX_JOBS
    namespaces: int = LIMIT
    declared_only: bool = False
    credential: tuple[str, ...] = ()

    @property
    def loopback(self) -> bool:
        """Whether nobody else's machine can reach the server."""
        return self.host in ("127.0.0.1", "localhost", "::1")

    def url(self, port: int) -> str:
        """The base URL of what listens on that port."""
        scheme = "https" if self.tls or self.tls_cert else "http"
        return f"{scheme}://[{self.host}]:{port}" if ":" in self.host else f"{scheme}://{self.host}:{port}"


class BadCredential(ValueError):  # noqa: N818 - reads as what it says
    """A credential is not given to a namespace as it should be."""


def credential(text: str) -> tuple[str, str]:
    """`TOKEN=NAMESPACE` as the two; the token may hold further signs of equality. BadCredential."""
    token, _, name = text.rpartition("=")
    if not token or not NAME.fullmatch(name):
        raise BadCredential(f"expected TOKEN=NAMESPACE, with a name like {NAME.pattern}; the name is {name!r}")
    return token, name


class CannotBind(Exception):  # noqa: N818 - reads as what it says
    """The address is taken or not ours."""


@cache
def vocabularies() -> Mapping[str, Vocabulary]:
    """The words that scenarios may use, by API."""
    return {each.name: each.vocabulary for each in PROVIDERS}


@lru_cache(maxsize=8)
def library(directories: tuple[Path, ...] = ()) -> Library:
    """All scenarios that can be named: those in the user's directories, and the shipped ones. Loaded once."""
    return Library(vocabularies(), data.directory("scenarios"), directories)


def make_origin(config: Config, shelf: Library) -> Origin:
    """How every namespace begins. ScenarioError, UnknownScenario, ScenarioConflict, BadSetting."""
    scenarios, settings = shelf.overridden(config.scenario, config.settings)
    return Origin(
        hooks={each.name: each.hooks for each in PROVIDERS},
        defaults={each.name: shelf.default(each.name) for each in PROVIDERS},
        scenarios=cast(scenarios),
        seed=config.seed,
        clock=ClockSetting(config.rate, config.start, config.step, config.skip),
        settings=settings,
        words=vocabularies(),
    )


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
        server = Connections(self._shell.serve, self._shell.begin, descriptors.room(self._connections))
        runner = _Runner(server, self._stops, drain_seconds)
        async with AsyncExitStack() as stack:
            for each in self._beside:
                await stack.enter_async_context(each())
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            yield Listener(runner, self._shell, self._context)


class _Runner(web.ServerRunner):
    """Ends what exchanges may wait for, before it waits for them to end."""

    __slots__ = ("_stops",)

    def __init__(
        self, server: web.Server, stops: Sequence[Callable[[], Awaitable[None]]], shutdown_timeout: float
    ) -> None:
        super().__init__(server, shutdown_timeout=shutdown_timeout)
        self._stops = stops

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
        self._shell.ports.storage = await self.listen(host, port)

    async def listen_for_admin(self, host: str, port: int) -> int:
        """Bind; the real port, which is the only one from now on where `/__admin` is served. CannotBind."""
        self._shell.ports.admin = await self.listen(host, port)
        return self._shell.ports.admin


def _has_second_loopback() -> bool:
    """Whether this machine has `::1` too."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def make_context(config: Config) -> ssl.SSLContext | None:
    """What TLS is served with, if it is; the certificate that clients are to trust is written. TlsError, OSError."""
    if config.tls_cert and config.tls_key:
        return tls.from_files(config.tls_cert, config.tls_key)
    if config.tls is None:
        return None
    hosts = (host for each in PROVIDERS for host in each.contract.hosts)
    listens = () if config.host in ANYWHERE else (config.host,)
    own = tls.own([*hosts, *listens, *config.tls_host])
    if config.tls_ca_file:
        write_whole(config.tls_ca_file, own.authority, 0o600)
    return own.context


def make_app(config: Config) -> App:
    """The server, loaded but not bound."""
    shelf = library(config.scenarios)
    courier = Courier(Allowed.read(config.allow_callback_to))
    namespaces = Namespaces(
        make_origin(config, shelf),
        config.namespaces,
        courier,
        jobs=config.max_jobs,
        declared_only=config.declared_only,
    )
    credentials = dict(map(credential, config.credential))
    for name in dict.fromkeys(credentials.values()):
        namespaces.declare(name)
    guard = Guard(config.admin_token, LOOPBACK | {config.host})
    watch = Watch(namespaces, shelf, config.scenario, config.scenarios, courier.send)
    admin = Admin(namespaces, shelf, guard, HANDLERS | (watch.handlers if config.watch else {}))
    admin.contract.pair(admin.handlers)
    for each in PROVIDERS:
        each.contract.pair(each.handlers)
    context = make_context(config)
    shell = Shell(
        namespaces,
        PROVIDERS,
        admin,
        courier,
        shelf,
        debug_headers=config.debug_headers,
        trust_proxy=config.trust_proxy,
        credentials=credentials,
    )
    quiet_bad_requests()
    beside: list[Beside] = [partial(courier.at_work, namespaces)]
    if config.watch:
        beside.append(watch.at_work)
    stops = [admin.audience.stop, shell.stage.clear, courier.stop]
    return App(shell, beside, stops, context, connections=config.max_connections)


async def serve(config: Config, ready: Callable[[str, str | None], None]) -> None:
    """Serve until SIGTERM or SIGINT, then let what is under way end. CannotBind if the address cannot be had.

    `ready` is told the base URL once everything is loaded and bound, and that of the admin API if it has its own.
    """
    told_to_stop = _signals()
    descriptors.raise_limit(config.max_connections)
    warn_of_parser()
    async with make_app(config).at_work() as listener:
        admin = []
        if config.admin_port is not None:  # first of all: it is never served at the main port, not for a moment
            admin = [await listener.listen_for_admin(config.host, config.admin_port)]
        port = await listener.listen(config.host, config.port)
        if config.storage_port is not None:
            await listener.listen_for_storage(config.host, config.storage_port)
        settle_collector()
        if config.port_file:
            write_whole(config.port_file, "".join(f"{each}\n" for each in (port, *admin)).encode())
        ready(config.url(port), config.url(admin[0]) if admin else None)
        await told_to_stop.wait()
        log.info("stopping: what is under way ends first")


def settle_collector() -> None:
    """What is loaded stays: the collector need not look at it, nor look so often at all, nor at so much at a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 4, 500)


def _signals() -> asyncio.Event:
    """An event that is set when somebody asks us to stop. Who asks once more is obeyed at once."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()

    def stop() -> None:
        told.set()
        for number in STOPPING:
            loop.remove_signal_handler(number)

    for number in STOPPING:
        with suppress(NotImplementedError):  # on Windows, KeyboardInterrupt does it
            loop.add_signal_handler(number, stop)
    return told

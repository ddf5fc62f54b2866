"""Everything put together: configuration -> a server that runs until it is told to stop."""

import asyncio
import gc
import logging
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from aiohttp import web

from emulator import data
from emulator.admin import Admin, Guard
from emulator.admin.guard import LOOPBACK
from emulator.admin.operations import HANDLERS
from emulator.clock import Instant
from emulator.courier import Allowed, Courier
from emulator.namespace import Namespaces, Origin, cast
from emulator.providers import PROVIDERS
from emulator.scenario import override
from emulator.scenario.library import Library
from emulator.scenario.story import ClockSetting
from emulator.scenario.vocabulary import Vocabulary
from emulator.wire import Shell, let_body_wait, quiet_bad_requests

log = logging.getLogger("emulator")

SHELL = web.AppKey("shell", Shell)

KEEP_ALIVE_SECONDS = 75
DRAIN_SECONDS = 10
BACKLOG = 4096


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the command line says; each field is a flag and an environment variable."""

    host: str = "127.0.0.1"
    port: int = 8087
    storage_port: int | None = None
    port_file: Path | None = None
    scenario: tuple[str, ...] = ()
    scenarios: tuple[Path, ...] = ()
    settings: tuple[str, ...] = ()
    seed: int = 0
    rate: float = 1
    start: Instant | None = None
    admin_token: str | None = None
    debug_headers: bool = True
    allow_callback_to: tuple[str, ...] = ()

    @property
    def loopback(self) -> bool:
        """Whether nobody else's machine can reach the server."""
        return self.host in ("127.0.0.1", "localhost", "::1")


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
    return Origin(
        hooks={each.name: each.hooks for each in PROVIDERS},
        defaults={each.name: shelf.default(each.name) for each in PROVIDERS},
        scenarios=cast(map(shelf.find, config.scenario)),
        seed=config.seed,
        clock=ClockSetting(config.rate, config.start),
        settings=override.flags(config.settings, vocabularies()),
    )


def make_app(config: Config) -> web.Application:
    """The server, loaded but not bound."""
    shelf = library(config.scenarios)
    courier = Courier(Allowed.read(config.allow_callback_to))
    namespaces = Namespaces(make_origin(config, shelf), carrier=courier)
    guard = Guard(config.admin_token, LOOPBACK | {config.host})
    admin = Admin(namespaces, shelf, guard, HANDLERS)
    admin.contract.pair(admin.handlers)
    for each in PROVIDERS:
        each.contract.pair(each.handlers)
    shell = Shell(namespaces, PROVIDERS, admin, courier, shelf, debug_headers=config.debug_headers)
    quiet_bad_requests()
    app = web.Application(client_max_size=0)
    app[SHELL] = shell
    app.cleanup_ctx.append(lambda _app: courier.at_work(namespaces))
    app.on_shutdown.append(lambda _app: courier.stop())
    app.router.add_route("*", "/{path:(?s:.*)}", shell.serve, expect_handler=let_body_wait)
    return app


async def serve(config: Config, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then let what is under way end. CannotBind if the address cannot be had.

    `ready` is told the base URL once everything is loaded and bound.
    """
    told_to_stop = _signals()
    app = make_app(config)
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        shutdown_timeout=DRAIN_SECONDS,
        handle_signals=False,
    )
    await runner.setup()
    try:
        port = await _bind(runner, config.host, config.port)
        if config.storage_port is not None:
            app[SHELL].storage_port = await _bind(runner, config.host, config.storage_port)
        settle_collector()
        if config.port_file:
            config.port_file.write_text(f"{port}\n", encoding="ascii")
        host = f"[{config.host}]" if ":" in config.host else config.host
        ready(f"http://{host}:{port}")
        await told_to_stop.wait()
        log.info("stopping: what is under way ends first")
    finally:
        await runner.cleanup()


def settle_collector() -> None:
    """What is loaded stays: the collector need not look at it, nor look so often at all, nor at so much at a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 4, 500)


async def _bind(runner: web.AppRunner, host: str, port: int) -> int:
    """Listen; the real port. CannotBind."""
    site = web.TCPSite(runner, host, port, backlog=BACKLOG)
    try:
        await site.start()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotBind(f"cannot listen on {host}:{port}: {reason}") from None
    return int(runner.addresses[-1][1])


def _signals() -> asyncio.Event:
    """An event that is set when somebody asks us to stop."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # on Windows, KeyboardInterrupt does it
            loop.add_signal_handler(number, told.set)
    return told

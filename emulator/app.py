"""Everything put together: configuration -> a server that runs until it is told to stop."""

import asyncio
import gc
import logging
import signal
import ssl
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, lru_cache, partial
from importlib import import_module
from pathlib import Path

from emulator import data, tls
from emulator.admin import Admin, Guard
from emulator.admin.guard import LOOPBACK
from emulator.admin.operations import HANDLERS
from emulator.config import BadCredential, Config, credential
from emulator.courier import Allowed, Courier
from emulator.files import write_whole
from emulator.listening import App, Beside, CannotBind, Listener
from emulator.namespaces import Namespaces
from emulator.origin import Origin, cast
from emulator.providers import PROVIDERS
from emulator.scenario.library import Library
from emulator.scenario.story import ClockSetting
from emulator.scenario.vocabulary import Vocabulary
from emulator.watch import Watch
from emulator.wire import Hearing, Shell, descriptors, quiet_bad_requests, warn_of_parser

__all__ = [
    "App",
    "BadCredential",
    "CannotBind",
    "Config",
    "Listener",
    "credential",
    "library",
    "make_app",
    "make_origin",
    "serve",
    "settle_interpreter",
    "vocabularies",
]

log = logging.getLogger("emulator")

STOPPING = (signal.SIGTERM, signal.SIGINT)
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - looked up, not bound


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
    providers = {each.name: each for each in PROVIDERS}
    hearing = Hearing(admin, providers, trust_proxy=config.trust_proxy, credentials=credentials)
    shell = Shell(
        namespaces,
        hearing,
        admin,
        courier,
        shelf,
        debug_headers=config.debug_headers,
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
        settle_interpreter()
        if config.port_file:
            write_whole(config.port_file, "".join(f"{each}\n" for each in (port, *admin)).encode())
        ready(config.url(port), config.url(admin[0]) if admin else None)
        asyncio.get_running_loop().run_in_executor(None, import_module, "emulator.contract.explanation")  # takes long
        await told_to_stop.wait()
        log.info("stopping: what is under way ends first")


def settle_interpreter() -> None:
    """Let it hold everybody up for a moment at most, in a server that has been loaded.

    What is loaded stays, so the collector need not look at it; nor need it often look at all that came since, which may
    be a million jobs: only what closed connections leave waits for that. A thread that reads ten megabytes gives way
    ten times as soon as it would.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 20, 100)
    gc.enable()
    sys.setswitchinterval(0.0005)


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

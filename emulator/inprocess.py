"""`Emulator`: a server of a test's own, in a thread of its process, or one that runs already."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from os import PathLike
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from emulator.client.attached import AsyncAttached, Attached
from emulator.client.connection import Connection
from emulator.client.measures import instant

if TYPE_CHECKING:
    from emulator.app import Config

START_SECONDS = 30
STOP_SECONDS = 15


class Flags(TypedDict, total=False):
    """What `emulator serve` takes, for a server of one's own."""

    host: str
    port: int
    scenario: Sequence[str]
    scenarios: Sequence[str | PathLike[str]]
    settings: Sequence[str]
    seed: int
    rate: float
    frozen: bool
    start: str | datetime
    admin_token: str
    allow_callback_to: Sequence[str]
    debug_headers: bool


class Server:
    """A server in a thread of this process."""

    def __init__(self, config: "Config") -> None:
        self._config = config
        self._ready: Future[str] = Future()
        self._ended: Future[None] = Future()
        self._thread = Thread(target=self._run, name="emulator", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told_to_stop: asyncio.Event | None = None

    def start(self) -> str:
        """Its base URL, once everything is loaded and bound. What keeps it from starting is raised here."""
        self._thread.start()
        return self._ready.result(START_SECONDS)

    def stop(self) -> None:
        """What is under way ends first. RuntimeError if it does not end; what has ended it before is raised here."""
        if self._loop and self._told_to_stop:
            with suppress(RuntimeError):  # its loop is closed: it has ended by itself
                self._loop.call_soon_threadsafe(self._told_to_stop.set)
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError(f"the emulator does not stop within {STOP_SECONDS} s")
        self._ended.result(0)

    def _run(self) -> None:
        from emulator.wire import new_loop  # noqa: PLC0415 - whoever attaches to a server needs none

        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
            (self._ended if self._ready.done() else self._ready).set_exception(error)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        from emulator.app import make_app  # noqa: PLC0415 - the same

        self._loop, self._told_to_stop = asyncio.get_running_loop(), asyncio.Event()
        async with make_app(self._config).at_work(drain_seconds=0.1) as listener:
            self._ready.set_result(self._config.url(await listener.listen(self._config.host, self._config.port)))
            await self._told_to_stop.wait()


class Emulator(Attached):
    """`with Emulator() as emulator:` has a server of its own; `Emulator(url=...)` uses one that runs.

    `flags` are those of `emulator serve`; a server of one's own takes a free port unless they name one.
    """

    def __init__(self, url: str | None = None, *, token: str | None = None, **flags: Unpack[Flags]) -> None:
        if url is not None and flags:
            raise TypeError(f"a running emulator has its flags already: {', '.join(flags)} cannot be given")
        super().__init__(Connection(url, token or flags.get("admin_token")))
        self._flags = flags
        self._server: Server | None = None
        self._own = url is None

    def start(self) -> Self:
        """Start the server, if it is to have one of its own and that does not run. What `emulator serve` refuses."""
        if self._own and self._server is None:
            server = Server(_config(self._flags))
            self._connection.open(server.start())
            self._server = server
        return self

    def stop(self) -> None:
        """Stop the server of its own, if there is one."""
        if self._server:
            self._connection.close()
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> AsyncAttached:
        await asyncio.to_thread(self.start)
        return self.aio

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


def _config(flags: Flags) -> "Config":
    """The flags as the server takes them. ValueError for an instant that is none."""
    from emulator.app import Config  # noqa: PLC0415 - whoever attaches to a server needs none
    from emulator.scenario import measures  # noqa: PLC0415 - the same

    told: dict[str, Any] = {"port": 0, **flags}
    if told.pop("frozen", False):
        told["rate"] = 0
    if "start" in told:
        told["start"] = measures.instant(instant(told["start"]))
    for key in ("scenario", "settings", "allow_callback_to"):
        if key in told:
            told[key] = (told[key],) if isinstance(told[key], str) else tuple(told[key])
    if "scenarios" in told:
        told["scenarios"] = tuple(Path(each) for each in told["scenarios"])
    return Config(**told)

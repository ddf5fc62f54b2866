"""A server of the test's own on a real socket, with its clock held still."""

import dataclasses
import gc
import json
import logging
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from emulator.app import Config, make_app
from emulator.scenario.measures import instant

pytest_plugins = ("tests.coverage",)

START = instant("2026-03-01T09:00:00Z")


@dataclasses.dataclass(frozen=True)
class Reply:
    """An answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclasses.dataclass
class Emulator:
    """A running server, seen from one namespace."""

    session: aiohttp.ClientSession
    origin: str
    prefix: str = ""

    @property
    def base(self) -> str:
        return self.origin + self.prefix

    def namespace(self, name: str) -> "Emulator":
        return dataclasses.replace(self, prefix=f"/ns/{name}")

    async def call(self, method: str, path: str, **kwargs: Any) -> Reply:
        """One exchange; redirects are not followed. `path` may be an absolute URL."""
        url = path if path.startswith("http") else self.base + path
        kwargs.setdefault("allow_redirects", False)
        async with self.session.request(method, url, **kwargs) as response:
            return Reply(response.status, response.headers, await response.read())

    async def get(self, path: str, **kwargs: Any) -> Reply:
        return await self.call("GET", path, **kwargs)

    async def admin(self, method: str, path: str, body: Any = None) -> Any:
        """What the admin API says; the call must succeed."""
        response = await self.call(method, f"/__admin{path}", json=body)
        assert response.status < 300, response.text
        return response.json if response.body else None

    async def advance(self, by: str) -> Any:
        return await self.admin("POST", "/clock", {"advance": by})


StartEmulator = Callable[..., Awaitable[Emulator]]


def pytest_collection_finish() -> None:
    """What is loaded stays for the whole run: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class Errors(logging.Handler):
    """What the emulator calls an error: its own mistakes, such as an answer that breaks the contract."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@pytest.fixture(autouse=True)
def no_mistake_of_ours(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test in which the emulator logs an error fails, unless it looks at the log itself."""
    errors, root = Errors(), logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    logging.getLogger("emulator").addHandler(errors)
    yield
    logging.getLogger("emulator").removeHandler(errors)
    root.setLevel(level)  # the command line sets logging up for its process, which is ours if it runs in it
    root.handlers[:] = handlers
    assert "caplog" in request.fixturenames or not errors.told, errors.told


@pytest.fixture
async def start_emulator() -> AsyncIterator[StartEmulator]:
    """Start servers with the flags given; the clock stands at 2026-03-01T09:00:00Z unless told otherwise."""
    async with AsyncExitStack() as stack:

        async def start(**flags: Any) -> Emulator:
            app = make_app(Config(**{"rate": 0, "start": START, **flags}))
            listener = await stack.enter_async_context(app.at_work(drain_seconds=0.1))
            port = await listener.listen("127.0.0.1", 0)
            session = await stack.enter_async_context(aiohttp.ClientSession())
            return Emulator(session, f"http://127.0.0.1:{port}")

        yield start


@pytest.fixture
async def emulator(start_emulator: StartEmulator) -> Emulator:
    """A server with the shipped default scenarios."""
    return await start_emulator()


@pytest.fixture(scope="session")
def server_process() -> Iterator[str]:
    """The base URL of a real server process, its clock in real time. Take a namespace of your own in it."""
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--log-format", "text"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        ready = re.search(r"ready on (\S+)", process.stdout.readline())
        assert ready
        yield ready.group(1)
        process.terminate()
        assert process.wait(10) == 0

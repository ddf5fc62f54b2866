"""A connection of a client that sees bytes, and how the connection ends."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from emulator.clock import MILLISECOND, pause
from tests.conftest import Emulator

API = "/api/remap/1.2"
TASKS = f"{API}/async"
SUBMIT = f"{API}/report/stock/bystore?async=true"
CLOSING = ("SLOW_CLOSE", "CONTENT_LENGTH_TOO_LONG", "CONTENT_LENGTH_TOO_SHORT")
PAGES = {
    "BAD_GATEWAY": "502 Bad Gateway",
    "SERVICE_UNAVAILABLE": "503 Service Unavailable",
    "GATEWAY_TIMEOUT": "504 Gateway Timeout",
}

AUTHORIZATION = "Bearer token"
PATIENCE = 10


@dataclass
class Line:
    """A connection to an emulator."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, emulator: Emulator) -> "Line":
        host, port = emulator.origin.removeprefix("http://").split(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    def ask(self, target: str, method: str = "GET", **headers: str) -> None:
        """Send a request; a name's underscores are hyphens."""
        said = {"Host": "api.test", "Authorization": AUTHORIZATION, **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in said.items()]
        self.writer.write("\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode())

    async def head(self) -> bytes:
        """The next head, with its empty line."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def some(self, size: int) -> bytes:
        """So many bytes."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readexactly(size)

    async def rest(self) -> bytes:
        """What comes until the orderly end of the connection. ConnectionResetError if it ends otherwise."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def answer(self) -> tuple[str, dict[str, str], bytes]:
        """Status line, headers, and body of an answer whose head says how long it is."""
        line, *lines = (await self.head()).decode().split("\r\n")[:-2]
        headers = dict(each.split(": ", 1) for each in lines)
        if headers.get("Transfer-Encoding") == "chunked":
            return line, headers, b"".join([chunk async for chunk in self._chunks()])
        return line, headers, await self.some(int(headers.get("Content-Length", "0")))

    async def chunk(self) -> bytes:
        """The next chunk; an empty one is the last."""
        async with asyncio.timeout(PATIENCE):
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            return (await self.reader.readexactly(size + 2))[:-2]

    async def _chunks(self) -> Any:
        while chunk := await self.chunk():
            yield chunk

    async def silent(self, milliseconds: int = 30) -> bool:
        """Whether nothing comes for so long, not even an end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(milliseconds / 1000):
                await self.reader.read(1)
            return False
        return True

    async def leave(self) -> None:
        """Close, and let the server notice."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
        await pause(MILLISECOND)


# Of Kladana's list of tasks ------------------------------------------------------


async def goes_on(line: Line) -> None:
    """The connection serves another request."""
    line.ask(TASKS)
    assert (await line.answer())[0] == "HTTP/1.1 200 OK"


async def journal(emulator: Emulator):
    return (await emulator.admin("GET", "/requests"))["requests"]


async def as_it_is(line: Line) -> tuple[bytes, bytes]:
    """Head and body of the list of tasks, which nothing happens to."""
    line.ask(TASKS)
    head = await line.head()
    body = await line.some(int(head.lower().partition(b"content-length: ")[2].split()[0]))
    return head, body


def on_tasks(fault: str) -> str:
    return f"operation: getTasks, calls: 2, fault: {fault}"


def line_with(head: bytes, beginning: bytes) -> bytes:
    return next(each for each in head.split(b"\r\n") if each.startswith(beginning))

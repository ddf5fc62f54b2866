"""A client that says what it is given over a connection of its own, however odd that is, and survives every answer."""

import asyncio
from contextlib import suppress

from multidict import CIMultiDict

from tests.campaign.calls import Said
from tests.conftest import Reply

PATIENCE = 20
"""Seconds. No answer takes so long: waiting on the wire is cut short in a campaign."""
SHOWN = 2000
"""Characters of a request that are told of one that was not answered."""
_BODILESS = (204, 304)


class Unanswered(AssertionError):  # noqa: N818 - reads as what it says
    """The server has taken a request and keeps silent, or will not even be connected to."""


class Dial:
    """One connection at a time; a new one wherever the last has ended, or might be out of step.

    `about` is told where a request is never answered: the seed, say.
    """

    def __init__(self, port: int, about: str = "", patience: float = PATIENCE) -> None:
        self._port = port
        self.about, self._patience = about, patience
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, prefix: str, said: Said) -> Reply | None:
        """The answer, whole; None if there was none, or it broke off. Unanswered."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._ask(prefix, said)
        except TimeoutError:
            told = f"{self.about}: {prefix or '/'} has not answered within {self._patience} s: {said}"
            raise Unanswered(told[:SHOWN]) from None

    async def _ask(self, prefix: str, said: Said) -> Reply | None:
        reader, writer = self._line or await asyncio.open_connection("127.0.0.1", self._port)
        self._line, kept = None, False
        try:
            writer.write(self._head(prefix, said) + said.body)
            reply = await _reply(reader, said.method)
            kept = reply is not None and _stays(reply)
        except (OSError, EOFError, ValueError, IndexError):
            return None
        else:
            return reply
        finally:
            if kept:
                self._line = reader, writer
            else:
                await _hang_up(writer)

    async def close(self) -> None:
        """Hang up."""
        if self._line:
            await _hang_up(self._line[1])
            self._line = None

    def _head(self, prefix: str, said: Said) -> bytes:
        host = {} if "Host" in said.headers else {"Host": f"127.0.0.1:{self._port}"}
        length = {"Content-Length": str(len(said.body))} if said.body or said.method == "POST" else {}
        headers = {**host, **said.headers, **length}
        lines = [
            f"{said.method} {prefix}{said.target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return ("\r\n".join(map(_one_line, lines)) + "\r\n\r\n").encode("utf-8", "replace")


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _stays(reply: Reply) -> bool:
    """Whether more can be said on the connection: not after what was no HTTP, nor where a rule has had its way."""
    ours = "aiohttp" not in reply.headers.get("Server", "")
    return ours and "X-Emulator-Rule" not in reply.headers and reply.headers.get("Connection") != "close"


async def _reply(reader: asyncio.StreamReader, method: str) -> Reply | None:
    status, headers = await _head(reader)
    while status < 200:
        status, headers = await _head(reader)
    if method == "HEAD" or status in _BODILESS:
        return Reply(status, headers, b"")
    if headers.get("Transfer-Encoding") == "chunked":
        return Reply(status, headers, await _chunks(reader))
    if "Content-Length" in headers:
        return Reply(status, headers, await reader.readexactly(int(headers["Content-Length"])))
    return Reply(status, headers, await reader.read())


async def _head(reader: asyncio.StreamReader) -> tuple[int, CIMultiDict[str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace").split("\r\n")
    pairs = [line.partition(":") for line in lines[1:] if line]
    return int(lines[0].split(" ")[1]), CIMultiDict((name, value.strip()) for name, _, value in pairs)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    whole = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        whole += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return whole


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()

"""The finished answer, and its way into the socket.

All that is to be said has been said once there is a `Reply`: what goes wrong on purpose is done to that, and nothing
is written before. aiohttp reads requests and keeps connections; heads and bodies are written here, because it would
go through every header several times.
"""

import socket
import struct
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from aiohttp import HttpVersion, web

from emulator.clock import pause
from emulator.exchange import Pieces
from emulator.heads import lines, parted

Body = bytes | Iterator[bytes] | Pieces

CHUNKED = ("Transfer-Encoding", "chunked")
_CHUNKED = lines([CHUNKED])

_NO_LINGER = struct.pack("ii", 1, 0)  # close with RST
PIECE = 2**17
"""So long a body is copied behind its head, to be written at once; a longer one follows it in pieces of this length.

A client that takes nothing has no more than one of them in memory, beside the body itself.
"""


@dataclass(slots=True)
class Reply:
    """An answer as it is about to be written: every header, in order, and the body as it goes out.

    A body in parts is written part by part, each as a chunk if the headers say so.
    """

    status: int
    head: str
    """Its headers as `heads.lines` has them."""
    body: Body = b""
    keep_alive: bool = True
    """Whether the connection serves another request after it."""

    @classmethod
    def of(
        cls, status: int, headers: Collection[tuple[str, str]], body: Body = b"", *, keep_alive: bool = True
    ) -> "Reply":
        """One with these headers. ValueError if one of them cannot be written."""
        return cls(status, lines(headers), body, keep_alive)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Name and value, in order."""
        return parted(self.head)


class Written(web.StreamResponse):
    """What aiohttp is told of an exchange: its answer has been written, or never will be."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._stays = keep_alive

    @property
    def keep_alive(self) -> bool:
        """Whether the connection does."""
        return self._stays

    async def prepare(self, request: web.BaseRequest) -> None:
        """There is nothing left to write."""

    async def write_eof(self, data: bytes = b"") -> None:
        """The same."""


KEPT, CLOSED = Written(keep_alive=True), Written(keep_alive=False)
"""How a connection goes on. Neither holds anything of an exchange, so these two serve all."""


async def write(incoming: web.BaseRequest, reply: Reply) -> Written:
    """Write all of it, at the pace of the client; if that has gone, no more of it.

    What a body in parts raises cuts the connection and is raised again.
    """
    writer, body = incoming.writer, reply.body
    opening = head(incoming.version, reply)
    try:
        if not isinstance(body, bytes):
            await writer.write(opening)
            await _write_parts(incoming, body, chunked=_CHUNKED in reply.head)
        elif len(body) <= PIECE:
            await writer.write(opening + body)
        else:
            await writer.write(opening)
            for at in range(0, len(body), PIECE):
                await writer.write(memoryview(body)[at : at + PIECE])
                await writer.drain()
        await writer.drain()
    except ConnectionError:
        return CLOSED
    return KEPT if reply.keep_alive else CLOSED


def in_one_piece(version: HttpVersion, reply: Reply) -> bytes:
    """Head and body, where that is whole."""
    assert isinstance(reply.body, bytes)
    return head(version, reply) + reply.body


async def _write_parts(incoming: web.BaseRequest, parts: Iterator[bytes] | Pieces, *, chunked: bool) -> None:
    """One after the other, each as it comes."""
    try:
        async for part in _giving_way(parts) if isinstance(parts, Iterator) else parts:
            if part:
                await incoming.writer.write(chunk(part) if chunked else part)
    except ConnectionError:
        raise
    except Exception:
        reset(incoming)
        raise
    if chunked:
        await incoming.writer.write(chunk(b""))


async def _giving_way(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The parts, with a turn for others after each."""
    for part in parts:
        yield part
        await pause(0)


def head(version: HttpVersion, reply: Reply) -> bytes:
    """Status line and headers."""
    return f"{_status_line(version, reply.status)}{reply.head}\r\n\r\n".encode()


def chunk(part: bytes) -> bytes:
    """A part of a body in chunks; an empty one is the last."""
    return b"%x\r\n%b\r\n" % (len(part), part)


@cache
def _status_line(version: HttpVersion, status: int) -> str:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    return f"HTTP/{version.major}.{version.minor} {status} {phrase}"


def reset(incoming: web.BaseRequest) -> Written:
    """Cut the connection so that the client sees a reset, never an orderly end."""
    transport = incoming.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    return CLOSED

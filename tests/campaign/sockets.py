"""A client that sends bytes as they are, in as many pieces as it is told, and takes what comes back."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from tests.campaign.streams import Stream

SILENCE = 0.15
"""Seconds after which a server that has said nothing more is taken to wait for more."""
LONGEST = 2048
"""Bytes of a stream that is split at every boundary."""
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


@dataclass(frozen=True)
class Told:
    """What came back."""

    data: bytes
    closed: bool
    """Whether the server has closed the connection, or reset it."""

    @property
    def statuses(self) -> list[int]:
        """Those of its answers, in order; what says 1xx is none."""
        found = [int(each) for each in _STATUS.findall(self.data)]
        return [each for each in found if each >= 200]

    def then(self, later: "Told") -> "Told":
        """Both."""
        return Told(self.data + later.data, later.closed)


async def tell(port: int, pieces: Sequence[bytes], *, ends: bool, silence: float = SILENCE) -> Told:
    """The answer to these pieces, each sent once the one before has gone out. `ends` says so when all is said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(OSError):  # it may have heard enough before all is said
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                if len(pieces) > 1:
                    await asyncio.sleep(0)
        told = await _heard(reader, silence)
        if ends and not told.closed:
            with suppress(OSError):
                writer.write_eof()
            return told.then(await _heard(reader, silence))
        return told
    finally:
        writer.transport.abort()


async def _heard(reader: asyncio.StreamReader, silence: float) -> Told:
    """All that comes until the connection is closed, or nothing has come for a while."""
    data = b""
    try:
        while True:
            async with asyncio.timeout(silence):
                some = await reader.read(65_536)
            if not some:
                return Told(data, closed=True)
            data += some
    except TimeoutError:
        return Told(data, closed=False)
    except ConnectionError:
        return Told(data, closed=True)


def in_two(stream: Stream, stride: int = 1) -> Iterator[tuple[bytes, ...]]:
    """Split at each boundary of its first bytes, or at every so manieth."""
    for at in range(1, min(len(stream.data), LONGEST), stride):
        yield stream.data[:at], stream.data[at:]


def in_pieces(stream: Stream, rng: Random, most: int = 6) -> tuple[bytes, ...]:
    """Split at a few boundaries, and never into more than some kilobytes."""
    cuts = sorted({rng.randrange(len(stream.data) + 1) for _ in range(rng.randrange(1, most))})
    edges = [0, *cuts, len(stream.data)]
    return tuple(stream.data[a:b] for a, b in pairwise(edges) if a < b)

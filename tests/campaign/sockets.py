"""A client that sends bytes as they are, in as many pieces as it is told, and takes what comes back."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from tests.campaign.streams import Stream

SILENCE = 0.02
"""Seconds, at least, after which a server that has said nothing more is taken to wait for more."""
TURNS = 3
"""Others whom it has served meanwhile: on a loaded machine a silence is as long as these take."""
PATIENCE = 5
"""Seconds for what must come: the rest of the answers, or the end of the connection."""
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


class Others:
    """Somebody else, who asks all the time and is served: how long each answer took, and how many there were."""

    def __init__(self, good: bytes) -> None:
        self._good = good
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self.took: list[float] = []

    async def ask(self, port: int) -> None:
        """For ever. AssertionError if he is not answered as he should be."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            transport, ear = await loop.create_connection(Ear, "127.0.0.1", port)
            try:
                transport.write(self._good)
                async with asyncio.timeout(2 * PATIENCE):
                    await ear.ended
            finally:
                transport.abort()
            assert ear.told.statuses == [200], ear.told
            self.took.append(loop.time() - began)
            for due, waiter in self._waiting:
                if due <= len(self.took) and not waiter.done():
                    waiter.set_result(None)
            self._waiting = [each for each in self._waiting if not each[1].done()]

    def served(self, turns: int) -> asyncio.Future[None]:
        """So many of his requests that are yet to come have been answered."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append((len(self.took) + 1 + turns, waiter))
        return waiter


class Ear(asyncio.Protocol):
    """One end of a connection: what has come, and whether it has ended."""

    def __init__(self) -> None:
        self._data = bytearray()
        self.count = 0
        """How often something has come."""
        self.ended = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._data += data
        self.count += 1

    def eof_received(self) -> bool:
        self._end()
        return True

    def connection_lost(self, _exc: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    @property
    def told(self) -> Told:
        """So far."""
        return Told(bytes(self._data), closed=self.ended.done())


async def tell(port: int, stream: Stream, pieces: Sequence[bytes], others: Others) -> Told:
    """The answer to a stream in these pieces, each sent once the server has had time to read the one before."""
    transport, ear = await asyncio.get_running_loop().create_connection(Ear, "127.0.0.1", port)
    try:
        for place, piece in enumerate(pieces):
            if place:
                await others.served(1)
            transport.write(piece)
        await _heard(ear, stream, others)
        if stream.ends and not ear.ended.done():
            with suppress(OSError):
                transport.write_eof()
            await _heard(ear, stream, others)
        return ear.told
    finally:
        transport.abort()


async def _heard(ear: Ear, stream: Stream, others: Others) -> None:
    """All that comes until the connection ends, or nothing has come for a while and nothing more must."""
    loop, heard = asyncio.get_running_loop(), -1
    late = loop.time() + PATIENCE
    while not ear.ended.done() and (heard != ear.count or (_owed(ear, stream) and loop.time() < late)):
        heard = ear.count
        await asyncio.wait((ear.ended,), timeout=SILENCE)
        if not ear.ended.done():
            await asyncio.wait((ear.ended, others.served(TURNS)), return_when=asyncio.FIRST_COMPLETED)


def _owed(ear: Ear, stream: Stream) -> bool:
    """Whether something must come yet."""
    return stream.kind == "framed" or len(ear.told.statuses) < stream.answers


def in_two(stream: Stream, stride: int = 1) -> Iterator[tuple[bytes, ...]]:
    """Split at each boundary of its first bytes, or at every so manieth."""
    for at in range(1, min(len(stream.data), LONGEST), stride):
        yield stream.data[:at], stream.data[at:]


def in_pieces(stream: Stream, rng: Random, most: int = 6) -> tuple[bytes, ...]:
    """Split at a few boundaries, and never into more than some kilobytes."""
    cuts = sorted({rng.randrange(len(stream.data) + 1) for _ in range(rng.randrange(1, most))})
    edges = [0, *cuts, len(stream.data)]
    return tuple(stream.data[a:b] for a, b in pairwise(edges) if a < b)

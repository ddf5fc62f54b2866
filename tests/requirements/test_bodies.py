"""Bodies that come packed: what they are, and what a bomb comes to."""

import asyncio
import gzip
import io
import json
import zlib
from itertools import pairwise

import pytest

from emulator.wire.unpacking import PIECE, Unpackable, Unpacker

pytestmark = pytest.mark.requirement("S-13")

CLOCK = "/__admin/clock"
WISH = json.dumps({"advance": "1s"}).encode()


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


async def sent(emulator, body: bytes, coding: str, path: str = CLOCK, **how):
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    return await emulator.call("POST", path, data=body, headers=headers, **how)


GOOD = {
    "gzip": (gzip.compress(WISH), "gzip"),
    "old name": (gzip.compress(WISH), "X-GZIP"),
    "two members": (gzip.compress(WISH[:5]) + gzip.compress(WISH[5:]), "gzip"),
    "zlib": (zlib.compress(WISH), "deflate"),
    "bare": (bare(WISH), "deflate"),
    "as it is": (WISH, "identity"),
    "in chunks": (io.BytesIO(gzip.compress(WISH)), "gzip"),
}
BAD = {
    "broken off": (gzip.compress(WISH)[:-1], "gzip", 400),
    "too much": (gzip.compress(WISH) + b"more", "gzip", 400),
    "not packed": (WISH, "gzip", 400),
    "one byte": (b"\x08", "deflate", 400),
    "twice": (gzip.compress(gzip.compress(WISH)), "gzip, gzip", 415),
    "twice and told once": (gzip.compress(gzip.compress(WISH)), "gzip", 400),
    "brotli": (WISH, "br", 415),
    "zstandard": (WISH, "zstd", 415),
}


@pytest.mark.parametrize("name", GOOD)
async def test_a_packed_body_is_what_was_packed(emulator, name):
    assert (await sent(emulator, *GOOD[name])).json["now"] == "2026-03-01T09:00:01.000000Z"


@pytest.mark.parametrize("name", BAD)
async def test_what_is_not_what_its_coding_says_is_refused(emulator, name):
    body, coding, status = BAD[name]
    answer = await sent(emulator, body, coding)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")


def test_pieces_are_short_however_much_a_body_unpacks_to():
    packer = zlib.compressobj(9)
    bomb = packer.compress(b"\0" * 2**24) + packer.flush()
    unpacker = Unpacker("deflate")
    pieces = [len(piece) for at in range(0, len(bomb), 1000) for piece in unpacker.pieces(bomb[at : at + 1000])]
    unpacker.end()
    assert sum(pieces) == 2**24
    assert max(pieces) == PIECE


def test_a_body_that_ends_with_a_piece_is_whole():
    unpacker = Unpacker("gzip")
    assert b"".join(unpacker.pieces(gzip.compress(bytes(2 * PIECE)))) == bytes(2 * PIECE)
    unpacker.end()
    with pytest.raises(Unpackable, match="breaks off"):
        Unpacker("gzip").end()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_bomb_is_refused_and_keeps_nobody_waiting(emulator, coding):
    packer = zlib.compressobj(9, wbits=31 if coding == "gzip" else 15)
    zeros = bytes(2**22)
    bomb = b"".join(packer.compress(zeros) for _ in range(64)) + packer.flush()
    loop = asyncio.get_running_loop()
    refused = [asyncio.create_task(sent(emulator, bomb, coding)) for _ in range(3)]
    times = [loop.time()]
    while not all(each.done() for each in refused):
        await emulator.get("/__admin/health")
        times.append(loop.time())
    assert [each.result().status for each in refused] == [413] * 3
    assert max(after - before for before, after in pairwise(times)) < 1

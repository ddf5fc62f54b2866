"""What becomes of an answer on its way out: the headers that are ours, and its body packed."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache

from aiohttp import HttpVersion10, HttpVersion11

from emulator.clock import SECOND, Instant
from emulator.contract.message import Part
from emulator.exchange import Answer, Pieces
from emulator.heads import lines
from emulator.sealing import encode
from emulator.wire.hearing import Manner
from emulator.wire.reply import CHUNKED, Body, Reply

SERVER = "async-api-emulator"

_SERVER, _CHUNKED = lines([("Server", SERVER)]), lines([CHUNKED])
_CLOSE, _KEEP_ALIVE = lines([("Connection", "close")]), lines([("Connection", "keep-alive")])
_GZIP = 16
"""What zlib has added to the bits of a window where a gzip header is wanted."""
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True)
class Sender:
    """Makes answers ready for the wire."""

    debug_headers: bool = True
    """Whether vendors' answers carry `X-Emulator-*` headers."""

    def reply(
        self,
        manner: Manner,
        answer: Answer,
        at: Instant | None = None,
        parts: Iterator[bytes] | Pieces | None = None,
    ) -> Reply:
        """The answer as it goes out: whole, or in `parts`; `at` dates it. ValueError if a header cannot be written."""
        body = _packed(answer, parts)
        bodiless = answer.status in _BODILESS
        ending, keep_alive = "", manner.lasting
        if not isinstance(body, bytes):
            if manner.version == HttpVersion11:
                ending = _CHUNKED
            else:  # where it ends is told by the end of the connection
                keep_alive = False
        elif not bodiless:
            ending = f"\r\nContent-Length: {len(body)}"
        if not keep_alive:
            ending += _CLOSE
        elif manner.version == HttpVersion10:
            ending += _KEEP_ALIVE
        head = f"{_SERVER}{answer.head or lines(answer.headers.items())}{self._own(answer, at)}{ending}"
        return Reply(answer.status, head, b"" if bodiless or manner.bare else body, keep_alive)

    def _own(self, answer: Answer, at: Instant | None) -> str:
        """The lines that are ours. ValueError if one of them cannot be written."""
        told = "" if at is None else _dated(at // SECOND)
        if answer.payload is not None:
            told += _line("Content-Type", answer.content_type)
        if self.debug_headers:
            if answer.job:
                told += _line("X-Emulator-Job", answer.job)
            if answer.scenario:
                told += _line("X-Emulator-Scenario", answer.scenario)
            if answer.rules:
                told += _line("X-Emulator-Rule", ", ".join(answer.rules))
        return told


def _packed(answer: Answer, parts: Iterator[bytes] | Pieces | None) -> Body:
    """The body of an answer as it goes out, packed if the answer says so."""
    whole = answer.body or encode(answer.payload)
    if answer.headers.get("Content-Encoding") != "gzip":
        return whole if parts is None else parts
    if isinstance(parts, Iterator):
        return _pack(parts, zlib.MAX_WBITS)
    part = answer.payload
    if not isinstance(part, Part) or whole is not part.text:
        return _pack_whole(whole)
    if not part.packed:
        part.packed = _pack_whole(whole)
    return part.packed


def _pack_whole(body: bytes) -> bytes:
    return b"".join(_pack([body], min(max(len(body).bit_length(), 9), zlib.MAX_WBITS)))


def _pack(slices: Iterable[bytes], bits: int) -> Iterator[bytes]:
    """In gzip, looking back 2**bits bytes: 15 take a quarter of a megabyte meanwhile, 10 a twentieth of that."""
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP | bits, min(bits - 6, zlib.DEF_MEM_LEVEL))
    for each in slices:
        yield packer.compress(each)
    yield packer.flush()


@lru_cache(maxsize=64)
def _dated(second: int) -> str:
    """As HTTP writes it. Many answers are given in one second."""
    return lines([("Date", formatdate(second, usegmt=True))])


@lru_cache(maxsize=1024)
def _line(name: str, value: str) -> str:
    return lines([(name, value)])

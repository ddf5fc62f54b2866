"""What goes wrong on the wire: a finished answer and its damage become a script of bytes and pauses.

The script is a plain value; who performs it (`stage`) writes, waits and ends as it says, and knows nothing of faults.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from hashlib import shake_128
from http import HTTPStatus
from typing import Literal

from aiohttp import HttpVersion, HttpVersion11

from emulator.clock import SECOND
from emulator.damage import WITHOUT_ANSWER, Damage, Dribble, Name
from emulator.wire.reply import CHUNKED, Reply, chunk, head

Ending = Literal["keep", "close", "reset", "hang"]
"""What becomes of the connection: it goes on, is closed, is reset, or nothing more is said until the client leaves."""

SLOW_CLOSE = 5 * SECOND
_TICK = SECOND // 10
_MOST_PIECES = 10_000
_NOISE = 256
_GZIP_TAIL = 8
"""Bytes after the packed data: the checksum and the length."""

_PAGE = "".join(
    f"{line}\r\n"
    for line in (
        "<html>",
        "<head><title>{0}</title></head>",
        "<body>",
        "<center><h1>{0}</h1></center>",
        "<hr><center>nginx</center>",
        "</body>",
        "</html>",
    )
)


@dataclass(frozen=True, slots=True)
class Write:
    """These bytes go out."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """So many real microseconds pass."""

    duration: int


@dataclass(frozen=True, slots=True)
class Script:
    """What happens, in order, and how it ends."""

    acts: tuple[Write | Wait, ...] = ()
    ending: Ending = "keep"


def script(
    version: HttpVersion, reply: Reply, body: bytes, damage: Damage, *, target: str, nth: int, bare: bool = False
) -> Script:
    """What the client is to see of that answer, whose body is given whole.

    `target` is the URL that was asked, `nth` makes one noise differ from another, and `bare` is whether no body
    follows any head, as after HEAD.
    """
    fault = damage.fault
    if fault in SILENT:
        return SILENT[fault]
    if fault == "RANDOM_DATA_THEN_CLOSE":
        return Script((Write(_noise(nth)),), "close")
    told = _made(Told(reply.status, reply.headers, body), fault, target, bare=bare).retold(damage)
    if fault == "MALFORMED_RESPONSE_CHUNK":
        return Script((Write(told.chunked().head(version) + _noise(nth)),), "close")
    bare = bare or told.status in _BODILESS
    chunked = damage.dribble is not None and version >= HttpVersion11 and fault not in _CLOSING
    if chunked:
        told = told.chunked()
    acts = tuple(_acts(told.head(version), b"" if bare else told.body, damage, chunked=chunked and not bare))
    if fault == "SLOW_CLOSE":
        acts = (*acts, Wait(SLOW_CLOSE))
    return Script(acts, "keep" if reply.keep_alive and told.lasting and fault not in _CLOSING else "close")


def retold(reply: Reply, damage: Damage) -> Reply:
    """The answer with nothing but its headers as the damage has them."""
    told = Told(reply.status, reply.headers, b"").retold(damage)
    return Reply.of(reply.status, told.headers, reply.body, keep_alive=reply.keep_alive and told.lasting)


SILENT: Mapping[Name | None, Script] = {
    "CONNECTION_RESET_BY_PEER": Script(ending="reset"),
    "EMPTY_RESPONSE": Script(ending="close"),
    "TIMEOUT": Script(ending="hang"),
}

UNSEEN: frozenset[Name | None] = WITHOUT_ANSWER | {"MALFORMED_RESPONSE_CHUNK"}
"""Those that let nothing be seen of the body."""

_CLOSING = frozenset({"SLOW_CLOSE", "CONTENT_LENGTH_TOO_LONG", "CONTENT_LENGTH_TOO_SHORT"})
_OF_BODIES = frozenset({"CONTENT_LENGTH_TOO_LONG", "CONTENT_LENGTH_TOO_SHORT", "TRUNCATED_BODY", "TRUNCATED_GZIP"})
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

# The answer, changed --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as it is about to be told."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def having(self, name: str, *values: str) -> "Told":
        """With other values of a header in the place of the old one, each on its own line; none takes it away."""
        named = name.lower()
        at = next((n for n, (key, _) in enumerate(self.headers) if key.lower() == named), len(self.headers))
        lines = [(name, value) for value in values]
        headers = [*self.headers[:at], *lines, *(each for each in self.headers[at:] if each[0].lower() != named)]
        return Told(self.status, headers, self.body)

    def sized(self, body: bytes) -> "Told":
        """With another body, whose length it tells."""
        return Told(self.status, self.headers, body).having("Content-Length", str(len(body)))

    def chunked(self) -> "Told":
        """With a body in chunks."""
        return self.having("Content-Length").having(*CHUNKED)

    def said(self, name: str) -> str | None:
        """The value of a header, whose name is given in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def lasting(self) -> bool:
        """Whether the connection can go on after it: the head says where the body ends, and nothing else."""
        ends = self.status in _BODILESS or self.said("content-length") or self.said("transfer-encoding")
        return bool(ends) and (self.said("connection") or "").lower() != "close"

    def kept(self, *names: str) -> list[tuple[str, str]]:
        """These of its headers, and those that are ours."""
        return [each for each in self.headers if each[0] in names or each[0].startswith("X-Emulator-")]

    def retold(self, damage: Damage) -> "Told":
        """With its headers as the damage has them."""
        told, date = self, self.said("date")
        if damage.date and date is not None:
            skewed = parsedate_to_datetime(date).timestamp() + damage.date / SECOND
            told = told.having("Date", formatdate(skewed, usegmt=True))
        for name, value in damage.headers.items():
            told = told.having(name, *_values(value))
        return told

    def head(self, version: HttpVersion) -> bytes:
        """Status line and headers."""
        return head(version, Reply.of(self.status, self.headers))


def _values(value: str | Sequence[str] | None) -> Sequence[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


Making = Callable[[Told, str], Told]


def _made(told: Told, fault: Name | None, target: str, *, bare: bool) -> Told:
    """What the fault makes of the answer. Where there is no body, nothing can be wrong with one."""
    if not bare and CHUNKED in told.headers:
        told = told.having(CHUNKED[0]).sized(told.body)
    if fault not in _MADE or (fault in _OF_BODIES and (bare or told.status in _BODILESS)):
        return told
    return _MADE[fault](told, target)


def _page(status: HTTPStatus) -> Making:
    body = _PAGE.format(f"{status} {status.phrase}").encode()

    def made(told: Told, _target: str) -> Told:
        headers = [("Server", "nginx"), *told.kept("Date", "Connection"), ("Content-Type", "text/html")]
        return Told(status, headers, b"").sized(body)

    return made


def _redirect_loop(told: Told, target: str) -> Told:
    headers = [*told.kept("Server", "Date", "Connection"), ("Location", target)]
    return Told(HTTPStatus.FOUND, headers, b"").sized(b"")


def _truncated(told: Told, _target: str) -> Told:
    return told.sized(told.body[: len(told.body) // 2])


def _truncated_gzip(told: Told, _target: str) -> Told:
    body = told.body if told.said("content-encoding") == "gzip" else gzip.compress(told.body, 1, mtime=0)
    return told.having("Content-Encoding", "gzip").sized(body[: -(_GZIP_TAIL + max(1, len(body) // 10))])


_MADE: Mapping[Name | None, Making] = {
    "SLOW_CLOSE": lambda told, _: told.having("Content-Length").having("Connection", "close"),
    "CONTENT_LENGTH_TOO_LONG": lambda told, _: told.having("Content-Length", str(2 * len(told.body) + 10)),
    "CONTENT_LENGTH_TOO_SHORT": lambda told, _: told.having("Content-Length", str(len(told.body) // 2)),
    "TRUNCATED_BODY": _truncated,
    "TRUNCATED_GZIP": _truncated_gzip,
    "WRONG_CONTENT_TYPE": lambda told, _: told.having("Content-Type", "text/html; charset=utf-8"),
    "BAD_GATEWAY": _page(HTTPStatus.BAD_GATEWAY),
    "SERVICE_UNAVAILABLE": _page(HTTPStatus.SERVICE_UNAVAILABLE),
    "GATEWAY_TIMEOUT": _page(HTTPStatus.GATEWAY_TIMEOUT),
    "REDIRECT_LOOP": _redirect_loop,
}

# Bytes ----------------------------------------------------------------------


def _acts(opening: bytes, body: bytes, damage: Damage, *, chunked: bool) -> Iterator[Write | Wait]:
    """Head and body, at once unless the body is to come slowly."""
    if damage.dribble:
        yield Write(opening)
        yield from _dribbled(body, damage.dribble, chunked=chunked)
    elif damage.bandwidth:
        yield Write(opening)
        yield from _slowly(body, damage.bandwidth)
    else:
        yield Write(opening + body)


def _dribbled(body: bytes, dribble: Dribble, *, chunked: bool) -> Iterator[Write | Wait]:
    size = max(1, -(-len(body) // dribble.chunks))
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield Wait(dribble.over // dribble.chunks)
        yield Write(chunk(piece) if chunked else piece)
    if chunked:
        yield Write(chunk(b""))


def _slowly(body: bytes, bandwidth: int) -> Iterator[Write | Wait]:
    """So many bytes a second, a tenth of a second's at a time unless that would be too many times."""
    size = max(1, bandwidth * _TICK // SECOND, len(body) // _MOST_PIECES)
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield Write(piece)
        yield Wait(len(piece) * SECOND // bandwidth)


def _noise(nth: int) -> bytes:
    """Bytes that are no HTTP, another run of them each time, the same when all is played again."""
    return b"\xff\x00" + shake_128(str(nth).encode()).digest(_NOISE)

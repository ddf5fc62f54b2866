"""What is read from a socket: where a request goes, who is asked, and its body."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from functools import lru_cache

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError

from emulator.clock import pause
from emulator.problem import Problem
from emulator.wire.unpacking import FORMS, Unpackable, Unpacker

log = logging.getLogger("emulator.wire")

NAMESPACE_HEADER = "X-Emulator-Namespace"
AT_ONCE = 64 * 2**10
"""A longer body is not read before the event loop goes on."""
BODY_SECONDS = 30
"""Real seconds in which a body must have arrived."""

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_AUTHORITY_LIMIT = 255
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)", re.IGNORECASE)
_SCHEMES = ("http", "https")
_PREFERRED = re.compile(r"""(?:^|[,;])\s*scenario\s*=\s*"?([^",;\s]+)""", re.IGNORECASE)


_NO_TUNNEL = (
    "no tunnel to {} is dug here: what it carried could not be read. Let that name lead to this address "
    "(a line in the hosts file, curl --resolve) and serve TLS on its port: emulator serve --tls self --port 443"
)


def address(incoming: web.BaseRequest) -> str:
    """Path and query as they were sent. Problem 501 if they lead through us."""
    raw = incoming.raw_path
    if raw.startswith("/"):
        return raw
    if incoming.method == "CONNECT":
        raise Problem(501, _NO_TUNNEL.format(raw))
    return incoming.rel_url.raw_path_qs  # absolute form: a client that believes us to be a proxy


def origin(incoming: web.BaseRequest, *, trust_proxy: bool = False) -> tuple[str, str]:
    """Scheme, and host and port, as the client used them, for the links we hand out.

    What a proxy says of its client (`X-Forwarded-Proto`, `X-Forwarded-Host`) is believed only if it is to be trusted.
    """
    scheme, host, raw = incoming.scheme, incoming.headers.get("Host", ""), incoming.raw_path
    if not raw.startswith("/") and (absolute := _ABSOLUTE.match(raw)):
        scheme, host = absolute[1].lower(), absolute[2]
    if trust_proxy:
        told = _forwarded(incoming, "X-Forwarded-Proto").lower()
        scheme = told if told in _SCHEMES else scheme
        told = _forwarded(incoming, "X-Forwarded-Host")
        host = told if _is_authority(told) else host
    if not _is_authority(host):
        address = incoming.transport and incoming.transport.get_extra_info("sockname")
        host = _at(address[0], address[1]) if address else "127.0.0.1"
    return scheme, host


def _forwarded(incoming: web.BaseRequest, header: str) -> str:
    """What the first proxy on the way says, which is the one that the client met."""
    return incoming.headers.get(header, "").partition(",")[0].strip()


@lru_cache(maxsize=64)
def _is_authority(text: str) -> bool:
    return len(text) <= _AUTHORITY_LIMIT and _AUTHORITY.fullmatch(text) is not None


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def at_port(authority: str, port: int | None) -> str:
    """The same host on another port; on the same if that is None."""
    if port is None:
        return authority
    match = _AUTHORITY.fullmatch(authority)
    return f"{match.group(1) if match else '127.0.0.1'}:{port}"


def preferred(incoming: web.BaseRequest) -> str | None:
    """The scenario that the client asks for: `Prefer: scenario=kladana/queue-full`."""
    if "Prefer" not in incoming.headers:
        return None
    match = _PREFERRED.search(",".join(incoming.headers.getall("Prefer")))
    return match and match.group(1)


def body_at_once(incoming: web.BaseRequest, limit: int) -> bytes | None:
    """The body of a request that has arrived whole; None if it is long, or must be unpacked, or asked for first."""
    if not incoming.can_read_body:
        return b""
    length, headers = incoming.content_length, incoming.headers
    if length is None or length > min(limit, AT_ONCE) or "Content-Encoding" in headers or "Expect" in headers:
        return None
    return incoming.content.read_nowait()


async def body(incoming: web.BaseRequest, limit: int) -> tuple[bytes, bool]:
    """The unpacked body, and whether it was too long to be kept: that may show before any of it has come.

    Problem 400 if it is not what its coding says, 408 if it takes too long, 415 if its coding is one of others.

    `Expect: 100-continue` is answered when the body is about to be read, if it is read at all.
    """
    if not incoming.can_read_body:
        return b"", False
    if "Content-Encoding" not in incoming.headers and (incoming.content_length or 0) > limit:
        return b"", True
    if incoming.headers.get("Expect", "").lower() == "100-continue" and incoming.version == HttpVersion11:
        await incoming.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        incoming.writer.output_size = 0  # of the answer, nothing has been written yet
    kept, unpacker = bytearray(), _unpacker(incoming)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in _unpacked(incoming, unpacker) if unpacker else incoming.content.iter_any():
                kept += piece
                if len(kept) > limit:
                    return b"", True
    except TimeoutError:
        raise Problem(408, f"the body did not arrive within {BODY_SECONDS} seconds") from None
    except Unpackable as error:
        raise Problem(400, f"the body is not what its Content-Encoding says: {error}") from None
    return bytes(kept), False


async def _unpacked(incoming: web.BaseRequest, unpacker: Unpacker) -> AsyncIterator[bytes]:
    """A packed body, piece by piece, with a turn for others after each. Unpackable."""
    async for chunk in incoming.content.iter_any():
        for piece in unpacker.pieces(chunk):
            yield piece
            await pause(0)
    unpacker.end()


def _unpacker(incoming: web.BaseRequest) -> Unpacker | None:
    """What unpacks its body, if that is packed. Problem 415 if nothing of ours does."""
    coding = incoming.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("", "identity"):
        return None
    if coding not in FORMS:
        raise Problem(415, f"a body cannot be read that is packed by {coding!r}; by gzip or deflate it can")
    return Unpacker(coding)


def quiet_bad_requests() -> None:
    """What a client sent that is not HTTP is no error of ours: told in one line, and only to who asks for it."""
    logging.getLogger("aiohttp.server").addFilter(_quiet)


def _quiet(entry: logging.LogRecord) -> bool:
    error = entry.exc_info and entry.exc_info[1]
    if isinstance(error, HttpProcessingError | web.RequestPayloadError):
        log.debug("not HTTP: %r", str(error))
        return False
    return True

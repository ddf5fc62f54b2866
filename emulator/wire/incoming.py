"""What is read from a socket: where a request goes, who is asked, and its body."""

import asyncio
import logging
import re
from dataclasses import dataclass

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError

from emulator.namespace import DEFAULT, PREFIX
from emulator.problem import Problem

log = logging.getLogger("emulator.wire")

NAMESPACE_HEADER = "X-Emulator-Namespace"
BODY_SECONDS = 30
"""Real seconds in which a body must have arrived."""

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_AUTHORITY_LIMIT = 255
_PREFERRED = re.compile(r"""(?:^|[,;])\s*scenario\s*=\s*"?([^",;\s]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: its namespace, and the path below that."""

    namespace: str
    prefix: str
    path: str
    query_string: str


def target(incoming: web.Request) -> Target:
    """Where it goes; the prefix of a namespace wins over its header."""
    raw = incoming.raw_path
    if not raw.startswith("/"):  # absolute form: a client that believes us to be a proxy
        raw = incoming.rel_url.raw_path_qs
    path, _, query_string = raw.partition("?")
    if path.startswith(PREFIX):
        name, slash, rest = path[len(PREFIX) :].partition("/")
        return Target(name, PREFIX + name, slash + rest or "/", query_string)
    return Target(incoming.headers.get(NAMESPACE_HEADER, DEFAULT), "", path, query_string)


def authority(incoming: web.Request) -> str:
    """Host and port as the client used them, for the links we hand out."""
    host = incoming.headers.get("Host", "")
    if len(host) > _AUTHORITY_LIMIT or not _AUTHORITY.fullmatch(host):
        address = incoming.transport and incoming.transport.get_extra_info("sockname")
        host = f"{address[0]}:{address[1]}" if address else "127.0.0.1"
    return host


def at_port(authority: str, port: int | None) -> str:
    """The same host on another port; on the same if that is None."""
    match = _AUTHORITY.fullmatch(authority)
    return authority if port is None else f"{match.group(1) if match else '127.0.0.1'}:{port}"


def preferred(incoming: web.Request) -> str | None:
    """The scenario that the client asks for: `Prefer: scenario=kladana/queue-full`."""
    match = _PREFERRED.search(",".join(incoming.headers.getall("Prefer", ())))
    return match and match.group(1)


async def let_body_wait(_incoming: web.Request) -> None:
    """`Expect: 100-continue` is answered when the body is about to be read, if it is read at all."""


async def body(incoming: web.Request, limit: int) -> tuple[bytes, bool]:
    """The decoded body, and whether it was too long to be kept: that may show before any of it has come."""
    if not incoming.can_read_body:
        return b"", False
    if "Content-Encoding" not in incoming.headers and (incoming.content_length or 0) > limit:
        return b"", True
    if incoming.headers.get("Expect", "").lower() == "100-continue" and incoming.version == HttpVersion11:
        await incoming.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        incoming.writer.output_size = 0  # of the answer, nothing has been written yet
    kept = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in incoming.content.iter_any():
                kept += chunk
                if len(kept) > limit:
                    return b"", True
    except TimeoutError:
        raise Problem(408, f"the body did not arrive within {BODY_SECONDS} seconds") from None
    return bytes(kept), False


def quiet_bad_requests() -> None:
    """What a client sent that is not HTTP is no error of ours: told in one line, and only to who asks for it."""
    logging.getLogger("aiohttp.server").addFilter(_quiet)


def _quiet(entry: logging.LogRecord) -> bool:
    error = entry.exc_info and entry.exc_info[1]
    if isinstance(error, HttpProcessingError | web.RequestPayloadError):
        log.debug("not HTTP: %r", str(error))
        return False
    return True

"""One call: a session that looks at every address before it connects to it, and what came of the call."""

import asyncio
import io
import logging
import socket
from contextvars import ContextVar
from typing import Any

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from emulator.callback import Callback
from emulator.clock import MILLISECOND, SECOND
from emulator.courier.allowed import Allowed, Refused
from emulator.courier.lookups import Lookups

log = logging.getLogger("emulator.courier")

Session = aiohttp.ClientSession

CONNECT_SECONDS = 5
ANSWER_LIMIT = 64 * 2**10
"""Bytes of an answer that are read; more says nothing more."""

_called: ContextVar[str] = ContextVar("called")
"""The host of the call that is being made: sockets are made without being told it."""


class _Resolver(ThreadedResolver):
    """A name that leads to an address which may not be called is refused, whatever else it leads to."""

    def __init__(self, allowed: Allowed) -> None:
        super().__init__(Lookups())  # type: ignore[arg-type]  # it asks a loop for look-ups alone
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        for each in found:
            self._allowed.check(_called.get(), each["host"])
        return found


def session_for(allowed: Allowed) -> Session:
    """No proxies, cookies or redirects; each call on a connection of its own, to an address that was looked at."""

    def connect(info: Any) -> socket.socket:  # noqa: ANN401 - one of two tuples of getaddrinfo's
        family, kind, protocol, _, address = info
        allowed.check(_called.get(), address[0])
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        socket_factory=connect,
        resolver=_Resolver(allowed),
        use_dns_cache=False,
        happy_eyeballs_delay=None,  # one address after the other: the first refusal ends it
        force_close=True,  # a connection that the receiver has closed meanwhile would be a failure of ours
        limit=0,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        auto_decompress=False,
        read_bufsize=ANSWER_LIMIT // 4,
    )


WHY: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the name does not resolve"),
    (aiohttp.ClientSSLError, "no TLS connection could be made"),
    (aiohttp.ClientConnectorError, "no connection could be made"),
    (aiohttp.ServerDisconnectedError, "the connection was closed without an answer"),
    (aiohttp.ClientOSError, "the connection was reset"),
    (aiohttp.ClientPayloadError, "the answer broke off"),
    (aiohttp.ClientResponseError, "the answer is not HTTP"),
    (aiohttp.InvalidURL, "the URL is none"),
    (aiohttp.ClientError, "the call failed"),
    (ConnectionError, "the connection was reset"),
    (OSError, "no connection could be made"),
    (ValueError, "the call is not HTTP"),
)
"""What went wrong, in words that hold nothing of the URL or of the answer. The first that fits."""


async def call(session: Session, callback: Callback) -> tuple[int | None, str | None]:
    """Make one call: the status of the answer, or the reason why there is none."""
    try:
        async with asyncio.timeout(callback.timeout / SECOND):
            return await _exchange(session, callback), None
    except Refused as refusal:
        return None, str(refusal)
    except TimeoutError:
        return None, f"no answer within {callback.timeout // MILLISECOND} ms"
    except Exception as error:
        for kind, told in WHY:
            if isinstance(error, kind):
                return None, told
        log.exception("a call to a receiver failed")
        return None, "the emulator made a mistake; its log says which"


async def _exchange(session: Session, callback: Callback) -> int:
    url = _checked(callback.url)
    _called.set((url.raw_host or "").rstrip("."))
    body = io.BytesIO(callback.body)  # sent piece by piece: a long one does not hold up the others
    async with session.request(
        callback.method, url, data=body, headers=callback.headers, allow_redirects=False
    ) as response:
        left = ANSWER_LIMIT
        while left > 0 and (chunk := await response.content.read(left)):
            left -= len(chunk)
        if not left:
            response.close()
        return response.status


def _checked(text: str) -> URL:
    """The URL, if anybody may call it at all. Refused, ValueError."""
    url = URL(text)
    if url.scheme not in ("http", "https"):
        raise Refused("only http and https are called")
    if not url.raw_host:
        raise Refused("the URL names no host")
    if url.raw_user is not None or url.raw_password is not None:
        raise Refused("the URL carries credentials")
    return url

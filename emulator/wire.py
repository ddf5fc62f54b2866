"""aiohttp in, aiohttp out. The only module that reads requests from a socket and writes answers to one.

A request goes: head, body, namespace, stamp (all that is due happens), provider, journal. From the stamp to the
journal there is no `await`, so each exchange is said at one instant and needs no lock. After that only time on the
wire is left: latency, faults, sending.
"""

import asyncio
import logging
import re
import socket
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from fnmatch import fnmatchcase

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError

from emulator.admin import Admin
from emulator.clock import SECOND, Instant, monotonic, pause
from emulator.contract.router import Match, Router
from emulator.courier import Courier
from emulator.exchange import Answer, Request
from emulator.journal import record
from emulator.namespace import DEFAULT, NAME, PREFIX, Namespace, Namespaces, NamespacesFull
from emulator.problem import Problem
from emulator.provider import BODY_LIMIT, AnyProvider, ContractBroken, Served, encode

log = logging.getLogger("emulator.wire")

NAMESPACE_HEADER = "X-Emulator-Namespace"
BODY_SECONDS = 30
"""Real seconds in which a body must have arrived."""
LONG_BODY = 256 * 2**10
"""A longer one is read as JSON beside the event loop, so that others are served meanwhile."""
LATENCY_LIMIT = 60 * SECOND
SERVER = "async-api-emulator"

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_AUTHORITY_LIMIT = 255
_GZIP = zlib.MAX_WBITS | 16
_NO_LINGER = struct.pack("ii", 1, 0)  # close with RST


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: its namespace, and the path below that."""

    namespace: str
    prefix: str
    path: str
    query_string: str


class Shell:
    """What stands between aiohttp and everything else: one function, request in, answer out."""

    def __init__(
        self,
        namespaces: Namespaces,
        providers: Iterable[AnyProvider],
        admin: Admin,
        courier: Courier,
        *,
        debug_headers: bool = True,
    ) -> None:
        self._namespaces = namespaces
        self._providers: Mapping[str, AnyProvider] = {each.name: each for each in providers}
        self._admin = admin
        self._courier = courier
        self._debug_headers = debug_headers
        self.storage_port: int | None = None
        contracts = [admin.contract, *(each.contract for each in self._providers.values())]
        self._reading = asyncio.Semaphore(1)  # each long body that is read takes turns from everybody
        self._router = Router(operation for each in contracts for operation in each.operations.values())

    async def serve(self, incoming: web.Request) -> web.StreamResponse:
        """The whole life of one exchange. No exception leaves but cancellation."""
        try:
            return await self._handle(incoming)
        except Problem as problem:
            return self._plain(problem.answer())
        except (ConnectionError, web.RequestPayloadError):
            return self._plain(Problem(400, "the body did not arrive whole").answer())
        except Exception:
            log.exception("%s %s failed", incoming.method, incoming.raw_path)
            return self._plain(Problem(500, "the emulator made a mistake; its log says which").answer())

    async def _handle(self, incoming: web.Request) -> web.StreamResponse:
        target, authority = _target(incoming), _authority(incoming)
        match = self._router.match(target.path, target.query_string)
        operation = match.operations.get(incoming.method) if match else None
        body, oversize = await _body(incoming, (operation and operation.body_limit) or BODY_LIMIT)
        namespace = self._namespace(target.namespace)
        request = Request(
            method=incoming.method,
            path=target.path,
            query_string=target.query_string,
            headers=incoming.headers,
            body=body,
            oversize=oversize,
            base=f"{incoming.scheme}://{authority}{target.prefix}",
            storage=f"{incoming.scheme}://{self._storage(authority)}{target.prefix}",
        )
        if operation and operation.body and len(body) > LONG_BODY:
            async with self._reading:
                await asyncio.to_thread(lambda: request.decoded)
        api = self._owner(target.path, match)
        if self._at_storage(incoming) and not self._is_file(api, target.path):
            api = None
        if api == "admin":
            answer = await self._admin.serve(namespace, request, match)
            answer.body = encode(answer.payload)
            self._courier.send(namespace)
            return self._plain(answer, namespace.clock.now())
        if api is None:
            return self._plain(self._nowhere(namespace, request).answer(), namespace.clock.now())
        return await self._converse(incoming, namespace, self._providers[api], request, match)

    async def _converse(
        self, incoming: web.Request, namespace: Namespace, provider: AnyProvider, request: Request, match: Match | None
    ) -> web.StreamResponse:
        """An exchange with a provider, and the time its answer takes on the wire."""
        world = namespace.world(provider.name)
        try:
            served = self._exchange(namespace, provider, request, match)
            self._courier.send(namespace)
            return await self._send(incoming, namespace, request, served)
        finally:
            world.end(*request.holds)

    def _exchange(self, namespace: Namespace, provider: AnyProvider, request: Request, match: Match | None) -> Served:
        """One instant: stamp, catch up, handle, write down."""
        request.sequence, request.at = namespace.stamp()
        began = monotonic()
        served = provider.serve(namespace.world(provider.name), request, match)
        operation = served.operation
        namespace.journal.write(
            record(
                request,
                served.answer,
                api=provider.name,
                operation=operation.id if operation else None,
                secret=operation.secret if operation else False,
                contract=served.contract,
                wall_us=monotonic() - began,
            )
        )
        return served

    async def _send(
        self, incoming: web.Request, namespace: Namespace, request: Request, served: Served
    ) -> web.StreamResponse:
        answer = served.answer
        if answer.latency:
            await _delay(namespace, min(answer.latency, LATENCY_LIMIT))
        if answer.fault == "CONNECTION_RESET_BY_PEER":
            return _reset(incoming)
        if served.slices is None:
            return self._plain(answer, request.at)
        try:
            return await self._stream(incoming, answer, served.slices, request.at)
        except ContractBroken as broken:
            namespace.journal.amend(request.sequence, str(broken))
            log.error("the answer of %s is %s", request.target, broken)  # noqa: TRY400 - it says where, more than a stack
            return _reset(incoming)

    async def _stream(
        self, incoming: web.Request, answer: Answer, slices: Iterator[bytes], at: Instant
    ) -> web.StreamResponse:
        """Slice by slice, giving the others a turn after each. ContractBroken."""
        packer = _packer(answer)
        stream = web.StreamResponse(status=answer.status, headers=self._headers(answer, at))
        await stream.prepare(incoming)
        for chunk in slices:
            if packed := packer.compress(chunk) if packer else chunk:
                await stream.write(packed)
            await pause(0)
        await stream.write_eof(packer.flush() if packer else b"")
        return stream

    def _plain(self, answer: Answer, at: Instant | None = None) -> web.Response:
        body = answer.body or encode(answer.payload)
        if packer := _packer(answer):
            body = packer.compress(body) + packer.flush()
        return web.Response(status=answer.status, body=body, headers=self._headers(answer, at))

    def _headers(self, answer: Answer, at: Instant | None) -> dict[str, str]:
        headers = {"Server": SERVER, **answer.headers}
        if at is not None:
            headers["Date"] = formatdate(at // SECOND, usegmt=True)
        if answer.payload is not None:
            headers["Content-Type"] = answer.content_type
        if self._debug_headers:
            if answer.job:
                headers["X-Emulator-Job"] = answer.job
            if answer.rule:
                headers["X-Emulator-Rule"] = answer.rule
        return headers

    def _storage(self, authority: str) -> str:
        """Where files are downloaded: the same host, on a port of its own if there is one."""
        if self.storage_port is None:
            return authority
        match = _AUTHORITY.fullmatch(authority)
        return f"{match.group(1) if match else '127.0.0.1'}:{self.storage_port}"

    def _namespace(self, name: str) -> Namespace:
        if not NAME.fullmatch(name):
            raise Problem(404, f"no namespace can be named {name!r}: {NAME.pattern}")
        try:
            return self._namespaces.get(name)
        except NamespacesFull:
            detail = f"there are {self._namespaces.limit} namespaces already: drop one"
            raise Problem(503, detail) from None

    def _at_storage(self, incoming: web.Request) -> bool:
        if self.storage_port is None or incoming.transport is None:
            return False
        return bool(incoming.transport.get_extra_info("sockname")[1] == self.storage_port)

    def _is_file(self, api: str | None, path: str) -> bool:
        """Whether a path is one that the vendor has on its storage's host."""
        provider = self._providers.get(api or "")
        return provider is not None and any(_under(path, mount) for mount in provider.storage)

    def _owner(self, path: str, match: Match | None) -> str | None:
        if match:
            return next(iter(match.operations.values())).api
        if _under(path, "/__admin"):
            return "admin"
        for provider in self._providers.values():
            if any(_under(path, mount) for mount in provider.mounts):
                return provider.name
        return None

    def _nowhere(self, namespace: Namespace, request: Request) -> Problem:
        scenarios = {api: each.name for api, each in namespace.scenarios.items()}
        nearest = self._router.nearest(request.path)
        detail = f"nothing is at {request.path}; the nearest route is {nearest}"
        return Problem(404, detail, nearest=nearest, scenarios=scenarios)


def _under(path: str, mount: str) -> bool:
    """Whether a path begins with the segments of `mount`, each of which may be a shell pattern."""
    return fnmatchcase("/".join(path.split("/")[: mount.count("/") + 1]), mount)


def _target(incoming: web.Request) -> Target:
    raw = incoming.raw_path
    if not raw.startswith("/"):  # absolute form: a client that believes us to be a proxy
        raw = incoming.rel_url.raw_path_qs
    path, _, query_string = raw.partition("?")
    if path.startswith(PREFIX):
        name, slash, rest = path[len(PREFIX) :].partition("/")
        return Target(name, PREFIX + name, slash + rest or "/", query_string)
    return Target(incoming.headers.get(NAMESPACE_HEADER, DEFAULT), "", path, query_string)


def _authority(incoming: web.Request) -> str:
    """Host and port as the client used them, for the links we hand out."""
    host = incoming.headers.get("Host", "")
    if len(host) > _AUTHORITY_LIMIT or not _AUTHORITY.fullmatch(host):
        address = incoming.transport and incoming.transport.get_extra_info("sockname")
        host = f"{address[0]}:{address[1]}" if address else "127.0.0.1"
    return host


async def let_body_wait(_incoming: web.Request) -> None:
    """`Expect: 100-continue` is answered when the body is about to be read, if it is read at all."""


async def _body(incoming: web.Request, limit: int) -> tuple[bytes, bool]:
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


async def _delay(namespace: Namespace, duration: int) -> None:
    """Real time passes, unless the namespace is reset meanwhile."""
    try:
        async with asyncio.timeout(duration / SECOND):
            await namespace.ended.wait()
    except TimeoutError:
        return


def _packer(answer: Answer) -> "zlib._Compress | None":
    """What packs the body of an answer that says it is packed."""
    if answer.headers.get("Content-Encoding") != "gzip":
        return None
    return zlib.compressobj(level=1, wbits=_GZIP)


def quiet_bad_requests() -> None:
    """What a client sent that is not HTTP is no error of ours: told in one line, and only to who asks for it."""
    logging.getLogger("aiohttp.server").addFilter(_quiet)


def _quiet(entry: logging.LogRecord) -> bool:
    error = entry.exc_info and entry.exc_info[1]
    if isinstance(error, HttpProcessingError | web.RequestPayloadError):
        log.debug("not HTTP: %r", str(error))
        return False
    return True


def _reset(incoming: web.Request) -> web.StreamResponse:
    """Cut the connection so that the client sees a reset, never an orderly end."""
    transport = incoming.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    return web.Response()

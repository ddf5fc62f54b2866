"""What is written to a socket: heads and bodies, packed or streamed; and what goes wrong there on purpose."""

import asyncio
import socket
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import web

from emulator.clock import SECOND, Instant, pause
from emulator.exchange import Answer
from emulator.namespace import Namespace
from emulator.sealing import encode

SERVER = "async-api-emulator"

_GZIP = zlib.MAX_WBITS | 16
_NO_LINGER = struct.pack("ii", 1, 0)  # close with RST


@dataclass(frozen=True)
class Sender:
    """Puts answers on the wire."""

    debug_headers: bool = True
    """Whether vendors' answers carry `X-Emulator-*` headers."""

    def plain(self, answer: Answer, at: Instant | None = None) -> web.Response:
        """The answer, whole; `at` dates it."""
        body = answer.body or encode(answer.payload)
        if packer := _packer(answer):
            body = packer.compress(body) + packer.flush()
        return web.Response(status=answer.status, body=body, headers=self._headers(answer, at))

    async def stream(
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

    def _headers(self, answer: Answer, at: Instant | None) -> dict[str, str]:
        headers = {"Server": SERVER, **answer.headers}
        if at is not None:
            headers["Date"] = formatdate(at // SECOND, usegmt=True)
        if answer.payload is not None:
            headers["Content-Type"] = answer.content_type
        if self.debug_headers:
            if answer.job:
                headers["X-Emulator-Job"] = answer.job
            if answer.scenario:
                headers["X-Emulator-Scenario"] = answer.scenario
            if answer.rule:
                headers["X-Emulator-Rule"] = answer.rule
        return headers


async def delay(namespace: Namespace, duration: int) -> None:
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


def reset(incoming: web.Request) -> web.StreamResponse:
    """Cut the connection so that the client sees a reset, never an orderly end."""
    transport = incoming.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    return web.Response()

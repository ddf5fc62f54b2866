"""Many connections that ask one thing again and again, at as little cost as can be: the server is what is measured."""

import asyncio
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECTIONS = 32
CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
NUMBER = b"{number}"
"""In a header: the number of the request, so that no two are alike."""
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: close", re.IGNORECASE)


@dataclass(frozen=True)
class Measured:
    """What a round took: CPU seconds of the server, seconds by the clock, and each answer's."""

    cpu: float
    wall: float
    waits: list[float]


class Connection(asyncio.Protocol):
    """Asks as soon as it has been answered, until `left` is used up; anew where the server closes after each answer."""

    def __init__(self, request: bytes, status: int, left: Iterator[int], waits: list[float]) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._request, self._status, self._expected = request, status, b"HTTP/1.1 %d " % status
        self._left, self._waits = left, waits
        self._began, self._over = time.perf_counter(), False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, whole, body = self._heard.partition(b"\r\n\r\n")
        if not whole:
            return
        length = _LENGTH.search(head)
        if not head.startswith(self._expected):
            self._fail(f"expected {self._expected.decode()}, got {head.decode()}")
        elif len(body) >= (int(length[1]) if length else 0):
            self._waits.append(time.perf_counter() - self._began)
            if _CLOSE.search(head):
                self._hand_over()
            else:
                self._began = time.perf_counter()
                self._send()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self._over:
            self._fail("the server hung up")

    def _send(self) -> None:
        nth = next(self._left, None)
        if nth is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._heard = b""
        self._transport.write(self._request.replace(NUMBER, b"%d" % nth))

    def _hand_over(self) -> None:
        """Another connection asks the rest; what it takes to connect is part of its first answer's wait."""
        after = Connection(self._request, self._status, self._left, self._waits)
        after.done, self._over = self.done, True
        host, port = self._transport.get_extra_info("peername")
        self._transport.close()
        loop = asyncio.get_running_loop()
        self._after = loop.create_task(loop.create_connection(lambda: after, host, port))

    def _fail(self, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(SystemExit(reason))


async def load(
    pid: int, url: str, headers: dict[str, str], status: int, requests: int, *, method: str = "GET", body: bytes = b""
) -> Measured:
    """Ask so many times; the run ends with any answer of another status. A header may say `{number}`.

    Server and asker have a core each, if there are two: on one, each would throw the other out of its cache.
    """
    os.sched_setaffinity(pid, CORES[:1])
    os.sched_setaffinity(0, CORES[-1:])
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    host, port = parts.hostname, parts.port
    told = {"Host": parts.netloc, **headers} | ({"Content-Length": str(len(body))} if body else {})
    said = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    target = url.removeprefix(f"http://{parts.netloc}")
    request = f"{method} {target} HTTP/1.1\r\n{said}\r\n".encode() + body
    left, waits = iter(range(requests)), list[float]()
    loop = asyncio.get_running_loop()
    cpu, began = cpu_seconds(pid), time.perf_counter()
    made = [
        await loop.create_connection(lambda: Connection(request, status, left, waits), host, port)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(connection.done for _, connection in made))
    return Measured(cpu_seconds(pid) - cpu, time.perf_counter() - began, waits)


def cpu_seconds(pid: int) -> float:
    """utime + stime of a process, finer than /proc tells them: its clock is numbered as clock_getcpuclockid(3) does."""
    if sys.platform != "linux":
        raise SystemExit("the CPU time of another process is measured on Linux only")
    return time.clock_gettime(~pid << 3 | 2)

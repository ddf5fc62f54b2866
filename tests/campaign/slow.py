"""Many connections at once, against a server process of their own on loopback. Prints a line for each figure.

    python tests/campaign/slow.py pollers 10000    each asks every five seconds; none may be refused
    python tests/campaign/slow.py slow 5000        heads, bodies and readers that drip, and silence
    python tests/campaign/slow.py idle 10000       connections on which nothing is said
    python tests/campaign/slow.py bombs 20         bodies of 1 MB that unpack to 1 GB, one after the other
    python tests/campaign/slow.py jobs 100000      submissions, none of which may be refused

Exit code 1 if a figure is beyond its bound. The limit of open files is raised here; 20000 are needed.
"""

import asyncio
import contextlib
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

HOST = "127.0.0.1"
TASKS = b"/api/remap/1.2/async"
ASKING = b"GET " + TASKS + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n"
EVERY, SECONDS = float(os.environ.get("SLOW_EVERY", "5")), float(os.environ.get("SLOW_SECONDS", "60"))
FLAGS = ("--set", "kladana.queued_tasks=10000000")
AT_A_TIME = 200
"""Connections that are opened at a time."""


@contextlib.contextmanager
def serving() -> Iterator[tuple[int, int]]:
    """A server process: its port and its id."""
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--log-format", "text", *FLAGS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(re.search(r":(\d+) ", process.stdout.readline())[1]), process.pid
        finally:
            process.terminate()


def megabytes(pid: int) -> float:
    """What a process holds in memory."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def files(pid: int) -> int:
    """How many files and sockets it has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


class Line(asyncio.Protocol):
    """A connection that says what it is told, and notes when an answer has begun."""

    def __init__(self) -> None:
        self.lost = self.answered = 0
        self.first = b""
        self.waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.first = self.first or data[:12]
        self.answered += 1
        if self.waiter and not self.waiter.done():
            self.waiter.set_result(None)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.lost = 1
        if self.waiter and not self.waiter.done():
            self.waiter.set_exception(ConnectionResetError())

    async def ask(self, said: bytes = ASKING) -> float:
        """Seconds until the answer began. ConnectionError, TimeoutError."""
        if self.lost:
            raise ConnectionResetError
        began = time.perf_counter()
        self.first, self.waiter = b"", asyncio.get_running_loop().create_future()
        self.transport.write(said)
        async with asyncio.timeout(30):
            await self.waiter
        return time.perf_counter() - began


async def opened(port: int, count: int) -> list[Line]:
    """So many connections, whose clients have little room for what they are sent; those that fail are missing."""
    lines = []
    for _ in range(0, count, AT_A_TIME):
        made = await asyncio.gather(*(one(port) for _ in range(AT_A_TIME)), return_exceptions=True)
        lines += [each for each in made if isinstance(each, Line)]
    return lines


async def one(port: int) -> Line:
    loop, connection = asyncio.get_running_loop(), socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(0)
    await loop.sock_connect(connection, (HOST, port))
    return (await loop.create_connection(Line, sock=connection))[1]


async def good(port: int, seconds: float) -> tuple[list[float], int]:
    """One client as it should be, on a new connection each time: how long each answer took, and how many failed."""
    took, failed, until = [], 0, time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            _, line = await asyncio.get_running_loop().create_connection(Line, HOST, port)
            await line.ask()
            failed += not line.first.startswith(b"HTTP/1.1 200")
            line.transport.close()
        except (OSError, TimeoutError):
            failed += 1
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.05)
    return took, failed


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[98]


async def pollers(port: int, pid: int, count: int) -> bool:
    before = megabytes(pid)
    lines = await opened(port, count)
    took: list[float] = []
    failed = [0]

    async def poll(line: Line, first: float) -> None:
        until = time.monotonic() + SECONDS
        await asyncio.sleep(first)
        while time.monotonic() < until:
            try:
                took.append(await line.ask())
                failed[0] += not line.first.startswith(b"HTTP/1.1 200")
            except (ConnectionError, TimeoutError):
                failed[0] += 1
                return
            await asyncio.sleep(max(0, EVERY - took[-1]))

    await asyncio.gather(*(poll(line, n / count * EVERY) for n, line in enumerate(lines)))
    held = megabytes(pid) - before
    tell(
        f"pollers: {len(lines)} of {count} connected, {len(took)} answers, {failed[0]} failed, "
        f"median {statistics.median(took) * 1000:.1f} ms, p99 {p99(took) * 1000:.0f} ms, memory +{held:.0f} MB"
    )
    return len(lines) == count and not failed[0]


def drip_head(line: Line, nth: int) -> None:
    line.transport.write(b"X-%d: 1\r\n" % nth if nth else b"GET / HTTP/1.1\r\nHost: x\r\n")


def drip_body(line: Line, nth: int) -> None:
    line.transport.write(
        b"x" if nth else b"POST /api/remap/1.2/async HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"
    )


def never_read(line: Line, nth: int) -> None:
    if not nth:
        line.transport.pause_reading()
        line.transport.write(b"GET /__admin/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 10)


def silence(_line: Line, _nth: int) -> None:
    return


MODES: tuple[Callable[[Line, int], None], ...] = (drip_head, drip_body, never_read, silence)


async def slow(port: int, pid: int, count: int) -> bool:
    before, open_before = megabytes(pid), files(pid)
    lines = await opened(port, count)
    client = asyncio.create_task(good(port, SECONDS))
    nth, most = 0, 0.0
    while not client.done():
        for number, line in enumerate(lines):
            if not line.lost and not line.transport.is_closing():
                MODES[number % len(MODES)](line, nth)
            if number % 500 == 0:
                await asyncio.sleep(0)
        nth, most = nth + 1, max(most, megabytes(pid))
        await asyncio.wait([client], timeout=1)
    took, failed = client.result()
    gone = 0
    while files(pid) > open_before + 10 and gone < 60:
        await asyncio.sleep(1)
        gone += 1
    tell(
        f"slow: {len(lines)} of {count} connected; a good client meanwhile: {len(took)} calls, {failed} failed, "
        f"median {statistics.median(took) * 1000:.0f} ms, p99 {p99(took) * 1000:.0f} ms, "
        f"worst {max(took) * 1000:.0f} ms; memory +{most - before:.0f} MB at most; "
        f"all let go {gone} s after {SECONDS:.0f} s"
    )
    return not failed and p99(took) < 1 and gone <= 30


async def idle(port: int, pid: int, count: int) -> bool:
    before = megabytes(pid)
    lines = await opened(port, count)
    took, failed = await good(port, 10)
    alive = sum(not line.lost for line in lines)
    held = megabytes(pid) - before
    tell(
        f"idle: {alive} of {count} held, {held / max(alive, 1) * 1024:.1f} KB each; a good client meanwhile: "
        f"{len(took)} calls, {failed} failed, "
        f"median {statistics.median(took) * 1000:.1f} ms, p99 {p99(took) * 1000:.0f} ms"
    )
    return alive == count and not failed


SUBMITTING = ASKING.replace(TASKS, b"/api/remap/1.2/report/stock/bystore?async=true")


async def jobs(port: int, pid: int, count: int) -> bool:
    before, began = megabytes(pid), time.perf_counter()
    lines = await opened(port, AT_A_TIME)

    async def submit(line: Line) -> int:
        return sum([await line.ask(SUBMITTING) > 0 and b" 202" in line.first for _ in range(count // AT_A_TIME)])

    made = sum(await asyncio.gather(*map(submit, lines)))
    seconds = time.perf_counter() - began
    held = megabytes(pid) - before
    tell(
        f"jobs: {made} of {count} in {seconds:.0f} s ({made / seconds:.0f}/s), "
        f"memory +{held:.0f} MB, the journal's 64 MB among it"
    )
    return made == count


async def bombs(port: int, pid: int, count: int) -> bool:
    packer, before, most = zlib.compressobj(9, wbits=31), megabytes(pid), 0.0
    zeros = bytes(2**20)
    bomb = b"".join(packer.compress(zeros) for _ in range(1024)) + packer.flush()
    head = ASKING.replace(b"GET " + TASKS, b"POST /resources/v1/batch").removesuffix(b"\r\n")
    head += b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    client, refused = asyncio.create_task(good(port, 5)), 0
    for _ in range(count):
        line = await one(port)
        await line.ask(head + bomb)
        refused += line.first.startswith(b"HTTP/1.1 413")
        most = max(most, megabytes(pid))
    took, failed = await client
    tell(
        f"bombs: {refused} of {count} that unpack to 1 GB refused; a good client meanwhile: {len(took)} calls, "
        f"{failed} failed, worst {max(took) * 1000:.0f} ms; memory +{most - before:.0f} MB at most"
    )
    return refused == count and not failed and most - before < 200


RUNS = {"pollers": pollers, "slow": slow, "idle": idle, "jobs": jobs, "bombs": bombs}


def main(name: str, count: str) -> int:
    """Run one; the exit code."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with serving() as (port, pid):
        load = os.getloadavg()[0]
        well = asyncio.run(RUNS[name](port, pid, int(count)))
        tell(f"load of the machine before: {load:.1f}, after: {os.getloadavg()[0]:.1f}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

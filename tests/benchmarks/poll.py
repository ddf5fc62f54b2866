"""What a poll costs: CPU microseconds per request, as a ratio to a bare aiohttp handler sending the same answer.

Each round asks both servers, one after the other, over the same number of connections; the figure is the least of
the rounds, because everything else on the machine only adds. It reports; it fails on any answer that is not the one
expected, never on a figure.
"""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import aiohttp

ROUNDS = 5
CONNECTIONS = 32
REQUESTS = 6_000
TICKS = os.sysconf("SC_CLK_TCK")
TOKEN = {"Authorization": "Bearer token", "Accept-Encoding": "identity"}  # packing would be the larger half


def cpu_seconds(pid: int) -> float:
    """utime + stime of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def load(session: aiohttp.ClientSession, url: str) -> float:
    """Ask `REQUESTS` times; wall-clock seconds."""
    left = iter(range(REQUESTS))

    async def one_connection() -> None:
        for _ in left:
            async with session.get(url, headers=TOKEN) as response:
                await response.read()
                if response.status != 200:
                    raise SystemExit(f"{url} answered {response.status}")

    began = time.perf_counter()
    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    return time.perf_counter() - began


async def measure(emulator: subprocess.Popen[str], base: str) -> None:
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.get(f"{base}/api/remap/1.2/report/stock/bystore?async=true", headers=TOKEN) as response:
            task = response.headers["Content-Location"]
        async with session.get(task, headers=TOKEN) as response:
            reply = {
                "status": response.status,
                "headers": {k: v for k, v in response.headers.items() if k != "Content-Length"},
                "body": await response.text(),
            }
        bare, bare_url = start_bare(reply, task)
        try:
            await compare(session, {"emulator": (emulator.pid, task), "bare aiohttp": (bare.pid, bare_url)})
        finally:
            bare.terminate()
            bare.wait()


async def compare(session: aiohttp.ClientSession, servers: dict[str, tuple[int, str]]) -> None:
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    wall: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, (pid, url) in servers.items():
            before = cpu_seconds(pid)
            wall[name].append(await load(session, url))
            cpu[name].append((cpu_seconds(pid) - before) / REQUESTS * 1e6)
    for name in servers:
        sys.stdout.write(f"{name:14} {min(cpu[name]):7.1f} us CPU a poll {REQUESTS / min(wall[name]):8.0f} polls/s\n")
    by_cpu = min(cpu["bare aiohttp"]) / min(cpu["emulator"])
    by_wall = min(wall["bare aiohttp"]) / min(wall["emulator"])
    sys.stdout.write(f"ratio to bare  {by_cpu:7.2f} by CPU     {by_wall:8.2f} by wall clock\n")


def start_bare(reply: dict[str, object], task: str) -> tuple[subprocess.Popen[str], str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, str(Path(__file__).with_name("bare.py")), str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(reply))
    process.stdin.close()
    process.stdout.readline()
    wait_for(port)
    return process, re.sub(r"^http://[^/]+", f"http://127.0.0.1:{port}", task)


def wait_for(port: int) -> None:
    """Until the port is open: aiohttp says nothing once it is."""
    while socket.socket().connect_ex(("127.0.0.1", port)):
        pass


def main() -> None:
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--frozen", "--log-format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout
        try:
            asyncio.run(measure(emulator, json.loads(emulator.stdout.readline())["url"]))
        finally:
            emulator.terminate()


main()

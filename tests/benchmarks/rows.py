"""A result of a million rows: rows in each second of the server's CPU and by the clock, and what memory it takes.

It reports; it fails on any answer that is not the one expected, never on a figure.

    python tests/benchmarks/rows.py
"""

import asyncio
import json
import time

import aiohttp
from load import cpu_seconds
from server import HEADERS, REPORT, TASKS, emulator, memory, tell

ROWS = 1_000_000
STORY = json.dumps(
    {
        "version": 1,
        "api": "kladana",
        "jobs": [
            {"steps": [{"state": "PENDING"}, {"state": "PROCESSING"}, {"state": "end"}], "result": {"rows": ROWS}}
        ],
    }
)


async def link(session: aiohttp.ClientSession, base: str) -> str:
    """Where the result of a task that is done can be fetched."""
    async with session.put(f"{base}/__admin/scenario", json={"yaml": STORY}) as response:
        response.raise_for_status()
    async with session.get(f"{base}{REPORT}?async=true", headers=HEADERS) as response:
        task = response.headers["Content-Location"].rpartition("/")[2]
    async with session.get(f"{base}{TASKS}/{task}/result", headers=HEADERS, allow_redirects=False) as response:
        return response.headers["Location"]


async def fetch(session: aiohttp.ClientSession, url: str) -> int:
    """How many bytes it is."""
    size = 0
    async with session.get(url, headers={"Accept-Encoding": "identity"}) as response:
        response.raise_for_status()
        async for piece in response.content.iter_any():
            size += len(piece)
    return size


async def measure(pid: int, base: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(None)) as session:
        url, held = await link(session, base), memory(pid)
        cpu, began = cpu_seconds(pid), time.perf_counter()
        size = await fetch(session, url)
        cpu, took = cpu_seconds(pid) - cpu, time.perf_counter() - began
    told = f"{ROWS / cpu:,.0f} a second of CPU, {ROWS / took:,.0f} by the clock ({size / 2**20:.0f} MB)"
    tell(f"rows of a result of {ROWS:,}", told, "60,000 a second")
    tell("memory that such a result takes at most", f"{memory(pid, 'VmHWM') - held:.1f} MB", "flat")


def main() -> None:
    with emulator() as (pid, base):
        asyncio.run(measure(pid, base))


if __name__ == "__main__":
    main()

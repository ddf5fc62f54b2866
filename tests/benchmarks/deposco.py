"""What an import of ten megabytes costs: CPU seconds until its 202, and how long others wait for theirs meanwhile.

20,000 items in just under 10 MB; eight connections poll a request of another account all the while. It reports; it
fails on any answer that is not the one expected, never on a figure.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

import aiohttp
from load import cpu_seconds
from server import emulator, p99, tell

ENTITIES = 20_000
SIZE = 10 * 2**20 - 1
ROUNDS = 5
POLLERS = 8
STORY = "version: 1\napi: deposco\nabout: Two accounts.\naccounts: [{token: a, account: a}, {token: b, account: b}]\n"
IMPORTS = "/latest/async/bulkImports"
IMPORTER, POLLER = ({"Authorization": f"Bearer {token}", "Content-Type": "application/json"} for token in "ab")


def body(count: int, size: int) -> bytes:
    """An import of so many items in so many bytes."""
    unit, pack = {"businessKey": {"code": "BU1"}}, {"type": "Each", "quantity": 1, "weight": 0.25}
    items = [
        {"number": f"SKU-{n}", "businessUnit": unit, "packs": [pack], "name": f"Ein größeres Ding {n}", "active": True}
        for n in range(count)
    ]
    bare = len(json.dumps({"entityType": "Item", "entities": items}).encode())
    for each in items:
        each["description"] = "x" * ((size - bare) // count - len(', "description": ""'))
    made = json.dumps({"entityType": "Item", "entities": items}).encode()
    return made[:-1] + b" " * (size - len(made)) + b"}"


async def submit(session: aiohttp.ClientSession, base: str, said: bytes, headers: dict[str, str]) -> str:
    async with session.post(base + IMPORTS, data=said, headers=headers) as response:
        if response.status != 202:
            raise SystemExit(f"{IMPORTS} answered {response.status}")
        return str((await response.json())["request"]["href"])


async def poll(session: aiohttp.ClientSession, href: str, waits: list[float], over: asyncio.Event) -> None:
    """Ask again and again; note how long each answer took."""
    while not over.is_set():
        began = time.perf_counter()
        async with session.get(href, headers=POLLER) as response:
            await response.read()
            if response.status != 200:
                raise SystemExit(f"{href} answered {response.status}")
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(0.002)


async def advance(session: aiohttp.ClientSession, base: str) -> None:
    async with session.post(f"{base}/__admin/clock", json={"advance": "2s"}) as response:
        await response.read()


async def import_with_curl(base: str, file: str) -> None:
    """Send it from a process of its own: what the client does must not be measured as waiting."""
    headers = [argument for name, value in IMPORTER.items() for argument in ("-H", f"{name}: {value}")]
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *headers, "--data-binary", f"@{file}"]
    process = await asyncio.create_subprocess_exec(*command, base + IMPORTS, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    if told != b"202":
        raise SystemExit(f"{IMPORTS} answered {told!r}")


async def measure(pid: int, base: str, file: str) -> None:
    async with aiohttp.ClientSession() as session:
        href = await submit(session, base, body(1, 200), POLLER)
        alone: list[float] = []
        beside: list[float] = []
        ending: list[float] = []
        await during(session, href, alone, asyncio.sleep(1))
        costs = []
        for _ in range(ROUNDS):
            costs.append(await cpu_of(import_with_curl(base, file), pid))
            await advance(session, base)
            await during(session, href, beside, import_with_curl(base, file))
            await during(session, href, ending, advance(session, base))
    tell(f"CPU of an import of {ENTITIES:,} entities, {SIZE / 2**20:.0f} MB, until its 202", f"{min(costs):.2f} s", "")
    for name, waits in (("alone", alone), ("beside the import", beside), ("beside its end", ending)):
        tell(f"polls, {name}", f"{p99(waits):.1f} ms at p99, {1000 * max(waits):.1f} ms at most", "")


async def during(session: aiohttp.ClientSession, href: str, waits: list[float], work: Awaitable[None]) -> None:
    """Let others poll while `work` is done."""
    over = asyncio.Event()
    pollers = [asyncio.create_task(poll(session, href, waits, over)) for _ in range(POLLERS)]
    await asyncio.sleep(0.05)
    await work
    over.set()
    await asyncio.gather(*pollers)


async def cpu_of(work: Awaitable[None], pid: int) -> float:
    before = cpu_seconds(pid)
    await work
    return cpu_seconds(pid) - before


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        story, file = Path(directory, "two-accounts.yaml"), Path(directory, "import.json")
        story.write_text(STORY, encoding="utf-8")
        file.write_bytes(body(ENTITIES, SIZE))
        with emulator("--scenario", str(story)) as (pid, base):
            asyncio.run(measure(pid, base, str(file)))


if __name__ == "__main__":
    main()

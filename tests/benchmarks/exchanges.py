"""What exchanges cost: CPU microseconds each, as a ratio to a bare aiohttp handler sending the same answer.

Each round asks both servers the same, one after the other; the figure is the least of the rounds, because everything
else on the machine only adds. Whoever polls says the same bytes each time, and those are read once: "no two alike" is a
poll whose head has a number in it. It reports; it fails on any answer that is not the one expected, never on a figure.

    python tests/benchmarks/exchanges.py [CASE...]
"""

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from load import NUMBER, Measured, load
from server import HEADERS, REPORT, TASKS, emulator, p99, tell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS = 7


@dataclass(frozen=True)
class Case:
    """What is asked, in a namespace of its own, and how often; `prepare` answers with its path and query."""

    name: str
    status: int
    requests: int
    wanted: float | None
    """What a bare handler takes of it, at least."""
    prepare: "Callable[[Client], Awaitable[str]]"
    headers: dict[str, str] = field(default_factory=dict)


class Client:
    """Who prepares a case."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session, self.base = session, base

    async def submit(self) -> str:
        """A new task; its path."""
        async with self.session.get(f"{self.base}{REPORT}?async=true", headers=HEADERS) as response:
            return f"{TASKS}/{response.headers['Content-Location'].rpartition('/')[2]}"

    async def play(self, story: str) -> None:
        """Tell that story, which is YAML."""
        async with self.session.put(f"{self.base}/__admin/scenario", json={"yaml": story}) as response:
            response.raise_for_status()

    async def advance(self, by: str) -> None:
        async with self.session.post(f"{self.base}/__admin/clock", json={"advance": by}) as response:
            response.raise_for_status()


async def poll(client: Client) -> str:
    return await client.submit()


async def submit(_client: Client) -> str:
    return f"{REPORT}?async=true"


async def redirect(client: Client) -> str:
    task = await client.submit()
    await client.advance("60s")
    return f"{task}/result"


async def tasks(client: Client) -> str:
    for _ in range(100):
        await client.submit()
    return TASKS


CASES = (
    Case("poll", 200, 2000, 0.75, poll),
    Case("poll, packed", 200, 2000, None, poll, {"Accept-Encoding": "gzip"}),
    Case("poll, no two alike", 200, 2000, None, poll, {"X-Request-Id": NUMBER.decode()}),
    Case("submit", 202, 2000, 0.6, submit),
    Case("redirect", 302, 2000, 0.75, redirect),
    Case("100 rows", 200, 600, 0.6, tasks),
)


async def measure(cases: list[Case], pid: int, origin: str) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        targets, replies = {}, {}
        for case in cases:
            prefix = f"/ns/{case.name.replace(', ', '-').replace(' ', '-')}"
            targets[case.name] = target = prefix + await case.prepare(Client(session, origin + prefix))
            headers = HEADERS | case.headers
            async with session.get(origin + target, headers=headers, allow_redirects=False) as response:
                replies[target.partition("?")[0]] = await told(response)
    bare, bare_origin = start_bare(replies)
    try:
        for case in cases:
            servers = ((pid, origin + targets[case.name]), (bare.pid, bare_origin + targets[case.name]))
            rounds = [
                [await load(*each, HEADERS | case.headers, case.status, case.requests) for each in servers]
                for _ in range(ROUNDS)
            ]
            report(case, [both[0] for both in rounds], [both[1] for both in rounds])
    finally:
        bare.terminate()
        bare.wait()


async def told(response: aiohttp.ClientResponse) -> dict[str, object]:
    """An answer, as the bare server is told it, byte for character; that one counts the bytes itself."""
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return {"status": response.status, "headers": headers, "body": (await response.read()).decode("latin-1")}


def report(case: Case, ours: list[Measured], bare: list[Measured]) -> None:
    """Two rows: CPU of both and p99 of both, each with their ratio."""
    cpu, bare_cpu = (min(each.cpu for each in rounds) / case.requests * 1e6 for rounds in (ours, bare))
    told = f"{bare_cpu / cpu:.2f} ({bare_cpu:.0f} us to {cpu:.0f} us)"
    tell(f"{case.name}: CPU of a bare handler to ours", told, f"at least {case.wanted:.2f}" if case.wanted else "")
    slow, bare_slow = (min(p99(each.waits) for each in rounds) for rounds in (ours, bare))
    told = f"{slow / bare_slow:.2f} times ({slow:.1f} ms to {bare_slow:.1f} ms)"
    tell(f"{case.name}: p99 to that of a bare handler", told, "at most 1.5 times" if case.wanted else "")


def start_bare(replies: dict[str, dict[str, object]]) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, str(Path(__file__).with_name("bare.py"))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(replies))
    process.stdin.close()
    return process, f"http://127.0.0.1:{process.stdout.readline().strip()}"


def main() -> None:
    cases = [case for case in CASES if case.name in sys.argv[1:] or not sys.argv[1:]]
    with emulator() as (pid, origin):
        asyncio.run(measure(cases, pid, origin))


if __name__ == "__main__":
    main()

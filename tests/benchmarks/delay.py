"""How late answers are that a scenario delays by 50 ms, while 32 connections ask for them.

It reports; it fails on any answer that is not the one expected, never on a figure.

    python tests/benchmarks/delay.py
"""

import asyncio
import json

import aiohttp
from exchanges import Client, poll
from load import CONNECTIONS, load
from server import HEADERS, emulator, p99, tell

DELAY, REQUESTS, ROUNDS = 50, 3200, 3
STORY = json.dumps(
    {"version": 1, "api": "kladana", "faults": [{"operation": "getTask", "latency": f"{DELAY}ms"}]},
)


async def measure(pid: int, base: str) -> None:
    async with aiohttp.ClientSession() as session:
        client = Client(session, base)
        await client.play(STORY)
        url = base + await poll(client)
    rounds = [p99((await load(pid, url, HEADERS, 200, REQUESTS)).waits) for _ in range(ROUNDS)]
    late = f"{min(rounds) - DELAY:.1f} ms late at p99"
    tell(f"a scripted delay of {DELAY} ms, {CONNECTIONS} connections", late, "under 5 ms")


def main() -> None:
    with emulator() as (pid, base):
        asyncio.run(measure(pid, base))


if __name__ == "__main__":
    main()

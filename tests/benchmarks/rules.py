"""What a scenario of 200 rules costs a poll, in CPU microseconds, beside the default scenario.

The rules are spread over all operations of the API; each asks something of the call that does not hold, so that all
of those about a call are looked at. Both are asked in turn, in namespaces of one server, and the least of the rounds
counts. It reports; it fails on any answer that is not the one expected, never on a figure.

    python tests/benchmarks/rules.py
"""

import asyncio
import json

import aiohttp
from exchanges import Client, poll
from load import load
from server import HEADERS, emulator, tell

from emulator.contract import openapi

API = "kladana"
RULES, REQUESTS, ROUNDS = 200, 4000, 9
QUESTIONS = (
    {"path": {"matches": "^/nowhere/.*/[0-9]+$"}},
    {"query": {"limit": {"contains": "77"}}},
    {"header": {"X-Case": {"exists": True}}},
    {"body": {"/rows/0/id": "none"}},
    {"account": "somebody-else"},
    {"during": {"from": "3000d"}},
)


def story() -> str:
    """The scenario: YAML, as all JSON is."""
    operations = sorted(openapi.load(API).operations)
    faults = [
        {
            "operation": operations[n % len(operations)],
            "when": QUESTIONS[n // len(operations) % len(QUESTIONS)],  # so each operation is asked each of them
            "error": 1049,
        }
        for n in range(RULES)
    ]
    return json.dumps({"version": 1, "api": API, "faults": faults})


async def measure(pid: int, origin: str) -> None:
    targets = {}
    async with aiohttp.ClientSession() as session:
        for name in ("default", "rules"):
            client = Client(session, f"{origin}/ns/{name}")
            if name == "rules":
                await client.play(story())
            targets[name] = client.base + await poll(client)
    rounds = [
        {name: (await load(pid, url, HEADERS, 200, REQUESTS)).cpu for name, url in targets.items()}
        for _ in range(ROUNDS)
    ]
    cpu = {name: min(each[name] for each in rounds) / REQUESTS * 1e6 for name in targets}
    more = (cpu["rules"] / cpu["default"] - 1) * 100
    told = f"{more:+.1f} % ({cpu['default']:.0f} us, {cpu['rules']:.0f} us)"
    tell(f"CPU of a poll under {RULES} rules, beside one under the default", told, "under 10 %")


def main() -> None:
    with emulator() as (pid, origin):
        asyncio.run(measure(pid, origin))


if __name__ == "__main__":
    main()

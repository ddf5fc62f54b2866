"""What a million jobs cost: the memory of the server that holds them, and how long a poll takes among them.

A server of its own is given the jobs before it listens: to submit them over HTTP would take longer than all the rest.
It reports; it fails on any answer that is not the one expected, never on a figure.

    python tests/benchmarks/crowd.py [JOBS]
"""

import asyncio
import json
import sys
from pathlib import Path

from load import load
from server import HEADERS, TASKS, memory, p99, running, tell

from emulator import engine
from emulator.app import Config, make_app, settle_interpreter
from emulator.providers.kladana.tasks import Submission
from emulator.providers.kladana.users import NOBODY_IN_PARTICULAR

FEW, MANY = 1_000, 1_000_000
REQUESTS, ROUNDS = 3000, 3
SETTINGS = ("kladana.queued_tasks=1000000000",)


async def serve(jobs: int) -> None:
    """Hold so many jobs, and tell the URL of the one in their midst."""
    app = make_app(Config(rate=0, settings=SETTINGS))
    world = app._shell._namespaces.get("default").world("kladana")
    user = NOBODY_IN_PARTICULAR
    for _ in range(jobs):
        path = "/api/remap/1.2/report/stock/bystore"
        submission = Submission(
            "stock/bystore", "http://127.0.0.1", prefixed=True, path=path, query="async=true", user=user
        )
        engine.submit(world, user.account, submission, {"report": "stock/bystore"})
    settle_interpreter()
    job = list(world.jobs)[jobs // 2]
    async with app.at_work() as listener:
        port = await listener.listen("127.0.0.1", 0)
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}{TASKS}/{job}"}) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


async def polled(pid: int, url: str) -> float:
    """p99 of polls, in milliseconds; the least of the rounds."""
    return min([p99((await load(pid, url, HEADERS, 200, REQUESTS)).waits) for _ in range(ROUNDS)])


def measure(jobs: int) -> tuple[float, float]:
    """p99 of polls among so many jobs, and MB held at most."""
    with running(str(Path(__file__)), "serve", str(jobs)) as (pid, url):
        return asyncio.run(polled(pid, url)), memory(pid, "VmHWM")


def main() -> None:
    many = int(sys.argv[1]) if sys.argv[1:] else MANY
    (few_p99, _), (many_p99, held) = measure(FEW), measure(many)
    tell(f"memory of {many:,} jobs", f"{held:.0f} MB", "under 900 MB")
    ratio = f"{many_p99 / few_p99:.2f} times that among {FEW:,} ({many_p99:.1f} ms)"
    tell(f"p99 of a poll among {many:,} jobs", ratio, "at most 2 times")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(int(sys.argv[2])))
    else:
        main()

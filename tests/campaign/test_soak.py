"""Hours of conversations: memory is flat, and so is the number of open files."""

import asyncio
import json
from itertools import count
from random import Random

import pytest

from emulator.clock import SECOND, monotonic
from emulator.scenario.measures import instant
from tests.campaign.calls import Said
from tests.campaign.conftest import FULL, SMOKE
from tests.campaign.dialling import Dial
from tests.campaign.process import Server, serving
from tests.campaign.saying import APIS, Client
from tests.loops import run
from tests.stories.conversations import HUGE
from tests.stories.talk import STORIES

SPACES = 8
"""Namespaces that are talked to at a time, each for one conversation; then it is dropped, and another is made."""
CALLS = 60
STEEPEST = 0.5
"""Megabytes a minute."""
START = "2026-03-01T09:00:00Z"
SLOW = {"slow-answers", "slow-download", "gateway-timeout", "stuck"}
"""Stories in which a client waits in real time; here nobody has any."""

FILLED = 70
"""Megabytes of bodies that fill the journal, which is bounded: memory can be flat only once it is full."""


async def talk(port: int, number: int, seed: int) -> int:
    """One conversation in a namespace of its own, from its making to its end; how many requests that took."""
    rng, dial, prefix = Random(f"{seed}-{number}"), Dial(port), f"/ns/soak-{number}"
    clients = [Client(api, "http://127.0.0.1:9") for api in APIS]
    now = instant(START)
    made = {"seed": rng.randrange(99), "clock": {"mode": "frozen", "start": START}}
    await admin(dial, "", "PUT", f"/namespaces/soak-{number}", made)
    story = rng.choice([each for each in STORIES if each != HUGE and each.partition("/")[2] not in SLOW])
    await admin(dial, prefix, "PUT", "/scenario", {"name": story})
    for turn in range(CALLS):
        client = rng.choice(clients)
        said = rng.choice((client.plausible, client.plausible, client.allowed, client.wrong))(rng, now)
        reply = await dial.ask(prefix, said)
        if reply is not None:
            client.hear(said, reply)
        if turn % 10 == 9:
            await admin(dial, prefix, "POST", "/clock", {"advance": rng.choice(("1s", "1m"))})
    await admin(dial, "", "DELETE", f"/namespaces/soak-{number}", None)
    await dial.close()
    return CALLS


async def admin(dial: Dial, prefix: str, method: str, path: str, body: object) -> None:
    """A call that must not go wrong; a story with a clock of its own may come too late."""
    data = b"" if body is None else json.dumps(body).encode()
    reply = await dial.ask(prefix, Said(method, f"/__admin{path}", {"Content-Type": "application/json"}, data))
    assert reply is not None
    assert reply.status < 300, reply


async def fill_journal(port: int) -> None:
    """More than it holds is said in a namespace that stays."""
    dial, body = Dial(port), b'{"a": "' + b"x" * 60_000 + b'"}'
    said = Said("POST", "/latest/async/bulkImports", {"Content-Type": "application/json"}, body)
    for _ in range(FILLED * 2**20 // len(body)):
        assert await dial.ask("/ns/full", said)
    await dial.close()


async def soak(
    server: Server, seconds: float, seed: int, spaces: int = SPACES
) -> tuple[int, list[tuple[float, int, int]]]:
    """Talk for so long: how many requests, and what was measured (seconds, bytes, files)."""
    began, numbers, said, measured = monotonic(), count(), 0, []

    async def work() -> None:
        nonlocal said
        while monotonic() - began < seconds * SECOND:
            calls = await talk(server.port, next(numbers), seed)
            said += calls
            measured.append(((monotonic() - began) / SECOND, server.memory, server.files))

    async with asyncio.TaskGroup() as group:
        for _ in range(spaces):
            group.create_task(work())
    return said, measured


def slope(points: list[tuple[float, int]]) -> float:
    """Bytes a second, by least squares."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / (sum((x - mean_x) ** 2 for x, _ in points) or 1)


def test_a_short_soak(tmp_path, report):
    with serving(tmp_path, "--frozen", "--start", START) as server:
        said, measured = run(soak(server, SMOKE.minutes * 60, SMOKE.seed, spaces=2))
        assert said >= 2 * CALLS
        assert max(files for _, _, files in measured) < 60
        assert not server.errors()


@pytest.mark.campaign
def test_memory_is_flat(tmp_path, report):
    with serving(tmp_path, "--frozen", "--start", START) as server:
        at_first = server.memory
        run(fill_journal(server.port))
        said, measured = run(soak(server, FULL.minutes * 60, FULL.seed))
        errors = server.errors()
    later = [(at, memory) for at, memory, _ in measured if at >= FULL.minutes * 60 / 3]
    a_minute = slope(later) * 60 / 2**20
    report.counts["requests"] += said
    report.counts["requests of the soak"] += said
    report.counts["tracebacks"] += len(errors)
    report.memory["memory at the start"] = f"{at_first / 2**20:.0f} MB"
    report.memory["memory at the end"] = f"{measured[-1][1] / 2**20:.0f} MB"
    report.memory["memory, last two thirds"] = f"{a_minute:+.2f} MB a minute over {FULL.minutes:g} minutes"
    for each in errors[:20]:
        report.blame(each)
    steepest = STEEPEST if FULL.minutes >= 30 else 10 * STEEPEST
    if a_minute > steepest:
        report.blame(f"memory grows by {a_minute:.2f} MB a minute")
    assert max(files for _, _, files in measured) < 100
    assert not report.wrong


def test_the_slope_of_a_line_is_its_own():
    assert slope([(x, 7 + 3 * x) for x in range(10)]) == pytest.approx(3)

"""Bytes that nobody should send: refused or closed, never a 5xx, never a traceback, and everybody else is served."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from random import Random

import pytest

from tests.campaign.conftest import FULL, SMOKE
from tests.campaign.sockets import Others, Told, in_pieces, in_two, tell
from tests.campaign.streams import Stream, corpus

AT_ONCE = 128
GOOD = b"GET /__admin/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
NO_TUNNEL = 501
READY = b'"status":"ready"'
"""In the answer to what stands behind a break in the framing, and in no other."""


def wrong(stream: Stream, told: Told) -> str | None:
    """What is wrong with what came back."""
    statuses = told.statuses
    if any(each >= 500 and not (each == NO_TUNNEL and stream.data.startswith(b"CONNECT")) for each in statuses):
        return f"answered with {statuses}"
    if stream.kind == "framed" and (len(statuses) > 1 or READY in told.data):
        return f"answered a second time, behind the break: {statuses}"
    if stream.kind == "framed" and not told.closed:
        return "the connection stays open"
    if len(statuses) < stream.answers:
        return f"{stream.answers} good requests are answered with {statuses}, and no more"
    return None


@asynccontextmanager
async def somebody_else(port: int) -> AsyncIterator[Others]:
    """Somebody else asks all the time."""
    others = Others(GOOD)
    asking = asyncio.create_task(others.ask(port))
    try:
        yield others
        assert not asking.done() or asking.exception() is None
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def send(port: int, jobs: Iterable[tuple[Stream, tuple[bytes, ...]]]) -> tuple[int, list[str]]:
    """All of them, many at a time: how many there were, and what went wrong."""
    found: list[str] = []
    count, waiting = 0, iter(jobs)

    async def work() -> None:
        nonlocal count
        for stream, pieces in waiting:
            count += 1
            told = await tell(port, stream, pieces, others)
            if why := wrong(stream, told):
                found.append(f"{stream.name}, in {[len(each) for each in pieces]}: {why}")

    async with somebody_else(port) as others, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    assert others.took, "nobody else was served"
    assert max(others.took) < 5
    return count, found


def whole_and_in_pieces(streams: list[Stream], rng: Random) -> Iterable[tuple[Stream, tuple[bytes, ...]]]:
    for stream in streams:
        yield stream, (stream.data,)
        if stream.data:
            yield stream, in_pieces(stream, rng)


def test_the_corpus_is_large_enough_and_says_nothing_twice():
    streams = corpus()
    assert len(streams) >= 500
    assert len({each.data for each in streams}) == len(streams)


def test_some_hostile_streams(house, report):
    chosen = corpus()[::8]
    jobs = whole_and_in_pieces(chosen, Random(SMOKE.seed))
    count, found = house.runner.run(send(house.port, jobs))
    assert count >= 120
    assert not found, found


@pytest.mark.campaign
def test_every_hostile_stream_split_at_every_boundary(house, report):
    streams = corpus()
    count, found = house.runner.run(send(house.port, whole_and_in_pieces(streams, Random(FULL.seed))))
    split = ((stream, pieces) for stream in streams for pieces in in_two(stream, FULL.stride))
    more, worse = house.runner.run(send(house.port, split))
    report.counts["hostile streams"] += len(streams)
    report.counts["hostile connections"] += count + more
    for each in (*found, *worse):
        report.blame(each)
    assert not report.wrong

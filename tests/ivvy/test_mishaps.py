"""The stories of what goes wrong between client and service, of callbacks, and of batches that nobody expects."""

import asyncio
import json

import pytest

from tests import mishaps
from tests.callbacks.receiver import gate
from tests.ivvy.conftest import PING
from tests.ivvy.test_stories import BATCH

# What goes wrong on the way ---------------------------------------------------


def submitting(client):
    return lambda: client.batch("run", BATCH)


def ended(client):
    """To be told how `run` went; its batch is over."""
    return lambda made: client.batch("results", {"async": made.json["asyncId"]})


async def test_answer_lost(playing):
    client = await playing("answer-lost")
    await mishaps.answer_lost(client.emulator, submitting(client))


async def test_gateway_timeout(playing):
    client = await playing("gateway-timeout")
    await mishaps.gateway_timeout(client.emulator, submitting(client))


async def test_outage(playing):
    client = await playing("outage")
    await mishaps.outage(client.emulator, submitting(client), ended(client))


async def test_flaky(playing):
    await mishaps.flaky(submitting(await playing("flaky")))


async def test_slow_answers(client):
    await mishaps.slow_answers(client.emulator, "ivvy/slow-answers", submitting(client))


async def test_skewed_clock(playing):
    client = await playing("skewed-clock")
    await mishaps.skewed_clock(submitting(client))
    client.date = "2026-03-01 09:10:00"
    assert await client.error("run", BATCH) == (401, 23005, "Request is stale")


async def test_truncated_result(playing):
    client = await playing("truncated-result")
    async_id = await client.run()
    await client.emulator.advance("1s")
    whole = await mishaps.breaks_off(lambda: client.batch("results", {"async": async_id}))
    assert len(whole.json["results"]) == 1


async def test_strange_progress(playing):
    client = await playing("strange-progress")
    async_id = await client.run()
    assert [await client.progress(async_id) for _ in range(5)] == [0, "40 %", None, 140, 0]


async def test_stuck(playing, receiver):
    client = await playing("stuck")
    async_id = await client.run(url=receiver.url)
    await client.emulator.advance("365d")
    assert await client.progress(async_id) == 90
    assert await client.error("results", {"async": async_id}) == (400, 24114, "Batch job not completed")
    assert receiver.heard == []


async def test_forgotten(playing, receiver):
    client = await playing("forgotten")
    async_id = await client.run(url=receiver.url)
    await client.emulator.advance("1s")
    assert await client.progress(async_id) == 100
    assert await client.error("results", {"async": async_id}) == (404, 24115, "Could not find batch")
    assert [json.loads(each.body)["asyncId"] for each in receiver.heard] == [async_id]


async def test_one_in_three_partly_failed(playing):
    client = await playing("one-in-three-partly-failed")
    batches = [await client.responses(*[PING] * 40) for _ in range(6)]
    failed = [sum("errorCode" in each for each in responses) for responses in batches]
    assert [1 <= each <= 20 for each in failed] == [False, False, True] * 2
    assert failed[:2] == failed[3:5] == [0, 0]


async def test_bad_day(playing):
    client = await playing("bad-day")
    await mishaps.bad_day(client.emulator, submitting(client))


async def test_rate_limited(playing):
    client = await playing("rate-limited")
    replies = [await submitting(client)() for _ in range(6)]
    assert [each.status for each in replies] == [200] * 5 + [429]
    assert (replies[-1].json["message"], "Retry-After" in replies[-1].headers) == ("Too Many Requests", False)
    await client.emulator.advance("3s")
    assert await client.run()


# What goes wrong with callbacks -------------------------------------------------


async def test_callback_twice_and_late(playing, receiver):
    client = await playing("callback-twice-and-late")
    await client.run(url=receiver.url)
    await client.emulator.advance("10s")  # it has ended after the first of them
    assert receiver.heard == []
    await client.emulator.advance("1s")
    once, again = receiver.heard
    assert once == again


async def test_callbacks_out_of_order(playing, receiver):
    client = await playing("callbacks-out-of-order")
    first, second = [await client.run(url=receiver.url) for _ in range(2)]
    await client.emulator.advance("2m")
    assert [json.loads(each.body)["asyncId"] for each in receiver.heard] == [second, first]


async def test_callback_before_answer(playing, receiver):
    receiver.told = [gate]
    client = await playing("callback-before-answer")
    running = asyncio.create_task(client.run(url=receiver.url))
    (heard,) = await receiver.hears(1)
    await client.emulator.admin("GET", "/clock")
    assert not running.done()
    receiver.opened.set()
    assert json.loads(heard.body)["asyncId"] == await running


async def test_callback_malformed(playing, receiver):
    receiver.told = [400]
    client = await playing("callback-malformed")
    for _ in range(2):
        await client.run(url=receiver.url)
        await client.emulator.advance("1h")
    first, second = receiver.heard
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(first.body)
    assert json.loads(second.body)["results"]


async def test_callback_never(playing, receiver):
    client = await playing("callback-never")
    async_id = await client.run(url=receiver.url)
    await client.emulator.advance("1d")
    assert receiver.heard == []
    assert len((await client.ask("results", async_id))["results"]) == 1

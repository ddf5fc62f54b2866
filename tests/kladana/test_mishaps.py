"""The stories of what goes wrong between client and service, of webhooks, and of tasks that nobody expects."""

import asyncio
import json

import aiohttp
import pytest

from tests import mishaps
from tests.callbacks.receiver import gate, receiving
from tests.kladana.test_stories import lived, play
from tests.kladana.test_webhooks import Hooks

__all__ = ("play",)


# What goes wrong on the way ---------------------------------------------------


def submitting(client):
    return lambda: client.get("/report/stock/bystore", params={"async": "true"})


async def test_answer_lost(play):
    """A GET whose answer is lost aiohttp sends again by itself: nobody notices that there are six tasks."""
    client = await play("answer-lost")
    for _ in range(5):
        await client.submit()
        await client.emulator.advance("3s")
    assert (await client.get("/async")).json["meta"]["size"] == 6


async def test_gateway_timeout(play):
    client = await play("gateway-timeout")
    await mishaps.gateway_timeout(client.emulator, submitting(client))


async def test_outage(play):
    client = await play("outage")
    await mishaps.outage(client.emulator, submitting(client), lambda made: client.get(made.headers["Content-Location"]))


async def test_maintenance(play):
    client = await play("maintenance")
    task = await client.submit()
    assert (await lived(client, task, "4m59s"))[-1] == "DONE"
    await client.emulator.advance("1s")
    assert await client.code(task) == await client.code("/async") == (503, 1074)
    await client.emulator.advance("1h")
    assert await client.state(task) == "DONE"


async def test_flaky(play):
    client = await play("flaky")
    await mishaps.flaky(lambda: client.get("/async"))


async def test_slow_answers(emulator, kladana):
    await mishaps.slow_answers(emulator, "kladana/slow-answers", submitting(kladana(emulator)))


async def test_skewed_clock(play):
    await mishaps.skewed_clock(submitting(await play("skewed-clock")))


async def test_unknown_state(play):
    client = await play("unknown-state")
    task = await client.submit()
    assert await lived(client, task, "500ms", "0s", "2s") == ["PENDING", "SUSPENDED", None, "DONE"]


async def test_stale_read(play):
    client = await play("stale-read")
    task = await client.submit()
    await client.emulator.advance("2500ms")
    seen = [(await client.get(task)).json for _ in range(4)]
    assert [each["state"] for each in seen] == ["DONE", "DONE", "PROCESSING", "DONE"]
    assert ["resultUrl" in each and "deletionDate" in each for each in seen] == [True, True, False, True]


async def test_stuck(play):
    client = await play("stuck")
    first, second = await client.submit(), await client.submit()
    await client.emulator.advance("6d")
    assert [await client.state(each) for each in (first, second)] == ["PROCESSING", "PENDING"]
    assert (await client.put(f"{first}/cancel")).status == 204
    assert await lived(client, second, "2s") == ["PROCESSING", "DONE"]


async def test_forgotten(play):
    client = await play("forgotten")
    task = await client.submit()
    assert await lived(client, task, "2500ms") == ["PENDING", "DONE"]
    assert await client.code(f"{task}/result") == await client.code(task) == (404, 1021)
    assert (await client.get("/async")).json["rows"] == []


async def test_one_in_three_fails(play):
    client = await play("one-in-three-fails")
    states = [(await lived(client, await client.submit(), "3s"))[-1] for _ in range(6)]
    assert states == ["DONE", "DONE", "ERROR"] * 2


# What goes wrong with results -------------------------------------------------


async def a_link(client):
    """Where the result of a new task is."""
    task = await client.submit()
    await client.emulator.advance("3s")
    return (await client.get(f"{task}/result")).headers["Location"]


async def test_truncated_result(play):
    client = await play("truncated-result")
    link = await a_link(client)
    whole = await mishaps.breaks_off(lambda: client.emulator.get(link))
    assert len(whole.json["rows"]) == 250


async def test_corrupt_result(play):
    client = await play("corrupt-result")
    link = await a_link(client)
    cut, whole = [(await client.emulator.get(link)).body for _ in range(2)]
    assert whole.startswith(cut)
    assert 0 < len(cut) < len(whole)


async def test_redirect_loop(play):
    client = await play("redirect-loop")
    task = await client.submit()
    await client.emulator.advance("3s")
    with pytest.raises(aiohttp.TooManyRedirects):
        await client.get(f"{task}/result", allow_redirects=True)


async def test_slow_download(emulator, kladana):
    await mishaps.play(emulator, "kladana/slow-download", bandwidth="40KB")
    link = await a_link(kladana(emulator))
    await mishaps.comes_slowly(lambda: emulator.get(link), 40_000)


# What goes wrong with webhooks ------------------------------------------------


@pytest.fixture
async def hooked(start_emulator):
    """A client whose webhooks on what may happen to tasks lead to a receiver."""
    async with receiving() as receiver:

        async def hook(story, *actions):
            client = Hooks(await start_emulator(scenario=(f"kladana/{story}",)))
            for action in actions:
                await client.make(url=receiver.url, action=action)
            return client, receiver

        yield hook


def actions(receiver):
    return [json.loads(each.body)["events"][0]["action"] for each in receiver.heard]


async def test_webhook_retry(hooked):
    client, receiver = await hooked("webhook-retry", "PROCESSED")
    receiver.told = [500, 404, 503]
    await client.submit()
    await client.emulator.advance("11s")
    assert actions(receiver) == ["PROCESSED"] * 4
    (callback,) = (await client.emulator.admin("GET", "/callbacks"))["callbacks"]
    assert {each["at"] for each in callback["attempts"]} == {"2026-03-01T09:00:11.000000Z"}


async def test_webhook_twice_and_late(hooked):
    client, receiver = await hooked("webhook-twice-and-late", "PROCESSED")
    await client.submit()
    await client.emulator.advance("12s")  # it has ended after two and a half of them
    assert receiver.heard == []
    await client.emulator.advance("1s")
    once, again = receiver.heard
    assert once == again


async def test_webhooks_out_of_order(hooked):
    client, receiver = await hooked("webhooks-out-of-order", "CREATE", "PROCESSED")
    await client.submit()
    await client.emulator.advance("2m")
    assert actions(receiver) == ["PROCESSED", "CREATE"]


async def test_webhook_before_answer(hooked):
    client, receiver = await hooked("webhook-before-answer", "CREATE")
    receiver.told = [gate]
    submitting = asyncio.create_task(client.submit())
    (heard,) = await receiver.hears(1)
    await client.emulator.admin("GET", "/clock")
    assert not submitting.done()
    receiver.opened.set()
    assert json.loads(heard.body)["events"][0]["meta"]["href"] == await submitting


async def test_webhook_malformed(hooked):
    client, receiver = await hooked("webhook-malformed", "CREATE")
    receiver.told = [400]
    for _ in range(2):
        await client.submit()
        await client.emulator.advance("1h")
    first, second = receiver.heard
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(first.body)
    assert json.loads(second.body)["events"]


async def test_webhook_never(hooked):
    client, receiver = await hooked("webhook-never", "CREATE", "UPDATE", "PROCESSED")
    task = await client.submit()
    await client.emulator.advance("1d")
    assert receiver.heard == []
    assert (await client.call("GET", task)).json["state"] == "DONE"

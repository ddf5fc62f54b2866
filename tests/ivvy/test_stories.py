"""Each shipped story, played to its end."""

import json

from tests.ivvy.conftest import INVITE, PING, START, Ivvy, call

BATCH = {"jobs": [INVITE], "callbackUrl": "http://127.0.0.1:9/cb"}


async def test_default(client):
    async_id = await client.run(INVITE, PING)
    await client.emulator.advance("1s")
    assert len((await client.ask("results", async_id))["results"]) == 2


async def test_all_good(playing, receiver):
    client = await playing("all-good", date="2026-05-01 10:20:30")
    async_id = await client.run(
        INVITE, PING, call("event.getEvent", id=1), call("contact.getContact", id=1), url=receiver.url
    )
    seen = []
    for _ in range(5):
        seen.append(await client.progress(async_id))
        await client.emulator.advance("15s")
    assert seen == [0, 25, 50, 75, 100]
    document = await client.ask("results", async_id)
    assert [each["response"].get("errorCode") for each in document["results"]] == [None] * 4
    assert document["results"][2]["response"] == {"id": 1, "name": "Annual dinner"}
    assert [json.loads(each.body) for each in receiver.heard] == [document]


async def test_some_inner_calls_fail(playing):
    client = await playing("some-inner-calls-fail")
    responses = await client.responses(PING, PING, call("contact.getContact", id=1), PING)
    assert [each.get("specificCode") for each in responses] == [None, 23016, 23016, None]
    assert responses[1]["additionalMessages"] == ["Value must be a whole number"]


async def test_callback_fails_then_repost(playing, receiver):
    receiver.told = [500]
    client = await playing("callback-fails-then-repost", date="2026-05-01 10:20:30")
    async_id = await client.run(url=receiver.url)
    await client.emulator.advance("4m")
    assert len(receiver.heard) == 1
    assert await client.progress(async_id) == 100
    assert await client.ask("repost", async_id) == {"reposted": True}
    first, second = await receiver.hears(2)
    assert json.loads(second.body) == json.loads(first.body) == await client.ask("results", async_id)
    await client.emulator.advance("0s")
    callbacks = (await client.emulator.admin("GET", "/callbacks"))["callbacks"]
    assert [each["status"] for each in callbacks] == ["dropped", "delivered"]


async def test_paused_then_restart(playing, receiver):
    client = await playing("paused-then-restart")
    async_id = await client.run(INVITE, PING, url=receiver.url)
    await client.emulator.advance("7d")
    assert await client.progress(async_id) == 40
    assert await client.error("results", {"async": async_id}) == (400, 24114, "Batch job not completed")
    assert receiver.heard == []
    assert await client.ask("restart", async_id) == {"restarted": True}
    assert await client.ask("restart", async_id) == {"restarted": False}
    assert 40 <= await client.progress(async_id) < 100
    await client.emulator.advance("1s")
    assert await client.progress(async_id) == 100
    assert len(receiver.heard) == 1


async def test_too_many_jobs(playing):
    client = await playing("too-many-jobs")
    text = "The maximum number of jobs can be put on a single request is 200"
    assert await client.error("run", BATCH) == (400, 24448, text)
    assert await client.run()


async def test_not_saved(playing):
    client = await playing("not-saved")
    for _ in range(2):
        assert await client.error("run", BATCH) == (500, 24091, "The information was not saved")
    assert (await client.emulator.admin("GET", "/jobs"))["total"] == 0
    assert await client.run()


async def test_stale_request(playing):
    client = await playing("stale-request")
    assert await client.error("run", BATCH) == (401, 23005, "Request is stale")
    client.date = "2012-04-03 22:23:24"
    assert await client.run()


async def test_bad_signature(playing):
    client = await playing("bad-signature")
    assert await client.error("run", BATCH) == (401, 0, "Unauthorized")
    assert await Ivvy(client.emulator, "other").error("run", BATCH) == (401, 0, "Unauthorized")


async def test_key_revoked(playing):
    client = await playing("key-revoked")
    old, session, new = (Ivvy(client.emulator, key) for key in ("old-key", "session-key", "new-key"))
    assert await old.error("run", BATCH) == (463, 0, "Key Revoked")
    assert await session.error("run", BATCH) == (462, 0, "Session Expired")
    assert await Ivvy(client.emulator, "old-key", "guessed").error("run", BATCH) == (401, 0, "Unauthorized")
    assert await new.run()


async def test_results_expired(playing):
    client = await playing("results-expired", date=START)
    async_id = await client.run()
    await client.emulator.advance("1s")
    assert await client.ask("results", async_id)
    await client.emulator.advance("5s")
    assert await client.error("results", {"async": async_id}) == (404, 24115, "Could not find batch")

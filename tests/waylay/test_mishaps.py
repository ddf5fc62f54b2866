"""The stories of what goes wrong between client and service, and of batches that nobody expects."""

from tests import mishaps
from tests.waylay.conftest import patching

# What goes wrong on the way -------------------------------------------------


def submitting(client):
    return lambda: client.post("/batch", patching({"id": "new"}))


async def test_answer_lost(playing):
    client = await playing("answer-lost")
    await mishaps.answer_lost(client.emulator, submitting(client))


async def test_gateway_timeout(playing):
    client = await playing("gateway-timeout")
    await mishaps.gateway_timeout(client.emulator, submitting(client))


async def test_outage(playing):
    client = await playing("outage")
    where = "/batch/{}".format
    await mishaps.outage(client.emulator, submitting(client), lambda made: client.get(where(made.json["entity"]["id"])))


async def test_flaky(playing):
    await mishaps.flaky(submitting(await playing("flaky")))


async def test_slow_answers(client):
    await mishaps.slow_answers(client.emulator, "waylay/slow-answers", submitting(client))


async def test_skewed_clock(playing):
    await mishaps.skewed_clock(submitting(await playing("skewed-clock")))


async def test_truncated_result(playing):
    client = await playing("truncated-result")
    batch_id = await client.start(patching({"id": "new"}))
    await client.batch(batch_id)
    await client.emulator.advance("250ms")
    whole = await mishaps.breaks_off(lambda: client.get(f"/batch/{batch_id}"))
    assert list(whole.json["results"]["success"]) == ["new"]


async def test_strange_results(playing):
    client = await playing("strange-results")
    batch_id = await client.start(patching({"id": "new"}))
    assert "results" not in await client.batch(batch_id)
    strange = await client.batch(batch_id)
    assert (strange["finishedTime"], strange["results"]) == (None, None)
    assert "results" not in await client.batch(batch_id)


async def test_stale_read(playing):
    client = await playing("stale-read")
    batch_id = await client.start(patching({"id": "new"}))
    await client.emulator.advance("250ms")
    seen = [await client.batch(batch_id) for _ in range(4)]
    assert ["results" in each for each in seen] == [True, True, False, True]
    assert seen[2].items() <= seen[3].items()


async def test_forgotten(playing):
    client = await playing("forgotten")
    assert list((await client.results(patching({"id": "new"})))["success"]) == ["new"]
    batch_id = await client.start(patching({"id": "other"}))
    await client.emulator.advance("250ms")
    assert "results" in await client.batch(batch_id)
    expected = (404, f"Operation with id '{batch_id}' not found")
    assert await client.error("GET", f"/batch/{batch_id}") == expected
    assert {"new", "other"} <= set(await client.ids())


async def test_one_in_three_partly_failed(playing):
    client = await playing("one-in-three-partly-failed")
    patches = [{"id": f"x{n}"} for n in range(40)]
    failed = [len((await client.results(patching(*patches)))["failure"]) for _ in range(6)]
    assert [1 <= each <= 20 for each in failed] == [False, False, True] * 2
    assert failed[:2] == failed[3:5] == [0, 0]


async def test_bad_day(playing):
    client = await playing("bad-day")
    await mishaps.bad_day(client.emulator, submitting(client))


async def test_a_limit_may_hold_for_a_share_of_all_calls(told):
    """Those that it is not drawn for cost nothing."""
    client = await told("""
limits: [{when: {chance: 0.5}, requests: 10, window: 1h, error: too-many-requests}]
""")
    statuses = [(await client.get("/resources")).status for _ in range(40)]
    assert statuses[:10] == [200] * 10
    assert 5 <= statuses.count(429) <= 20


async def test_rate_limited(playing):
    client = await playing("rate-limited")
    replies = [await client.get("/resources") for _ in range(6)]
    assert [each.status for each in replies] == [200] * 5 + [429]
    assert replies[-1].json == {"statusCode": 429, "error": "Too Many Requests"}
    await client.emulator.advance(f"{replies[-1].headers['Retry-After']}s")
    assert (await client.get("/resources")).status == 200

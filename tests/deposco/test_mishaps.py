"""The stories of what goes wrong between client and service, and of imports that nobody expects."""

from tests import mishaps
from tests.deposco.conftest import item, items, of
from tests.deposco.test_scenarios import counts

# What goes wrong on the way ---------------------------------------------------------


def submitting(client):
    return lambda: client.post(of("Item", item("A")))


async def test_answer_lost(playing):
    client = await playing("answer-lost")
    await mishaps.answer_lost(client.emulator, submitting(client))


async def test_gateway_timeout(playing):
    client = await playing("gateway-timeout")
    await mishaps.gateway_timeout(client.emulator, submitting(client))


async def test_outage(playing):
    client = await playing("outage")
    await mishaps.outage(client.emulator, submitting(client), lambda made: client.get(made.json["request"]["id"]))


async def test_flaky(playing):
    client = await playing("flaky")
    await mishaps.flaky(submitting(client))


async def test_slow_answers(client):
    await mishaps.slow_answers(client.emulator, "deposco/slow-answers", submitting(client))


async def test_skewed_clock(playing):
    await mishaps.skewed_clock(submitting(await playing("skewed-clock")))


async def test_truncated_result(playing):
    client = await playing("truncated-result")
    request_id = await client.submit(*items(3))
    await client.status(request_id)
    await client.emulator.advance("2s")
    whole = await mishaps.breaks_off(lambda: client.get(request_id))
    assert counts(whole.json) == ["Success", 3, 3, 0]


async def test_unknown_state(playing):
    client = await playing("unknown-state")
    request_id = await client.submit(*items(1))
    seen = [await client.status(request_id) for _ in range(4)]
    assert [each["status"] for each in seen] == ["Processing", "Suspended", "Processing", "Processing"]
    assert [each["results"] for each in seen] == [[], [], None, []]


async def test_forgotten(playing):
    client = await playing("forgotten")
    request_id = await client.submit(*items(1))
    assert await client.lived(request_id, "2s") == ["Processing", "Success"]
    assert (await client.get(request_id)).status == 404


async def test_progress_loops(playing):
    client = await playing("progress-loops")
    request_id = await client.submit(*items(10))
    seen = []
    for _ in range(6):
        await client.emulator.advance("10s")
        seen.append(counts(await client.status(request_id))[:2])
    assert seen == [["Processing", done] for done in (1, 5, 9, 1, 5, 9)]
    await client.emulator.advance("1h")
    assert counts(await client.status(request_id)) == ["Error", None, None, None]


async def test_one_in_three_partly_failed(playing):
    client = await playing("one-in-three-partly-failed")
    ended = [await client.outcome(*items(20)) for _ in range(6)]
    assert [each["status"] for each in ended] == ["Success", "Success", "Partially Failed"] * 2
    assert all(1 <= each["failures"] <= 10 for each in ended[2::3])


async def test_bad_day(playing):
    client = await playing("bad-day")
    await mishaps.bad_day(client.emulator, submitting(client))


async def test_an_import_that_is_stuck_is_stopped_after_an_hour(told):
    client = await told("jobs: [{steps: [{state: queued}, {state: Processing}], stuck: true}]")
    request_id = await client.submit(*items(4))
    assert await client.lived(request_id, "59m59s", "1s") == ["Processing", "Processing", "Error"]

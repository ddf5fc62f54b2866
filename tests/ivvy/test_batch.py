"""Batch: the vendor's pages, and section by section what is known about them."""

import json
import re

import pytest

from tests.ivvy.conftest import INVITE, PING, WRONG_ID, Ivvy, call

UNKNOWN = "e35e06ee592d17a42dc9e6252a058617"
URL = "http://127.0.0.1:9/cb"


# Run ------------------------------------------------------------------------


async def test_a_batch_is_taken_and_named(client):
    response = await client.batch("run", {"jobs": [INVITE, WRONG_ID], "callbackUrl": URL})
    assert (response.status, list(response.json)) == (200, ["asyncId"])
    assert re.fullmatch("[0-9a-f]{32}", response.json["asyncId"])
    assert response.headers["Content-Type"] == "application/json"


async def test_two_hundred_jobs_are_taken_and_one_more_is_not(client):
    await client.run(*[PING] * 200)
    answer = await client.error("run", {"jobs": [PING] * 201, "callbackUrl": URL})
    assert answer == (400, 24448, "The maximum number of jobs can be put on a single request is 200")


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ({"callbackUrl": URL}, 23017, "'jobs' is required"),
        ({"jobs": None, "callbackUrl": URL}, 23017, "'jobs' is required"),
        ({}, 23017, "'jobs' is required"),
        ({"async": UNKNOWN}, 23017, "'jobs' is required"),
        ({"jobs": [INVITE]}, 23017, "'callbackUrl' is required"),
        ({"jobs": [INVITE], "callbackUrl": None}, 23017, "'callbackUrl' is required"),
        ({"jobs": "nonsense"}, 23017, "'callbackUrl' is required"),
        ({"jobs": {"0": INVITE}, "callbackUrl": URL}, 24092, "Incorrect Job Format"),
        ({"jobs": "[]", "callbackUrl": URL}, 24092, "Incorrect Job Format"),
        ({"jobs": [], "callbackUrl": URL}, 24093, "Empty job parameter found"),
        ({"jobs": [], "callbackUrl": "nonsense"}, 24093, "Empty job parameter found"),
        *[({"jobs": [7, each], "callbackUrl": URL}, 24093, "Empty job parameter found") for each in ({}, [], None, "")],
        *[({"jobs": [each], "callbackUrl": URL}, 24092, "Incorrect Job Format") for each in (7, "x", [1], True, 0)],
        *[
            (
                {"jobs": [{k: v for k, v in INVITE.items() if k != key}], "callbackUrl": URL},
                24092,
                "Incorrect Job Format",
            )
            for key in INVITE
        ],
        *[
            ({"jobs": [INVITE | wrong], "callbackUrl": URL}, 24092, "Incorrect Job Format")
            for wrong in (
                {"namespace": 1},
                {"action": None},
                {"params": None},
                {"params": "x"},
                {"params": [1]},
                {"namespace": "", "params": 1},
            )
        ],
        ({"jobs": [INVITE | {"namespace": ""}], "callbackUrl": URL}, 24093, "Empty job parameter found"),
        ({"jobs": [INVITE | {"action": ""}], "callbackUrl": URL}, 24093, "Empty job parameter found"),
        *[
            ({"jobs": [INVITE], "callbackUrl": url}, 23016, "'callbackUrl' does not validate")
            for url in ("", "nonsense", "/cb", "ftp://host/cb", "http:///cb", "http://a b/", "http://[::1", 7, [], {})
        ],
    ],
)
async def test_what_is_wrong_with_a_batch_is_said_in_this_order(emulator, client, said, code, text):
    assert await client.error("run", said) == (400, code, text)
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0


async def test_params_may_be_an_empty_list_and_stay_one(client):
    (result,) = await client.results(PING | {"params": []})
    assert result["request"] == []


async def test_keys_beyond_the_three_are_taken(client):
    (result,) = await client.results(PING | {"id": 7})
    assert "id" not in result


# Progress -------------------------------------------------------------------


async def test_progress_is_the_share_of_finished_calls_and_never_falls(emulator, client):
    async_id = await client.run(PING, PING, PING)
    seen = [await client.progress(async_id)]
    for _ in range(4):
        await emulator.advance("250ms")
        seen.append(await client.progress(async_id))
    assert seen == [0, 0, 33, 66, 100]


@pytest.mark.parametrize("jobs", [1, 2, 7, 200])
async def test_progress_is_100_exactly_when_there_are_results(emulator, client, jobs):
    async_id = await client.run(*[PING] * jobs)
    before = 0
    for _ in range(8):
        progress, answered = (
            await client.progress(async_id),
            (await client.batch("results", {"async": async_id})).status,
        )
        assert (progress == 100) == (answered == 200)
        assert before <= progress
        before = progress
        await emulator.advance("150ms")
    assert before == 100


async def test_a_story_may_say_the_progress_but_no_story_lets_it_fall(told):
    client = await told("""
jobs: [{steps: [{state: running}, {state: running, after: 1s, progress: 80}, {state: running, after: 1s, progress: 30},
    {state: running, after: 1s, progress: 100}, {state: finished, after: 1s}]}]
""")
    async_id, seen = await client.run(), []
    for _ in range(5):
        seen.append(await client.progress(async_id))
        await client.emulator.advance("1s")
    assert seen == [0, 80, 80, 99, 100]


async def test_a_step_may_wait_for_polls(told):
    client = await told("jobs: [{steps: [{state: running}, {state: end, after: {polls: 2}}]}]\n")
    async_id = await client.run()
    assert [await client.progress(async_id) for _ in range(3)] == [0, 0, 100]


# Results --------------------------------------------------------------------


async def test_results_tell_of_each_call_in_the_order_of_submission(client):
    unknown = call("event.doNothing")
    results = await client.results(WRONG_ID, INVITE, unknown)
    assert [(each["namespace"], each["action"], each["request"]) for each in results] == [
        (each["namespace"], each["action"], each["params"]) for each in (WRONG_ID, INVITE, unknown)
    ]
    assert [each["response"].get("errorCode") for each in results] == [400, None, 404]


async def test_before_the_end_there_are_none(client):
    async_id = await client.run()
    assert await client.error("results", {"async": async_id}) == (400, 24114, "Batch job not completed")


async def test_after_two_days_they_are_gone_and_the_batch_with_them(emulator, client):
    async_id = await client.run()
    await emulator.advance("1s")
    await emulator.advance("47h")
    assert await client.ask("results", async_id)
    await emulator.advance("1h")
    assert await client.error("results", {"async": async_id}) == (404, 24115, "Could not find batch")
    for action in ("progress", "restart", "repost"):
        assert await client.error(action, {"async": async_id}) == (404, 24105, "Could not find batch")


async def test_batches_whose_time_is_over_are_forgotten_when_the_next_comes(emulator, client):
    await client.run()
    await emulator.advance("3d")
    await client.run()
    assert (await emulator.admin("GET", "/jobs"))["total"] == 1


@pytest.mark.parametrize("action", ["progress", "results", "restart", "repost"])
async def test_an_unknown_batch_is_not_found(client, action):
    code = 24115 if action == "results" else 24105
    for unknown in (UNKNOWN, "", "x" * 10_000, "\u0000"):
        assert await client.error(action, {"async": unknown}) == (404, code, "Could not find batch")


@pytest.mark.parametrize("action", ["progress", "results", "restart", "repost"])
async def test_the_batch_must_be_named(client, action):
    for said in ({}, {"asyncId": UNKNOWN}, {"async": None}):
        assert await client.error(action, said) == (400, 23017, "'async' is required")
    for wrong in (7, [UNKNOWN], {"async": UNKNOWN}, True):
        assert await client.error(action, {"async": wrong}) == (400, 23016, "'async' does not validate")


async def test_a_batch_of_another_account_is_not_found(told):
    client = await told("accounts: [{key: acme-key}, {key: other}, {key: third, account: acme-key}]\n")
    async_id = await client.run()
    other, third = (Ivvy(client.emulator, key) for key in ("other", "third"))
    assert await other.error("progress", {"async": async_id}) == (404, 24105, "Could not find batch")
    assert await third.progress(async_id) == 0


# Callback -------------------------------------------------------------------


async def test_the_callback_says_what_results_answers(emulator, client, receiver):
    async_id = await client.run(INVITE, WRONG_ID, url=receiver.url)
    await emulator.advance("1s")
    (heard,) = receiver.heard
    assert (heard.method, heard.path) == ("POST", "/hook")
    assert heard.headers["Content-Type"] == "application/json"
    assert json.loads(heard.body) == await client.ask("results", async_id)


async def test_results_answer_before_the_callback_has_been_answered(emulator, client, receiver):
    answers = []

    async def look(_receiver, _request):
        answers.append(await client.ask("results", async_id))
        answers.append(await client.progress(async_id))
        return receiver_response()

    receiver.afterwards = look
    async_id = await client.run(url=receiver.url)
    await emulator.advance("1s")
    assert answers[0]["asyncId"] == async_id
    assert answers[1] == 100


def receiver_response():
    from aiohttp import web  # noqa: PLC0415

    return web.Response()


async def test_a_callback_that_fails_changes_nothing_and_is_not_tried_again(emulator, client, receiver):
    receiver.afterwards = 500
    async_id = await client.run(url=receiver.url)
    await emulator.advance("1d")
    assert len(receiver.heard) == 1
    assert await client.progress(async_id) == 100
    assert (await emulator.admin("GET", "/callbacks"))["dropped"] == 1


async def test_retries_can_be_had(told, receiver):
    client = await told("settings: {callback_retries: 2, callback_retry_after: 30s}\n")
    receiver.told = [500, 302, 204]
    await client.run(url=receiver.url)
    await client.emulator.advance("5m")
    (callback,) = (await client.emulator.admin("GET", "/callbacks"))["callbacks"]
    assert [each["status"] for each in callback["attempts"]] == [500, 302, 204]
    assert [each["at"][11:19] for each in callback["attempts"]] == ["09:00:01", "09:00:31", "09:01:01"]
    assert callback["status"] == "delivered"


async def test_callbacks_can_be_turned_off(told, receiver):
    client = await told("settings: {callbacks: false}\n")
    async_id = await client.run(url=receiver.url)
    await client.emulator.advance("1m")
    assert await client.ask("repost", async_id) == {"reposted": True}
    assert receiver.heard == []


# Restart, repost ------------------------------------------------------------


async def test_a_batch_that_runs_or_has_ended_is_not_restarted(emulator, client):
    async_id = await client.run()
    assert await client.ask("restart", async_id) == {"restarted": False}
    await emulator.advance("1s")
    assert await client.ask("restart", async_id) == {"restarted": False}


async def test_a_batch_that_was_to_stay_paused_ends_when_it_is_restarted(told):
    client = await told("jobs: [{steps: [{state: running}, {state: paused, after: 1s}], stuck: true}]\n")
    async_id = await client.run()
    await client.emulator.advance("1d")
    assert await client.progress(async_id) == 99
    assert await client.ask("restart", async_id) == {"restarted": True}
    assert await client.progress(async_id) == 100


async def test_a_repost_is_the_same_callback_again(emulator, client, receiver):
    async_id = await client.run(url=receiver.url)
    assert await client.ask("repost", async_id) == {"reposted": False}
    await emulator.advance("1s")
    assert await client.ask("repost", async_id) == {"reposted": True}
    first, second = await receiver.hears(2)
    assert first.body == second.body


async def test_the_same_seed_gives_the_same_batch(start_emulator):
    async def tale(seed):
        client = Ivvy(await start_emulator(seed=seed))
        return await client.run(), await client.responses(call("contact.addOrUpdateContact"))

    first, again, other = [await tale(seed) for seed in (1, 1, 2)]
    assert first == again != other

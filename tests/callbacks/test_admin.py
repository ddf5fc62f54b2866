"""`/__admin/callbacks`, and what else of the admin API concerns calls. The owner of the calls is Kladana."""

import asyncio
import json

import pytest

from tests.callbacks import receiver as behaviours

API = "/api/remap/1.2"
SUBMIT = f"{API}/report/stock/bystore?async=true"
TOKEN = {"Authorization": "Bearer t0ken-s3cret"}


@pytest.fixture
async def emulator(start_emulator, tmp_path):
    story = tmp_path / "hooks.yaml"
    story.write_text(
        "version: 1\napi: kladana\nabout: Impatient.\nsettings: {webhook_timeout: 250ms}\n"
        "jobs: [{steps: [{state: PENDING}, {state: PROCESSING, after: 1s}, {state: end, after: 10s}]}]\n"
    )
    return await start_emulator(scenario=(str(story),))


async def register(emulator, url, *actions):
    for action in actions:
        body = {"url": url, "entityType": "async", "action": action}
        reply = await emulator.call("POST", f"{API}/entity/webhook", json=body, headers=TOKEN)
        assert reply.status == 200, reply.text


async def submit(emulator):
    return (await emulator.get(SUBMIT, headers=TOKEN)).headers["X-Emulator-Job"]


async def test_an_advance_lists_the_attempts_among_what_happened(emulator, receiver):
    receiver.told = [503, behaviours.silence]
    await register(emulator, receiver.url, "PROCESSED")
    job = await submit(emulator)
    clock = await emulator.advance("1m")
    request_id = receiver.heard[0].query["requestId"]
    told = [
        (each["at"][17:19], each.get("state"), each.get("attempt"), each.get("status")) for each in clock["happened"]
    ]
    assert told == [
        ("01", "PROCESSING", None, None),
        ("11", "DONE", None, None),
        ("11", None, 1, 503),
        ("11", None, 2, None),
        ("11", None, 3, 200),
    ]
    assert {each["callback"] for each in clock["happened"] if "callback" in each} == {request_id}
    (callback,) = (await emulator.admin("GET", f"/callbacks?job={job}"))["callbacks"]
    assert (callback["id"], callback["status"], callback["api"], callback["job"]) == (
        request_id,
        "delivered",
        "kladana",
        job,
    )
    assert [(each["status"], each["reason"]) for each in callback["attempts"]] == [
        (503, None),
        (None, "no answer within 250 ms"),
        (200, None),
    ]
    assert callback["owed"] == "2026-03-01T09:00:11.000000Z"
    assert json.loads(callback["request"]["body"]) == json.loads(receiver.heard[0].body)


async def test_callbacks_are_counted_found_and_paged(emulator, receiver):
    receiver.told = [200] * 2 + [500] * 4
    await register(emulator, receiver.url, "CREATE")
    jobs = [await submit(emulator) for _ in range(2)]
    await receiver.hears(2)
    jobs.append(await submit(emulator))
    await receiver.hears(6)
    await emulator.advance("0s")
    told = await emulator.admin("GET", "/callbacks?limit=1&offset=1")
    counts = {key: value for key, value in told.items() if key != "callbacks"}
    assert counts == {"total": 3, "owed": 3, "delivered": 2, "dropped": 1, "attempts": 6, "evicted": 0}
    assert [each["job"] for each in told["callbacks"]] == [jobs[1]]
    assert (await emulator.admin("GET", f"/callbacks?job={jobs[2]}"))["callbacks"][0]["status"] == "dropped"
    assert (await emulator.admin("GET", "/callbacks?api=waylay"))["total"] == 0
    assert (await emulator.get("/__admin/callbacks?limit=x")).status == 422


async def test_a_submission_calls_back_while_the_clock_stands_still(emulator, receiver):
    await register(emulator, receiver.url, "CREATE", "UPDATE")
    await submit(emulator)
    (heard,) = await receiver.hears(1)
    assert json.loads(heard.body)["events"][0]["action"] == "CREATE"


@pytest.mark.requirement("I-3", "I-7")
async def test_the_task_can_be_polled_by_whoever_is_called(emulator, receiver):
    states = []

    async def look(_receiver, request):
        href = (await request.json())["events"][0]["meta"]["href"]
        states.append((await emulator.get(href, headers=TOKEN)).json["state"])
        return behaviours.web.Response()

    receiver.afterwards = look
    await register(emulator, receiver.url, "CREATE", "PROCESSED")
    await submit(emulator)
    await receiver.hears(1)
    await emulator.advance("1m")
    assert states == ["PENDING", "DONE"]


async def test_when_time_runs_it_goes_out_by_itself(start_emulator, receiver):
    emulator = await start_emulator(rate=1000, start=None)
    await register(emulator, receiver.url, "PROCESSED")
    await submit(emulator)
    (heard,) = await receiver.hears(1)
    assert json.loads(heard.body)["events"][0]["action"] == "PROCESSED"


async def test_released_by_hand_it_goes_out_too(emulator, receiver):
    await register(emulator, receiver.url, "UPDATE")
    job = await submit(emulator)
    await emulator.admin("POST", f"/jobs/{job}/release")
    assert len(await receiver.hears(1)) == 1


async def test_namespaces_know_nothing_of_each_others_calls(emulator, receiver):
    one, two = emulator.namespace("one"), emulator.namespace("two")
    await register(one, receiver.url, "CREATE")
    await submit(two)
    await submit(one)
    (heard,) = await receiver.hears(1)
    href = json.loads(heard.body)["events"][0]["meta"]["href"]
    assert href.startswith(f"{emulator.origin}/ns/one{API}/async/")
    assert (await two.admin("GET", "/callbacks"))["owed"] == 0
    assert (await one.admin("GET", "/callbacks"))["owed"] == 1


async def test_a_namespace_chosen_by_a_header_is_in_the_href_all_the_same(emulator, receiver):
    there = {**TOKEN, "X-Emulator-Namespace": "by-header"}
    body = {"url": receiver.url, "entityType": "async", "action": "CREATE"}
    await emulator.call("POST", f"{API}/entity/webhook", json=body, headers=there)
    await emulator.get(SUBMIT, headers=there)
    (heard,) = await receiver.hears(1)
    href = json.loads(heard.body)["events"][0]["meta"]["href"]
    assert href.startswith(f"{emulator.origin}/ns/by-header{API}/async/")
    assert (await emulator.get(href, headers=TOKEN)).status == 200


async def test_reset_breaks_off_and_forgets(emulator, receiver):
    receiver.afterwards = behaviours.gate
    await emulator.admin("PUT", "/namespaces/n", {})
    space = emulator.namespace("n")
    await register(space, receiver.url, "CREATE")
    await submit(space)
    await receiver.hears(1)
    await space.admin("POST", "/reset")
    assert (await space.admin("GET", "/callbacks"))["owed"] == 0
    assert (await space.advance("1h"))["happened"] == []
    assert len(receiver.heard) == 1


async def test_reset_during_an_advance_is_told(start_emulator, receiver):
    emulator = await start_emulator()
    receiver.afterwards = behaviours.gate
    await register(emulator, receiver.url, "PROCESSED")
    await submit(emulator)
    advancing = asyncio.create_task(emulator.call("POST", "/__admin/clock", json={"advance": "1h"}))
    await receiver.hears(1)
    assert (await emulator.call("POST", "/__admin/clock", json={"advance": "1h"})).status == 409
    await emulator.admin("POST", "/reset")
    told = await advancing
    assert (told.status, told.json["detail"]) == (409, "the namespace was reset meanwhile")


@pytest.mark.requirement("S-6")
async def test_no_secret_is_told(emulator, receiver, caplog):
    caplog.set_level("DEBUG")
    url = receiver.url.replace("//", "//user:pa55-s3cret@")
    await register(emulator, url, "CREATE")
    await submit(emulator)
    await emulator.advance("1m")
    told = await emulator.admin("GET", "/callbacks")
    (callback,) = told["callbacks"]
    assert [each["reason"] for each in callback["attempts"]] == ["the URL carries credentials"] * 4
    assert callback["request"]["url"].startswith(receiver.url.replace("//", "//[redacted]@"))
    assert "s3cret" not in json.dumps(told)
    assert "s3cret" not in caplog.text
    assert receiver.heard == []


async def test_a_public_receiver_is_refused_and_that_is_told(emulator):
    await register(emulator, "http://203.0.113.7/hook", "CREATE")
    await submit(emulator)
    await emulator.advance("0s")
    (callback,) = (await emulator.admin("GET", "/callbacks"))["callbacks"]
    assert callback["attempts"][0]["reason"] == (
        "203.0.113.7 is public and not among those that --allow-callback-to names"
    )

"""`Prefer: scenario=NAME`: one job follows another story."""

import pytest

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TOKEN = {"Authorization": "Bearer token"}
BATCH = {"entity": "resource", "action": "delete", "query": {"ids": ["nope"]}}


async def submit(emulator, prefer=None):
    return await emulator.get(SUBMIT, headers=TOKEN | ({"Prefer": prefer} if prefer else {}))


async def ends(emulator, reply):
    await emulator.advance("1h")
    return (await emulator.get(reply.headers["Content-Location"], headers=TOKEN)).json["state"]


@pytest.mark.parametrize(
    "prefer",
    [
        "scenario=kladana/api-error",
        'respond-async, scenario="kladana/api-error"',
        "wait=10; Scenario = api-error",
    ],
)
async def test_the_job_follows_the_story_that_its_client_asks_for(emulator, prefer):
    reply = await submit(emulator, prefer)
    assert reply.headers["X-Emulator-Scenario"] == "kladana/api-error"
    assert await ends(emulator, reply) == "API_ERROR"


async def test_the_next_job_does_not_and_the_scenario_in_play_stays(emulator):
    await submit(emulator, "scenario=kladana/api-error")
    reply = await submit(emulator)
    assert "X-Emulator-Scenario" not in reply.headers
    assert await ends(emulator, reply) == "DONE"
    playing = {each["api"]: each["name"] for each in (await emulator.admin("GET", "/scenario"))["scenarios"]}
    assert playing["kladana"] == "kladana/default"


async def test_only_the_rules_of_jobs_are_taken(emulator):
    reply = await submit(emulator, "scenario=kladana/link-expired")
    await emulator.advance("5s")
    link = (await emulator.get(reply.headers["Location"], headers=TOKEN)).headers["Location"]
    assert (await emulator.get(link)).status == 200


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("kladana/api-eror", "kladana/api-error"),
        ("../../etc/passwd", "no scenario"),
        ("/etc/passwd", "no scenario"),
        ("waylay/slow", "about waylay"),
    ],
)
async def test_a_story_that_is_none_is_refused_and_no_job_is_made(emulator, name, told):
    reply = await submit(emulator, f"scenario={name}")
    assert (reply.status, reply.headers["Content-Type"]) == (400, "application/problem+json")
    assert told in reply.json["detail"]
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0


async def test_what_is_no_submission_takes_no_notice(emulator):
    task = (await submit(emulator)).headers["Content-Location"]
    poll = await emulator.get(task, headers=TOKEN | {"Prefer": "scenario=nonsense"})
    assert poll.status == 200
    assert "X-Emulator-Scenario" not in poll.headers


async def test_other_apis_know_it_too(emulator):
    reply = await emulator.call(
        "POST", "/resources/v1/batch", json=BATCH, headers=TOKEN | {"Prefer": "scenario=waylay/never-finishes"}
    )
    assert (reply.status, reply.headers["X-Emulator-Scenario"]) == (202, "waylay/never-finishes")

"""All that happened to one job, on one axis."""

import pytest

from tests.callbacks.receiver import receiving

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TASKS = "/api/remap/1.2/async"
TOKEN = {"Authorization": "Bearer token"}
SYNAPSE = {"Authorization": "Bearer test-token"}


async def kinds(emulator, job):
    events = (await emulator.admin("GET", f"/jobs/{job}/timeline"))["events"]
    return [(each["after"], each["kind"], each.get("state") or each.get("status")) for each in events]


async def submit(emulator):
    return (await emulator.get(SUBMIT, headers=TOKEN)).headers["X-Emulator-Job"]


async def test_a_task_from_its_submission_to_a_link_that_died(emulator):
    job = await submit(emulator)
    await submit(emulator)
    await emulator.get(f"{TASKS}/{job}", headers=TOKEN)
    await emulator.get(f"{TASKS}/{job}/result", headers=TOKEN)
    await emulator.advance("10s")
    await emulator.get(f"{TASKS}/{job}", headers=TOKEN)
    link = (await emulator.get(f"{TASKS}/{job}/result", headers=TOKEN)).headers["Location"]
    assert (await emulator.get(link)).status == 200
    await emulator.advance("6m")
    assert (await emulator.get(link)).status == 401
    assert (await emulator.call("PUT", f"{TASKS}/{job}/cancel", headers=TOKEN)).status == 412
    assert await kinds(emulator, job) == [
        ("0s", "submission", 202),
        ("0s", "state", "PENDING"),
        ("0s", "poll", 200),
        ("0s", "result", 412),
        ("500ms", "state", "PROCESSING"),
        ("2s500ms", "state", "DONE"),
        ("10s", "poll", 200),
        ("10s", "redirect", 302),
        ("10s", "fetch", 200),
        ("6m10s", "fetch", 401),
        ("6m10s", "cancel", 412),
    ]


async def test_a_cancel_comes_before_what_it_does(emulator):
    job = await submit(emulator)
    assert (await emulator.call("PUT", f"{TASKS}/{job}/cancel", headers=TOKEN)).status == 204
    await emulator.get(f"{TASKS}/{job}", headers=TOKEN)
    assert await kinds(emulator, job) == [
        ("0s", "submission", 202),
        ("0s", "state", "PENDING"),
        ("0s", "cancel", 204),
        ("0s", "state", "CANCEL"),
        ("0s", "poll", 200),
    ]


async def test_states_that_wait_for_polls_stand_between_them(emulator):
    steps = "[{state: PENDING}, {state: PROCESSING, after: {polls: 1}}, {state: end, after: {polls: 2}}]"
    story = f"version: 1\napi: kladana\nabout: By polls.\njobs: [{{steps: {steps}}}]\n"
    await emulator.admin("PUT", "/scenario", {"yaml": story})
    job = await submit(emulator)
    for _ in range(4):
        await emulator.get(f"{TASKS}/{job}", headers=TOKEN)
    assert [each[2] for each in await kinds(emulator, job)] == [
        202,
        "PENDING",
        200,
        "PROCESSING",
        200,
        200,
        "DONE",
        200,
    ]


async def test_callbacks_stand_where_they_were_owed_and_tried(start_emulator, tmp_path):
    emulator = await start_emulator()
    async with receiving() as receiver:
        receiver.told = [503, 200]
        hook = {"url": receiver.url, "entityType": "async", "action": "PROCESSED"}
        assert (await emulator.call("POST", "/api/remap/1.2/entity/webhook", json=hook, headers=TOKEN)).status == 200
        job = await submit(emulator)
        await emulator.advance("1m")
    told = (await emulator.admin("GET", f"/jobs/{job}/timeline"))["events"]
    owed, *attempts = (each for each in told if each["kind"] in ("owed", "callback"))
    assert (owed["after"], owed["text"]) == (
        "2s500ms",
        f"callback {owed['callback']} to {receiver.url}?requestId={owed['callback']}",
    )
    assert [(each["attempt"], each["status"], each["callback"]) for each in attempts] == [
        (1, 503, owed["callback"]),
        (2, 200, owed["callback"]),
    ]


async def test_a_file_that_a_job_made_is_fetched_in_its_name(emulator):
    asked = {
        "concreteType": "org.sagebionetworks.repo.model.table.DownloadFromTableRequest",
        "sql": "select * from syn124",
        "entityId": "syn124",
    }
    started = await emulator.call(
        "POST", "/repo/v1/entity/syn124/table/download/csv/async/start", json=asked, headers=SYNAPSE
    )
    job = started.json["token"]
    await emulator.advance("1h")
    got = await emulator.get(f"/repo/v1/entity/syn124/table/download/csv/async/get/{job}", headers=SYNAPSE)
    file = got.json["resultsFileHandleId"]
    wanted = {"includePreSignedURLs": True, "requestedFiles": [{"fileHandleId": file}]}
    wanted["requestedFiles"][0] |= {"associateObjectId": "syn124", "associateObjectType": "TableEntity"}
    batch = await emulator.call("POST", "/file/v1/fileHandle/batch", json=wanted, headers=SYNAPSE)
    link = batch.json["requestedFiles"][0]["preSignedURL"]
    assert (await emulator.get(link)).status == 200
    await emulator.advance("1h")
    assert (await emulator.get(link)).status == 403
    told = [each[1:] for each in await kinds(emulator, job) if each[1] != "state"]
    assert told == [("submission", 201), ("poll", 201), ("fetch", 200), ("fetch", 403)]


async def test_a_call_that_a_scenario_refused_is_about_its_job_too(emulator):
    story = "version: 1\napi: kladana\nabout: No look.\nfaults: [{operation: getTask, calls: 1, error: 1049}]\n"
    await emulator.admin("PUT", "/scenario", {"yaml": story})
    job = await submit(emulator)
    await emulator.get(f"{TASKS}/{job}", headers=TOKEN)
    refused = (await emulator.admin("GET", f"/jobs/{job}/timeline"))["events"][-1]
    assert (refused["kind"], refused["status"]) == ("poll", 429)
    (rule,) = refused["rules"]
    assert refused["text"] == f"#2 getTask -> 429 by {rule}"


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "application/json"),
        ("", "text/plain", "text/plain"),
        ("?format=text", "*/*", "text/plain"),
        ("?format=json", "text/plain", "application/json"),
    ],
)
async def test_it_is_json_or_text(emulator, query, accept, media_type):
    job = await submit(emulator)
    response = await emulator.get(f"/__admin/jobs/{job}/timeline{query}", headers={"Accept": accept})
    assert response.headers["Content-Type"].split(";")[0] == media_type
    if media_type == "text/plain":
        head, *lines = response.text.splitlines()
        assert head.startswith(f"kladana job {job} of account ")
        assert (
            lines[0]
            == "2026-03-01T09:00:00.000000Z  +0s  submission  #1 getStockByStore -> 202 by kladana/default jobs[0]"
        )
        assert lines[1] == "2026-03-01T09:00:00.000000Z  +0s  state       PENDING"


async def test_another_form_and_another_job_are_problems(emulator):
    job = await submit(emulator)
    assert (await emulator.get(f"/__admin/jobs/{job}/timeline?format=xml")).status == 422
    assert (await emulator.get("/__admin/jobs/nobody/timeline")).status == 404

"""Launch, status, cancel: each field of a status by its own rule."""

import json
import re

import pytest

from tests.synapse.conftest import ADMIN, BOB, MODEL, TABLE, UUID, changing, downloading, uploading

NOW = "2026-03-01T09:00:00.000Z"


async def test_a_job_is_launched_and_echoed(client):
    response = await client.post("/asynchronous/job", downloading(entityId="syn1", limit=None, nonsense=1))
    assert response.status == 201
    assert response.json == {
        "jobState": "PROCESSING",
        "jobCanceling": False,
        "requestBody": downloading(entityId="syn1"),
        "etag": response.json["etag"],
        "jobId": "10421",
        "startedByUserId": 3300001,
        "startedOn": NOW,
        "changedOn": NOW,
        "runtimeMS": 0,
    }
    assert re.fullmatch(UUID, response.json["etag"])
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert (await client.get("/asynchronous/job/10421")).json == response.json


async def test_ids_are_a_sequence_of_the_namespace(client):
    assert [await client.launch(downloading()) for _ in range(3)] == ["10421", "10422", "10423"]
    assert await client.as_(BOB).launch(downloading()) == "10424"
    other = type(client)(client.emulator.namespace("other"))
    assert await other.launch(downloading()) == "10421"


async def test_progress_changes_all_but_the_etag(client):
    job = await client.launch(downloading())
    before = await client.status(job)
    await client.emulator.advance("500ms")
    status = await client.status(job)
    assert status == before | {
        "changedOn": "2026-03-01T09:00:00.500Z",
        "progressMessage": "Building the CSV...",
        "progressCurrent": 50,
        "progressTotal": 100,
        "runtimeMS": 500,
    }


async def test_the_end_changes_the_etag_and_completes_the_progress(client):
    job = await client.launch(downloading())
    before = await client.status(job)
    await client.emulator.advance("1h")
    status = await client.status(job)
    assert status["etag"] != before["etag"]
    assert re.fullmatch(UUID, status["etag"])
    assert {key: status[key] for key in ("progressMessage", "progressCurrent", "progressTotal", "runtimeMS")} == {
        "progressMessage": "Complete",
        "progressCurrent": 100,
        "progressTotal": 100,
        "runtimeMS": 1000,
    }
    assert status["changedOn"] == "2026-03-01T09:00:01.000Z"
    assert status["responseBody"]["concreteType"] == f"{TABLE}DownloadFromTableResult"
    assert "exception" not in status
    assert await client.status(job) == status


async def test_a_job_without_progress_is_complete_without_counts(told):
    client = await told("""
accounts: [{token: test-token, tables: [{id: syn124}]}]
jobs: [{steps: [{state: PROCESSING}, {state: PROCESSING, after: 1s}, {state: end, after: 1s}]}]
""")
    job = await client.launch(downloading())
    await client.emulator.advance("1s")
    assert (await client.status(job))["changedOn"] == NOW
    await client.emulator.advance("1s")
    status = await client.status(job)
    assert status["progressMessage"] == "Complete"
    assert not {"progressCurrent", "progressTotal"} & set(status)


async def test_a_failure_keeps_the_last_progress_and_runtime(client):
    job = await client.launch(downloading("select nobody from syn124"))
    before = await client.status(job)
    await client.emulator.advance("1s")
    status = await client.status(job)
    assert status["jobState"] == "FAILED"
    assert status["etag"] != before["etag"]
    assert status["exception"] == "java.lang.IllegalArgumentException"
    assert status["errorMessage"] == "Unknown column nobody"
    assert status["errorDetails"].startswith("java.lang.IllegalArgumentException: Unknown column nobody\n\tat ")
    assert status["runtimeMS"] == 500
    assert status["changedOn"] == "2026-03-01T09:00:01.000Z"
    assert (status["progressMessage"], status["progressCurrent"]) == ("Building the CSV...", 50)
    assert "responseBody" not in status


async def test_a_message_of_more_than_3000_characters_is_cut(told):
    client = await told(f"""
accounts: [{{token: test-token, tables: [{{id: syn124}}]}}]
jobs:
  - steps:
      - {{state: PROCESSING}}
      - {{state: FAILED, error: {{code: TableFailedException, message: {"x" * 4000}}}}}
""")
    status = await client.status(await client.launch(downloading()))
    assert status["errorMessage"] == "x" * 2999
    assert len(status["errorDetails"]) > 4000
    assert "exception" not in status


async def test_a_failure_of_which_nothing_is_told(told):
    client = await told("""
accounts: [{token: test-token, tables: [{id: syn124}]}]
jobs: [{steps: [{state: PROCESSING}, {state: FAILED}]}]
""")
    job = await client.launch(downloading())
    assert not {"exception", "errorMessage", "errorDetails"} & set(await client.status(job))
    path = f"/entity/syn124/table/download/csv/async/get/{job}"
    assert await client.error("GET", path) == (400, "Asynchronous job failed")


async def test_updates_count_towards_an_end_that_nobody_knows(client):
    job = await client.launch(uploading())
    await client.emulator.advance("500ms")
    status = await client.status(job)
    assert status["progressMessage"] == "Update: 50"
    assert (status["progressCurrent"], status["progressTotal"]) == (50, 9223372036854775807)
    await client.emulator.advance("500ms")
    assert (await client.status(job))["progressCurrent"] == 9223372036854775807


@pytest.mark.parametrize(
    ("body", "result"),
    [(downloading(), "DownloadFromTableResult"), (uploading(), "UploadToTableResult")],
    ids=["download", "upload"],
)
async def test_both_job_types_of_the_published_list_are_launched(client, body, result):
    assert (await client.result(body))["concreteType"] == TABLE + result


async def test_the_deployed_server_refuses_an_upload_of_its_own(setting):
    client = await setting("upload_launchable=false")
    expected = (400, f"Unknown type for class:class {TABLE}UploadToTableRequest")
    assert await client.refused(uploading()) == expected
    assert (await client.result(changing(uploading(), entityId="syn124")))["results"][0]["rowsProcessed"] == 2


async def test_the_profile_current_refuses_it_too(setting):
    client = await setting("profile=current")
    assert (await client.refused(uploading()))[0] == 400
    assert (await client.as_({}).status(await client.as_({}).launch(downloading())))["startedByUserId"] == 273950


# Which job --------------------------------------------------------------------


async def test_an_unknown_job(client):
    assert await client.error("GET", "/asynchronous/job/00123") == (404, "Asynchronous job: '123' does not exist")
    assert await client.error("GET", "/asynchronous/job/-5/cancel") == (404, "Asynchronous job: '-5' does not exist")


@pytest.mark.parametrize("job", ["abc", "1.0", "9223372036854775808", "1e3", "٣", "0x1"])
async def test_an_id_that_is_no_long(client, job):
    expected = (400, f'Cannot read job id: For input string: "{job}"')
    assert await client.error("GET", f"/asynchronous/job/{job}") == expected
    assert await client.error("GET", f"/asynchronous/job/{job}/cancel") == expected


async def test_zeros_before_an_id_make_no_difference(client):
    job = await client.launch(downloading())
    assert (await client.status(f"+00{job}"))["jobId"] == job


async def test_another_users_job(client):
    job = await client.launch(downloading())
    bob, admin = client.as_(BOB), client.as_(ADMIN)
    told = "Only the user that created a job can access the job's status."
    assert await bob.error("GET", f"/asynchronous/job/{job}") == (403, told)
    told = "Only the user that created a job can stop the job."
    assert await bob.error("GET", f"/asynchronous/job/{job}/cancel") == (403, told)
    assert (await client.status(job))["jobCanceling"] is False
    assert (await admin.status(job))["startedByUserId"] == 3300001
    await admin.cancel(job)
    assert (await client.status(job))["jobCanceling"] is True


# Classes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"concreteType": "org.example.Nope"}, "Unknown concreteType : 'org.example.Nope'"),
        (
            {"concreteType": f"{MODEL}FileEntity"},
            f'Unexpected concreteType: "{MODEL}FileEntity" is not of type "{MODEL}asynch.AsynchronousRequestBody"',
        ),
        (
            {"concreteType": f"{TABLE}AppendableRowSetRequest"},
            f"Unknown type for class:class {TABLE}AppendableRowSetRequest",
        ),
        (
            {"concreteType": f"{TABLE}TableSchemaChangeRequest"},
            f"Unknown type for class:class {TABLE}TableSchemaChangeRequest",
        ),
    ],
)
async def test_a_class_that_is_no_job(client, body, reason):
    assert await client.refused(body) == (400, reason)


@pytest.mark.parametrize("body", [{}, {"concreteType": None, "sql": "select * from syn124"}])
async def test_no_class(client, body):
    adapter = "org.sagebionetworks.schema.adapter.JSONObjectAdapterException"
    missing = (
        f"Missing 'concreteType' property, cannot discriminate polymorphic type {MODEL}asynch.AsynchronousRequestBody"
    )
    told = f"{adapter}: {missing}; nested exception is {adapter}: {adapter}: {missing}"
    assert await client.refused(body) == (400, told)


async def test_an_old_alias_names_the_class_too(client):
    body = downloading()
    body["entityType"] = body.pop("concreteType")
    assert (await client.post("/asynchronous/job", body)).json["requestBody"] == downloading()


@pytest.mark.parametrize("name", ["migration.AsyncMigrationRequest", "file.FileHandleArchivalRequest"])
async def test_administrators_jobs(client, name):
    body = {"concreteType": MODEL + name}
    assert await client.refused(body) == (403, "Only an administrator may start this job.")
    assert await client.as_(ADMIN).refused(body) == (400, f"Unknown type for class:class {MODEL}{name}")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, f"Missing 'concreteType' property, cannot discriminate polymorphic type {TABLE}TableUpdateRequest"),
        ({"concreteType": "org.example.Nope"}, "Cannot create new instance. Unknown class: org.example.Nope"),
        (downloading(), f"Cannot create new instance. Unknown class: {TABLE}DownloadFromTableRequest"),
    ],
)
async def test_a_change_of_no_known_class(client, change, reason):
    assert await client.refused(changing(change)) == (400, reason)


async def test_a_value_outside_an_enum(client):
    body = downloading(sort=[{"column": "name", "direction": "UP"}])
    assert await client.refused(body) == (400, f"No enum constant {TABLE}SortDirection.UP")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"limit": "ten"}, 'JSONObject["limit"] is not a long.'),
        ({"limit": 2**63}, 'JSONObject["limit"] is not a long.'),
        ({"writeHeader": "yes"}, 'JSONObject["writeHeader"] is not a Boolean.'),
        ({"sql": ["select"]}, 'JSONObject["sql"] not a string.'),
        ({"sort": {}}, 'JSONObject["sort"] is not a JSONArray.'),
        ({"csvTableDescriptor": ","}, 'JSONObject["csvTableDescriptor"] is not a JSONObject.'),
    ],
)
async def test_a_value_of_another_type(client, more, text):
    told = f"{text}; nested exception is org.json.JSONException: {text}"
    assert await client.refused(downloading() | more) == (400, told)


async def test_no_body(client):
    response = await client.post("/asynchronous/job")
    assert response.status == 400
    assert response.json["reason"].startswith("Required request body is missing: public org.sagebionetworks.repo.model")


async def test_a_body_without_a_charset_is_read_as_latin_1(client):
    body = json.dumps(downloading(fileName="é"), ensure_ascii=False)
    for content_type, name in (("application/json", "Ã©"), ("application/json; charset=UTF-8", "é")):
        headers = client.headers | {"Content-Type": content_type}
        path = "/repo/v1/asynchronous/job"
        response = await client.emulator.call("POST", path, data=body.encode(), headers=headers)
        assert response.json["requestBody"]["fileName"] == name


# Cancel -----------------------------------------------------------------------


async def test_a_cancel_only_shows(client):
    job = await client.launch(downloading())
    before = await client.status(job)
    for _ in range(2):
        await client.cancel(job)
        assert await client.status(job) == before | {"jobCanceling": True}
    await client.emulator.advance("1s")
    assert await client.state(job) == "COMPLETE"
    await client.cancel(job)
    assert (await client.status(job))["jobCanceling"] is True


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
async def test_a_cancel_is_a_get(client, method):
    job = await client.launch(downloading())
    expected = (405, f"Request method '{method}' not supported")
    assert await client.error(method, f"/asynchronous/job/{job}/cancel") == expected
    assert (await client.status(job))["jobCanceling"] is False


async def test_a_cancelable_job_ends_with_its_next_step(told):
    client = await told("""
accounts: [{token: test-token, tables: [{id: syn124}]}]
jobs:
  - result: {cancelable: true}
    steps: [{state: PROCESSING}, {state: PROCESSING, after: 1s, progress: 50}, {state: end, after: 1h}]
""")
    job = await client.launch(downloading())
    await client.cancel(job)
    assert await client.state(job) == "PROCESSING"
    await client.emulator.advance("1s")
    status = await client.status(job)
    assert (status["jobState"], status["errorMessage"]) == ("FAILED", "Canceled")
    assert "exception" not in status
    path = f"/entity/syn124/table/download/csv/async/get/{job}"
    assert await client.error("GET", path) == (400, "Canceled")
    await client.cancel(job)
    await client.emulator.advance("2h")
    assert await client.state(job) == "FAILED"

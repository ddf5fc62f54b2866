"""The vendor's published examples, against our schemas and our answers; and every message of ours."""

import pytest

from tests.published import Published
from tests.synapse.conftest import BOB, downloading

PUBLISHED = Published("synapse")


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("asynchronous-job-status", "job-launched"),
        ("download-from-table-result", "download-result"),
        ("oauth-error-response", "expired-token"),
        ("throttled", "throttled"),
        ("batch-file-request", "batch-files"),
    ],
)
def test_a_published_example_keeps_our_contract(message, name):
    assert PUBLISHED.violations(message, PUBLISHED.example(name)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"jobState": "DONE"},
        {"etag": "1"},
        {"startedOn": "2024-10-24T18:07:06Z"},
        {"jobId": 10421},
        {"responseBody": PUBLISHED.example("download-result")},
        {"jobState": "COMPLETE"},
        {"errorMessage": "x"},
        {"runtimeMs": 0},
    ],
    ids=str,
)
def test_a_status_that_no_server_would_send_breaks_it(wrong):
    assert PUBLISHED.violations("asynchronous-job-status", PUBLISHED.example("job-launched") | wrong)


@pytest.mark.parametrize(
    "left_out", ["jobState", "jobCanceling", "requestBody", "etag", "jobId", "startedOn", "runtimeMS"]
)
def test_a_status_wants_all_its_fields(left_out):
    status = PUBLISHED.example("job-launched")
    del status[left_out]
    assert PUBLISHED.violations("asynchronous-job-status", status)


async def test_the_published_job_comes_out_as_published(told):
    published = PUBLISHED.example("job-launched")
    client = await told(f"""
clock: {{mode: frozen, start: "{published["startedOn"]}"}}
accounts:
  - token: test-token
    tables: [{{id: syn123, columns: [{{name: a, columnType: STRING}}], rows: 1}}]
jobs: [{{steps: [{{state: PROCESSING}}, {{state: end, after: 1s}}]}}]
""")
    status = (await client.post("/asynchronous/job", published["requestBody"])).json
    assert status == published | {"etag": status["etag"]}
    await client.emulator.advance("1s")
    result, expected = (await client.status(status["jobId"]))["responseBody"], PUBLISHED.example("download-result")
    expected["headers"][0]["id"] = result["headers"][0]["id"]
    assert result == expected | {"etag": result["etag"]}


async def test_the_published_errors_come_out_as_published(client):
    job = await client.launch(downloading())
    assert await client.error("GET", "/asynchronous/job/123") == (404, "Asynchronous job: '123' does not exist")
    told = "Only the user that created a job can access the job's status."
    assert await client.as_(BOB).error("GET", f"/asynchronous/job/{job}") == (403, told)

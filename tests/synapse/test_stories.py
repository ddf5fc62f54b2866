"""Each shipped story, played to its end."""

import pytest

from emulator.scenario.mistakes import ScenarioError
from tests.synapse.conftest import (
    ADMIN,
    BOB,
    JOB,
    TABLE,
    Synapse,
    changing,
    downloading,
    querying,
    uploading,
)
from tests.synapse.test_services import EXCEPTIONS

GET = "/entity/syn124/table/download/csv/async/get"


async def lived(client: Synapse, job: str, *advances: str) -> list[tuple[str, int | None]]:
    """State and progress, at once and after each advance."""
    seen = []
    for by in ("0s", *advances):
        await client.emulator.advance(by)
        status = await client.status(job)
        seen.append((status["jobState"], status.get("progressCurrent")))
    return seen


async def test_complete(playing):
    client = await playing("complete")
    seen = await lived(client, await client.launch(downloading()), "999ms", "1ms")
    assert seen == [("PROCESSING", None), ("PROCESSING", None), ("COMPLETE", None)]


async def test_with_progress(playing):
    client = await playing("with-progress")
    job = await client.launch(downloading())
    seen = await lived(client, job, "10m", "10m", "5m")
    assert seen == [("PROCESSING", None), ("PROCESSING", 400), ("PROCESSING", 2200), ("PROCESSING", 4000)]
    status = await client.status(job)
    assert (status["progressMessage"], status["runtimeMS"]) == ("Row 4000", 25 * 60 * 1000)
    assert await lived(client, job, "5m") == [("PROCESSING", 4000), ("COMPLETE", 4000)]


async def test_failed(playing):
    client = await playing("failed")
    for name, status in EXCEPTIONS:
        job = await client.launch(downloading())
        assert [state for state, _ in await lived(client, job, "1s")] == ["PROCESSING", "FAILED"]
        told = await client.status(job)
        assert told["errorDetails"].partition(":")[0].endswith(name)
        assert (await client.error("GET", f"{GET}/{job}")) == (status, told["errorMessage"])
    assert (await client.finished(downloading()))["jobState"] == "COMPLETE"


async def test_cancel_ignored(playing):
    client = await playing("cancel-ignored")
    job = await client.launch(downloading())
    await client.cancel(job)
    assert await lived(client, job, "10s", "10s") == [("PROCESSING", None), ("PROCESSING", 50), ("COMPLETE", 100)]
    assert (await client.status(job))["jobCanceling"] is True


async def test_cancel_heeded(playing):
    client = await playing("cancel-heeded")
    job = await client.launch(downloading())
    await client.emulator.advance("10s")
    await client.cancel(job)
    assert await lived(client, job, "9s", "1s") == [("PROCESSING", 50), ("PROCESSING", 50), ("FAILED", 50)]
    assert await client.error("GET", f"{GET}/{job}") == (400, "Canceled")


async def test_cached_result(playing):
    client = await playing("cached-result")
    job = (await client.finished(downloading()))["jobId"]
    assert await client.launch(downloading()) == job
    await client.finished(uploading())
    assert await client.launch(downloading()) != job


async def test_anonymous(playing):
    client = (await playing("anonymous")).as_({})
    assert (await client.finished(downloading()))["startedByUserId"] == 273950
    assert await client.failed(uploading()) == (
        "UnauthorizedException",
        "You lack UPDATE access to the requested entity.",
    )
    assert len(await client.rows("select * from syn124")) == 3


async def test_other_users_job(playing):
    client = await playing("other-users-job")
    job = await client.launch(downloading())
    assert (await client.as_(BOB).get(f"/asynchronous/job/{job}")).status == 403
    assert (await client.as_(BOB).get(f"/asynchronous/job/{job}/cancel")).status == 403
    assert await client.as_(ADMIN).state(job) == "PROCESSING"


async def test_throttled(playing):
    client = await playing("throttled")
    job = await client.launch(downloading())
    calls = [await client.get(f"/asynchronous/job/{job}") for _ in range(3)]
    assert [each.status for each in calls] == [200, 200, 429]
    assert (await client.post(JOB, downloading())).status == 201
    assert await client.refused(downloading()) == (503, "Service temporarily unavailable, please try again later.")
    assert (await client.post(JOB, downloading())).status == 429
    await client.emulator.advance("1m")
    assert await client.state(job) == "COMPLETE"


async def test_read_only(playing):
    client = await playing("read-only")
    assert await client.refused(downloading()) == (503, "Synapse is down for a weekly update.")
    assert (await client.get("/status")).json["status"] == "READ_ONLY"
    assert (await client.get("/version")).status == 200


async def test_stuck(playing):
    client = await playing("stuck")
    job = await client.launch(downloading())
    assert await lived(client, job, "1s", "365d") == [("PROCESSING", None), ("PROCESSING", 10), ("PROCESSING", 10)]
    await client.emulator.admin("POST", f"/jobs/{job}/release")
    assert await client.state(job) == "COMPLETE"


async def test_upload_refused(playing):
    client = await playing("upload-refused")
    reason = f"Unknown type for class:class {TABLE}UploadToTableRequest"
    assert await client.refused(uploading()) == (400, reason)
    exception, message = await client.failed(changing(uploading(), entityId="syn124"))
    assert (exception, message[:36]) == ("IllegalArgumentException", "Value at [2,age] was not a valid INT")
    assert len(await client.rows("select * from syn124")) == 3


async def test_csv_roundtrip(playing):
    client = await playing("csv-roundtrip")
    tabs = {"csvTableDescriptor": {"separator": "\t"}}
    result = await client.result(downloading(includeRowIdAndRowVersion=False, **tabs))
    handle = result["resultsFileHandleId"]
    assert await client.content(handle) == b"name\tage\nAnn\t31\nBen\t45\nCleo\t\n"
    assert (await client.result(uploading(handle, "syn125", **tabs)))["rowsProcessed"] == 3
    assert await client.rows("select * from syn125") == await client.rows("select * from syn124")


# What else a scenario may say -------------------------------------------------


async def test_rules_tell_jobs_apart_by_type_table_and_user(told):
    client = await told("""
accounts:
  - {token: test-token, tables: [{id: syn1}, {id: syn2}]}
  - {token: bob-token, user: 2}
jobs:
  - {when: {concreteType: QueryBundleRequest}, steps: [{state: PROCESSING}, {state: FAILED}]}
  - {when: {table: syn2}, steps: [{state: PROCESSING}, {state: end, after: {polls: 1}}]}
  - {when: {user: 2}, steps: [{state: PROCESSING}, {state: end, after: release}]}
  - {steps: [{state: PROCESSING}, {state: COMPLETE}]}
""")
    assert await client.state(await client.launch(querying("select * from syn1"))) == "FAILED"
    polled = await client.launch(downloading("select * from syn2"))
    assert [await client.state(polled), await client.state(polled)] == ["PROCESSING", "COMPLETE"]
    bob = client.as_(BOB)
    assert await bob.state(await bob.launch(downloading("select * from syn1"))) == "PROCESSING"
    assert await client.state(await client.launch(downloading("select * from syn1"))) == "COMPLETE"


async def test_what_must_fail_does_whatever_a_story_says(told):
    client = await told("""
accounts: [{token: test-token, tables: [{id: syn1}]}]
jobs: [{steps: [{state: PROCESSING}, {state: COMPLETE}]}]
""")
    assert await client.state(await client.launch(uploading("77", "syn1"))) == "FAILED"


async def test_the_same_seed_tells_the_same(told):
    lines = """
seed: 7
accounts: [{token: test-token, tables: [{id: syn1, rows: 9, columns: [{name: a, columnType: DOUBLE}]}]}]
"""
    one, other = await told(lines), await told(lines)
    assert await one.finished(querying("select * from syn1")) == await other.finished(querying("select * from syn1"))


@pytest.mark.parametrize(
    "lines",
    [
        "accounts: [{user: alice}]",
        "accounts: [{token: a, scopes: [everything]}]",
        "accounts: [{tables: [{id: '124'}]}]",
        "accounts: [{tables: [{id: syn1, columns: [{name: a}]}]}]",
        "accounts: [{tables: [{id: syn1, rows: 1000000}]}]",
        "accounts: [{files: [{id: '1', name: a}]}]",
        "jobs: [{steps: [{state: PROCESSING}, {state: DONE}]}]",
        "jobs: [{steps: [{state: PROCESSING}, {state: FAILED, error: no-job}]}]",
        "jobs: [{steps: [{state: PROCESSING}, {state: FAILED, error: {code: bad-token}}]}]",
        "jobs: [{when: {concreteType: Upload}, steps: [{state: PROCESSING}]}]",
        "jobs: [{steps: [{state: PROCESSING}], result: {cancelable: maybe}}]",
        "settings: {rows_per_page: 0}",
        "faults: [{operation: launchNewJob, error: no-job}]",
    ],
)
async def test_a_mistake_in_a_story_is_found_when_it_is_loaded(told, lines):
    with pytest.raises(ScenarioError):
        await told(lines)

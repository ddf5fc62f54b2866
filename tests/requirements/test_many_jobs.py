"""How many jobs there may be."""

import pytest

TOKEN = {"Authorization": "Bearer token"}
SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"

pytestmark = [pytest.mark.requirement("S-30", "F-10")]


async def submitted(emulator) -> int:
    return (await emulator.get(SUBMIT, headers=TOKEN)).status


async def test_one_job_too_many_in_all_namespaces_together_is_refused_until_one_is_gone(start_emulator):
    emulator = await start_emulator(max_jobs=3, settings=("kladana.queued_tasks=100",))
    other = emulator.namespace("other")
    assert [await submitted(each) for each in (emulator, other, emulator)] == [202, 202, 202]
    refused = await other.get(SUBMIT, headers=TOKEN)
    assert (refused.status, refused.headers["Content-Type"]) == (503, "application/problem+json")
    assert refused.json["detail"] == "there are 3 jobs already: reset or drop a namespace, or see --max-jobs"
    assert (await other.get("/api/remap/1.2/async", headers=TOKEN)).status == 200
    assert (await other.admin("GET", "/jobs"))["total"] == 1
    await emulator.admin("POST", "/reset")
    assert [await submitted(other) for _ in range(3)] == [202, 202, 503]


async def test_the_vendors_own_limit_comes_first(start_emulator):
    emulator = await start_emulator(max_jobs=1, settings=("kladana.queued_tasks=1",))
    assert [await submitted(emulator) for _ in range(2)] == [202, 412]

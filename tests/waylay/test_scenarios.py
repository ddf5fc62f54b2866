"""The stories that come with it, and what else a scenario may say."""

import pytest

from emulator.scenario.mistakes import ScenarioError
from tests.waylay.conftest import deleting, patching

DEVICES = ("device-1", "device-2", "device-3")


async def test_all_deleted(playing):
    client = await playing("all-deleted")
    assert await client.results(deleting(*DEVICES)) == {
        "success": {each: {"statusCode": 204} for each in DEVICES},
        "failure": {},
    }
    assert list((await client.results(deleting("device", entity="resourcetype")))["success"]) == ["device"]


async def test_partly_failed(playing):
    client = await playing("partly-failed")
    assert await client.results(deleting(*DEVICES)) == {
        "success": {"device-1": {"statusCode": 204}},
        "failure": {
            "device-2": {"statusCode": 403, "error": "You are not authorized to perform this action"},
            "device-3": {"statusCode": 400, "error": "Resource is still parent of or referenced by 2 resource(s)"},
        },
    }
    assert await client.ids() == ["device-2", "device-3", "part-1", "part-2"]


async def test_all_failed_is_finished_all_the_same(playing):
    client = await playing("all-failed")
    failure = {each: {"statusCode": 500, "error": "Internal Server Error"} for each in DEVICES}
    assert await client.results(deleting(*DEVICES)) == {"success": {}, "failure": failure}
    assert await client.ids() == list(DEVICES)


async def test_slow(playing):
    client = await playing("slow")
    batch_id = await client.start(deleting(*DEVICES))
    await client.emulator.advance("10m")
    assert "results" not in await client.batch(batch_id)
    assert await client.ids() == list(DEVICES)
    await client.emulator.advance("20m")
    assert len((await client.batch(batch_id))["results"]["success"]) == 3


async def test_never_finishes_until_it_is_released(playing):
    client = await playing("never-finishes")
    batch_id = await client.start(deleting("device-1"))
    await client.emulator.advance("365d")
    assert "results" not in await client.batch(batch_id)
    assert list((await client.results(deleting("device-2")))["success"]) == ["device-2"]
    await client.emulator.admin("POST", f"/jobs/{batch_id}/release")
    assert list((await client.batch(batch_id))["results"]["success"]) == ["device-1"]


async def test_forbidden(playing):
    client = await playing("forbidden")
    expected = (403, "You are not authorized to perform this action")
    assert await client.error("POST", "/batch", deleting("device-1")) == expected
    assert await client.error("DELETE", "/resources/device-1") == expected
    assert await client.ids() == ["device-1"]


async def test_patch_or_insert(playing):
    client = await playing("patch-or-insert")
    results = await client.results(patching({"id": "device-1", "customer": None}, {"id": "device-3"}))
    assert list(results["success"]) == ["device-1", "device-3"]
    assert (await client.get("/resources/device-1")).json == {"id": "device-1", "name": "Device 1"}


async def test_types_in_use(playing):
    client = await playing("types-in-use")
    busy = "An operation is already busy on busy"
    assert await client.error("DELETE", "/resourcetypes/busy") == (409, busy)
    assert await client.results(deleting("used", "busy", "free", entity="resourcetype")) == {
        "success": {"free": {"statusCode": 204}},
        "failure": {
            "used": {"statusCode": 400, "error": "Type in use by 5 resource(s)"},
            "busy": {"statusCode": 409, "error": busy},
        },
    }


async def test_unknown_batch(playing):
    client = await playing("unknown-batch")
    batch_id = await client.start(deleting("device-1"))
    await client.emulator.advance("1m")
    assert (await client.get(f"/batch/{batch_id}")).status == 200
    await client.emulator.advance("250ms")
    expected = (404, f"Operation with id '{batch_id}' not found")
    assert await client.error("GET", f"/batch/{batch_id}") == expected
    other = await client.start(deleting("device-2"))
    assert [each["id"] for each in (await client.emulator.admin("GET", "/jobs"))["jobs"]] == [other]


# What else a scenario may say -----------------------------------------------


async def test_a_share_of_all_items_fails_the_same_ones_each_time(told):
    ids = [f"x{n}" for n in range(1000)]

    async def failed():
        client = await told("jobs: [{steps: [{state: running}, {state: end}], result: {fail_share: 0.3}}]")
        results = await client.results(patching(*({"id": each} for each in ids)))
        assert len(results["success"]) + len(results["failure"]) == 1000
        patched = [each for each in await client.ids(limit=1000) if each.startswith("x")]
        assert len(patched) == len(results["success"])
        return results["failure"]

    first = await failed()
    assert 250 < len(first) < 350
    assert {(each["statusCode"], each["error"]) for each in first.values()} == {
        (403, "You are not authorized to perform this action")
    }
    assert await failed() == first


async def test_so_many_items_fail_the_same_ones_each_time(told):
    async def failed():
        client = await told("jobs: [{steps: [{state: running}, {state: end}], result: {fail_count: 3}}]")
        return (await client.results(patching(*({"id": f"x{n}"} for n in range(20)))))["failure"]

    first = await failed()
    assert len(first) == 3
    assert await failed() == first


async def test_a_scenario_may_end_a_batch_by_the_name_of_its_state(told):
    client = await told("""
accounts: [{resources: [{id: a}]}]
jobs: [{steps: [{state: running}, {state: finished, after: 1s}]}]
""")
    assert await client.results(deleting("a")) == {"success": {"a": {"statusCode": 204}}, "failure": {}}
    assert await client.ids() == []


async def test_rules_tell_batches_apart_by_entity_and_action(told):
    client = await told("""
jobs:
  - {when: {entity: resourcetype}, steps: [{state: running}, {state: end, after: release}]}
  - {when: {action: patchOrInsert}, steps: [{state: running}, {state: end, after: {polls: 1}}]}
  - {steps: [{state: running}, {state: end}]}
""")
    types, patch = await client.start(deleting("a", entity="resourcetype")), await client.start(patching({"id": "a"}))
    deletion = await client.start(deleting("b"))
    assert "results" not in await client.batch(types)
    assert "results" not in await client.batch(patch)
    assert "results" in await client.batch(patch)
    assert "results" in await client.batch(deletion)


async def test_an_error_may_have_another_status_than_the_tables(told):
    client = await told("faults: [{operation: start, error: {code: unavailable, status: 504}}]")
    assert await client.error("POST", "/batch", deleting("a")) == (504, "Service Unavailable")


async def test_each_namespace_has_resources_of_its_own(client):
    other = type(client)(client.emulator.namespace("other"))
    await client.delete("/resources/thermometer-2")
    assert "thermometer-2" in await other.ids()
    await client.emulator.admin("POST", "/reset")
    assert "thermometer-2" in await client.ids()


@pytest.mark.parametrize(
    "lines",
    [
        "accounts: [{resources: [{name: nameless}]}]",
        "accounts: [{resources: [{id: a, tags: x}]}]",
        "accounts: [{devices: []}]",
        "jobs: [{steps: [{state: running}], result: {failure: {a: {statusCode: 200, error: x}}}}]",
        "jobs: [{steps: [{state: running}], result: {failure: {a: {statusCode: 403}}}}]",
        "jobs: [{steps: [{state: running}], result: {fail_share: 2}}]",
        "jobs: [{steps: [{state: queued}]}]",
        "jobs: [{when: {entity: resources}, steps: [{state: running}]}]",
        "settings: {authentication: maybe}",
        "faults: [{operation: startBatch, error: forbidden}]",
        "faults: [{operation: start, error: nonsense}]",
    ],
)
async def test_a_mistake_in_a_story_is_found_when_it_is_loaded(told, lines):
    with pytest.raises(ScenarioError):
        await told(lines)

"""Batch Operations: the vendor's page, and sections 1 and 2 of what is known about it."""

import json
import re

import pytest

from tests.waylay.conftest import API, AUTH, UUID, Waylay, deleting, patching

DEFAULT = ["gateway-1", "ghent", "ghent/floor-1", "ghent/floor-2", "thermometer-1", "thermometer-2"]


# Start ----------------------------------------------------------------------


async def test_a_batch_is_accepted_with_the_uri_where_it_can_be_followed(client):
    response = await client.post("/batch", deleting("thermometer-2", "gateway-1", "nobody"))
    assert response.status == 202
    batch_id = response.json["entity"]["id"]
    assert re.fullmatch(UUID, batch_id)
    assert response.headers["Location"] == f"{API}/batch/{batch_id}"
    assert response.json == {
        "statusCode": 202,
        "uri": f"{API}/batch/{batch_id}",
        "entity": {
            "id": batch_id,
            "user": response.json["entity"]["user"],
            "queueTime": "2026-03-01T09:00:00.000Z",
            "operation": {"entity": "resource", "action": "delete", "description": "deleting 3 resources"},
        },
    }


async def test_the_uri_carries_the_prefix_of_a_namespace(emulator):
    response = await Waylay(emulator.namespace("test-17")).post("/batch", deleting("a"))
    assert response.json["uri"].startswith("/ns/test-17/resources/v1/batch/")
    assert response.json["uri"] == response.headers["Location"]
    assert (await emulator.get(response.json["uri"], headers=AUTH)).status == 200


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        (
            deleting("a", "b") | {"actionParameters": {"cascade": ["alarms", "measurements", "tasks"]}},
            {"entity": "resource", "action": "delete", "description": "deleting 2 resources"},
        ),
        (
            deleting("a") | {"actionParameters": {"cascade": []}},
            {"entity": "resource", "action": "delete", "description": "deleting 1 resources"},
        ),
        (
            deleting("a", entity="resourcetype"),
            {"entity": "resourcetype", "action": "delete", "description": "deleting 1 resourcetypes"},
        ),
        (
            patching({"id": "a"}, {"name": "b"}) | {"actionParameters": {"updateProtected": True}},
            {"entity": "resource", "action": "patchOrInsert", "description": "patching 2 resources"},
        ),
        (
            patching({"id": "a"}) | {"actionParameters": {}, "unknown": {"is": "ignored"}},
            {"entity": "resource", "action": "patchOrInsert", "description": "patching 1 resources"},
        ),
    ],
)
async def test_each_of_the_three_variants_is_taken(client, body, operation):
    response = await client.post("/batch", body)
    assert response.status == 202
    assert response.json["entity"]["operation"] == operation


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"action": "dlte"}, "/action <- invalid action for resource entity: dlte"),
        (
            {"entity": "resourcetype", "action": "patchOrInsert"},
            "/action <- invalid action for resourcetype entity: patchOrInsert",
        ),
        ({"query": {}}, "/query/ids <- Property ids missing."),
        ({"action": "patchOrInsert", "query": {}}, "/query/resources <- Property resources missing."),
        ({"query": {"ids": []}}, "/query/ids <- must have at least 1 item(s)"),
        ({"query": {"ids": ["a", 1]}}, "/query/ids/1 <- must be string"),
        ({"query": ["a"]}, "/query <- must be object"),
        ({"entity": "resources"}, "/entity <- must be one of resource or resourcetype"),
        ({"entity": "resourceType"}, "/entity <- must be one of resource or resourcetype"),
        ({"actionParameters": {}}, "/actionParameters/cascade <- Property cascade missing."),
        (
            {"actionParameters": {"cascade": ["events"]}},
            "/actionParameters/cascade/0 <- must be one of alarms or measurements or tasks",
        ),
        (
            {"action": "patchOrInsert", "query": {"resources": [{"tags": "x"}]}},
            "/query/resources/0/tags <- must be array or null",
        ),
    ],
)
async def test_what_is_wrong_is_said_with_its_place(client, body, error):
    assert await client.error("POST", "/batch", deleting("thermometer-2") | body) == (400, error)


@pytest.mark.parametrize("name", ["entity", "action", "query"])
async def test_a_missing_property_is_named(client, name):
    body = deleting("a")
    del body[name]
    assert await client.error("POST", "/batch", body) == (400, f"/{name} <- Property {name} missing.")


async def test_a_refused_batch_has_no_effect_and_no_job(emulator, client):
    await client.post("/batch", deleting("thermometer-2") | {"action": "dlte"})
    await emulator.advance("1h")
    assert await client.ids() == DEFAULT
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0


# Get ------------------------------------------------------------------------


async def test_while_it_runs_the_status_is_the_entity_of_the_202(emulator, client):
    entity = (await client.post("/batch", deleting("thermometer-2"))).json["entity"]
    await emulator.advance("249ms")
    assert await client.batch(entity["id"]) == entity


async def test_once_finished_it_has_results_and_stays_as_it_is(emulator, client):
    batch_id = await client.start(deleting("thermometer-2"))
    await emulator.advance("1s")
    finished = await client.batch(batch_id)
    assert finished["finishedTime"] == "2026-03-01T09:00:00.250Z"
    assert finished["results"] == {"success": {"thermometer-2": {"statusCode": 204}}, "failure": {}}
    await emulator.advance("365d")
    assert await client.batch(batch_id) == finished


@pytest.mark.parametrize("batch_id", ["afcea5a1-81df-44f6-bd34-e0b602a2cf3d", "a'b", "1"])
async def test_an_unknown_batch_is_not_found(client, batch_id):
    expected = (404, f"Operation with id '{batch_id}' not found")
    assert await client.error("GET", f"/batch/{batch_id}") == expected


async def test_the_id_of_an_unknown_batch_is_told_decoded(client):
    assert await client.error("GET", "/batch/a%20b") == (404, "Operation with id 'a b' not found")


@pytest.mark.parametrize("headers", [{"Accept": "*/*"}, {"Accept": "application/json"}, {"Content-Type": "text/plain"}])
async def test_the_status_is_json_whatever_the_headers(client, headers):
    batch_id = await client.start(deleting("a"))
    response = await client.get(f"/batch/{batch_id}", headers=headers)
    assert response.headers["Content-Type"] == "application/json"
    assert response.json["id"] == batch_id


# Execution ------------------------------------------------------------------


async def test_nothing_is_deleted_before_the_batch_has_finished(emulator, client):
    await client.start(deleting("thermometer-2"))
    assert await client.ids() == DEFAULT
    await emulator.advance("250ms")
    assert "thermometer-2" not in await client.ids()


async def test_polling_has_no_effect(emulator, client):
    batch_id = await client.start(deleting("thermometer-2"))
    await emulator.advance("1s")
    await client.post("/resources", {"id": "thermometer-2"})
    await client.batch(batch_id)
    assert "thermometer-2" in await client.ids()


async def test_each_item_has_a_result_of_its_own(client):
    results = await client.results(deleting("thermometer-2", "thermometer-1", "nobody", "ghent"))
    assert results == {
        "success": {"thermometer-2": {"statusCode": 204}},
        "failure": {
            "thermometer-1": {"statusCode": 400, "error": "Resource is still parent of or referenced by 1 resource(s)"},
            "nobody": {"statusCode": 404, "error": "No resource with id nobody"},
            "ghent": {"statusCode": 400, "error": "Resource is still parent of or referenced by 2 resource(s)"},
        },
    }


async def test_children_before_their_parent_all_go(client):
    results = await client.results(deleting("ghent/floor-1", "ghent/floor-2", "ghent"))
    assert list(results["success"]) == ["ghent/floor-1", "ghent/floor-2", "ghent"]
    assert await client.ids() == ["gateway-1", "thermometer-1", "thermometer-2"]


async def test_a_parent_before_its_children_stays(client):
    results = await client.results(deleting("ghent", "ghent/floor-1", "ghent/floor-2"))
    assert list(results["failure"]) == ["ghent"]
    assert "ghent" in await client.ids()


async def test_an_id_named_twice_is_deleted_once(client):
    results = await client.results(deleting("thermometer-2", "thermometer-2"))
    assert results == {"success": {"thermometer-2": {"statusCode": 204}}, "failure": {}}


async def test_two_batches_may_run_at_once_and_the_first_to_finish_has_the_effect(emulator, client):
    first, second = await client.start(deleting("thermometer-2")), await client.start(deleting("thermometer-2"))
    await emulator.advance("1s")
    assert list((await client.batch(first))["results"]["success"]) == ["thermometer-2"]
    assert list((await client.batch(second))["results"]["failure"]) == ["thermometer-2"]


async def test_types_in_use_stay_and_others_go(client):
    results = await client.results(deleting("thermometer", "prototype", "nobody", entity="resourcetype"))
    assert results == {
        "success": {"prototype": {"statusCode": 204}},
        "failure": {
            "thermometer": {"statusCode": 400, "error": "Type in use by 2 resource(s)"},
            "nobody": {"statusCode": 404, "error": "No type with id nobody"},
        },
    }
    assert await client.ids("/resourcetypes") == ["site", "thermometer"]


async def test_a_patch_changes_what_is_there_and_inserts_what_is_not(client):
    results = await client.results(patching({"id": "ghent", "customer": None, "alias": "HQ"}, {"id": "new", "x": [1]}))
    assert results == {"success": {"ghent": {"statusCode": 200}, "new": {"statusCode": 200}}, "failure": {}}
    ghent = (await client.get("/resources/ghent")).json
    assert ghent["alias"] == "HQ"
    assert "customer" not in ghent
    assert (await client.get("/resources/new")).json == {"id": "new", "x": [1]}


async def test_a_patch_without_an_id_makes_one(client):
    results = await client.results(patching({"name": "anonymous"}))
    ((resource_id, result),) = results["success"].items()
    assert re.fullmatch(UUID, resource_id)
    assert result == {"statusCode": 200}
    assert (await client.get(f"/resources/{resource_id}")).json["name"] == "anonymous"


async def test_patches_of_one_resource_follow_each_other(client):
    await client.results(patching({"id": "new", "a": 1}, {"id": "new", "b": 2}))
    assert (await client.get("/resources/new")).json == {"id": "new", "a": 1, "b": 2}


async def test_the_user_of_a_batch_enters_the_log_of_changes(client):
    entity = (await client.post("/batch", deleting("thermometer-2"))).json["entity"]
    await client.emulator.advance("1s")
    last = (await client.get("/resources/thermometer-2/changes")).json[-1]
    assert (last["change"], last["userId"], last["time"]) == ("deleted", entity["user"], "2026-03-01T09:00:00.250Z")


async def test_a_batch_of_ten_thousand_finishes(client):
    ids = [f"device-{n}" for n in range(10_000)]
    results = await client.results(patching(*({"id": each, "parentId": "ghent"} for each in ids)))
    assert len(results["success"]) == 10_000
    assert len((await client.results(deleting(*ids)))["success"]) == 10_000


async def test_the_same_seed_and_the_same_conversation_give_the_same_bytes(start_emulator):
    async def conversation():
        client = Waylay(await start_emulator(seed=7))
        created = await client.post("/resources", {"name": "anonymous"})
        batch_id = await client.start(deleting("ghent", "thermometer-2") | patching({}, {"id": "a"}))
        await client.emulator.advance("1s")
        return created.body, json.dumps(await client.batch(batch_id))

    assert await conversation() == await conversation()

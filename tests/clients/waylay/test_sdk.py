"""The official Python client, unmodified: it must not notice that it talks to an emulator."""

import pytest
from pydantic import ValidationError
from waylay.sdk import NoCredentials, WaylayClient, WaylayConfig
from waylay.sdk.api import ApiError
from waylay.services.resources.models import (
    BatchOperationEnqueued,
    BatchOperationResult,
    BatchRunningResourceOperation,
)

KEY, SECRET = "0123456789abcdef01234567", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


def deleting(*ids, entity="resource", **more):
    return {"entity": entity, "action": "delete", "query": {"ids": list(ids)}, **more}


@pytest.fixture
def client(base):
    """Logs in with key and secret: a token call, then Bearer."""
    return WaylayClient.from_client_credentials(KEY, SECRET, gateway_url=base)


@pytest.fixture
def batch(client):
    return client.resources.batch_operations


async def finished(batch, advance, body):
    """What has come of a batch, once it has finished."""
    started = await batch.start(json=body)
    advance("1s")
    return await batch.get(started.entity.id)


# Credentials ----------------------------------------------------------------


async def test_the_client_logs_in_with_key_and_secret(client):
    listing = await client.resources.resource.list()
    assert listing.total == 6
    token = await client.config.get_valid_token()
    assert token.tenant
    assert token.subject.startswith("users/")


async def test_the_client_may_send_basic_instead(base):
    client = WaylayClient(WaylayConfig(NoCredentials(gateway_url=base)), {"auth": (KEY, SECRET)})
    assert (await client.resources.resource.list()).total == 6


async def test_the_client_is_refused_without_credentials(base):
    client = WaylayClient(WaylayConfig(NoCredentials(gateway_url=base)), {"auth": None})
    with pytest.raises(ApiError) as refused:
        await client.resources.resource.list()
    assert refused.value.response.status_code == 401


async def test_the_gateway_the_service_and_the_settings_answer(client):
    about = await client.gateway.about.get()
    assert (about.name, about.health) == ("gateway", "OK")
    assert (await client.resources.about.get()).name == "resources-service"
    assert client.config.tenant_settings["waylay_domain"] == "api.waylay.io"


# Batch operations -----------------------------------------------------------


async def test_a_batch_is_enqueued_runs_and_finishes(batch, advance):
    started = await batch.start(json=deleting("thermometer-2", "nobody", "ghent"))
    assert isinstance(started, BatchOperationEnqueued)
    assert started.uri.endswith(f"/resources/v1/batch/{started.entity.id}")
    assert started.entity.operation.description == "deleting 3 resources"

    running = await batch.get(started.entity.id)
    assert isinstance(running, BatchRunningResourceOperation)
    assert not isinstance(running, BatchOperationResult)
    assert running.user == started.entity.user

    advance("250ms")
    result = await batch.get(started.entity.id)
    assert isinstance(result, BatchOperationResult)
    assert result.finished_time > result.queue_time
    assert {key: each.status_code for key, each in result.results.success.items()} == {"thermometer-2": 204}
    assert {key: (each.status_code, each.error) for key, each in result.results.failure.items()} == {
        "nobody": (404, "No resource with id nobody"),
        "ghent": (400, "Resource is still parent of or referenced by 2 resource(s)"),
    }


@pytest.mark.parametrize(
    ("body", "success"),
    [
        (deleting("thermometer-2", actionParameters={"cascade": ["alarms", "tasks"]}), {"thermometer-2": 204}),
        (deleting("prototype", entity="resourcetype"), {"prototype": 204}),
        (
            {
                "entity": "resource",
                "action": "patchOrInsert",
                "query": {"resources": [{"id": "ghent", "name": "n", "customer": None}, {"id": "new"}]},
                "actionParameters": {},
            },
            {"ghent": 200, "new": 200},
        ),
    ],
)
async def test_each_of_the_three_variants_is_understood(batch, advance, body, success):
    result = await finished(batch, advance, body)
    assert isinstance(result, BatchOperationResult)
    assert {key: each.status_code for key, each in result.results.success.items()} == success
    assert not result.results.failure


async def test_a_null_in_a_patch_removes_the_attribute(client, batch, advance):
    patch = {"query": {"resources": [{"id": "ghent", "customer": None}]}}
    await finished(batch, advance, {"entity": "resource", "action": "patchOrInsert", **patch})
    assert not (await client.resources.resource.get("ghent")).customer


async def test_what_the_client_finds_invalid_never_leaves_it(batch):
    with pytest.raises(ValidationError):
        await batch.start(json=deleting("a") | {"action": "dlte"})


async def test_what_the_server_finds_invalid_is_an_api_error(batch):
    with pytest.raises(ApiError) as refused:
        await batch.start(json=deleting("a") | {"action": "dlte"}, validate_request=False)
    assert refused.value.response.status_code == 400
    assert refused.value.data.status_code == 400
    assert refused.value.data.error == "/action <- invalid action for resource entity: dlte"


async def test_an_unknown_batch_is_an_api_error(batch):
    with pytest.raises(ApiError) as refused:
        await batch.get("afcea5a1-81df-44f6-bd34-e0b602a2cf3d")
    assert refused.value.response.status_code == 404
    assert refused.value.data.error == "Operation with id 'afcea5a1-81df-44f6-bd34-e0b602a2cf3d' not found"


# Resources ------------------------------------------------------------------


async def test_resources_are_created_listed_and_deleted(client):
    resource = client.resources.resource
    created = await resource.create(json={"id": "site/a b", "name": "n", "tags": ["x"]})
    assert (created.status_code, created.entity.id, created.entity.tags) == (201, "site/a b", ["x"])
    assert (await resource.get("site/a b")).name == "n"
    listing = await resource.list(query={"tag": ["x"], "skip": 0, "limit": 10, "fields": ["id", "name"]})
    assert [each.id for each in listing.values] == ["site/a b"]
    assert await resource.delete("site/a b") == ""
    with pytest.raises(ApiError) as refused:
        await resource.get("site/a b")
    assert refused.value.data.error == "No resource with id site/a b"


async def test_children_and_changes_are_understood(client):
    resource = client.resources.resource
    assert [each.id for each in (await resource.list_children("ghent")).values] == ["ghent/floor-1", "ghent/floor-2"]
    await resource.patch("ghent", json={"name": "n"})
    assert [each.change.value for each in await resource.list_changes("ghent")] == ["created", "updated"]


async def test_types_are_created_listed_and_deleted(client):
    kinds = client.resources.resource_type
    await kinds.create(json={"id": "pump", "name": "Pump"})
    assert "pump" in [each.id for each in (await kinds.list()).values]
    await kinds.delete("pump")
    with pytest.raises(ApiError) as refused:
        await kinds.delete("thermometer")
    assert refused.value.data.error == "Type in use by 2 resource(s)"

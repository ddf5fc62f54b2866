"""Resource types: create, list, retrieve, remove."""

import re

import pytest

from tests.waylay.conftest import API, UUID


async def test_a_type_is_created_with_its_constraints_in_effect(client):
    said = {"id": "pump", "name": "Pump", "$constraints": ["cfd2b48e-a141-4d2e-8ec8-f09ce4f65ae3"], "any": None}
    response = await client.post("/resourcetypes", said)
    assert response.status == 201
    assert response.headers["Location"] == response.json["uri"] == f"{API}/resourcetypes/pump"
    constraint = {"constraintId": "cfd2b48e-a141-4d2e-8ec8-f09ce4f65ae3", "status": "ineffect"}
    assert response.json["entity"] == said | {"$constraints": [constraint]}
    assert (await client.get("/resourcetypes/pump")).json == response.json["entity"]


async def test_a_type_without_an_id_is_given_one(client):
    assert re.fullmatch(UUID, (await client.post("/resourcetypes", {})).json["entity"]["id"])


async def test_an_id_may_be_taken_only_once(client):
    expected = (409, "Existing ResourceType entry with id site")
    assert await client.error("POST", "/resourcetypes", {"id": "site"}) == expected


async def test_a_refused_type_is_told_why(client):
    expected = (400, "/templates/0/templateName <- Property templateName missing.")
    assert await client.error("POST", "/resourcetypes", {"templates": [{}]}) == expected
    assert len(await client.ids("/resourcetypes")) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["prototype", "site", "thermometer"]),
        ("?skip=1&limit=1", ["site"]),
        ("?id=site&id=prototype", ["prototype", "site"]),
        ("?template=CheckThreshold", ["thermometer"]),
        ("?filter=THERM", ["thermometer"]),
        ("?query=name:eq(Site)", ["site"]),
        ("?fields=name", ["prototype", "site", "thermometer"]),
    ],
)
async def test_types_are_listed(client, query, found):
    response = await client.get(f"/resourcetypes{query}")
    assert [each["id"] for each in response.json["values"]] == found
    assert int(response.headers["X-Count"]) == response.json["total"]


async def test_a_filter_is_short(client):
    expected = (400, "Bad request: 'filter' parameter can only be 256 characters")
    for path in ("/resourcetypes", "/resources"):
        assert await client.error("GET", f"{path}?filter={'x' * 257}") == expected
        assert (await client.get(f"{path}?filter={'x' * 256}")).status == 200


async def test_an_unknown_type_is_not_found(client):
    for method in ("GET", "DELETE"):
        assert await client.error(method, "/resourcetypes/a/b") == (404, "No type with id a/b")


async def test_a_type_in_use_stays_until_nobody_is_of_it(client):
    expected = (400, "Type in use by 2 resource(s)")
    assert await client.error("DELETE", "/resourcetypes/thermometer") == expected
    await client.delete("/resources/thermometer-2")
    await client.call("PATCH", "/resources/thermometer-1", {"resourceTypeId": None})
    assert (await client.delete("/resourcetypes/thermometer")).status == 204
    assert (await client.get("/resourcetypes/thermometer")).status == 404

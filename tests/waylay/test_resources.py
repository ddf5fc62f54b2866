"""Resources: create, query, retrieve, update, remove; children, referrers, changes."""

import re

import pytest

from tests.waylay.conftest import API, UUID

# Create ---------------------------------------------------------------------


async def test_a_resource_is_created_under_its_own_id(client):
    said = {"id": "my-device", "name": "n", "tags": ["a"], "anything": {"deep": [None, 1.5]}}
    response = await client.post("/resources", said)
    assert response.status == 201
    assert response.headers["Location"] == f"{API}/resources/my-device"
    assert response.json == {"statusCode": 201, "uri": f"{API}/resources/my-device", "entity": said}
    assert (await client.get("/resources/my-device")).json == said


async def test_a_resource_without_an_id_is_given_one(client):
    first = (await client.post("/resources", {})).json["entity"]["id"]
    second = (await client.post("/resources", {})).json["entity"]["id"]
    assert re.fullmatch(UUID, first)
    assert first != second


async def test_an_id_may_be_taken_only_once(client):
    assert await client.error("POST", "/resources", {"id": "ghent"}) == (409, "Existing resource entry with id ghent")


async def test_a_refused_resource_is_told_why_in_detail(client):
    response = await client.post("/resources", {"id": "new", "tags": [1]})
    assert response.status == 400
    assert response.json == {
        "statusCode": 400,
        "error": "/tags/0 <- must be string",
        "details": [{"keyword": "type", "msgs": ["must be string"], "instancePath": "/tags/0"}],
    }
    assert (await client.get("/resources/new")).status == 404


async def test_parents_and_types_that_nobody_knows_are_taken(client):
    assert (await client.post("/resources", {"parentId": "nobody", "resourceTypeId": "nothing"})).status == 201


async def test_the_uri_of_an_id_that_is_no_path_leads_back_to_it(client):
    for resource_id in ("a/b", "a/children", "50% ü", "q?x=1#y", "changes", "a//b", "a/"):
        created = await client.post("/resources", {"id": resource_id})
        found = await client.get(created.json["uri"].removeprefix(API), headers={})
        assert found.json["id"] == resource_id


# Query ----------------------------------------------------------------------


async def test_a_listing_tells_its_page_and_how_many_there_are(client):
    response = await client.get("/resources", params={"skip": 1, "limit": 2, "field": "id"})
    assert response.headers["X-Count"] == "6"
    assert response.json == {"values": [{"id": "ghent"}, {"id": "ghent/floor-1"}], "skip": 1, "limit": 2, "total": 6}


async def test_a_page_is_a_hundred_unless_told_otherwise(client):
    for n in range(101):
        await client.post("/resources", {"id": f"x{n}"})
    listing = (await client.get("/resources")).json
    assert (len(listing["values"]), listing["skip"], listing["limit"], listing["total"]) == (100, 0, 100, 107)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("id=ghent&id=gateway-1&id=nobody", ["gateway-1", "ghent"]),
        ("resourceTypeId=thermometer", ["thermometer-1", "thermometer-2"]),
        ("resourceTypeId=therm", []),
        ("tag=spare", ["thermometer-2"]),
        ("tag=spare&tag=indoor", ["thermometer-2"]),
        ("provider=LoRA&tag=indoor", ["thermometer-1", "thermometer-2"]),
        ("customer=Things+Corp", ["ghent"]),
        ("toplevelOnly=true&resourceTypeId=site", ["ghent"]),
        ("toplevelOnly=true&filter=floor", []),
        ("toplevelOnly=false&filter=FLOOR", ["ghent/floor-1", "ghent/floor-2"]),
        ("filter=things", ["ghent"]),
        ("provider=LoRA&order=descending", ["thermometer-2", "thermometer-1", "gateway-1"]),
        ("provider=LoRA&sort=name", ["gateway-1", "thermometer-1", "thermometer-2"]),
        ("sort=customer&limit=2", ["ghent", "gateway-1"]),
        ("skip=100", []),
        ("limit=0", []),
        ("unknown=is+ignored&limit=1", ["gateway-1"]),
    ],
)
async def test_filters_narrow_and_sorting_orders(client, query, found):
    response = await client.get(f"/resources?{query}")
    assert [each["id"] for each in response.json["values"]] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("address.city:eq(Ghent)", ["a"]),
        ("address.city:in(Ghent, Brussels)", ["a", "b"]),
        ("n:lt(10)", ["b"]),
        ("n:lte(10)", ["a", "b"]),
        ("n:gt(9)", ["a"]),
        ("n:gte(9.0)", ["a", "b"]),
        ("n:eq(10.0)", ["a"]),
        ("n:eq(nan)", []),
        ("n:lt(many)", []),
        ("name:gt(B)", ["b"]),
        ("on:eq(true)", ["a"]),
        ("tags:eq(x)", ["a"]),
        ("n:exists()", ["a", "b"]),
        ("address:exists()", ["a", "b"]),
        ("missing:exists()", []),
        ("name:like(?l*a)", ["a"]),
        ("name:like([A]lpha)", []),
        ("link:ref(/resources/a)", ["b"]),
        ("dotted.key:eq(1)", ["b"]),
        ("n:gte(9) name:like(B*)", ["b"]),
        ("n:gte(9), name:like(A*)", ["a"]),
    ],
)
async def test_the_query_language(told, query, found):
    client = await told("""
accounts:
  - resources:
      - {id: a, name: Alpha, n: 10, on: true, tags: [x, y], address: {city: Ghent}}
      - {id: b, name: Beta, n: 9, "dotted.key": 1, address: {city: Brussels}, link: {$ref: /resources/a}}
""")
    assert await client.ids(query=query) == found


async def test_attributes_to_render_are_named_in_either_way(client):
    expected = [{"id": "ghent", "name": "Ghent office", "customer": "Things Corp"}]
    for query in ("field=name&field=customer", "fields=name,customer", "fields=name&fields=customer"):
        assert (await client.get(f"/resources?id=ghent&{query}")).json["values"] == expected
        assert (await client.get(f"/resources/ghent?{query}")).json == expected[0]


# Retrieve -------------------------------------------------------------------


async def test_an_unknown_resource_is_not_found(client):
    for method in ("GET", "DELETE"):
        assert await client.error(method, "/resources/a/b") == (404, "No resource with id a/b")
    for more in ("children", "referrers", "changes"):
        assert await client.error("GET", f"/resources/a/b/{more}") == (404, "No resource with id a/b")


@pytest.mark.parametrize("path", ["ghent/floor-1", "ghent%2Ffloor-1", "ghent/floor%2D1", "ghent/floor-1/"])
async def test_an_id_with_a_slash_is_found_encoded_or_not(client, path):
    assert (await client.call("GET", f"/resources/{path}")).json["name"] == "First floor"


async def test_children_are_those_that_name_it_as_parent(client):
    response = await client.get("/resources/ghent/children", params={"limit": 1})
    assert response.headers["X-Count"] == "2"
    assert [each["id"] for each in response.json["values"]] == ["ghent/floor-1"]
    assert (await client.get("/resources/ghent/floor-1/children")).json["total"] == 0


async def test_referrers_are_those_that_refer_to_it(client):
    assert await client.ids("/resources/thermometer-1/referrers") == ["gateway-1"]
    assert await client.ids("/resources/ghent/referrers") == []


async def test_children_and_referrers_follow_every_change(client):
    await client.call("PATCH", "/resources/ghent/floor-1", {"parentId": "thermometer-2"})
    await client.call("PATCH", "/resources/gateway-1", {"serves": None, "near": {"to": {"$ref": "/resources/ghent"}}})
    assert await client.ids("/resources/ghent/children") == ["ghent/floor-2"]
    assert await client.ids("/resources/thermometer-2/children") == ["ghent/floor-1"]
    assert await client.ids("/resources/thermometer-1/referrers") == []
    assert await client.ids("/resources/ghent/referrers") == ["gateway-1"]


async def test_changes_tell_what_has_happened_and_outlive_the_resource(emulator, client):
    await client.post("/resources", {"id": "a", "n": 1})
    await emulator.advance("1s")
    await client.call("PATCH", "/resources/a", {"n": 2})
    await client.delete("/resources/a")
    response = await client.get("/resources/a/changes")
    assert response.headers["X-Count"] == "3"
    assert [(each["time"], each["change"], each["resource"]["n"]) for each in response.json] == [
        ("2026-03-01T09:00:00.000Z", "created", 1),
        ("2026-03-01T09:00:01.000Z", "updated", 2),
        ("2026-03-01T09:00:01.000Z", "deleted", 2),
    ]
    assert len((await client.get("/resources/a/changes?skip=1&limit=1")).json) == 1


# Update ---------------------------------------------------------------------


async def test_replacing_keeps_nothing_but_the_id_in_the_path(client):
    response = await client.call("PUT", "/resources/ghent", {"id": "other", "name": "n"})
    assert response.status == 200
    assert response.json == {"id": "ghent", "name": "n"}
    assert (await client.get("/resources/ghent")).json == {"id": "ghent", "name": "n"}


async def test_patching_changes_what_it_names_and_removes_what_is_null(client):
    response = await client.call("PATCH", "/resources/ghent", {"name": "n", "customer": None, "address": None})
    assert response.status == 200
    assert response.json == {"id": "ghent", "name": "n", "resourceTypeId": "site"}


async def test_patching_what_is_not_there_creates_it(client):
    assert (await client.call("PATCH", "/resources/a/b", {"n": 1, "gone": None})).json == {"id": "a/b", "n": 1}
    assert (await client.get("/resources/a/b")).status == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_refused_update_changes_nothing(client, method):
    before = (await client.get("/resources/ghent")).json
    response = await client.call(method, "/resources/ghent", {"name": "x", "location": {"lat": 1}})
    assert response.status == 400
    assert response.json["error"] == "/location/lon <- Property lon missing."
    assert (await client.get("/resources/ghent")).json == before


# Remove ---------------------------------------------------------------------


async def test_a_removed_resource_is_gone(client):
    response = await client.delete("/resources/thermometer-2?cascade=alarms&cascade=tasks")
    assert (response.status, response.body) == (204, b"")
    assert (await client.get("/resources/thermometer-2")).status == 404


async def test_a_resource_to_which_others_hold_on_stays(client):
    text = "Resource is still parent of or referenced by {} resource(s)"
    assert await client.error("DELETE", "/resources/ghent") == (400, text.format(2))
    assert await client.error("DELETE", "/resources/thermometer-1") == (400, text.format(1))


async def test_who_names_it_twice_is_counted_once(client):
    refers = {"$ref": "/resources/thermometer-2"}
    await client.post("/resources", {"parentId": "thermometer-2", "a": refers, "b": [{"c": refers}]})
    text = "Resource is still parent of or referenced by 1 resource(s)"
    assert await client.error("DELETE", "/resources/thermometer-2") == (400, text)


async def test_nobody_holds_on_to_himself(client):
    await client.post("/resources", {"id": "a", "parentId": "a", "me": {"$ref": "/resources/a"}})
    assert (await client.delete("/resources/a")).status == 204


async def test_whoever_let_go_no_longer_counts(client):
    await client.call("PATCH", "/resources/gateway-1", {"serves": None})
    assert (await client.delete("/resources/thermometer-1")).status == 204
    await client.delete("/resources/ghent/floor-1")
    await client.delete("/resources/ghent/floor-2")
    assert (await client.delete("/resources/ghent")).status == 204

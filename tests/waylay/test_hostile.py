"""Requests that are wrong or meant badly: never a 5xx, and nothing half-done."""

import json

import pytest

from tests.waylay.conftest import API, AUTH, deleting, patching

BATCH, RESOURCES, TYPES = f"{API}/batch", f"{API}/resources", f"{API}/resourcetypes"
TOKENS = "/accounts/v1/tokens?grant_type=client_credentials"
VALID = deleting("thermometer-2")


def said(value):
    return json.dumps(value).encode()


WRONG = [
    # bodies that are no JSON
    ("POST", BATCH, b"", 400),
    ("POST", BATCH, b" ", 400),
    ("POST", BATCH, b"{", 400),
    ("POST", BATCH, b"entity=resource&action=delete", 400),
    ("POST", BATCH, said(VALID)[:-1], 400),
    ("POST", BATCH, said(VALID) + b"}", 400),
    ("POST", BATCH, said(VALID) * 2, 400),
    ("POST", BATCH, b"\xef\xbb\xbf" + said(VALID), 400),
    ("POST", BATCH, said(VALID).decode().encode("utf-16"), 400),
    ("POST", BATCH, b'{"entity": "\xff"}', 400),
    ("POST", BATCH, b'{"entity": "\\ud800"}', 400),
    ("POST", BATCH, b"NaN", 400),
    ("POST", BATCH, b"[" * 100_000, 400),
    ("POST", BATCH, b'{"a":' * 201 + b"1" + b"}" * 201, 400),
    (
        "POST",
        BATCH,
        b'{"entity":"resource","entity":"resourcetype","action":"delete","query":{"ids":["prototype"]}}',
        400,
    ),
    ("POST", RESOURCES, b'{"id": "x", "n": 1e400}', 400),
    ("POST", RESOURCES, b'{"id": "x", "n": ' + b"9" * 500 + b"}", 400),
    ("PATCH", f"{RESOURCES}/ghent", b"", 400),
    ("PUT", f"{RESOURCES}/ghent", b"ghent", 400),
    ("POST", TOKENS, b"", 400),
    # JSON that is no batch
    *[("POST", BATCH, said(each), 400) for each in (None, True, 0, "delete", [], [VALID], {})],
    ("POST", BATCH, said(VALID | {"entity": None}), 400),
    ("POST", BATCH, said(VALID | {"entity": ["resource"]}), 400),
    ("POST", BATCH, said(VALID | {"entity": {"resource": 1}}), 400),
    ("POST", BATCH, said(VALID | {"entity": "Resource"}), 400),
    ("POST", BATCH, said(VALID | {"action": 7}), 400),
    ("POST", BATCH, said(VALID | {"action": "DELETE"}), 400),
    ("POST", BATCH, said(VALID | {"action": "{entity}" * 100}), 400),
    ("POST", BATCH, said(VALID | {"action": "x" * 1_000_000}), 400),
    ("POST", BATCH, said(VALID | {"query": None}), 400),
    ("POST", BATCH, said(VALID | {"query": "ids"}), 400),
    ("POST", BATCH, said(VALID | {"query": {"ids": "thermometer-2"}}), 400),
    ("POST", BATCH, said(VALID | {"query": {"ids": {"0": "thermometer-2"}}}), 400),
    ("POST", BATCH, said(VALID | {"query": {"ids": ["thermometer-2", None]}}), 400),
    ("POST", BATCH, said(VALID | {"query": {"ids": [["thermometer-2"]]}}), 400),
    ("POST", BATCH, said(VALID | {"query": {"resources": [{"id": "x"}]}}), 400),
    ("POST", BATCH, said(VALID | {"actionParameters": None}), 400),
    ("POST", BATCH, said(VALID | {"actionParameters": {"cascade": "alarms"}}), 400),
    ("POST", BATCH, said(patching({"id": "x"}, {"id": 7})), 400),
    ("POST", BATCH, said(patching({"id": "x"}, None)), 400),
    ("POST", BATCH, said(patching({"id": "x"}, {"id": ""})), 400),
    ("POST", BATCH, said(patching({"id": "x"}, {"id": None})), 400),
    ("POST", BATCH, said(patching({"id": "x"}, {"location": {"lat": "0"}})), 400),
    ("POST", BATCH, said(patching({"id": "x"}) | {"actionParameters": {"updateProtected": "yes"}}), 400),
    # JSON that is no resource, no type, no credentials
    ("POST", RESOURCES, said([]), 400),
    ("POST", RESOURCES, said({"id": ""}), 400),
    ("POST", RESOURCES, said({"id": None}), 400),
    ("POST", RESOURCES, said({"id": "x", "parentId": None}), 400),
    ("POST", RESOURCES, said({"id": "x", "tags": {"a": 1}}), 400),
    ("POST", RESOURCES, said({"id": "x", "lastMessageTimestamp": "now"}), 400),
    ("POST", RESOURCES, said({"id": "x", "sensors": [{"name": "a"}]}), 400),
    ("POST", TYPES, said({"id": 1}), 400),
    ("POST", TYPES, said({"id": "x", "$constraints": [1]}), 400),
    ("POST", TYPES, said({"id": "x", "templates": [{"templateName": "a", "type": "often"}]}), 400),
    ("POST", TOKENS, said({"clientId": {}, "clientSecret": []}), 400),
    # queries
    *[
        ("GET", f"{RESOURCES}?{query}", None, 400)
        for query in (
            "skip=-1",
            "skip=1.5",
            "skip=",
            "skip=٣",
            "limit=all",
            "limit=99999999999999999999",
            "limit=1e3",
            "order=up",
            "toplevelOnly=yes",
            "query=name",
            "query=name:eq",
            "query=name:drop(tables)",
            "query=:eq(a)",
            "query=a:eq(b",
            "query=a:eq(b)))",
            "filter=" + "x" * 300,
            "id=%ff",
            "%ff=id",
        )
    ],
    ("GET", f"{RESOURCES}/ghent/children?skip=x", None, 400),
    ("GET", f"{RESOURCES}/ghent/changes?limit=x", None, 400),
    ("POST", "/accounts/v1/tokens?grant_type=%ff", said({}), 400),
    # paths and methods
    ("GET", f"{BATCH}/%00", None, 404),
    ("GET", f"{BATCH}/%ff", None, 404),
    ("GET", f"{BATCH}/%zz", None, 404),
    ("GET", f"{BATCH}/{{id}}", None, 404),
    ("GET", f"{BATCH}/a/b", None, 404),
    ("GET", f"{BATCH}/{'x' * 4000}", None, 404),
    ("GET", f"{RESOURCES}/..%2f..%2fetc%2fpasswd", None, 404),
    ("DELETE", f"{RESOURCES}/%00", None, 404),
    ("DELETE", f"{RESOURCES}/*", None, 404),
    ("DELETE", f"{RESOURCES}/GHENT", None, 404),
    ("DELETE", f"{TYPES}/'; --", None, 404),
    ("GET", f"{API}x", None, 404),
    ("GET", BATCH, None, 405),
    ("DELETE", BATCH, None, 405),
    ("DELETE", RESOURCES, None, 405),
    ("DELETE", f"{RESOURCES}/ghent/children", None, 405),
    ("PUT", f"{TYPES}/site", said({}), 405),
    ("PURGE", f"{RESOURCES}/ghent", None, 405),
    ("HEAD", RESOURCES, None, 405),
    ("GET", "/accounts/v1/tokens", None, 405),
]


@pytest.fixture
def everything(client):
    async def look():
        jobs = await client.emulator.admin("GET", "/jobs")
        return (await client.get("/resources")).json, (await client.get("/resourcetypes")).json, jobs["total"]

    return look


@pytest.mark.parametrize(("method", "path", "body", "status"), WRONG, ids=range(len(WRONG)))
async def test_it_is_refused_and_changes_nothing(emulator, everything, method, path, body, status):
    before = await everything()
    response = await emulator.call(method, path, data=body, headers=AUTH)
    assert response.status == status, response.text
    if path.startswith((f"{API}/", "/accounts")) and method != "HEAD":
        assert response.json["statusCode"] == status
        assert len(response.json["error"]) < 5000
    await emulator.advance("1h")
    assert await everything() == before


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/json; charset=utf-7", ""])
async def test_the_content_type_of_a_body_does_not_matter(emulator, content_type):
    headers = AUTH | {"Content-Type": content_type}
    assert (await emulator.call("POST", BATCH, data=said(VALID), headers=headers)).status == 202


@pytest.mark.parametrize("resource_id", ["", " ", "../..", "a\x00b", "\U0001f600", "{id}", "%2F", "x" * 100_000])
async def test_any_text_is_an_id_that_a_batch_may_name(client, resource_id):
    results = await client.results(deleting(resource_id))
    assert results["failure"] == {resource_id: {"statusCode": 404, "error": f"No resource with id {resource_id}"}}


@pytest.mark.requirement("S-31")
async def test_a_query_of_many_wildcards_is_answered_soon(client):
    await client.post("/resources", {"id": "long", "name": "a" * 100_000})
    response = await client.get("/resources", params={"query": f"name:like({'*a' * 50}b)"}, timeout=5)
    assert response.json["total"] == 0


async def test_a_resource_as_deep_as_json_may_be_is_kept(client):
    deep = {"$ref": "/resources/ghent"}
    for _ in range(190):
        deep = [deep]
    assert (await client.post("/resources", {"id": "deep", "at": deep})).status == 201
    assert await client.ids("/resources/ghent/referrers") == ["deep"]
    assert (await client.get("/resources/deep")).json["at"] == deep

"""Requests that are wrong or meant badly: the documented error or our own, never a 5xx, and nothing half-done."""

import gzip
import io
import json

import pytest

from tests.deposco.conftest import API, IMPORTS, item, items, of

VALID = of("Item", item("SKU-1"))
ENVELOPE, DEFAULT = ["errors"], ["errorMessages", "pid"]


def said(value):
    return json.dumps(value).encode()


def wrong(field, value):
    return said(VALID | {field: value})


WRONG = [
    # bodies that are no JSON
    *[
        ("POST", IMPORTS, body, 400)
        for body in (
            b"",
            b" ",
            b"{",
            b"\x00",
            b"entityType=Item",
            b"<entities/>",
            said(VALID)[:-1],
            said(VALID) + b"}",
            said(VALID) * 2,
            b"\xef\xbb\xbf" + said(VALID),
            said(VALID).decode().encode("utf-16"),
            b'{"entityType": "It\xff"}',
            b'{"entityType": "Item", "entities": [{"number": "\\ud800"}]}',
            b'{"entityType": "Item", "entities": [{"number": "\\uDFFF\\ud800"}]}',
            b"NaN",
            b'{"entityType": "Item", "entities": [{"quantity": Infinity}]}',
            b'{"entityType": "Item", "entities": [{"quantity": 1e400}]}',
            b'{"entityType": "Item", "entities": [{"quantity": ' + b"9" * 500 + b"}]}",
            b'{"entityType": "Item", "entityType": "Kit", "entities": []}',
            b'{"entityType": "Item", "entities": [{"number": "a", "number": "b"}]}',
            b"[" * 100_000,
            b'{"a":' * 201 + b"1" + b"}" * 201,
            b'{"entityType": "Item", "entities": [' + b'{"number":"x"},' * 40_000,
        )
    ],
    # JSON that is no import
    *[("POST", IMPORTS, said(each), 400) for each in (None, True, 0, 1.5, "Item", [], [VALID], {})],
    ("POST", IMPORTS, said({"entityType": "Item"}), 400),
    ("POST", IMPORTS, said({"entities": []}), 400),
    ("POST", f"{IMPORTS}?entityType=Item", said({"entities": []}), 400),
    *[
        ("POST", IMPORTS, wrong("entityType", value), 400)
        for value in (
            None,
            "",
            "item",
            "ITEM",
            "Item ",
            "Items",
            "Company",
            "Customer Order",
            7,
            True,
            ["Item"],
            {"a": 1},
        )
    ],
    *[
        ("POST", IMPORTS, wrong("entities", value), 400)
        for value in (None, {}, {"0": {}}, "", "[]", 0, True, [None], [[]], ["SKU-1"], [7], [{}, None], [item("A"), []])
    ],
    *[
        ("POST", IMPORTS, wrong(field, value), 400)
        for field in ("pathParameters", "requestParameters")
        for value in (None, 7, True, [], ["a=b"], {"businessUnit": "BU1"})
    ],
    ("POST", IMPORTS, said(of("Item")).replace(b"[]", b"[" + b"1," * 400_000 + b"1]"), 400),
    ("POST", IMPORTS, said([1] * 300_000), 400),
    ("POST", IMPORTS, wrong("entityType", "x" * 1_000_000), 400),
    ("POST", IMPORTS, wrong("pathParameters", [["x"] * 100] * 1000), 400),
    # paths and methods
    ("GET", f"{API}/%00", None, 404),
    ("GET", f"{API}/%zz", None, 404),
    ("GET", f"{API}/..%2f..%2fetc%2fpasswd", None, 404),
    ("GET", f"{API}/{{requestId}}", None, 404),
    ("GET", f"{API}/'; drop table", None, 404),
    ("GET", f"{API}/{'x' * 6000}", None, 404),
    ("GET", f"{API}/%F0%9F%98%80", None, 404),
    ("GET", f"{API}/a/b", None, 404),
    ("POST", "/latest/async/bulkimports/x", said(VALID), 404),
    ("POST", "/latest/items", said(item("A")), 404),
    ("POST", "/beta", said(VALID), 404),
    ("GET", API, None, 404),
    ("GET", IMPORTS, None, 405),
    ("PUT", IMPORTS, said(VALID), 405),
    ("DELETE", f"{API}/x", None, 405),
    ("POST", f"{API}/x", said(VALID), 405),
    ("PURGE", IMPORTS, None, 405),
]


@pytest.mark.requirement("S-14")
@pytest.mark.parametrize(("method", "path", "body", "status"), WRONG, ids=range(len(WRONG)))
async def test_it_is_refused_and_changes_nothing(emulator, method, path, body, status):
    response = await emulator.call(method, path, data=body)
    assert response.status == status, response.text
    assert list(response.json) == (DEFAULT if status == 405 else ENVELOPE)
    assert len(response.body) < 8000
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0


TEXTS = [
    (b"{", "The request body is not JSON: "),
    (b"[]", "The request body must be of type object"),
    (b"{}", "entityType must not be null"),
    (wrong("entityType", None), "entityType must not be null"),
    (wrong("entityType", 7), "entityType must be "),
    (wrong("entityType", "item"), "entityType must be one of Item, Kit, "),
    (wrong("entities", None), "entities must not be null"),
    (wrong("entities", {}), "entities must be of type array"),
    (wrong("entities", [{}, 7]), "entities[1] must be of type object"),
    (wrong("pathParameters", {}), "pathParameters must be of type string"),
]


@pytest.mark.parametrize(("body", "text"), TEXTS)
async def test_the_text_says_what_is_wrong(emulator, body, text):
    response = await emulator.call("POST", IMPORTS, data=body)
    said = response.json["errors"][0]["errorMessage"]
    assert said.replace("Trading Partner, ", "").startswith(text)


@pytest.mark.parametrize(
    "body",
    [
        VALID,
        VALID | {"unknown": [1, {"a": None}]},
        VALID | {"pathParameters": "", "requestParameters": "businessUnit=ABC,orderStatus=New"},
        VALID | {"requestParameters": "\u0000=;drop"},
        of("Item", item("\U0001f600"), item("{0}%s"), item("\u202e"), item("a\u0000b")),
        of("Item", item("A", deep={"a": [[[{"b": 10**300}]]]}, __class__="x")),
        of("Item", {"number": [], "businessUnit": False, "packs": 0}),
        of("Item", *[{}] * 500),
    ],
)
async def test_what_is_merely_odd_is_taken_and_comes_to_an_end(client, body):
    response = await client.post(body)
    assert response.status == 202
    await client.emulator.advance("2s")
    answer = await client.status(response.json["request"]["id"])
    assert answer["totalEntities"] == len(answer["results"]) == len(body["entities"])


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/json; charset=utf-7", ""])
async def test_the_content_type_of_a_body_does_not_matter(emulator, content_type):
    response = await emulator.call("POST", IMPORTS, data=said(VALID), headers={"Content-Type": content_type})
    assert response.status == 202


# Ten megabytes ----------------------------------------------------------------------

LIMIT = 10 * 2**20


def of_size(size):
    body = said(of("Item", *items(3), filler=""))
    return body.replace(b'"filler": ""', b'"filler": "' + b"x" * (size - len(body)) + b'"')


async def test_a_body_of_just_under_ten_megabytes_is_taken(client):
    response = await client.emulator.call("POST", IMPORTS, data=io.BytesIO(of_size(LIMIT - 1)))
    assert response.status == 202
    await client.emulator.advance("2s")
    assert (await client.status(response.json["request"]["id"]))["successes"] == 3


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1, 3 * LIMIT])
async def test_a_larger_one_is_refused_and_the_connection_goes_on(emulator, size):
    refused = await emulator.call("POST", IMPORTS, data=io.BytesIO(of_size(size)))
    assert (refused.status, refused.text) == (413, "HTTP content length exceeded 10485760 bytes.")
    assert (await emulator.call("POST", IMPORTS, data=said(VALID))).status == 202
    assert (await emulator.admin("GET", "/jobs"))["total"] == 1


async def test_one_of_no_announced_length_is_refused_when_it_has_grown_too_long(emulator):
    async def chunks():
        for _ in range(12):
            yield b" " * 2**20

    assert (await emulator.call("POST", IMPORTS, data=chunks())).status == 413


@pytest.mark.requirement("S-13")
async def test_what_counts_is_the_body_once_it_is_unpacked(client):
    packed = {"Content-Encoding": "gzip"}
    bomb = gzip.compress(of_size(3 * LIMIT), 1)
    assert (await client.emulator.call("POST", IMPORTS, data=bomb, headers=packed)).status == 413
    small = gzip.compress(of_size(LIMIT - 1), 1)
    assert (await client.emulator.call("POST", IMPORTS, data=small, headers=packed)).status == 202


async def test_a_long_body_that_is_no_json_is_refused_as_a_short_one_is(emulator):
    refused = await emulator.call("POST", IMPORTS, data=of_size(2**20)[:-1])
    assert refused.status == 400
    assert refused.json["errors"][0]["errorMessage"].startswith("The request body is not JSON")

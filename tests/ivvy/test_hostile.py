"""Requests that are wrong or meant badly: the documented error, never a mistake of ours, and nothing half-done."""

import asyncio
import json

import pytest

from tests.ivvy.conftest import API, INVITE, PING, call

RUN, PROGRESS, RESULTS = (f"batch?action={each}" for each in ("run", "progress", "results"))
BATCH = {"jobs": [INVITE], "callbackUrl": "http://127.0.0.1:9/cb"}


def said(value):
    return json.dumps(value).encode()


def batch(**changes):
    return said(BATCH | changes)


VALID = batch()

WRONG = [
    # routes
    ("POST", "batch", VALID, 404, 0),
    ("POST", "batch?", VALID, 404, 0),
    ("POST", "batch?action=", VALID, 404, 0),
    ("POST", "batch?action", VALID, 404, 0),
    ("POST", "batch?action=Run", VALID, 404, 0),
    ("POST", "batch?action=run%20", VALID, 404, 0),
    ("POST", "batch?action=run%00", VALID, 404, 0),
    ("POST", "batch?action=%ff", VALID, 404, 0),
    ("POST", "batch?action=run&action=results", VALID, 404, 0),
    ("POST", "batch?Action=run", VALID, 404, 0),
    ("POST", "batch?action=getProgress", VALID, 404, 0),
    ("POST", "batch?action=result", VALID, 404, 0),
    ("POST", "batch?action=getBatchResults", VALID, 404, 0),
    ("POST", "batch?action=ping", VALID, 404, 0),
    ("POST", f"batch?action={'run' * 1000}", VALID, 404, 0),
    ("POST", "test?action=run", VALID, 404, 0),
    ("POST", "event?action=inviteContacts", VALID, 404, 0),
    ("POST", "venue?action=getVenue", VALID, 404, 0),
    ("POST", "nowhere?action=run", VALID, 404, 0),
    ("POST", "Batch?action=run", VALID, 404, 0),
    ("POST", "b%61tch?action=run", VALID, 404, 0),
    ("POST", "batch/run", VALID, 404, 0),
    ("POST", "batch/../batch?action=run", VALID, 404, 0),
    ("POST", "batch%3Faction=run", VALID, 404, 0),
    ("POST", "", VALID, 404, 0),
    ("POST", API, VALID, 404, 0),
    ("POST", "/api/2.0/batch?action=run", VALID, 404, 0),
    ("POST", "/api/1.1/batch?action=run", VALID, 404, 0),
    ("POST", "/api/1/batch?action=run", VALID, 404, 0),
    ("POST", "/api/1.0.0/test?action=ping", VALID, 404, 0),
    *[(method, RUN, VALID, 405, 0) for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS")],
    ("GET", "batch", b"", 405, 0),
    ("GET", "nowhere", b"", 404, 0),
    # bodies that are no JSON, or neither an object nor `[]`
    ("POST", RUN, b" ", 400, 0),
    ("POST", RUN, b"{", 400, 0),
    ("POST", RUN, b"jobs=[]&callbackUrl=x", 400, 0),
    ("POST", RUN, VALID[:-1], 400, 0),
    ("POST", RUN, VALID + b"}", 400, 0),
    ("POST", RUN, VALID * 2, 400, 0),
    ("POST", RUN, b"\xef\xbb\xbf" + VALID, 400, 0),
    ("POST", RUN, VALID.decode().encode("utf-16"), 400, 0),
    ("POST", RUN, b"\x00" * 100, 400, 0),
    ("POST", RUN, b'{"jobs": "\xff"}', 400, 0),
    ("POST", RUN, b'{"jobs": "\\ud800"}', 400, 0),
    ("POST", RUN, b'{"jobs": [], "jobs": [1]}', 400, 0),
    ("POST", RUN, b'{"jobs": NaN}', 400, 0),
    ("POST", RUN, b'{"jobs": 1e400}', 400, 0),
    ("POST", RUN, b'{"jobs": ' + b"9" * 500 + b"}", 400, 0),
    ("POST", RUN, b"[" * 100_000, 400, 0),
    ("POST", RUN, b'{"a":' * 201 + b"1" + b"}" * 201, 400, 0),
    *[("POST", RUN, said(each), 400, 0) for each in (None, True, 0, "run", [BATCH], [[]])],
    ("POST", "test?action=ping", b"ping", 400, 0),
    ("POST", "batch?action=nothing", b"{", 400, 0),
    # JSON that is no batch; the rest of these is where the order of the checks is tested
    ("POST", RUN, b"", 400, 23017),
    ("POST", RUN, b"[]", 400, 23017),
    ("POST", RUN, b"{}", 400, 23017),
    ("POST", RUN, batch(jobs=[INVITE] * 201), 400, 24448),
    ("POST", RUN, batch(jobs=[None] * 201), 400, 24448),
    ("POST", RUN, batch(jobs=[INVITE, None]), 400, 24093),
    ("POST", RUN, batch(jobs=[INVITE, [INVITE]]), 400, 24092),
    ("POST", RUN, batch(jobs=[False]), 400, 24092),
    ("POST", RUN, batch(jobs={"length": 1}), 400, 24092),
    ("POST", RUN, batch(jobs=[INVITE | {"action": ["inviteContacts"]}]), 400, 24092),
    ("POST", RUN, batch(callbackUrl=["http://127.0.0.1:9/"]), 400, 23016),
    ("POST", RUN, batch(callbackUrl="javascript:alert(1)"), 400, 23016),
    ("POST", RUN, batch(callbackUrl="file:///etc/passwd"), 400, 23016),
    ("POST", RUN, batch(callbackUrl="//127.0.0.1/cb"), 400, 23016),
    ("POST", RUN, batch(callbackUrl="http://"), 400, 23016),
    ("POST", RUN, batch(callbackUrl="http://a/\r\nX: y"), 400, 23016),
    ("POST", RUN, batch(callbackUrl="http://a/\u0000"), 400, 23016),
    # a batch that nobody has
    ("POST", PROGRESS, b"", 400, 23017),
    ("POST", PROGRESS, said({"async": {"$ne": None}}), 400, 23016),
    ("POST", PROGRESS, said({"async": "' OR 1=1--"}), 404, 24105),
    ("POST", PROGRESS, said({"async": "x" * 1_000_000}), 404, 24105),
    ("POST", RESULTS, said({"async": "../../etc/passwd"}), 404, 24115),
    ("POST", RESULTS, said({"async": "\u0000\u202e"}), 404, 24115),
    ("POST", "batch?action=restart", said({"async": "0" * 32}), 404, 24105),
    ("POST", "batch?action=repost", said({"async": "0" * 32}), 404, 24105),
]


@pytest.mark.parametrize(("method", "action", "body", "status", "code"), WRONG)
async def test_a_wrong_request_gets_the_vendors_error_and_changes_nothing(
    emulator, client, method, action, body, status, code
):
    response = await client.send(action or f"{API}/", body, method)
    assert response.status == status, response.text
    assert response.headers["Content-Type"] == "application/json"
    assert response.json.items() >= {"errorCode": status, "specificCode": code}.items()
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0
    (exchange,) = (await emulator.admin("GET", "/requests"))["requests"]
    assert exchange["contract"] == "kept"


@pytest.mark.parametrize(
    ("action", "headers", "body", "status", "code"),
    [
        ("nowhere?action=run", {"X-Api-Authorization": None}, b"{", 404, 0),  # the route comes first,
        ("batch?action=nothing", {"X-Api-Authorization": None}, b"{", 401, 0),  # then authorization,
        ("batch?action=nothing", {"IVVY-Date": "x"}, b"{", 401, 23005),  # then staleness,
        ("batch?action=nothing", {}, b"{", 400, 0),  # then JSON,
        ("batch?action=nothing", {}, b"{}", 404, 0),  # then the action,
        ("batch?action=run", {}, b"{}", 400, 23017),  # then the parameters
        ("batch?action=run", {"Content-MD5": None, "IVVY-Date": "x"}, b"{}", 401, 0),
    ],
)
async def test_of_several_mistakes_the_first_in_order_is_told(client, action, headers, body, status, code):
    answer = await client.send(action, body, **headers)
    assert (answer.status, answer.json["specificCode"]) == (status, code)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/batch?action=run", "/api/v1/batch", "/api/remap/9.9/batch"])
async def test_what_is_not_ivvys_is_not_answered_in_its_words(client, path):
    answer = await client.send(path, VALID)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")


async def test_a_body_that_is_too_long_is_refused(emulator, client):
    answer = await client.send(RUN, b" " * 10_000_001)
    assert (answer.status, answer.json["message"]) == (400, "Bad Request")
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0


@pytest.mark.parametrize(
    "params",
    [
        {"id": 10**300},
        {"id": -0.0},
        {"a": [[[[[]]]]] * 100},
        {"\u0000": "\u2028\U0001f600"},
        {"__proto__": {"constructor": None}},
        {"event": 1, "contacts": [10**40]},
        {"start": 10**40},
        {"x": "y" * 1_000_000},
    ],
)
async def test_odd_parameters_come_back_as_they_are(client, params):
    names = ("event.inviteContacts", "event.getEventList", "contact.getContact", "nowhere.at all")
    results = await client.results(*[call(name) | {"params": params} for name in names])
    assert [each["request"] for each in results] == [params] * 4


async def test_params_as_deep_as_json_may_be(client):
    deep = json.loads('{"a":' * 190 + "1" + "}" * 190)
    (result,) = await client.results(PING | {"params": deep})
    assert result["request"] == deep


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": None},
        {"Content-Type": "text/plain"},
        {"Content-Type": "x" * 7000},
        {"Accept": "text/html"},
        {"Date": "nonsense"},
        {"IVVY-X": "\u00e9\u00ff"},
        {"X-Api-Version": "2.0"},
        {"X-Http-Method-Override": "GET"},
    ],
)
async def test_odd_headers_are_no_reason_to_fail(client, headers):
    assert (await client.send("test?action=ping", b"", **headers)).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://127.0.0.1:99999/",
        "http://169.254.169.254/latest/meta-data/",
        "http://user:secret@127.0.0.1:9/",
        "http://0x7f000001/",
        "https://no-such-host.invalid/",
        "http://8.8.8.8/",
    ],
)
async def test_a_receiver_that_cannot_be_called_is_no_matter_to_the_batch(emulator, client, url):
    async_id = await client.run(url=url)
    await emulator.advance("1s")
    (callback,) = (await emulator.admin("GET", "/callbacks"))["callbacks"]
    assert callback["status"] == "dropped"
    assert "secret" not in str(callback)
    assert await client.progress(async_id) == 100


async def test_many_batches_at_once_are_kept_apart(emulator, client):
    ids = await asyncio.gather(*[client.run(call("contact.getContact", id=n)) for n in range(1, 40)])
    assert len(set(ids)) == 39
    await emulator.advance("1s")
    documents = await asyncio.gather(*[client.ask("results", each) for each in ids])
    assert [each["asyncId"] for each in documents] == list(ids)
    assert [each["results"][0]["response"]["id"] for each in documents] == list(range(1, 40))

"""The journal as an HTTP Archive."""

import base64
import json

import pytest
from jsonschema import Draft202012Validator
from multidict import CIMultiDict, CIMultiDictProxy

from emulator.admin.har import entry
from emulator.exchange import Answer, Request
from emulator.journal import BODY_LIMIT, record

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true&x=%D0%BF%20q"
TOKEN = {"Authorization": "Bearer s3cret", "Accept-Encoding": "identity"}

PAIRS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}
NUMBER = {"type": "number", "minimum": 0}
SIZE = {"type": "integer", "minimum": -1}
MESSAGE = {
    "httpVersion": {"type": "string"},
    "cookies": PAIRS,
    "headers": PAIRS,
    "headersSize": SIZE,
    "bodySize": SIZE,
}
POSTED = {
    "type": "object",
    "required": ["mimeType", "text"],
    "properties": {"mimeType": {"type": "string"}, "text": {"type": "string"}},
}
CONTENT = {
    "type": "object",
    "required": ["size", "mimeType"],
    "properties": {"size": {"type": "integer"}, "mimeType": {"type": "string"}, "text": {"type": "string"}},
}
REQUEST = {
    **MESSAGE,
    "method": {"type": "string"},
    "url": {"type": "string", "pattern": "^http://"},
    "queryString": PAIRS,
}
RESPONSE = {
    **MESSAGE,
    "status": {"type": "integer"},
    "statusText": {"type": "string"},
    "content": CONTENT,
    "redirectURL": {"type": "string"},
}
TIMINGS = {"send": NUMBER, "wait": NUMBER, "receive": NUMBER}
ENTRY = {
    "startedDateTime": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"},
    "time": NUMBER,
    "request": {"type": "object", "required": list(REQUEST), "properties": {**REQUEST, "postData": POSTED}},
    "response": {"type": "object", "required": list(RESPONSE), "properties": RESPONSE},
    "cache": {"type": "object"},
    "timings": {"type": "object", "required": list(TIMINGS), "properties": TIMINGS},
}
HAR = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {"type": "object", "required": ["name", "version"]},
                "entries": {
                    "type": "array",
                    "items": {"type": "object", "required": list(ENTRY), "properties": ENTRY},
                },
            },
        }
    },
}
"""HAR 1.2, with what it demands of each part."""


def valid(har):
    Draft202012Validator(HAR).validate(har)
    return har["log"]["entries"]


async def test_exchanges_leave_as_a_valid_archive(emulator):
    space = emulator.namespace("far")
    job = (await space.get(SUBMIT, headers=TOKEN)).headers["X-Emulator-Job"]
    await space.advance("10s")
    await space.get(f"/api/remap/1.2/async/{job}/result", headers=TOKEN)
    await space.call("POST", "/api/remap/1.2/entity/webhook", headers=TOKEN, json={"url": "http://u:pw@there.example"})
    first, second, third = valid(await space.admin("GET", "/requests.har"))
    assert first["startedDateTime"] == "2026-03-01T09:00:00.000000Z"
    assert first["request"]["url"] == space.base + SUBMIT
    assert {"name": "x", "value": "п q"} in first["request"]["queryString"]
    assert (first["_operation"], first["_job"], first["response"]["statusText"]) == ("getStockByStore", job, "Accepted")
    assert second["startedDateTime"] == "2026-03-01T09:00:10.000000Z"
    assert second["response"]["redirectURL"].startswith(f"{space.base}/batch-prod/")
    assert json.loads(third["request"]["postData"]["text"])["url"] == "http://[redacted]@there.example"
    assert third["request"]["postData"]["mimeType"] == "application/json"
    assert third["response"]["content"]["mimeType"].startswith("application/json")
    assert "s3cret" not in json.dumps([first, second, third])


async def test_an_archive_holds_what_is_asked_for(emulator):
    for _ in range(3):
        await emulator.get(SUBMIT, headers=TOKEN)
    assert len(valid(await emulator.admin("GET", "/requests.har?after=1&status=2xx"))) == 2
    assert valid(await emulator.admin("GET", "/requests.har?status=5xx")) == []
    assert (await emulator.get("/__admin/requests.har?operation=getTusk")).status == 422


def exchange(*, body=b"", answer=b"", status=200, headers=()):
    request = Request("POST", "/path", "a=1&a=%ff", CIMultiDictProxy(CIMultiDict(headers)), body, sequence=1)
    answered = Answer(status, body=answer)
    return record(request, answered, api="kladana", operation=None, secret=False, contract="kept", wall_us=1500)


@pytest.mark.parametrize(
    ("given", "content"),
    [
        (b'{"a": 1}', {"size": 8, "mimeType": "application/json", "text": '{"a": 1}'}),
        (b"", {"size": 0, "mimeType": "x-unknown", "text": ""}),
        (
            b"\xff\x00",
            {"size": 2, "mimeType": "x-unknown", "text": base64.b64encode(b"\xff\x00").decode(), "encoding": "base64"},
        ),
    ],
)
def test_any_body_can_be_told(given, content):
    told = entry(exchange(answer=given))
    valid({"log": {"version": "1.2", "creator": {"name": "", "version": ""}, "entries": [told]}})
    assert told["response"]["content"] == content
    assert (told["time"], told["timings"]["wait"]) == (1.5, 1.5)
    assert "postData" not in told["request"]


def test_a_body_that_was_cut_is_of_no_known_size():
    told = entry(exchange(body=b"x" * (BODY_LIMIT + 1)))
    assert told["request"]["bodySize"] == -1
    assert told["request"]["postData"]["text"].endswith("...[cut]")


def test_a_status_without_a_name_has_none():
    assert entry(exchange(status=599))["response"]["statusText"] == ""

"""The vendor's published examples, against our schemas and our answers. Where one has a slip, the test says which."""

import base64
import json

import pytest

from tests.published import Published
from tests.waylay.conftest import Waylay, deleting

PUBLISHED = Published("waylay")


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("batch-started", "batch-started"),
        ("error", "batch-not-found"),
        ("error", "batch-invalid-action"),
        ("error", "type-in-use"),
        ("validation-error", "resource-refused"),
        ("resource", "resource"),
        ("type", "type"),
        ("version", "version"),
    ],
)
def test_a_published_example_keeps_our_contract(message, name):
    assert PUBLISHED.violations(message, PUBLISHED.example(name)) == []


def test_the_finished_batch_keeps_it_once_its_status_codes_are_numbers():
    finished = PUBLISHED.example("batch-result")
    assert PUBLISHED.violations("batch-result", finished)
    for each in finished["results"]["failure"].values():
        each["statusCode"] = int(each["statusCode"].rstrip(","))
    assert PUBLISHED.violations("batch-result", finished) == []
    assert PUBLISHED.violations("batch-status", finished) == []


@pytest.mark.parametrize("left_out", ["id", "user", "queueTime", "operation"])
def test_a_running_batch_wants_all_its_fields(left_out):
    running = PUBLISHED.example("batch-started")["entity"]
    del running[left_out]
    assert PUBLISHED.violations("batch-running", running)


async def test_the_published_batch_comes_out_as_published(told):
    published = PUBLISHED.example("batch-result")
    deleted, missing, parent = (*published["results"]["success"], *published["results"]["failure"])
    client = await told(f"""
clock: {{mode: frozen, start: "{published["queueTime"]}"}}
accounts:
  - resources: [{{id: {deleted}}}, {{id: {parent}}}, {{id: a, parentId: {parent}}}, {{id: b, parentId: {parent}}}]
jobs: [{{steps: [{{state: running}}, {{state: end, after: 78ms}}]}}]
""")
    user = f"users/{published['user']}"
    client.headers = {"Authorization": f"Bearer {jwt_of(user)}"}
    started = (await client.post("/batch", deleting(deleted, missing, parent))).json
    assert shape(started) == shape(PUBLISHED.example("batch-started"))
    await client.emulator.advance("1s")
    answer = await client.batch(started["entity"]["id"])
    for each in published["results"]["failure"].values():
        each["statusCode"] = int(each["statusCode"].rstrip(","))
    assert answer == published | {"id": answer["id"]}


async def test_the_published_errors_come_out_as_published(client: Waylay):
    batch_id = PUBLISHED.example("batch-not-found")["error"].split("'")[1]
    assert (await client.get(f"/batch/{batch_id}")).json == PUBLISHED.example("batch-not-found")
    assert (await client.post("/batch", deleting("a") | {"action": "dlte"})).json == PUBLISHED.example(
        "batch-invalid-action"
    )


def jwt_of(subject):
    payload = base64.urlsafe_b64encode(json.dumps({"sub": subject}).encode()).decode().rstrip("=")
    return f"e30.{payload}.x"


def shape(value):
    return {key: shape(each) for key, each in value.items()} if isinstance(value, dict) else type(value)

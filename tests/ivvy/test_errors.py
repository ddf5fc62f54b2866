"""Exceptions: every code of the table, as a scenario names it."""

import pytest

from emulator.app import library
from emulator.providers.ivvy.errors import ERROR_CODES, ERRORS, entry
from emulator.scenario.mistakes import ScenarioError
from tests.ivvy.conftest import INVITE

BATCH = {"jobs": [INVITE], "callbackUrl": "http://127.0.0.1:9/cb"}


@pytest.mark.parametrize("operation", ["run", "progress"])
@pytest.mark.parametrize("code", sorted(ERRORS))
async def test_each_code_can_be_had(told, operation, code):
    client = await told(f"faults: [{{operation: {operation}, calls: 1, error: {{code: {code}, name: jobs}}}}]\n")
    error_code, text = entry(code)
    answer = await client.batch(operation, BATCH | {"async": "x"})
    assert (answer.status, answer.json) == (
        error_code,
        {
            "errorCode": error_code,
            "message": text.replace("{name}", "jobs"),
            "specificCode": 0 if code in ERROR_CODES else code,
        },
    )
    assert await client.run()


@pytest.mark.parametrize("operation", ["progress", "results", "restart", "repost"])
async def test_calls_are_counted_batch_by_batch(told, operation):
    client = await told(f"faults: [{{operation: {operation}, calls: 1, error: 429}}]\n")
    for async_id in (await client.run(), await client.run()):
        assert await client.error(operation, {"async": async_id}) == (429, 0, "Too Many Requests")
        assert (await client.batch(operation, {"async": async_id})).status != 429


async def test_a_scenario_may_add_to_an_error(told):
    client = await told(
        "faults: [{operation: ping, error: {code: 23016, name: x, additional: Too odd, status: 406}}]\n"
    )
    answer = await client.send("test?action=ping", b"")
    assert (answer.status, answer.json) == (
        406,
        {
            "errorCode": 406,
            "message": "'x' does not validate",
            "specificCode": 23016,
            "additionalMessages": ["Too odd"],
        },
    )


async def test_a_scenario_may_send_an_error_as_if_nothing_had_happened(told):
    client = await told("faults: [{operation: ping, error: {code: 24091, status: 200, additional: 7}}]\n")
    answer = await client.send("test?action=ping", b"")
    assert (answer.status, answer.json["errorCode"], answer.json["additionalMessages"]) == (200, 500, ["7"])


@pytest.mark.parametrize(
    ("rule", "mistake"),
    [
        ("steps: [{state: running}, {state: end, error: 24105}]", "expected calls that fail to be named in result"),
        ("steps: [{state: running}], result: {responses: {event.getEvent: {errorCode: 404}}}", "message"),
        ("steps: [{state: running}], result: {fail: [0]}", "fail"),
        ("steps: [{state: running}], result: {fail: [getEvent]}", "fail"),
        ("steps: [{state: running}], when: {jobs: 201}", "jobs"),
        ("steps: [{state: paused}]", "expected 'running', where every job begins"),
        ("steps: [{state: running}, {state: finished}, {state: running}]", "final"),
    ],
)
def test_a_story_that_cannot_be_is_refused(rule, mistake, tmp_path):
    story = tmp_path / "story.yaml"
    story.write_text(f"version: 1\napi: ivvy\njobs: [{{{rule}}}]\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=mistake):
        library().find(str(story))


async def test_what_is_inferred_of_statuses_can_be_set(told):
    client = await told("settings: {statuses: {'24105': 400, '404': 501}}\n")
    assert await client.error("progress", {"async": "x"}) == (400, 24105, "Could not find batch")
    assert await client.error("nothing", {}) == (501, 0, "Not Found")
    unknown = {"namespace": "no", "action": "no", "params": {}}
    assert (await client.responses(unknown))[0]["errorCode"] == 501

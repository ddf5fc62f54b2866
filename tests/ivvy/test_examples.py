"""The vendor's published examples, against our schemas and our answers. Where one has a slip, the test says which."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.ivvy import messages
from tests.published import Published

PUBLISHED = Published("ivvy")


@pytest.mark.parametrize("name", ["batch", "progress", "reposted", "restarted", "results", "started"])
def test_a_published_example_keeps_our_contract(name):
    assert PUBLISHED.violations(name, json.loads(PUBLISHED.text(name))) == []


async def test_the_published_run_has_a_comma_too_many(client):
    answer = await client.send("batch?action=run", PUBLISHED.text("run").encode())
    assert answer.json == {"errorCode": 400, "message": "Bad Request", "specificCode": 0}
    mended = json.loads(PUBLISHED.text("run").replace("}},\n  ]", "}}\n  ]"))
    assert PUBLISHED.violations("run", mended) == []
    assert (await client.batch("run", mended)).status == 200


async def test_the_published_results_come_out_as_published(told):
    published = json.loads(PUBLISHED.text("results"))
    client = await told("""
jobs: [{steps: [{state: running}, {state: end}], result:
    {responses: {event.inviteContacts: {results: [{contact: 1, status: true}]}}}}]
""")
    jobs = [{"params": each["request"], **each} for each in published["results"]]
    async_id = await client.run(*[{key: each[key] for key in messages.JOB_KEYS} for each in jobs])
    assert await client.ask("results", async_id) == published | {"asyncId": async_id}


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("started", {"asyncId": "E35E06EE592D17A42DC9E6252A058617"}),
        ("started", {"asyncId": "e35e06ee592d17a42dc9e6252a05861"}),
        ("progress", {"progress": 101}),
        ("progress", {"progress": -1}),
        ("progress", {"progress": 33.5}),
        ("restarted", {"restarted": "true"}),
        ("results", {"results": []}),
        ("result", {"namespace": "a", "action": "b", "request": {}, "response": {"errorCode": "400"}}),
        ("error", {"errorCode": 400, "message": "x"}),
        ("error", {"errorCode": 200, "message": "x", "specificCode": 0}),
        ("pong", {"ack": "2026-05-01T10:20:30Z"}),
    ],
)
def test_the_contract_is_no_looser_than_it_must_be(message, value):
    assert PUBLISHED.violations(message, value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
TEXT = st.sampled_from(["event", "", "getEvent"])
JOB = st.fixed_dictionaries(
    {}, optional={"namespace": TEXT | JSON, "action": TEXT | JSON, "params": st.just({}) | st.just([]) | JSON}
)
URL = st.sampled_from(["http://127.0.0.1:9/cb", "HTTPS://host", "host", "", "http://"])
BODY = st.fixed_dictionaries(
    {}, optional={"jobs": st.lists(JOB | JSON, max_size=3) | JSON, "callbackUrl": URL | JSON}
) | st.just({"jobs": [{"namespace": "a", "action": "b", "params": []}] * 200, "callbackUrl": "http://a"})


@given(BODY)
def test_the_checks_of_a_batch_and_its_schema_agree(said):
    """The last check takes what is left: it must be the URL, and nothing else."""
    found = next((code, name) for wrong, code, name in messages.CHECKS if wrong(said))
    if found == messages.CHECKS[-1][1:]:
        assert {each.path[0] for each in PUBLISHED.contract.message("run").violations(said)} <= {"callbackUrl"}
    else:
        assert PUBLISHED.violations("run", said)

"""A namespace as one document: it goes on elsewhere byte for byte, and nothing that is not one gets in."""

import json
import logging
from contextlib import suppress

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.contract.decoder import decode
from emulator.journal import Budget
from emulator.namespace import Namespace
from emulator.snapshot import Unreadable, restored, state, written
from tests.callbacks.receiver import receiving
from tests.loops import run
from tests.stories.conversations import CREDENTIALS, IVVY, REMAP, REPORT, Call, said_in
from tests.stories.talk import STORIES, Refusing, Talk, begin

KLADANA = {"Authorization": f"Bearer {CREDENTIALS['kladana']}"}


def document_of(namespace, *, journal=True):
    """As it comes over the wire."""
    return decode(orjson.dumps(written(namespace, journal=journal)))


def elsewhere(talk, document, name=""):
    """The same client, whose server is another one that was given the document."""
    origin = begin("kladana/default").namespace.origin
    space = Namespace(name or talk.namespace.name, origin, Budget(), Refusing())
    restored(document, space)
    other = Talk(space, talk.api, talk.credential)
    other.kept = dict(talk.kept)
    return other


def journal_of(namespace):
    return [exchange.told() | {"wall": None} for exchange in namespace.journal]


async def halfway(story):
    talk = begin(story)
    calls = said_in(story)
    await talk.say_all(calls[: len(calls) // 2])
    return talk, calls[len(calls) // 2 :]


@pytest.mark.parametrize("story", STORIES)
async def test_each_story_goes_on_elsewhere_byte_for_byte(story):
    talk, rest = await halfway(story)
    document = document_of(talk.namespace)
    other = elsewhere(talk, document)
    assert document_of(other.namespace) == document
    said = len(talk.told)
    await talk.say_all(rest)
    await other.say_all(rest)
    assert other.told == talk.told[said:]
    assert journal_of(other.namespace) == journal_of(talk.namespace)


async def test_a_reset_makes_it_as_it_was_in_the_beginning_of_the_first():
    talk, _ = await halfway("kladana/parallel-limit")
    other = elsewhere(talk, document_of(talk.namespace))
    talk.namespace.reset()
    other.namespace.reset()
    assert document_of(other.namespace) == document_of(talk.namespace)
    assert other.namespace.scenario("kladana").name == "kladana/parallel-limit"


async def test_the_exchanges_may_be_left_out_and_are_counted_then():
    talk, rest = await halfway("waylay/default")
    other = elsewhere(talk, document_of(talk.namespace, journal=False))
    assert (len(other.namespace.journal), other.namespace.journal.evicted) == (0, len(talk.told))
    await talk.say_all(rest)
    await other.say_all(rest)
    assert journal_of(other.namespace) == journal_of(talk.namespace)[-len(rest) :]


async def test_a_call_that_is_under_way_is_made_again_elsewhere():
    talk = begin("ivvy/default")
    await talk.say_all(IVVY[:2])
    await talk.namespace.clock.advance(3_600_000_000)
    assert talk.namespace.outbox.take() is not None  # the courier is on its way
    other = elsewhere(talk, document_of(talk.namespace))
    assert (other.namespace.outbox.due, other.namespace.outbox.pending) == (1, 1)


async def test_a_job_keeps_its_plan_when_the_scenario_has_changed_since():
    talk, rest = await halfway("kladana/slow-report")
    talk.namespace.play(begin("kladana/cancelled").namespace.scenario("kladana"))
    other = elsewhere(talk, document_of(talk.namespace))
    said = len(talk.told)
    await talk.say_all(rest)
    await other.say_all(rest)
    assert other.told == talk.told[said:]


async def test_what_no_utf_8_says_and_numbers_of_any_size_come_back():
    talk = begin("waylay/default")
    odd = {"id": "odd", "name": "größe", "customer": "☃", "lastMessageTimestamp": 2**70, "deep": [[[[{"a": 1.5}]]] * 2]}
    deep = 1
    for _ in range(60):
        deep = [deep]
    await talk.say(Call("POST", "/resources/v1/resources", odd | {"deeper": deep}))
    document = decode(json.dumps(written(talk.namespace)).encode())
    other = elsewhere(talk, document)
    ask = Call("GET", "/resources/v1/resources/odd")
    assert (await other.say(ask)).body == (await talk.say(ask)).body
    assert b"gr\xc3\xb6\xc3\x9fe" in (await talk.say(ask)).body


# The admin API --------------------------------------------------------------------


async def test_a_snapshot_is_put_back_in_another_server(start_emulator):
    first, second = await start_emulator(), await start_emulator(rate=1, start=None, seed=7)
    one, other = first.namespace("one"), second.namespace("one")
    made = await one.get(REPORT, headers=KLADANA | {"Host": "emulator.test"})
    await one.advance("5s")
    snapshot = await one.admin("GET", "/snapshot?journal=true")
    put = await other.admin("PUT", "/snapshot", snapshot)
    assert (put["jobs"], put["requests"], put["clock"]["mode"], put["seed"]) == (1, 1, "frozen", 0)
    assert await other.admin("GET", "/snapshot?journal=true") == snapshot
    path = made.headers["Content-Location"].partition("/ns/one")[2]
    told = [await each.get(path, headers=KLADANA | {"Host": "emulator.test"}) for each in (one, other)]
    assert (told[0].body, dict(told[0].headers)) == (told[1].body, dict(told[1].headers))
    assert await one.admin("GET", "/jobs") == await other.admin("GET", "/jobs")


@pytest.mark.requirement("F-14")
async def test_a_wrong_document_changes_nothing_and_is_told_where_it_is_wrong(emulator):
    await emulator.get(REPORT, headers=KLADANA)
    before = await emulator.admin("GET", "/snapshot?journal=true")
    for pointer, spoil in SPOILT.items():
        document = json.loads(json.dumps(before))
        spoil(document)
        reply = await emulator.call("PUT", "/__admin/snapshot", json=document)
        told = reply.json.get("violations", [{}])[0]
        assert (reply.status, reply.headers["Content-Type"]) == (422, "application/problem+json"), reply.text
        assert told["pointer"].startswith(pointer), told
    assert await emulator.admin("GET", "/snapshot?journal=true") == before


def of_type(document, name):
    return next(each for each in document["records"] if each[0] == name)


SPOILT = {
    "/version": lambda said: said.update(version=2),
    "/clock/now": lambda said: said["clock"].update(now="now"),
    "/clock/began": lambda said: said["clock"].update(began=said["clock"]["now"] + 1),
    "/clock": lambda said: said["clock"].update(rate=1, step=5),
    "/worlds/nobody": lambda said: said["worlds"].update(nobody=said["worlds"]["kladana"]),
    "/origin/defaults/nobody": lambda said: said["origin"]["defaults"].update(nobody=None),
    "/worlds/kladana/jobs": lambda said: said["worlds"]["kladana"].update(jobs=[10**9]),
    "/worlds/kladana/accounts": lambda said: said["worlds"]["kladana"].update(accounts=None),
    "/types/Job": lambda said: said["types"]["Job"].pop(),
    "/types/os.system": lambda said: said["types"].update({"os.system": ["args"]}),
    "/records/": lambda said: of_type(said, "Job").append(1),
    "/records/0/0": lambda said: said["records"].__setitem__(0, ["eval", "1"]),
    "/records/0": lambda said: said["records"].__setitem__(0, ["list", [0]]),
    "/agenda/0/0": lambda said: said["agenda"][0].__setitem__(0, 0),
    "/digest": lambda said: said.update(sequence=77),
}


async def test_a_fork_is_a_second_namespace(emulator):
    one = emulator.namespace("one")
    made = await one.get(REPORT, headers=KLADANA)
    told = await emulator.admin("POST", "/namespaces/one/fork", {"to": "two"})
    assert (told["name"], told["jobs"], told["requests"]) == ("two", 1, 1)
    await one.advance("1h")
    path = made.headers["Content-Location"].partition("/ns/one")[2]
    states = [(await emulator.namespace(each).get(path, headers=KLADANA)).json["state"] for each in ("one", "two")]
    assert states == ["DONE", "PENDING"]
    task = (await emulator.namespace("two").get(path, headers=KLADANA)).json
    assert "/ns/two/" in task["request"]
    assert "/ns/one/" not in json.dumps(task)


@pytest.mark.parametrize(
    ("name", "to", "status"), [("nobody", "two", 404), ("one", "one", 409), ("one", "no name", 422), ("one", 5, 422)]
)
async def test_a_fork_wants_one_that_is_there_and_a_name_that_is_free(emulator, name, to, status):
    await emulator.namespace("one").admin("GET", "/clock")
    reply = await emulator.call("POST", f"/__admin/namespaces/{name}/fork", json={"to": to})
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json")


async def test_what_is_owed_goes_out_of_the_namespace_that_was_restored(start_emulator):
    first, second = await start_emulator(), await start_emulator()
    async with receiving() as receiver:
        hook = {"url": receiver.url, "action": "CREATE", "entityType": "async"}
        await first.call("POST", f"{REMAP}/entity/webhook", headers=KLADANA, json=hook)
        await second.namespace("two").admin("PUT", "/snapshot", await first.admin("GET", "/snapshot"))
        await second.admin("POST", "/namespaces/two/fork", {"to": "three"})
        for name in ("two", "three"):
            await second.namespace(name).get(REPORT, headers=KLADANA)
        heard = await receiver.hears(2)
    hrefs = sorted(json.loads(each.body)["events"][0]["meta"]["href"].partition(REMAP)[0] for each in heard)
    assert hrefs == [second.namespace(name).base for name in ("three", "two")]


# Strangers ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound():
    """Documents of several APIs, from the middle of a conversation."""

    async def made():
        stories = ("kladana/bad-day", "waylay/types-in-use", "ivvy/callback-twice-and-late", "synapse/csv-roundtrip")
        told = [(await halfway(story))[0] for story in (*stories[1:], "kladana/webhook-retry", "deposco/bad-day")]
        return [document_of(each.namespace) for each in told]

    return run(made())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.sampled_from([-1, 10**30, 0.5, "", "list", "Job", "ä"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["a", "jobs"]), each, max_size=2),
    max_leaves=4,
)


def places(value, path=()):
    """All places within it, those of records with the rest."""
    yield path
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*path, key))
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from places(each, (*path, n))


@pytest.mark.requirement("F-14")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_document_that_was_tampered_with_is_refused_or_makes_a_namespace_that_answers(sound, caplog, data):
    document = json.loads(json.dumps(data.draw(st.sampled_from(sound))))
    for _ in range(data.draw(st.integers(1, 3))):
        part = data.draw(st.sampled_from(["records", "records", "records", *sorted(document)]))
        *above, last = data.draw(st.sampled_from(list(places(document[part], (part,)))))
        holder = document
        for key in above:
            holder = holder[key]
        holder[last] = data.draw(JSON)
    if data.draw(st.booleans()):
        document["digest"] = state._digest(document)
    space = begin("kladana/default").namespace
    if not _well_formed(document):
        return
    with suppress(Unreadable):
        restored(document, space)
        document_of(space)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


def _well_formed(document):
    """Whether the contract lets it in."""
    from emulator.contract import openapi  # noqa: PLC0415 - for once

    return not openapi.load("admin").operations["putSnapshot"].body.violations(document)

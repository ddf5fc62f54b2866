"""Which namespace is meant, how many there are, which of them goes when one more is wanted, and what is left of it."""

import gc
import json
import tracemalloc
import weakref
from base64 import b64encode

import pytest
from click.testing import CliRunner

from emulator.app import BadCredential, Config, credential, library, make_origin
from emulator.cli import main
from emulator.clock import HOUR
from emulator.namespaces import Namespaces, NamespacesFull
from emulator.providers.kladana.tasks import CACHE
from tests.conftest import START
from tests.ivvy.conftest import signed
from tests.stories.conversations import BATCH, CONVERSATIONS, REMAP, REPORT
from tests.stories.talk import Refusing, Talk, begin
from tests.waylay.conftest import deleting

KLADANA = {"Authorization": "Bearer romashka-token"}
PROBLEM = "application/problem+json"


async def names(emulator):
    return [each["name"] for each in (await emulator.admin("GET", "/namespaces"))["namespaces"]]


async def touch(emulator, *some):
    for name in some:
        await emulator.namespace(name).admin("GET", "/clock")


# Cache -----------------------------------------------------------------------------


async def test_the_idlest_goes_when_one_more_is_wanted(start_emulator):
    emulator = await start_emulator(namespaces=4)
    await touch(emulator, "default", "one", "two", "three", "one", "four")
    assert await names(emulator) == ["default", "one", "three", "four"]


async def test_what_somebody_has_made_on_purpose_stays(start_emulator):
    emulator = await start_emulator(namespaces=3)
    await emulator.admin("PUT", "/namespaces/made", {})
    await touch(emulator, "one", "two", "three")
    assert sorted(await names(emulator)) == ["default", "made", "three"]


async def test_one_with_a_job_under_way_stays_until_it_has_ended(start_emulator):
    emulator = await start_emulator(namespaces=2)
    await touch(emulator, "default")
    busy = emulator.namespace("busy")
    await busy.get(REPORT, headers=KLADANA)
    refused = await emulator.namespace("more").get("/__admin/clock")
    assert (refused.status, refused.headers["Content-Type"]) == (503, PROBLEM)
    assert (await emulator.call("PUT", "/__admin/namespaces/more", json={})).status == 503
    assert (await emulator.call("POST", "/__admin/namespaces/busy/fork", json={"to": "more"})).status == 503
    await busy.advance("1h")
    await touch(emulator, "more")
    assert await names(emulator) == ["default", "more"]


@pytest.mark.parametrize("story", ["kladana/stuck", "waylay/never-finishes"])
async def test_a_job_that_is_stuck_is_under_way(story):
    every = namespaces(limit=1)
    talk = Talk(every.make("stuck", begin(story).namespace.origin), story.partition("/")[0])
    await talk.say_all(CONVERSATIONS[talk.api][:3])
    await talk.move_by(HOUR)
    assert not talk.namespace.idle
    with pytest.raises(NamespacesFull, match="1 namespaces"):
        every.get("more")


async def test_one_that_owes_a_call_stays(start_emulator):
    emulator = await start_emulator(namespaces=2, settings=("kladana.queued_tasks=9",))
    await touch(emulator, "default")
    hook = {"url": "http://127.0.0.1:9/hook", "action": "CREATE", "entityType": "async"}
    owing = emulator.namespace("owing")
    story = {"yaml": "version: 1\napi: kladana\ncallbacks: [{delay: 2h}]\n"}
    await owing.admin("PUT", "/scenario", story)
    await owing.call("POST", f"{REMAP}/entity/webhook", headers=KLADANA, json=hook)
    await owing.get(REPORT, headers=KLADANA)
    await owing.advance("1h")
    assert (await emulator.namespace("more").get("/__admin/clock")).status == 503


async def test_there_is_always_room_for_the_default(start_emulator):
    emulator = await start_emulator(namespaces=1)
    await emulator.namespace("one").get(REPORT, headers=KLADANA)
    await touch(emulator, "default")


# Declared only --------------------------------------------------------------------


async def test_where_names_are_declared_a_slip_is_told(start_emulator):
    emulator = await start_emulator(declared_only=True)
    await emulator.admin("PUT", "/namespaces/checkout", {})
    for path in ("/__admin/clock", REPORT):
        reply = await emulator.namespace("chekout").get(path, headers=KLADANA)
        assert (reply.status, reply.headers["Content-Type"]) == (404, PROBLEM)
        assert reply.json["candidates"] == ["checkout"]
        assert "did you mean 'checkout'?" in reply.json["detail"]
    assert (await emulator.namespace("zzz").get("/__admin/clock")).json["candidates"] == []
    assert (await emulator.namespace("checkout").get(REPORT, headers=KLADANA)).status == 202
    assert await names(emulator) == ["default", "checkout"]


# Credentials ----------------------------------------------------------------------

BASIC = {"Authorization": "Basic " + b64encode(b"admin@acme:secret").decode()}


def batch(key):
    target, body = "/api/1.0/batch?action=run", json.dumps({"jobs": [], "callbackUrl": ""}).encode()
    return target, body, signed(target, body, "2026-03-01 09:00:00", key, "secret")


async def test_a_credential_chooses_a_namespace_by_each_apis_own_way_to_carry_it(start_emulator):
    given = ("token=one", "admin@acme=two", "a-key=three", "session==four")
    emulator = await start_emulator(credential=given, declared_only=True)
    assert await names(emulator) == ["one", "two", "three", "four", "default"]
    await emulator.get(REPORT, headers={"Authorization": "Bearer token"})
    await emulator.get(REPORT, headers=BASIC)
    target, body, headers = batch("a-key")
    await emulator.call("POST", target, data=body, headers=headers)
    await emulator.get("/repo/v1/version", headers={"sessionToken": "session="})
    await emulator.call("POST", BATCH, json=deleting("x"), headers=BASIC)
    told = (await emulator.admin("GET", "/namespaces"))["namespaces"]
    asked = {each["name"]: each["requests"] for each in told}
    assert asked == {"one": 1, "two": 2, "three": 1, "four": 1, "default": 0}


async def test_a_prefix_beats_a_header_and_that_a_credential(start_emulator):
    emulator = await start_emulator(credential=("token=by-credential",))
    headers = {"Authorization": "Bearer token"}
    header = headers | {"X-Emulator-Namespace": "by-header"}
    for more in (headers, header):
        await emulator.get(REPORT, headers=more)
    await emulator.namespace("by-prefix").get(REPORT, headers=header)
    await emulator.get(REPORT, headers={"Authorization": "Bearer other"})
    told = (await emulator.admin("GET", "/namespaces"))["namespaces"]
    assert {each["name"]: each["requests"] for each in told} == {
        "by-credential": 1,
        "by-header": 1,
        "by-prefix": 1,
        "default": 1,
    }


async def test_links_of_one_that_a_credential_chose_lead_back_without_it(start_emulator):
    emulator = await start_emulator(credential=("token=acme",))
    headers = {"Authorization": "Bearer token"}
    made = await emulator.get(REPORT, headers=headers)
    await emulator.namespace("acme").advance("1h")
    result = await emulator.get(made.headers["Location"], headers=headers)
    assert result.headers["Location"].startswith(f"{emulator.origin}/ns/acme/")
    assert (await emulator.get(result.headers["Location"])).status == 200


@pytest.mark.parametrize("text", ["token", "=one", "token=", "token=no name"])
def test_a_credential_is_given_to_a_name(text):
    with pytest.raises(BadCredential, match="TOKEN=NAMESPACE"):
        credential(text)
    told = CliRunner().invoke(main, ["serve", "--credential", text])
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
    assert "TOKEN=NAMESPACE" in told.stderr


def test_a_config_that_is_printed_keeps_credentials_to_itself():
    told = CliRunner().invoke(main, ["serve", "--credential", "hush=one", "--print-config"])
    assert json.loads(told.stdout)["credential"] == ["[redacted]=one"]


# What is left of one that was dropped -----------------------------------------------


def namespaces(limit=1000):
    return Namespaces(make_origin(Config(rate=0, start=START), library()), limit, Refusing())


async def conversed(every, name, api, calls=6):
    space = every.get(name)
    await Talk(space, api).say_all(CONVERSATIONS[api][:calls])
    return space


@pytest.mark.parametrize("api", sorted(CONVERSATIONS))
async def test_nothing_of_a_namespace_outlives_it(api):
    every = namespaces()
    space = await conversed(every, "short-lived", api)
    if api == "kladana":
        await Talk(space, api).exchange("GET", f"{REMAP}/async", {"Authorization": "Bearer x"}, b"")
    kept = CACHE.of(space.world(api))
    assert bool(len(kept)) == (api == "kladana")
    parts = [space, space.clock, space.journal, space.outbox, *space.worlds.values(), kept]
    watched = [weakref.ref(each) for each in parts]
    del space, parts, kept
    await every.drop("short-lived")
    gc.collect()
    assert [each() for each in watched if each() is not None] == []
    assert (list(every), every.budget.held, every.budget._journals) == ([], 0, {})


async def test_memory_stays_level_over_hundreds_of_them():
    every = namespaces()
    apis = list(CONVERSATIONS)

    async def some(count):
        for n in range(count):
            await conversed(every, f"n{n}", apis[n % len(apis)], calls=2)
            await every.drop(f"n{n}")
        gc.collect()

    await some(20)
    tracemalloc.start()
    try:
        await some(20)
        before, _ = tracemalloc.get_traced_memory()
        await some(300)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000


async def test_one_that_is_dropped_leaves_nothing_to_the_collector():
    every = Namespaces(make_origin(Config(rate=0, start=START), library()))
    each = every.make("gone", every.origin)
    for api in each.origin.hooks:
        each.world(api)
    gone = weakref.ref(each)
    gc.disable()
    try:
        del each
        assert await every.drop("gone")
        assert gone() is None
    finally:
        gc.enable()

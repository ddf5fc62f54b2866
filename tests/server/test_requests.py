"""The journal asked through `/__admin`: which exchanges, how many, in which order."""

import asyncio
import json
from contextlib import AsyncExitStack

import aiohttp
import pytest

from emulator.app import Config, make_app
from emulator.contract import openapi
from tests.conftest import Emulator

TASKS = "/api/remap/1.2/async"
SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TOKEN = {"Authorization": "Bearer token"}
FLAKY = """
version: 1
api: kladana
about: The second look at a task fails.
faults:
  - {operation: getTask, calls: 2, error: 1049}
"""


async def submit(emulator, token="token"):
    response = await emulator.get(SUBMIT, headers={"Authorization": f"Bearer {token}", "X-Case": "b-17"})
    assert response.status == 202
    return response.headers["X-Emulator-Job"]


async def poll(emulator, job, token="token"):
    return await emulator.get(f"{TASKS}/{job}", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def talk(emulator):
    """A conversation: a submission, two looks of which the second fails, a list, and the result."""
    await emulator.admin("PUT", "/scenario", {"yaml": FLAKY})
    job = await submit(emulator)
    assert (await poll(emulator, job)).status == 200
    await emulator.advance("10s")
    assert (await poll(emulator, job)).status == 429
    assert (await emulator.get(TASKS, headers=TOKEN)).status == 200
    assert (await emulator.get(f"{TASKS}/{job}/result", headers=TOKEN)).status == 302
    return emulator, job


async def found(emulator, wish):
    """The sequence numbers of what matches, asked by body; and by query too where that can say it."""
    by_body = await emulator.admin("POST", "/requests/find", wish)
    numbers = [each["sequence"] for each in by_body["requests"]]
    if not wish.keys() & {"request", "response"} and None not in wish.values():
        by_query = await emulator.call("GET", "/__admin/requests", params=wish)
        assert [each["sequence"] for each in by_query.json["requests"]] == numbers
    return numbers


# List, find ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"api": "kladana"}, [1, 2, 3, 4, 5]),
        ({"api": "waylay"}, []),
        ({"operation": "getTask"}, [2, 3]),
        ({"operation": "getTask*"}, [2, 3, 4, 5]),
        ({"operation": ["getTasks", "getTaskResult"]}, [4, 5]),
        ({"operation": None}, []),
        ({"job": None}, [4]),
        ({"method": "GET"}, [1, 2, 3, 4, 5]),
        ({"method": "DELETE"}, []),
        ({"path": "/api/remap/1.2/async"}, [4]),
        ({"path": "/api/remap/1.2/async/*"}, [2, 3, 5]),
        ({"path": "*/result"}, [5]),
        ({"path": "/api/*/stock/*"}, [1]),
        ({"status": "202"}, [1]),
        ({"status": "4xx"}, [3]),
        ({"status": ["3xx", "202"]}, [1, 5]),
        ({"fault": "CONNECTION_RESET_BY_PEER"}, []),
        ({"contract": "kept"}, [1, 2, 3, 4, 5]),
        ({"contract": ["broken", "waived"]}, []),
        ({"since": "2026-03-01T09:00:00.000001Z"}, [3, 4, 5]),
        ({"until": "2026-03-01T09:00:00Z"}, [1, 2]),
        ({"since": "2026-03-01T12:00:10+03:00", "until": "2026-03-01T09:00:10Z"}, [3, 4, 5]),
        ({"after": 3}, [4, 5]),
        ({"request": {"headers": {"x-case": "b-*"}}}, [1]),
        ({"request": {"headers": {"X-Case": None}}}, [2, 3, 4, 5]),
        ({"response": {"headers": {"Location": "*/result"}}}, [1]),
        ({"response": {"body": {"/state": "PENDING"}}}, [2]),
        ({"response": {"body": {"/errors/0/code": 1049}}}, [3]),
        ({"response": {"body": {"/errors/0/code": True}}}, []),
        ({"operation": "getTask", "status": "2xx"}, [2]),
    ],
)
async def test_exchanges_are_found_by_what_they_are_like(talk, wish, numbers):
    emulator, _ = talk
    assert await found(emulator, wish) == numbers


async def test_exchanges_are_found_by_job_account_rule_and_scenario(talk):
    emulator, job = talk
    kept = (await emulator.admin("GET", "/requests"))["requests"]
    (rule,) = kept[2]["rules"]
    assert rule.endswith("faults[0]")
    assert await found(emulator, {"job": job}) == [1, 2, 3, 5]
    assert await found(emulator, {"account": kept[0]["account"]}) == [1, 2, 3, 4, 5]
    assert await found(emulator, {"rule": rule}) == [3]
    assert await found(emulator, {"scenario": rule.rpartition(" ")[0]}) == [3]


async def test_what_is_found_comes_in_pages(talk):
    emulator, _ = talk
    page = await emulator.admin("POST", "/requests/find", {"limit": 2, "offset": 1})
    assert ([each["sequence"] for each in page["requests"]], page["total"]) == ([2, 3], 5)
    page = await emulator.admin("GET", "/requests?limit=1&offset=4&status=3xx&status=2xx")
    assert (page["requests"], page["total"], page["written"], page["evicted"], page["dropped"]) == ([], 4, 5, 0, 0)


@pytest.mark.parametrize(
    "query",
    [
        "operaton=getTask",
        "operation=getTusk",
        "api=kladan",
        "operation=nothing*",
        "status=20",
        "status=6xx",
        "since=yesterday",
        "since=2026-13-01T00:00:00Z",
        "after=x",
        "contract=fine",
        "limit=x",
        "limit=-1",
    ],
)
async def test_a_filter_with_a_slip_is_refused(emulator, query):
    response = await emulator.get(f"/__admin/requests?{query}")
    assert (response.status, response.headers["Content-Type"]) == (422, "application/problem+json")


async def test_a_name_that_is_nearly_one_is_told(emulator):
    response = await emulator.get("/__admin/requests?operation=getTusk")
    assert response.json["candidates"] == ["getTask"]


@pytest.mark.requirement("S-33")
@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("find", {"operation": 5}),
        ("find", {"job": []}),
        ("find", {"response": {"body": {"state": "DONE"}}}),
        ("find", {"request": {"hedders": {}}}),
        ("find", {"since": "2026-03-01T00:00:00"}),
        ("find", {"at_least": 1}),
        ("count", {"exactly": 1, "at_least": 1}),
        ("count", {"at_least": 2, "at_most": 1}),
        ("count", {"exactly": -1}),
        ("count", {"operation": "getTusk", "exactly": 0}),
        ("wait", {"timeout": "121s"}),
        ("wait", {"timeout": "5 seconds"}),
        ("wait", {"timeout": "99999999d"}),
        ("wait", {"at_least": 0}),
        ("verify", {}),
        ("verify", {"sequence": []}),
        ("verify", {"sequence": ["getTask++"]}),
        ("verify", {"sequence": ["getTusk+"]}),
        ("verify", {"sequence": [{"operaton": "getTask"}]}),
        ("verify", {"sequence": [{"since": "2026-13-01T00:00:00Z"}]}),
        ("verify", {"sequence": ["getTask"], "per": "client"}),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(emulator, path, wish):
    response = await emulator.call("POST", f"/__admin/requests/{path}", json=wish)
    assert (response.status, response.headers["Content-Type"]) == (422, "application/problem+json")


# Count --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "satisfied"),
    [
        ({}, True),
        ({"exactly": 2}, True),
        ({"exactly": 1}, False),
        ({"at_least": 2}, True),
        ({"at_least": 3}, False),
        ({"at_most": 1}, False),
        ({"at_most": 2}, True),
        ({"at_least": 1, "at_most": 3}, True),
    ],
)
async def test_a_count_is_compared_with_what_is_wished(talk, bounds, satisfied):
    emulator, _ = talk
    counted = await emulator.admin("POST", "/requests/count", {"operation": "getTask", **bounds})
    assert (counted["count"], counted["satisfied"]) == (2, satisfied)


async def test_never_is_never(talk):
    emulator, _ = talk
    counted = await emulator.admin("POST", "/requests/count", {"operation": "cancelTask", "exactly": 0})
    assert counted == {"count": 0, "satisfied": True, "evicted": 0, "dropped": 0}
    assert (await emulator.admin("POST", "/requests/count", {"operation": "cancelTask", "at_most": 0}))["satisfied"]


async def test_where_too_few_match_those_that_come_nearest_are_told(talk):
    emulator, _ = talk
    wish = {"operation": "getTask", "status": 200, "response": {"body": {"/state": "DONE"}}, "at_least": 1}
    counted = await emulator.admin("POST", "/requests/count", wish)
    assert not counted["satisfied"]
    nearest, *others = counted["near_misses"]
    assert (nearest["sequence"], nearest["operation"], nearest["times"]) == (2, "getTask", 1)
    assert nearest["failed"] == [{"condition": "response.body /state", "wanted": "DONE", "found": "PENDING"}]
    assert [each["sequence"] for each in others] == [4, 3]
    assert others[1]["failed"] == [
        {"condition": "status", "wanted": 200, "found": 429},
        {"condition": "response.body /state", "wanted": "DONE", "found": None},
    ]


async def test_misses_of_one_way_are_told_once(emulator):
    job = await submit(emulator)
    for _ in range(5):
        await poll(emulator, job)
    wish = {"operation": "getTask", "since": "2026-03-02T00:00:00Z"}
    nearest = (await emulator.admin("POST", "/requests/count", wish))["near_misses"][0]
    assert (nearest["sequence"], nearest["times"]) == (6, 5)
    assert nearest["failed"][0]["found"] == "2026-03-01T09:00:00.000000Z"


# Verify -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"sequence": ["getStockByStore", "getTask+", "getTasks", "getTaskResult"]}, None),
        ({"sequence": ["getStockByStore", "getTask", "getTask", "getTaskResult", "cancelTask?"]}, None),
        ({"sequence": ["getStockByStore", "cancelTask*", "getTask*", "getTaskResult"]}, None),
        ({"sequence": ["getStockByStore", {"operation": "getTask", "times": "+"}, {"status": "3xx"}]}, None),
        ({"sequence": [{"times": "*"}, "getTaskResult"], "strict": True}, None),
        (
            {"sequence": ["getStockByStore", "getTask*"], "job": None},
            "at the beginning, expected getStockByStore, but nothing came any more",
        ),
        (
            {"sequence": ["getTask+", "getStockByStore"]},
            "at the beginning, expected getTask (once or more), but #1 getStockByStore (202) came",
        ),
        (
            {"sequence": ["getStockByStore", "getTask", "getTaskResult"]},
            "after #2 getTask (200), expected getTaskResult, but #3 getTask (429) came",
        ),
        (
            {"sequence": ["getStockByStore", "getTask+"], "strict": True},
            "after #3 getTask (429), expected getTask (once or more) or nothing more, but #4 getTasks (200) came",
        ),
        (
            {"sequence": ["getStockByStore", "getTask+", "getTaskResult", "cancelTask"]},
            "after #5 getTaskResult (302), expected cancelTask, but nothing came any more",
        ),
        (
            {
                "sequence": [
                    {"status": "2xx", "times": "+"},
                    "cancelTask?",
                    {"operation": "getTaskResult", "status": 302},
                ]
            },
            None,
        ),
    ],
)
async def test_a_conversation_is_held_step_by_step(talk, wish, reason):
    emulator, _ = talk
    verdict = await emulator.admin("POST", "/requests/verify", wish)
    assert (verdict["satisfied"], verdict["checked"]) == (reason is None, 1)
    if reason:
        assert verdict["breaks"][0]["reason"].endswith(reason)


async def test_each_job_is_a_conversation_of_its_own(emulator):
    jobs = [await submit(emulator) for _ in range(3)]
    for job in jobs[:2]:
        await poll(emulator, job)
    verdict = await emulator.admin(
        "POST", "/requests/verify", {"sequence": ["getStockByStore", "getTask+"], "per": "job"}
    )
    assert (verdict["satisfied"], verdict["checked"], verdict["broken"]) == (False, 3, 1)
    (left,) = verdict["breaks"]
    assert (left["job"], left["sequence"], left["expected"]) == (jobs[2], None, ["getTask (once or more)"])


async def test_each_account_is_a_conversation_of_its_own(emulator):
    wish = {"sequence": ["getStockByStore", "getTask+"], "per": "account"}
    await poll(emulator, await submit(emulator))
    verdict = await emulator.admin("POST", "/requests/verify", wish)
    assert (verdict["satisfied"], verdict["checked"], verdict["breaks"]) == (True, 1, [])


async def test_where_nothing_was_said_a_sequence_is_broken(emulator):
    verdict = await emulator.admin("POST", "/requests/verify", {"sequence": ["getTask"], "per": "job"})
    assert (verdict["satisfied"], verdict["breaks"][0]["reason"]) == (
        False,
        "at the beginning, expected getTask, but nothing came any more",
    )


# Wait ---------------------------------------------------------------------------


async def test_what_has_been_said_is_not_waited_for(talk):
    emulator, _ = talk
    told = await emulator.admin("POST", "/requests/wait", {"operation": "getTask", "at_least": 2, "timeout": "120s"})
    assert (told["count"], told["satisfied"]) == (2, True)
    assert "near_misses" not in told


async def test_a_call_waits_until_so_many_match(emulator):
    job = await submit(emulator)
    wish = {"operation": "getTask", "at_least": 3, "timeout": "120s"}
    waiting = asyncio.create_task(emulator.admin("POST", "/requests/wait", wish))
    while not await waits(emulator):
        pass
    for _ in range(2):
        await poll(emulator, job)
    assert not waiting.done()
    await poll(emulator, job)
    told = await waiting
    assert (told["count"], told["satisfied"]) == (3, True)
    assert await waits(emulator) == 0


async def waits(emulator):
    """How many calls wait, as the metrics tell."""
    text = (await emulator.get("/__admin/metrics")).text
    return float(text.partition("\nemulator_calls_waiting ")[2].split("\n", 1)[0])


async def test_when_the_time_is_over_what_came_nearest_is_told(emulator):
    await submit(emulator)
    told = await emulator.admin("POST", "/requests/wait", {"operation": "getTask", "timeout": "20ms"})
    assert (told["count"], told["satisfied"]) == (0, False)
    assert told["wall"]["waited_us"] >= 20_000
    assert told["near_misses"][0]["failed"] == [
        {"condition": "operation", "wanted": "getTask", "found": "getStockByStore"}
    ]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/ns/held/__admin/reset"), ("DELETE", "/__admin/namespaces/held")]
)
async def test_a_wait_ends_with_its_namespace(emulator, method, path):
    held = emulator.namespace("held")
    waiting = asyncio.create_task(held.call("POST", "/__admin/requests/wait", json={"timeout": "120s"}))
    while not await waits(emulator):
        pass
    assert (await emulator.call(method, path)).status == 204
    response = await waiting
    assert (response.status, response.headers["Content-Type"]) == (409, "application/problem+json")


@pytest.mark.requirement("S-33")
async def test_only_so_many_may_wait(emulator):
    held = emulator.namespace("held")
    wish = {"timeout": "120s"}
    waiting = [asyncio.create_task(held.call("POST", "/__admin/requests/wait", json=wish)) for _ in range(32)]
    while await waits(emulator) < 32:
        pass
    response = await held.call("POST", "/__admin/requests/wait", json=wish)
    assert (response.status, "32 calls wait" in response.json["detail"]) == (503, True)
    assert (await emulator.admin("POST", "/requests/wait", {"timeout": "0"}))["satisfied"] is False
    await held.get(SUBMIT, headers=TOKEN)
    assert {reply.status for reply in await asyncio.gather(*waiting)} == {200}


@pytest.mark.requirement("F-7")
async def test_a_wait_ends_when_the_server_stops():
    async with aiohttp.ClientSession() as session, AsyncExitStack() as server:
        listener = await server.enter_async_context(make_app(Config(rate=0)).at_work())
        emulator = Emulator(session, f"http://127.0.0.1:{await listener.listen('127.0.0.1', 0)}")
        waiting = asyncio.create_task(emulator.call("POST", "/__admin/requests/wait", json={"timeout": "120s"}))
        while not await waits(emulator):
            pass
        await server.aclose()
        assert (await waiting).status == 503


# The schemas --------------------------------------------------------------------


def test_every_example_of_ours_keeps_its_schema():
    contract = openapi.load("admin")
    for name, schema in contract.document["components"]["schemas"].items():
        for each in schema.get("examples", ()):
            assert contract.message(name).violations(each) == [], name


async def test_the_admin_api_tells_its_own_document(emulator):
    assert await emulator.admin("GET", "/openapi.json") == json.loads(json.dumps(openapi.load("admin").document))

"""`/__admin/scenario`: which story is told, how far it has come, and how another one takes over."""

import asyncio
import io
from pathlib import Path

import pytest

from emulator.app import Config, library, make_origin
from emulator.callback import Nobody
from emulator.clock import SECOND
from emulator.journal import Budget
from emulator.namespace import Namespace
from emulator.origin import ScenarioConflict

SCENARIOS = Path(__file__).parents[2] / "scenarios"
API = "/api/remap/1.2"
SUBMIT = f"{API}/report/stock/bystore?async=true"
TOKEN = {"Authorization": "Bearer token"}

ONE_AT_A_TIME = """
version: 1
api: kladana
settings: {queued_tasks: 9, running_tasks: 1}
jobs:
  - steps: [{state: PENDING}, {state: PROCESSING}, {state: end, after: 1h}]
"""
THIRD_FAILS = """
version: 1
api: kladana
about: The third report fails, and the second poll of each task.
jobs:
  - when: {nth: 3}
    steps: [{state: PENDING}, {state: PROCESSING}, {state: ERROR, after: 1s}]
  - steps: [{state: PENDING}, {state: PROCESSING}, {state: end, after: 1s}]
faults:
  - {operation: getTask, calls: 2, error: 1049}
  - {operation: getTasks, error: 1999}
"""
IN_2030 = "version: 1\napi: kladana\nclock: {mode: frozen, start: 2030-01-01T00:00:00Z}\n"


async def put(emulator, **wish):
    return await emulator.call("PUT", "/__admin/scenario", json=wish)


async def played(emulator, api="kladana"):
    told = await emulator.admin("GET", "/scenario")
    return next(each for each in told["scenarios"] if each["api"] == api)


async def hits(emulator):
    return [rule["hits"] for rule in (await played(emulator))["rules"]]


async def submit(emulator):
    return (await emulator.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]


async def states(emulator):
    return [job["state"] for job in (await emulator.admin("GET", "/jobs"))["jobs"]]


# What is played -----------------------------------------------------------------


async def test_at_first_every_api_plays_its_default_and_no_rule_has_acted(emulator):
    told = (await emulator.admin("GET", "/scenario"))["scenarios"]
    assert [each["name"] for each in told] == [f"{each['api']}/default" for each in told]
    assert {rule["hits"] for each in told for rule in each["rules"]} == {0}
    rules = {each["api"]: each["rules"] for each in told}
    assert rules["kladana"] == [{"name": "kladana/default jobs[0]", "hits": 0}]


async def test_each_rule_tells_how_often_it_has_acted(emulator):
    assert (await put(emulator, yaml=THIRD_FAILS)).status == 200
    assert await hits(emulator) == [0, 0, 0, 0]
    tasks = [await submit(emulator) for _ in range(4)]
    assert await hits(emulator) == [1, 3, 0, 0]
    for task in tasks[:2]:
        assert [(await emulator.get(task, headers=TOKEN)).status for _ in range(3)] == [200, 429, 200]
    assert await hits(emulator) == [1, 3, 2, 0]


async def test_the_answer_names_the_story_its_digest_and_what_it_sets(emulator):
    told = (await put(emulator, name="queue-full", set={"link_lives": "90s"})).json
    assert (told["api"], told["name"]) == ("kladana", "kladana/queue-full")
    assert told["about"].startswith("One report runs for an hour")
    assert told["settings"] == {"queued_tasks": 4, "running_tasks": 1, "link_lives": "1m30s"}
    assert told == await played(emulator)


async def test_the_same_story_has_the_same_digest_however_it_comes(emulator):
    text = (SCENARIOS / "kladana" / "queue-full.yaml").read_text(encoding="utf-8")
    by_name = (await put(emulator, name="kladana/queue-full")).json
    inline = (await put(emulator, yaml=text)).json
    assert inline["digest"] == by_name["digest"]
    assert inline["name"] == f"inline:{inline['digest'][:8]}"


async def test_all_scenarios_are_listed_and_those_that_are_broken_say_why(start_emulator, tmp_path):
    (tmp_path / "kladana").mkdir()
    (tmp_path / "kladana" / "mine.yaml").write_text("version: 1\napi: kladana\nabout: Mine.\n")
    (tmp_path / "kladana" / "broken.yaml").write_text("version: 1\napi: kladana\nseed: -1\n")
    emulator = await start_emulator(scenarios=(tmp_path,))
    told = {each["name"]: each for each in (await emulator.admin("GET", "/scenarios"))["scenarios"]}
    assert told["kladana/mine"] == {"name": "kladana/mine", "about": "Mine."}
    assert told["kladana/broken"]["mistakes"][0]["path"] == "seed"
    assert "mistakes" not in told["kladana/default"]


# What is refused ------------------------------------------------------------------


async def test_a_text_of_more_than_ten_megabytes_is_too_large(emulator):
    body = io.BytesIO(b'{"yaml": "' + b"#" * 10_000_000 + b'"}')
    response = await emulator.call("PUT", "/__admin/scenario", data=body, headers={"Content-Type": "application/json"})
    assert (response.status, response.headers["Content-Type"]) == (413, "application/problem+json")


async def test_where_there_is_no_room_for_one_more_namespace_none_is_made(start_emulator):
    emulator = await start_emulator(namespaces=2)
    assert (await emulator.call("PUT", "/__admin/namespaces/second", json={})).status == 201
    response = await emulator.call("PUT", "/__admin/namespaces/third", json={})
    assert (response.status, "drop one" in response.json["detail"]) == (503, True)


async def test_every_mistake_is_told_with_its_place_and_nothing_changes(emulator):
    before = await emulator.admin("GET", "/scenario")
    response = await put(emulator, yaml="version: 1\napi: kladana\nsettings: {quued_tasks: 4}\nseed: x\n")
    assert (response.status, response.headers["Content-Type"]) == (422, "application/problem+json")
    assert [(each["file"], each["line"], each["column"], each["path"]) for each in response.json["mistakes"]] == [
        ("inline", 3, 12, "settings.quued_tasks"),
        ("inline", 4, 7, "seed"),
    ]
    assert response.json["mistakes"][0]["suggestion"] == "queued_tasks"
    assert await emulator.admin("GET", "/scenario") == before


@pytest.mark.parametrize(
    ("settings", "path", "suggestion"),
    [
        ({"quued_tasks": 2}, "settings.quued_tasks", "queued_tasks"),
        ({"queued_tasks": "many"}, "settings.queued_tasks", None),
        ({"queued_tasks": -1}, "settings.queued_tasks", None),
        ({"link_lives": "5 minutes"}, "settings.link_lives", "5m"),
        ({"link_lives": None}, "settings.link_lives", None),
    ],
)
async def test_a_wrong_setting_is_a_mistake_and_nothing_changes(emulator, settings, path, suggestion):
    before = await emulator.admin("GET", "/scenario")
    response = await put(emulator, name="kladana/queue-full", set=settings)
    (mistake,) = response.json["mistakes"]
    assert (response.status, mistake["path"], mistake["suggestion"]) == (422, path, suggestion)
    assert await emulator.admin("GET", "/scenario") == before


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("kladana/quue-full", ["kladana/queue-full"]),
        ("default", ["kladana/default", "waylay/default"]),
        ("kladana/../kladana/default", []),
        (str(SCENARIOS / "kladana" / "default.yaml"), []),
        ("", []),
        ("x" * 10_000, []),
        ("kladana/\0", []),
    ],
)
async def test_a_name_that_names_no_one_story_is_not_found_but_perhaps_guessed(emulator, name, candidates):
    response = await put(emulator, name=name)
    assert response.status == 404
    assert set(candidates) <= set(response.json["candidates"])


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"name": "kladana/default", "yaml": IN_2030},
        {"name": 1},
        {"yaml": None},
        {"name": "kladana/default", "set": []},
        {"naem": "kladana/default"},
        {"set": {"queued_tasks": 2}},
    ],
)
async def test_a_wish_is_a_name_or_a_text(emulator, wish):
    assert (await put(emulator, **wish)).status == 422


async def test_a_hostile_text_is_refused_while_others_are_served(emulator):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
    )
    refused, health = await asyncio.gather(put(emulator, yaml=bomb), emulator.get("/__admin/health"))
    assert (refused.status, health.status) == (422, 200)
    assert (await put(emulator, yaml="[" * 500_000)).status == 422


# Changing the story -----------------------------------------------------------------


async def test_living_jobs_keep_their_plan(emulator):
    task = await submit(emulator)
    await put(emulator, yaml="version: 1\napi: kladana\njobs: [{steps: [{state: PENDING}], stuck: true}]\n")
    stuck = await submit(emulator)
    await emulator.advance("1h")
    assert (await emulator.get(task, headers=TOKEN)).json["state"] == "DONE"
    assert (await emulator.get(stuck, headers=TOKEN)).json["state"] == "PENDING"


async def test_limits_change_at_once_and_whoever_waits_takes_the_new_slots(emulator):
    await put(emulator, yaml=ONE_AT_A_TIME)
    for _ in range(4):
        await submit(emulator)
    assert await states(emulator) == ["PROCESSING", "PENDING", "PENDING", "PENDING"]
    await put(emulator, yaml=ONE_AT_A_TIME, set={"running_tasks": 3, "queued_tasks": 1})
    assert await states(emulator) == ["PROCESSING", "PROCESSING", "PROCESSING", "PENDING"]
    assert (await emulator.get(SUBMIT, headers=TOKEN)).status == 412


async def test_faults_change_at_once(emulator):
    await put(emulator, yaml=THIRD_FAILS)
    assert (await emulator.get(f"{API}/async", headers=TOKEN)).status == 500
    await put(emulator, name="kladana/default")
    assert (await emulator.get(f"{API}/async", headers=TOKEN)).status == 200


async def test_rules_count_anew(emulator):
    for _ in range(2):
        await put(emulator, yaml=THIRD_FAILS)
        for _ in range(3):
            await submit(emulator)
            await emulator.advance("1m")
        assert await hits(emulator) == [1, 2, 0, 0]


def test_what_is_counted_beside_rules_is_counted_on():
    shelf = library()
    namespace = Namespace("x", make_origin(Config(rate=0), shelf), Budget())
    world = namespace.world("kladana")
    namespace.sequence = 1  # somebody has said something
    assert [world.count("links", "a"), world.count("links", "a")] == [1, 2]
    namespace.play(shelf.find("kladana/queue-full"))
    assert namespace.world("kladana") is world
    assert world.count("links", "a") == 3


async def test_each_api_plays_its_own(emulator):
    await put(emulator, name="kladana/queue-full")
    await put(emulator, name="waylay/slow")
    assert [(await played(emulator, api))["name"] for api in ("kladana", "waylay")] == [
        "kladana/queue-full",
        "waylay/slow",
    ]


async def test_what_a_story_finds_there_from_the_beginning_is_there(emulator):
    await put(emulator, name="waylay/types-in-use")
    response = await emulator.get("/resources/v1/resourcetypes/busy", headers=TOKEN)
    assert (response.status, response.json["id"]) == (200, "busy")


# Clock and seed ---------------------------------------------------------------------


async def test_a_story_brings_its_clock_to_an_empty_namespace(emulator):
    assert (await put(emulator, yaml=IN_2030)).status == 200
    assert (await emulator.admin("GET", "/clock"))["now"] == "2030-01-01T00:00:00.000000Z"


async def test_a_story_brings_its_seed_to_an_empty_namespace_and_takes_it_away(emulator):
    jobs = []
    for seed in ("seed: 1", "seed: 2", ""):
        await emulator.admin("POST", "/reset")
        await put(emulator, yaml=f"version: 1\napi: kladana\n{seed}\n")
        jobs.append(await submit(emulator))
    await emulator.admin("POST", "/reset")
    assert len(set(jobs)) == 3
    assert jobs[2] == await submit(emulator)


@pytest.mark.parametrize("wanted", [IN_2030, "version: 1\napi: kladana\nseed: 0\n"])
async def test_after_the_first_word_a_clock_or_a_seed_comes_too_late(emulator, wanted):
    await emulator.get(f"{API}/nowhere", headers=TOKEN)
    before = await emulator.admin("GET", "/scenario")
    response = await put(emulator, yaml=wanted)
    assert (response.status, "reset" in response.json["detail"]) == (409, True)
    assert await emulator.admin("GET", "/scenario") == before
    await emulator.admin("POST", "/reset")
    assert (await put(emulator, yaml=wanted)).status == 200


async def test_a_clock_set_by_hand_stays_where_the_story_says_nothing_of_it(emulator):
    await emulator.advance("1h")
    await put(emulator, name="kladana/queue-full")
    assert (await emulator.admin("GET", "/clock"))["now"] == "2026-03-01T10:00:00.000000Z"


async def test_two_stories_that_want_different_clocks_do_not_go_together(emulator):
    await put(emulator, yaml=IN_2030)
    response = await put(emulator, yaml=IN_2030.replace("kladana", "waylay").replace("2030", "2031"))
    assert response.status == 409
    assert (await played(emulator, "waylay"))["name"] == "waylay/default"
    assert (await put(emulator, yaml=IN_2030.replace("kladana", "waylay"))).status == 200


async def test_while_the_clock_is_advanced_no_story_brings_another():
    under_way, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Nobody):
        async def settle(self, _outbox):
            under_way.set()
            await go_on.wait()

    shelf = library()
    namespace = Namespace("x", make_origin(Config(rate=0, start=0), shelf), Budget(), Slow())
    advance = asyncio.create_task(namespace.advance(SECOND))
    await under_way.wait()
    with pytest.raises(ScenarioConflict):
        namespace.play(shelf.parse(IN_2030))
    go_on.set()
    await advance
    namespace.play(shelf.parse(IN_2030))
    assert (await namespace.advance(SECOND)).count == 0


async def test_reset_brings_back_what_was_played_in_the_beginning(start_emulator):
    emulator = await start_emulator(scenario=("kladana/queue-full",), settings=("queued_tasks=3",))
    before = await played(emulator)
    await put(emulator, yaml=IN_2030, set={"queued_tasks": 1})
    await emulator.admin("POST", "/reset")
    assert await played(emulator) == before
    assert (await emulator.admin("GET", "/clock"))["now"] == "2026-03-01T09:00:00.000000Z"


# Settings --------------------------------------------------------------------------


async def test_a_flag_wins_over_the_story_and_the_wish_over_both(start_emulator):
    emulator = await start_emulator(settings=("kladana.queued_tasks=2", "running_tasks=5", "queued_tasks=3"))
    assert (await played(emulator))["settings"] == {"queued_tasks": 3, "running_tasks": 5}
    told = (await put(emulator, name="kladana/queue-full", set={"running_tasks": 2})).json
    assert told["settings"] == {"queued_tasks": 3, "running_tasks": 2}
    for _ in range(5):
        assert (await emulator.get(SUBMIT, headers=TOKEN)).status == 202
    assert (await emulator.get(SUBMIT, headers=TOKEN)).status == 412


# Namespaces --------------------------------------------------------------------------


async def test_a_namespace_is_made_with_scenarios_of_its_own(emulator):
    wish = {"scenarios": ["kladana/queue-full", "slow"]}
    made = await emulator.admin("PUT", "/namespaces/a", wish)
    assert made["scenarios"] == {"kladana": "kladana/queue-full", "waylay": "waylay/slow"}
    a = emulator.namespace("a")
    await put(a, name="kladana/default")
    await a.admin("POST", "/reset")
    assert (await played(a))["name"] == "kladana/queue-full"
    assert (await played(emulator))["name"] == "kladana/default"


async def test_what_a_namespace_does_not_wish_is_as_the_flags_have_it(start_emulator):
    emulator = await start_emulator(scenario=("kladana/queue-full",))
    made = await emulator.admin("PUT", "/namespaces/a", {"scenarios": ["waylay/slow"]})
    assert made["scenarios"] == {"kladana": "kladana/queue-full", "waylay": "waylay/slow"}


async def test_seed_and_clock_of_the_wish_win_over_those_of_its_scenarios(start_emulator, tmp_path):
    (tmp_path / "kladana").mkdir()
    (tmp_path / "kladana" / "mine.yaml").write_text(IN_2030 + "seed: 7\n")
    emulator = await start_emulator(scenarios=(tmp_path,))
    told = await emulator.admin("PUT", "/namespaces/a", {"scenarios": ["mine"]})
    assert (told["seed"], told["clock"]["now"][:4]) == (7, "2030")
    clock = {"mode": "frozen", "start": "2040-01-01T00:00:00Z"}
    wished = await emulator.admin("PUT", "/namespaces/b", {"scenarios": ["mine"], "seed": 8, "clock": clock})
    assert (wished["seed"], wished["clock"]["now"][:4]) == (8, "2040")


@pytest.mark.parametrize(
    ("scenarios", "status"),
    [
        (["kladana/quue-full"], 404),
        (["kladana/default", "kladana/queue-full"], 409),
        (["kladana/in-2030", "waylay/in-2031"], 409),
        (["kladana/broken"], 422),
        ("kladana/default", 422),
        ([1], 422),
    ],
)
async def test_scenarios_that_cannot_be_played_make_no_namespace(start_emulator, tmp_path, scenarios, status):
    for file, text in {
        "kladana/in-2030": IN_2030,
        "waylay/in-2031": IN_2030.replace("kladana", "waylay").replace("2030", "2031"),
        "kladana/broken": "version: 1\napi: kladana\nseed: -1\n",
    }.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / f"{file}.yaml").write_text(text)
    emulator = await start_emulator(scenarios=(tmp_path,))
    response = await emulator.call("PUT", "/__admin/namespaces/a", json={"scenarios": scenarios})
    assert response.status == status
    assert "a" not in [each["name"] for each in (await emulator.admin("GET", "/namespaces"))["namespaces"]]


async def test_of_two_that_make_the_same_namespace_at_once_one_does(emulator):
    wish = {"scenarios": ["kladana/queue-full"]}
    answers = await asyncio.gather(*(emulator.call("PUT", "/__admin/namespaces/once", json=wish) for _ in range(4)))
    assert sorted(each.status for each in answers) == [201, 409, 409, 409]

"""Clocks that step and skip, as a client meets them."""

import json
from email.utils import parsedate_to_datetime

import pytest
from click.testing import CliRunner

from emulator.cli import main
from tests.callbacks.receiver import receiving
from tests.ivvy.conftest import Ivvy
from tests.synapse.conftest import Synapse, downloading, querying

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
LIST = "/api/remap/1.2/async"
TOKEN = {"Authorization": "Bearer token"}
LIMITED = ("kladana.rate_limited=true", "kladana.rate_limit=3", "kladana.rate_interval=10s")


def second(reply):
    """What the answer dates itself, in seconds after the start."""
    return int(parsedate_to_datetime(reply.headers["Date"]).timestamp()) % 3600


@pytest.fixture
async def stepping(start_emulator):
    return await start_emulator(step=5_000_000)


@pytest.fixture
async def skipping(start_emulator):
    return await start_emulator(skip=True)


# Steps --------------------------------------------------------------------------


async def test_each_request_to_an_api_is_a_step_the_first_and_the_refused_included(stepping):
    asked = [(SUBMIT, TOKEN), (SUBMIT, {}), ("/api/remap/1.2/nowhere", TOKEN), ("/repo/v1/version", {})]
    assert [second(await stepping.get(path, headers=headers)) for path, headers in asked] == [5, 10, 15, 20]


async def test_the_admin_api_makes_no_step(stepping):
    for _ in range(3):
        assert (await stepping.admin("GET", "/clock"))["now"] == "2026-03-01T09:00:00.000000Z"
    await stepping.get("/nowhere/at/all")
    clock = await stepping.admin("GET", "/clock")
    assert (clock["now"][11:19], clock["mode"], clock["rate"], clock["step"]) == ("09:00:00", "step", 0, "5s")


async def test_the_step_comes_before_what_is_due(stepping):
    task = (await stepping.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    assert (await stepping.get(task, headers=TOKEN)).json["state"] == "DONE"
    moments = (await stepping.admin("GET", "/jobs"))["jobs"][0]["moments"]
    assert [each["at"][17:23] for each in moments] == ["05.000", "05.500", "07.500"]


async def test_links_to_files_make_no_step(stepping):
    task = (await stepping.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    link = (await stepping.get(f"{task}/result", headers=TOKEN)).headers["Location"]
    for _ in range(3):
        fetched = await stepping.get(link)
        assert (fetched.status, second(fetched)) == (200, 10)
    client = Synapse(stepping)
    handle = (await client.finished(downloading(), by="0"))["responseBody"]["resultsFileHandleId"]
    url = (await client.file(handle))["preSignedURL"]
    before = second(await stepping.get(url))
    assert second(await stepping.get(url)) == before


async def test_callbacks_that_fall_due_in_a_step_go_out_beside_it(stepping):
    async with receiving() as receiver:
        client = Ivvy(stepping)
        await client.run(url=receiver.url)
        await client.send("test?action=ping", b"{}")
        await receiver.hears(1)
    assert (await stepping.admin("GET", "/clock"))["now"][11:19] == "09:00:10"


# Skips --------------------------------------------------------------------------


async def test_polling_is_all_it_takes_and_everything_speaks_of_one_instant(skipping):
    task = (await skipping.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    polled = [await skipping.get(task, headers=TOKEN) for _ in range(4)]
    assert [(each.json["state"], second(each)) for each in polled] == [
        ("PENDING", 0),
        ("PROCESSING", 0),
        ("DONE", 2),
        ("DONE", 2),
    ]
    assert polled[-1].json["deletionDate"].startswith("2026-03-01 13:00:02.5")
    written = (await skipping.admin("GET", "/requests"))["requests"]
    assert [each["at"][17:23] for each in written] == ["00.000", "00.000", "00.500", "02.500", "02.500"]


async def test_lists_submissions_and_results_skip_nothing(skipping):
    task = (await skipping.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    await skipping.get(task, headers=TOKEN)
    for path in (LIST, SUBMIT, LIST, f"{task}/result", f"{task}/result"):
        assert second(await skipping.get(path, headers=TOKEN)) == 0
    client = Ivvy(skipping)
    batch = await client.run()
    await client.progress(batch)
    for _ in range(2):
        assert await client.error("results", {"async": batch}) == (400, 24114, "Batch job not completed")
    assert (await skipping.admin("GET", "/clock"))["now"][11:] == "09:00:00.000000Z"


@pytest.mark.parametrize("api", ["waylay", "ivvy", "synapse", "service", "deposco"])
async def test_polling_leads_every_job_to_its_end(skipping, api):
    poll = await POLLS[api](skipping)
    seen = [await poll() for _ in range(8)]
    assert seen[0] is False
    assert seen[-1] is True
    assert seen == sorted(seen)


async def _waylay(emulator):
    body = {"entity": "resource", "action": "delete", "query": {"ids": ["gateway-1"]}}
    uri = "/resources/v1/batch"
    headers = {"Authorization": "Basic a2V5OnNlY3JldA=="}
    batch = (await emulator.call("POST", uri, json=body, headers=headers)).json["entity"]["id"]

    async def poll():
        return "results" in (await emulator.get(f"{uri}/{batch}", headers=headers)).json

    return poll


async def _ivvy(emulator):
    client = Ivvy(emulator)
    batch = await client.run()

    async def poll():
        return await client.progress(batch) == 100

    return poll


async def _synapse(emulator):
    client = Synapse(emulator)
    job = await client.launch(downloading())

    async def poll():
        return await client.state(job) == "COMPLETE"

    return poll


async def _service(emulator):
    client = Synapse(emulator)
    token = await client.start("/entity/syn124/table/query", querying())

    async def poll():
        return (await client.get(f"/entity/syn124/table/query/async/get/{token}")).status == 201

    return poll


async def _deposco(emulator):
    body = {"entityType": "Item", "entities": [{"number": "SKU-1", "businessUnit": {"businessKey": {"code": "BU1"}}}]}
    made = (await emulator.call("POST", "/latest/async/bulkImports", json=body)).json["request"]["href"]

    async def poll():
        return (await emulator.get(made)).json["status"] != "Processing"

    return poll


POLLS = {"waylay": _waylay, "ivvy": _ivvy, "synapse": _synapse, "service": _service, "deposco": _deposco}


async def test_a_call_that_a_scenario_refuses_is_no_poll(start_emulator, tmp_path):
    story = tmp_path / "story.yaml"
    story.write_text("version: 1\napi: kladana\nfaults: [{operation: getTask, calls: 1..3, error: 1049}]\n")
    skipping = await start_emulator(skip=True, scenario=(str(story),))
    task = (await skipping.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    polled = [await skipping.get(task, headers=TOKEN) for _ in range(5)]
    assert [each.status for each in polled] == [429, 429, 429, 200, 200]
    assert [each.json["state"] for each in polled[3:]] == ["PENDING", "PROCESSING"]


async def test_whoever_is_refused_by_a_limit_finds_the_next_window_at_the_next_try(start_emulator):
    skipping = await start_emulator(skip=True, settings=LIMITED)
    replies = [await skipping.get(LIST, headers=TOKEN) for _ in range(9)]
    assert [(each.status, second(each)) for each in replies] == [
        *[(200, 0)] * 3,
        (429, 0),
        *[(200, 10)] * 3,
        (429, 10),
        (200, 20),
    ]
    assert replies[3].headers["X-Lognex-Retry-After"] == "10000"
    written = (await skipping.admin("GET", "/requests"))["requests"]
    assert [each["at"][17:19] for each in written[-2:]] == ["10", "20"]


async def test_a_request_skips_once_to_the_end_of_a_window_or_to_an_event(start_emulator):
    limits = [f"kladana.{each}" for each in ("rate_limited=true", "rate_limit=2", "rate_interval=100ms")]
    skipping = await start_emulator(skip=True, settings=tuple(limits))
    task = (await skipping.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    replies = [await skipping.get(task, headers=TOKEN) for _ in range(4)]
    assert [each.json.get("state") for each in replies] == ["PENDING", None, "PENDING", "PROCESSING"]
    written = (await skipping.admin("GET", "/requests"))["requests"]
    assert [each["at"][17:23] for each in written] == ["00.000", "00.000", "00.000", "00.100", "00.500"]


async def test_a_task_that_polling_leads_past_its_week_is_forgotten(start_emulator, tmp_path):
    story = tmp_path / "story.yaml"
    steps = "[{state: PENDING}, {state: PROCESSING, after: 8d}, {state: end}]"
    story.write_text(f"version: 1\napi: kladana\njobs: [{{steps: {steps}}}]\n")
    skipping = await start_emulator(skip=True, scenario=(str(story),))
    task = (await skipping.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    assert [(await skipping.get(task, headers=TOKEN)).status for _ in range(2)] == [200, 404]


# How it is said -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "mode", "step"),
    [({"step": "1m30s"}, "step", "1m30s"), ({"mode": "skip"}, "skip", None), ({"mode": "frozen"}, "frozen", None)],
)
async def test_a_clock_is_told_how_to_run_and_tells_it(emulator, said, mode, step):
    told = await emulator.admin("POST", "/clock", said)
    made = await emulator.admin("PUT", "/namespaces/made", {"clock": said | {"start": "2030-01-01T00:00:00Z"}})
    listed = (await emulator.admin("GET", "/namespaces"))["namespaces"]
    for clock in (told, made["clock"], *(each["clock"] for each in listed)):
        assert (clock["mode"], clock["rate"], clock.get("step")) == (mode, 0, step)
    assert made["clock"]["now"].startswith("2030")


@pytest.mark.parametrize("said", [{"step": "0s"}, {"step": "0"}, {"step": 5}, {"step": "5"}, {"step": "-5s"}])
async def test_a_step_of_no_length_is_refused_and_nothing_changes(emulator, said):
    for method, path, body in [("POST", "/clock", said), ("PUT", "/namespaces/made", {"clock": said})]:
        refused = await emulator.call(method, f"/__admin{path}", json=body)
        assert (refused.status, refused.headers["Content-Type"]) == (422, "application/problem+json")
    assert (await emulator.admin("GET", "/clock"))["mode"] == "frozen"
    assert len((await emulator.admin("GET", "/namespaces"))["namespaces"]) == 1


@pytest.mark.parametrize("clock", [{"mode": "skip", "step": "5s"}, {"rate": 2, "step": "5s"}, {"mode": "step"}])
async def test_a_namespace_has_one_clock_that_runs_in_one_way(emulator, clock):
    assert (await emulator.call("PUT", "/__admin/namespaces/made", json={"clock": clock})).status == 422


@pytest.mark.parametrize(("clock", "mode"), [("{step: 5s}", "step"), ("{mode: skip}", "skip")])
async def test_a_scenario_may_say_it(start_emulator, tmp_path, clock, mode):
    story = tmp_path / "story.yaml"
    story.write_text(f"version: 1\napi: kladana\nclock: {clock}\n")
    told = await (await start_emulator(scenario=(str(story),))).admin("GET", "/clock")
    assert (told["mode"], told.get("step")) == (mode, "5s" if mode == "step" else None)


@pytest.mark.parametrize(
    ("clock", "mistake"),
    [
        ("{step: 0s}", "clock.step: expected a step of some length, got '0s'"),
        ("{step: 5}", "clock.step: expected a duration such as 500ms, 5s, 2m or 1h, got 5"),
        ("{step: 5s, mode: skip}", "clock: expected mode or step, not both"),
        ("{step: 5s, rate: 2}", "clock: expected rate or step, not both"),
        ("{mode: step}", "clock.mode: expected one of 'real', 'frozen' or 'skip', got 'step'"),
    ],
)
async def test_a_scenario_that_says_it_wrongly_is_refused(emulator, clock, mistake):
    refused = await emulator.call(
        "PUT", "/__admin/scenario", json={"yaml": f"version: 1\napi: kladana\nclock: {clock}\n"}
    )
    assert refused.status == 422
    assert mistake in refused.text


def run(*words):
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize(
    ("flags", "config"),
    [
        ([], (1, 0, False)),
        (["--rate", "60"], (60, 0, False)),
        (["--frozen"], (0, 0, False)),
        (["--step", "5s"], (0, 5_000_000, False)),
        (["--skip"], (0, 0, True)),
    ],
)
def test_flags_say_it(flags, config):
    told = json.loads(run("serve", *flags, "--print-config").stdout)
    assert (told["rate"], told["step"], told["skip"]) == config


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--step", "5s", "--skip"], "--step and --skip do not go together"),
        (["--frozen", "--skip"], "--frozen and --skip do not go together"),
        (["--rate", "1", "--step", "5s"], "--rate and --step do not go together"),
        (["--step", "0s"], "--step: expected a step of some length"),
        (["--step", "5 seconds"], "--step: expected a duration"),
    ],
)
def test_flags_that_make_no_sense_are_exit_code_2_and_one_line(flags, told):
    result = run("serve", *flags)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert told in result.stderr


def test_the_verb_shows_and_sets_it(server_process):
    def ask(*words):
        return run("clock", *words, "--url", server_process, "--namespace", "of-the-verb").output

    assert "  step 5s  " in ask("step", "5s")
    assert "  skip  " in ask("skip")
    assert "  skip  " in ask()
    assert "expected a step of some length" in run("clock", "step", "0").stderr

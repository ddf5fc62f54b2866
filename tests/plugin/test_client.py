"""A running emulator, in a test's hands."""

import asyncio
import http.client
import inspect
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

import emulator as package
from emulator import Emulator
from emulator.client import (
    EmulatorError,
    NotStartedError,
    ProblemError,
    Receiver,
    Reply,
    UnreachableError,
    VerificationError,
    attach,
)
from emulator.client.attached import AsyncAttached
from tests.loops import run
from tests.plugin.conftest import KLADANA, START

STORY = """\
version: 1
api: kladana
about: Slow.
jobs: [{steps: [{state: PENDING}, {state: PROCESSING, after: release}, {state: end, after: 7h}]}]
"""

# Servers --------------------------------------------------------------------


def test_the_package_knows_only_what_it_has():
    assert package.Emulator is Emulator
    with pytest.raises(AttributeError, match="no attribute 'emulate'"):
        package.emulate  # noqa: B018 - asking is the test


def test_a_server_of_ones_own_is_there_within_the_block_and_only_there():
    own = Emulator(seed=7, scenario="kladana/queue-full")
    with pytest.raises(NotStartedError, match="start it by `with`"):
        own.clock.now()
    with own:
        url = own.url
        assert own.playing()["kladana"].name == "kladana/queue-full"
        assert own.clock.state().mode == "real"
        assert [(each["name"], each["seed"]) for each in own.namespaces()] == [("default", 7)]
    with pytest.raises(NotStartedError):
        own.clock.now()
    with pytest.raises(UnreachableError, match="no answer from"):
        attach(url).clock.now()


def test_what_keeps_a_server_from_starting_is_raised():
    with (
        pytest.raises(Exception, match=r"no scenario is called 'kladana/nothing'"),
        Emulator(scenario="kladana/nothing"),
    ):
        pass
    with pytest.raises(ValueError, match="noon"), Emulator(start="noon"):
        pass


def test_what_ends_a_server_before_its_time_is_raised_at_the_end():
    own = Emulator().start()
    server = own._server
    server._loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(server._loop)])
    server._thread.join(10)
    with pytest.raises(asyncio.CancelledError):
        own.stop()


def test_servers_in_threads_of_one_process_do_not_mix_what_they_hear():
    def strangers(url, caller):
        with closing(http.client.HTTPConnection(url.removeprefix("http://"))) as connection:
            for nth in range(200):
                connection.request("GET", f"/nowhere/{caller}/{nth}?{'x' * 500}")
                told = connection.getresponse().read().decode()
                if f"nothing is at /nowhere/{caller}/{nth};" not in told:
                    yield told

    with Emulator() as one, Emulator() as other, ThreadPoolExecutor() as pool:
        calls = [(each.url, caller) for caller, each in enumerate((one, other, one, other))]
        assert list(pool.map(lambda call: list(strangers(*call)), calls)) == [[]] * 4


def test_a_running_server_is_attached_to_and_left_running(server):
    with Emulator(server.url) as attached:
        assert attached.url == server.url
    assert Emulator(url=f"{server.url}/").namespace("a.b").url == f"{server.url}/ns/a.b"
    assert server.clock.now() == datetime(2026, 3, 1, 9, tzinfo=UTC)
    with pytest.raises(TypeError, match="seed cannot be given"):
        Emulator(server.url, seed=7)
    with pytest.raises(ValueError, match="expected a URL"):
        Emulator("localhost:8087")


def test_whoever_is_no_emulator_is_named():
    with Receiver(Reply(404, b"<html>")) as stranger, pytest.raises(UnreachableError, match="is it an emulator"):
        attach(stranger.url).clock.now()


def test_a_token_opens_the_admin_api():
    with Emulator(admin_token="open") as guarded:
        assert guarded.clock.now()
        with pytest.raises(ProblemError) as refused:
            attach(guarded.url).clock.now()
        assert attach(guarded.url, "open").namespace("a").clock.now()
    assert refused.value.status == 401
    assert "wants its token" in str(refused.value)


def test_a_namespace_is_made_and_dropped(server):
    with server.fresh("made", seed=3, clock={"rate": 60, "start": START}) as made:
        assert (made.clock.state().mode, made.clock.state().rate) == ("rate", 60)
        told = {each["name"]: each["seed"] for each in server.namespaces()}
        assert told["made"] == 3
        with pytest.raises(ProblemError, match="409 Conflict: there is a namespace 'made' already"):
            server.make("made")
    assert "made" not in {each["name"] for each in server.namespaces()}
    with pytest.raises(ProblemError, match="404"):
        server.drop("made")


def test_the_base_url_is_that_of_the_namespace(server, space):
    assert space.base_url("kladana") == space.base_url() == f"{server.url}/ns/{space.name}"
    with pytest.raises(ValueError, match="no API 'kladna', but deposco, ivvy, kladana, synapse, waylay"):
        space.base_url("kladna")


# Clock ----------------------------------------------------------------------


def test_the_clock_goes_where_it_is_told_to(space):
    clock, start = space.clock, datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert clock.now() == start
    assert clock.advance("5m").now == start + timedelta(minutes=5)
    assert clock.advance(timedelta(seconds=1.5)).now == start + timedelta(minutes=5, seconds=1.5)
    clock.sleep(0.0001)
    assert clock.now() == start + timedelta(minutes=5, seconds=1.501), "never less than was asked for"
    assert (
        clock.to("2026-03-01T10:00:00Z").now == clock.to(start + timedelta(hours=1)).now == start + timedelta(hours=1)
    )
    assert (clock.rate(60).mode, clock.mode("real").mode, clock.freeze().mode) == ("rate", "real", "frozen")


def test_the_clock_takes_no_step_back_and_no_nonsense(space):
    with pytest.raises(ValueError, match="backwards"):
        space.clock.advance(-1)
    with pytest.raises(ProblemError, match="backwards"):
        space.clock.to("2020-01-01T00:00:00Z")
    with pytest.raises(ProblemError, match="422"):
        space.clock.advance("soon")
    with pytest.raises(ValueError, match="no time zone"):
        space.clock.to(datetime(2027, 1, 1))  # noqa: DTZ001 - it is what is wrong


def test_each_request_moves_a_clock_that_goes_by_steps(space, client):
    assert space.clock.step("5s").mode == "step"
    task = client.submit()
    assert [client.state(task) for _ in range(2)] == ["DONE", "DONE"]
    assert space.clock.now() == datetime(2026, 3, 1, 9, 0, 15, tzinfo=UTC)
    assert space.clock.mode("skip").mode == "skip"


# Scenarios ------------------------------------------------------------------


def test_a_scenario_is_played_by_its_name(space):
    told = space.scenario("kladana/queue-full", set={"queued_tasks": 2})
    assert (told.api, told.name, told.settings["queued_tasks"]) == ("kladana", "kladana/queue-full", 2)
    assert set(told.hits.values()) == {0}
    assert space.playing()["kladana"] == told
    with pytest.raises(ProblemError, match="did you mean 'kladana/queue-full'"):
        space.scenario("kladana/queue-ful")


def test_a_scenario_is_played_as_yaml_and_from_a_file(space, tmp_path):
    file = tmp_path / "slow.yaml"
    file.write_text(STORY)
    assert space.scenario(STORY).digest == space.scenario(file).digest == space.scenario(str(file)).digest


def test_all_mistakes_of_a_file_are_told_by_its_own_name(space, tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("version: 1\napi: kladana\nfalts: []\nsettings: {queued_tasks: many}\n")
    with pytest.raises(ProblemError) as refused:
        space.scenario(file)
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert lines[1].startswith(f"{file}:3:1: ")
    assert lines[1].endswith("(did you mean 'faults'?)")
    with pytest.raises(FileNotFoundError):
        space.scenario("nowhere.yaml")


# Jobs -----------------------------------------------------------------------


def test_jobs_are_listed_released_and_brought_to_a_state(space, client):
    space.scenario(STORY)
    client.submit()
    (job,) = space.jobs.list("kladana", "PENDING")
    assert space.jobs.list("waylay") == []
    with pytest.raises(EmulatorError, match="is PENDING and does not come to be DONE"):
        space.jobs.reach(job, "DONE")
    assert space.jobs.release(job).state == "PROCESSING"
    done = space.jobs.reach(job.id, "DONE")
    assert [each.state for each in done.moments] == ["PENDING", "PROCESSING", "DONE"]
    assert space.clock.now() == done.moments[-1].at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert space.jobs.get(job) == done
    with pytest.raises(EmulatorError, match="is DONE"):
        space.jobs.reach(job, "CANCEL")
    with pytest.raises(ProblemError, match="404"):
        space.jobs.get("nobody")


def test_a_clock_that_runs_by_itself_is_helped_along(space, client):
    space.clock.rate(1000)
    client.submit()
    assert space.jobs.reach(space.jobs.list()[0], "DONE").state == "DONE"


def test_a_job_that_gets_there_while_the_clock_is_looked_at_is_there(space, client, monkeypatch):
    client.submit()
    state = space.clock.state

    def late():
        space.clock.advance("1m")
        return state()

    monkeypatch.setattr(space.clock, "state", late)
    assert space.jobs.reach(space.jobs.list()[0], "DONE").state == "DONE"


def test_a_timeline_tells_all_of_a_job(space, client):
    task = client.submit()
    space.clock.advance("1m")
    assert client.state(task) == "DONE"
    (job,) = space.jobs.list()
    assert [each["kind"] for each in space.jobs.events(job)] == ["submission", "state", "state", "state", "poll"]
    text = space.timeline(job)
    assert "PROCESSING" in text
    assert len(text.splitlines()) >= 5


# Requests -------------------------------------------------------------------


def test_requests_are_found_and_counted(space, client):
    task = client.submit()
    client.state(task)
    client.session.get(f"{task}x")
    polls = space.requests.find(operation="getTask", status="2xx")
    assert [(each.sequence, each.status, each.response.json["state"]) for each in polls] == [(2, 200, "PENDING")]
    assert polls[0].at == space.clock.now()
    assert polls[0].target == task.removeprefix(space.url)
    assert space.requests.count(operation="getTask") == space.requests.expect(operation="getTask", exactly=2) == 2
    assert space.requests.count(since=START, until=datetime(2026, 3, 1, 9, tzinfo=UTC)) == 3
    with pytest.raises(ProblemError, match="422"):
        space.requests.count(stats=200)


def test_what_was_expected_but_is_not_so_is_told_with_what_came_near(space, client):
    client.submit()
    with pytest.raises(VerificationError) as broken:
        space.requests.expect(operation="getStockByStore", status=200)
    assert str(broken.value).splitlines() == [
        "expected at least 1 of operation='getStockByStore', status=200, but there were 0",
        "near: #1 getStockByStore (202): status is 202",
    ]
    with pytest.raises(AssertionError, match="expected at most 0 of anything, but there were 1"):
        space.requests.expect(at_most=0)


def test_a_request_is_waited_for(space, client):
    client.submit()
    assert space.wait_for(operation="getStockByStore") == 1
    with pytest.raises(TimeoutError, match="expected at least 1 of operation='getTask', but there were 0"):
        space.wait_for(operation="getTask", timeout=0.01)


def test_a_conversation_is_verified_step_by_step(space, client):
    client.state(client.submit())
    assert space.requests.verify("getStockByStore", "getTask+", per="job") == 1
    with pytest.raises(
        VerificationError, match=r"1 of 1 conversations went otherwise\n.*getTaskResult, but nothing came"
    ):
        space.requests.verify("getStockByStore", "getTask+", "getTaskResult")


def test_a_long_journal_comes_in_one_piece(space, client, monkeypatch):
    monkeypatch.setattr("emulator.client.requests.PAGE", 2)
    for _ in range(5):
        client.session.get(f"{client.base}/async")
    assert [each.sequence for each in space.requests.find()] == [1, 2, 3, 4, 5]


# Callbacks, reset -----------------------------------------------------------


def test_callbacks_are_heard_and_told(space, client):
    with Receiver(500, 204, now=space.clock.now) as receiver:
        client.call_back(receiver.url)
        task = client.submit()
        space.clock.advance("1m")
        first, second = receiver.wait(2)
    assert first.json["events"][0]["meta"]["href"] == task
    assert first.query == second.query
    assert first.at == second.at == space.jobs.list()[0].moments[-1].at
    (callback,) = space.callbacks.list("kladana")
    assert (callback.status, [each["status"] for each in callback.attempts]) == ("delivered", [500, 204])
    assert space.callbacks.list("waylay") == []


def test_reset_begins_anew(space, client):
    client.submit()
    space.clock.advance("1h")
    space.reset()
    assert (space.jobs.list(), space.clock.now()) == ([], datetime(2026, 3, 1, 9, tzinfo=UTC))


# Coroutines -----------------------------------------------------------------


async def test_coroutines_await_the_same(start_emulator):
    async with Emulator(frozen=True, start=START) as running, running.fresh("mine", seed=3) as space:
        told = await start_emulator()  # a server on this very loop, which goes on while another is asked
        elsewhere = await Emulator(told.base).aio.clock.advance("1h")
        assert elsewhere.now == datetime(2026, 3, 1, 10, tzinfo=UTC)
        async with told.session.get(f"{space.base_url()}{KLADANA}/report/stock/bystore?async=true") as answer:
            assert answer.status == 401
        assert await space.wait_for(status=401) == await space.requests.count() == 1
        assert (await space.clock.advance("5m")).now == await space.clock.now()
        assert {each["name"] for each in await running.namespaces()} == {"default", "mine"}
        assert (await running.namespace("mine").playing()).keys() == {"deposco", "ivvy", "kladana", "synapse", "waylay"}
        assert space.url == f"{running.url}/ns/mine"


def test_whatever_is_there_is_there_for_coroutines_too(server):
    def missing(blocking, awaited):
        public = [name for name, _ in inspect.getmembers(type(blocking)) if not name.startswith("_")]
        public += [name for name in vars(blocking) if not name.startswith("_")]
        return [name for name in public if not hasattr(awaited, name) and name not in {"aio", "apis", "start", "stop"}]

    assert isinstance(server.aio, AsyncAttached)
    assert missing(server, server.aio) == []
    for part in ("clock", "jobs", "requests", "callbacks"):
        assert missing(getattr(server, part), getattr(server.aio, part)) == []


# State ------------------------------------------------------------------------


def test_a_snapshot_is_gone_back_to(space, client):
    client.submit()
    before = space.snapshot(journal=True)
    space.clock.advance("1h")
    assert space.jobs.list()[0].state == "DONE"
    space.restore(before)
    assert (space.jobs.list()[0].state, space.snapshot(journal=True)) == ("PENDING", before)
    with pytest.raises(ProblemError, match="/digest"):
        space.restore(before | {"seed": 1})


def test_a_fork_goes_its_own_way(server, space, client):
    client.submit()
    other = space.fork(f"{space.name}-2")
    try:
        other.clock.advance("1h")
        assert (space.jobs.list()[0].state, other.jobs.list()[0].state) == ("PENDING", "DONE")
        assert other.url == f"{server.url}/ns/{space.name}-2"
    finally:
        server.drop(other.name)


def test_so_it_is_for_coroutines(server, space, client):
    async def told():
        client.submit()
        before = await space.aio.snapshot()
        other = await space.aio.fork(f"{space.name}-3")
        await other.restore(before)
        return other.name, await other.jobs.list()

    name, jobs = run(told())
    server.drop(name)
    assert len(jobs) == 1

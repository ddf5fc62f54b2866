"""The plugin, in runs of pytest within ours."""

import re
from importlib.metadata import entry_points

import pytest

from emulator import Emulator, pytest_plugin

pytest_plugins = ("pytester",)

HEAD = """\
import asyncio, pytest, requests, urllib.request
from datetime import datetime, timedelta, UTC

def submit(emulator, report="stock/bystore"):
    with requests.Session() as session:
        session.trust_env = False
        url = emulator.base_url("kladana") + "/api/remap/1.2/report/" + report + "?async=true"
        return session.get(url, headers={"Authorization": "Bearer x"})
"""


PLUGINS = tuple(f"-p{name}" for name in ("emulator.pytest_plugin", "pytest_asyncio.plugin", "pytest_aiohttp.plugin"))
INI = """\
[pytest]
addopts = -p no:cacheprovider --strict-markers
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run these tests; what became of them, and what was printed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others cost seconds, and add nothing
    for name in ("EMULATOR_URL", "EMULATOR_ADMIN_TOKEN", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)

    def run(body, *arguments, head=HEAD, conftest="", plugins=PLUGINS):
        pytester.makeini(INI)
        pytester.makepyfile(test_it=head + body)
        if conftest:
            pytester.makeconftest(conftest)
        result = pytester.runpytest_inprocess(*plugins, *arguments)
        return result.parseoutcomes(), result.stdout.str()

    return run


def test_each_test_has_a_namespace_of_its_own_whose_clock_stands_still(run):
    told, _ = run("""
@pytest.mark.parametrize("number", [1, 2])
def test_alone(emulator, number):
    assert submit(emulator).status_code == 202
    began = emulator.clock.now()
    assert [each.ordinal for each in emulator.jobs.list()] == [1]
    assert emulator.clock.state().mode == "frozen"
    emulator.clock.advance("1h")
    assert emulator.jobs.list()[0].state == "DONE"
    assert emulator.clock.now() - began == timedelta(hours=1)
    assert emulator.name.startswith(f"test_alone-{number}-")

def test_nothing_is_left(emulator_server):
    assert [each["name"] for each in emulator_server.namespaces()] in ([], ["default"])
""")
    assert told == {"passed": 3}


def test_markers_choose_scenarios_seed_and_settings(run, pytester):
    pytester.makefile(".yaml", **{"stories/late": "version: 1\napi: waylay\nabout: Late.\n"})
    told, _ = run("""
pytestmark = [pytest.mark.scenario("kladana/api-error", seed=3), pytest.mark.scenario("deposco/all-good")]

@pytest.mark.scenario("kladana/queue-full", seed=7, set={"queued_tasks": 1})
def test_nearest_wins(emulator, emulator_server):
    assert [submit(emulator).status_code for _ in range(3)] == [202, 202, 412]
    playing = emulator.playing()
    assert (playing["kladana"].name, playing["deposco"].name) == ("kladana/queue-full", "deposco/all-good")
    assert [each["seed"] for each in emulator_server.namespaces() if each["name"] == emulator.name] == [7]

@pytest.mark.scenario("stories/late.yaml")
def test_a_file_is_found_beside_the_test(emulator, monkeypatch, tmp_path):
    assert emulator.playing()["waylay"].about == "Late."
""")
    assert told == {"passed": 2}


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ('@pytest.mark.scenario("kladana/queue-ful")', "did you mean 'kladana/queue-full'"),
        ('@pytest.mark.scenario("kladana/queue-full", sed=7)', "unexpected keyword argument 'sed'"),
        ('@pytest.mark.scenario("kladana/queue-full", set={"queued": 7})', "did you mean 'queued_tasks'"),
        ('@pytest.mark.scenario("nowhere.yaml")', "No such file"),
        (
            '@pytest.mark.scenario("kladana/queue-full", seed=7)\n@pytest.mark.scenario("waylay/slow", seed=8)',
            "a namespace has one seed",
        ),
    ],
)
def test_a_marker_that_is_wrong_says_so_in_a_line(run, marks, said):
    told, printed = run(f"\n{marks}\ndef test_wrong(emulator): pass\n")
    assert told == {"errors": 1}
    assert said in printed
    assert "During handling" not in printed
    assert "Traceback" not in printed
    assert "connection.py" not in printed


def test_the_clock_can_be_chosen(run):
    told, _ = run("""
@pytest.fixture
def emulator_clock():
    return {"mode": "frozen", "start": "2026-03-01T09:00:00Z"}

def test_overridden(emulator):
    assert emulator.clock.now() == datetime(2026, 3, 1, 9, tzinfo=UTC)

@pytest.mark.parametrize("emulator_clock", ["real", 60, "skip"])
def test_by_the_test(emulator, emulator_clock):
    state = emulator.clock.state()
    assert emulator_clock in (state.mode, state.rate)

@pytest.mark.scenario("kladana/webhook-retry")
@pytest.mark.parametrize("emulator_clock", ["real"])
def test_a_story_that_has_a_clock_of_its_own_keeps_it(emulator):
    assert emulator.clock.now() == datetime(2026, 3, 1, 9, tzinfo=UTC)
""")
    assert told == {"passed": 5}


def test_coroutines_are_served_under_asyncio_and_anyio(run):
    told, _ = run("""
async def test_asyncio(emulator):
    response = await asyncio.to_thread(submit, emulator)
    assert response.status_code == 202
    assert (await emulator.aio.clock.advance("1h")).count == 2

async def test_aiohttp(emulator, aiohttp_client):
    from aiohttp import web, ClientSession
    async def hook(request):
        heard.append(await request.json())
        return web.Response()
    heard, app = [], web.Application()
    app.router.add_post("/", hook)
    client = await aiohttp_client(app)
    headers = {"Authorization": "Bearer x"}
    wish = {"url": str(client.make_url("/")), "action": "PROCESSED", "entityType": "async"}
    async with ClientSession(emulator.base_url("kladana") + "/", headers=headers) as session:
        await session.post("api/remap/1.2/entity/webhook", json=wish)
        await session.get("api/remap/1.2/report/stock/bystore?async=true")
    await emulator.aio.clock.advance("1h")
    assert len(heard) == 1
""")
    assert told == {"passed": 2}
    told, _ = run(
        """
@pytest.mark.anyio
async def test_anyio(emulator):
    assert (await emulator.aio.clock.advance("1h")).count == 0
""",
        plugins=("-panyio.pytest_plugin", "-pemulator.pytest_plugin"),
        head="import pytest\n@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n",
    )
    assert (told["passed"], told.get("failed")) == (1, None)


def test_whoever_is_called_back_notes_when(run):
    told, _ = run("""
def test_heard(emulator, emulator_receiver):
    wish = {"url": emulator_receiver.url, "action": "PROCESSED", "entityType": "async"}
    url = emulator.base_url("kladana") + "/api/remap/1.2/entity/webhook"
    assert requests.post(url, json=wish, headers={"Authorization": "Bearer x"}).status_code == 200
    submit(emulator)
    emulator.clock.advance("1h")
    (heard,) = emulator_receiver.wait(1)
    assert heard.at == emulator.jobs.list()[0].moments[-1].at
""")
    assert told == {"passed": 1}


# Failures -------------------------------------------------------------------

FAILING = """
@pytest.mark.scenario("kladana/queue-full", seed=7)
def test_fails(emulator):
    submit(emulator)
    emulator.clock.advance("1h")
    assert False, "on purpose"
"""


def test_a_failure_tells_what_happened_and_how_to_have_it_again(run):
    told, printed = run(FAILING)
    assert told == {"failed": 1}
    section = printed[printed.index("- emulator -") :]
    assert "replay: pytest test_it.py::test_fails --emulator-seed=7" in section
    assert re.search(r"PENDING.*PROCESSING.*DONE", section, re.DOTALL)
    assert "getStockByStore" in section


def test_the_seed_comes_from_the_command_line_where_no_marker_names_one(run):
    told, printed = run("def test_fails(emulator): submit(emulator); assert False", "--emulator-seed=12")
    assert told == {"failed": 1}
    assert "replay: pytest test_it.py::test_fails --emulator-seed=12" in printed


def test_a_setup_that_fails_after_the_namespace_was_made_tells_the_same(run):
    told, printed = run("""
@pytest.fixture
def ordered(emulator): submit(emulator); assert False
def test_it(ordered): pass
def test_without(): assert False
""")
    assert told == {"errors": 1, "failed": 1}
    assert printed.count("replay:") == 1


def test_the_end_of_the_server_hides_no_failure(run):
    told, printed = run("""
def test_fails(emulator, emulator_server):
    emulator_server.stop()
    assert False, "on purpose"
""")
    assert told["failed"] == 1
    assert "on purpose" in printed
    assert "no timeline: no answer from" in printed


# Servers --------------------------------------------------------------------


def test_a_running_server_is_used_and_left_as_it_was(run, monkeypatch):
    body = 'def test_it(emulator): assert submit(emulator).request.url.startswith("{}/ns/test_it-")\n'
    with Emulator(admin_token="open") as running:
        monkeypatch.setenv("EMULATOR_ADMIN_TOKEN", "open")
        assert run(body.format(running.url), f"--emulator-url={running.url}")[0] == {"passed": 1}
        monkeypatch.setenv("EMULATOR_URL", running.url)
        assert run(body.format(running.url))[0] == {"passed": 1}
        assert [each["name"] for each in running.namespaces()] in ([], ["default"])


def test_a_server_that_is_away_is_told_of_once_and_plainly(run):
    told, printed = run("def test_it(emulator): pass", "--emulator-url=http://127.0.0.1:1")
    assert told == {"errors": 1}
    assert "no answer from http://127.0.0.1:1" in printed


def test_a_server_of_the_sessions_own_has_the_flags_that_a_project_gives(run, pytester):
    pytester.makefile(".yaml", **{"mine/kladana/sad": "version: 1\napi: kladana\nabout: Sad.\n"})
    told, _ = run(
        """
@pytest.mark.scenario("kladana/sad")
def test_it(emulator, emulator_server):
    assert emulator.playing()["kladana"].about == "Sad."
""",
        conftest="""
import pytest
@pytest.fixture(scope="session")
def emulator_flags():
    return {"scenarios": ["mine"], "seed": 9}
""",
    )
    assert told == {"passed": 1}


@pytest.mark.requirement("F-20")
def test_workers_of_xdist_share_a_running_server(run):
    with Emulator() as running:
        told, printed = run(
            """
@pytest.mark.parametrize("number", range(4))
def test_it(emulator, number):
    assert emulator.clock.advance("1h").mode == "frozen"

def test_fails(emulator):
    assert False
""",
            "-pxdist",
            "-n2",
            f"--emulator-url={running.url}",
            head="import pytest\n",  # what each worker has to load
            plugins=PLUGINS[:1],
        )
        assert [each["name"] for each in running.namespaces()] in ([], ["default"])
    assert told["passed"] == 4
    assert told["failed"] == 1
    assert "replay: pytest test_it.py::test_fails --emulator-seed=0" in printed


def test_pytest_finds_the_plugin_by_itself():
    (found,) = entry_points(group="pytest11", name="emulator")
    assert found.load() is pytest_plugin

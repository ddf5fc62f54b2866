"""Scenario files that change while they are played."""

import asyncio
import contextlib
import logging

import pytest
from click.testing import CliRunner

from emulator.app import Config, library, make_origin
from emulator.cli import main
from emulator.namespaces import Namespaces
from emulator.scenario.library import Library
from emulator.watch import Watch

TASK = "/api/remap/1.2/report/stock/bystore?async=true"
HEADERS = {"Authorization": "Bearer x"}


def story(after="10s", *lines):
    steps = f"{{state: PENDING}}, {{state: PROCESSING}}, {{state: end, after: {after}}}"
    return "\n".join(
        ["version: 1", "api: kladana", f"about: It takes {after}.", *lines, f"jobs: [{{steps: [{steps}]}}]"]
    )


class Watched:
    """A watch over a directory of scenarios, and the namespaces it keeps up to date."""

    def __init__(self, directory, *named):
        self.directory = directory
        config = Config(rate=0, scenario=named, scenarios=(directory,))
        shelf = Library(library()._vocabularies, library()._shelves[-1], [directory])
        self.namespaces = Namespaces(make_origin(config, shelf))
        self.watch = Watch(self.namespaces, shelf, named, [directory])

    def write(self, text, name="kladana/mine"):
        (self.directory / f"{name}.yaml").write_text(text)

    async def look(self, text=None, name="kladana/mine"):
        if text is not None:
            self.write(text, name)
        await self.watch.look()

    def plays(self, namespace="default"):
        return self.namespaces.get(namespace).scenario("kladana").about

    @property
    def broken(self):
        return [str(each).removeprefix(str(self.directory)) for each in sum(self.watch._broken.values(), ())]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kladana").mkdir()
    (tmp_path / "kladana" / "mine.yaml").write_text(story())
    return tmp_path


@pytest.fixture
def watched(folder):
    return Watched(folder, "kladana/mine")


async def test_what_has_changed_is_played_in_every_namespace_that_plays_it(watched):
    other = watched.namespaces.get("other")
    other.play(watched.watch._library.find("kladana/queue-full"))
    assert watched.plays() == "It takes 10s."
    await watched.look(story("20s"))
    assert watched.plays() == "It takes 20s."
    assert watched.plays("new") == "It takes 20s."
    assert watched.plays("other").startswith("One report runs for an hour")


async def test_a_reset_comes_back_to_what_the_file_says_now(watched):
    await watched.look(story("20s"))
    namespace = watched.namespaces.get("default")
    namespace.reset()
    assert watched.plays() == "It takes 20s."


async def test_what_has_not_changed_is_not_played_anew(watched):
    namespace = watched.namespaces.get("default")
    before = namespace.scenarios["kladana"]
    await watched.look()
    await watched.look(story() + "\n# a comment")
    assert namespace.scenarios["kladana"] is before


async def test_a_default_of_the_users_own_is_the_default_everywhere(watched):
    assert watched.namespaces.origin.defaults["kladana"].name == "kladana/default"
    world = watched.namespaces.get("other").world("kladana")
    await watched.look(story("7s"), "kladana/default")
    assert watched.namespaces.get("other").origin.defaults["kladana"].about == "It takes 7s."
    assert str(world.rules[-1].steps[-1].after) == "Fixed(duration=7000000)"


async def test_settings_set_beside_a_scenario_go_on(watched):
    namespace = watched.namespaces.get("default")
    namespace.play(namespace.scenario("kladana"), {"queued_tasks": 2})
    await watched.look(story("20s", "settings: {queued_tasks: 9, running_tasks: 3}"))
    assert dict(namespace.scenario("kladana").settings) == {"queued_tasks": 2, "running_tasks": 3}


async def test_values_given_for_parameters_go_on(watched):
    open_ended = "parameters: {rows: 5}"
    result = "settings: {rows: '${parameters.rows}'}"
    await watched.look(story("10s", open_ended, result))
    shelf, namespace = watched.watch._library, watched.namespaces.get("default")
    namespace.play(shelf.find("kladana/mine", given={"rows": 8}))
    await watched.look(story("20s", open_ended, result))
    assert (watched.plays(), namespace.scenario("kladana").settings["rows"]) == ("It takes 20s.", 8)


@pytest.mark.requirement("F-11")
async def test_a_broken_file_keeps_what_was_played_and_is_told_once(watched, caplog):
    caplog.set_level(logging.INFO, "emulator.watch")
    for _ in range(2):
        await watched.look(story("20s", "seed: -1"))
    assert watched.plays() == "It takes 10s."
    assert watched.broken == ["/kladana/mine.yaml:4:7: seed: expected a number of at least 0, got -1"]
    assert caplog.messages == [f"{watched.directory}{watched.broken[0]}"]
    await watched.look(story("20s", "seed: -2"))
    assert caplog.messages[1].endswith("got -2")
    await watched.look(story("20s"))
    assert watched.plays() == "It takes 20s."
    assert watched.broken == []
    assert sorted(caplog.messages[2:]) == [
        "kladana/mine has changed and is played from now on",
        "kladana/mine is well again",
    ]


async def test_a_file_that_nobody_plays_is_told_too(watched):
    await watched.look("version: 1\napi: kladana\nsed: 1\n", "kladana/other")
    assert watched.broken[0].startswith("/kladana/other.yaml:3:1: sed: ")
    (watched.directory / "kladana" / "other.yaml").unlink()
    await watched.look()
    assert watched.broken == []


@pytest.mark.requirement("F-11")
async def test_a_file_that_is_gone_is_told_and_played_on(watched, folder):
    (folder / "kladana" / "mine.yaml").unlink()
    await watched.look()
    assert watched.broken == ["kladana/mine:1:1: expected the file that is being played, got none"]
    assert watched.plays() == "It takes 10s."
    await watched.look(story("30s"))
    assert (watched.broken, watched.plays()) == ([], "It takes 30s.")


async def test_a_file_of_ones_own_that_comes_to_be_about_another_api_is_refused(folder):
    file = folder / "one.yaml"
    file.write_text(story())
    watched = Watched(folder, str(file))
    file.write_text("version: 1\napi: waylay\n")
    await watched.look()
    assert watched.broken == ["/one.yaml:1:1: api: expected 'kladana', of which it is since it is played, got 'waylay'"]
    assert watched.plays() == "It takes 10s."


async def test_a_namespace_in_use_keeps_its_clock_and_its_seed_and_takes_the_rest(watched):
    used, fresh = watched.namespaces.get("used"), watched.namespaces.get("fresh")
    used.stamp()
    now, seed = used.clock.now(), used.seed
    await watched.look(story("20s", "clock: {mode: frozen, start: 2030-01-01T00:00:00Z}", "seed: 77"))
    assert (used.clock.now(), used.seed, watched.plays("used")) == (now, seed, "It takes 20s.")
    assert (fresh.seed, watched.plays("fresh")) == (77, "It takes 20s.")
    used.reset()
    assert used.seed == 77


def changing(*what):
    """In place of the package that watches: a change for each word, and a failure."""

    async def awatch(*_paths, **_options):
        for each in what:
            if isinstance(each, Exception):
                raise each
            yield set()

    return awatch


async def test_a_look_that_goes_wrong_is_not_the_last_one(watched, monkeypatch, caplog):
    monkeypatch.setattr("watchfiles.awatch", changing("first", "second"))
    read, looks = watched.watch._read, iter([ValueError("a mistake of ours"), None])

    def read_in_the_end(playing):
        if error := next(looks):
            raise error
        return read(playing)

    monkeypatch.setattr(watched.watch, "_read", read_in_the_end)
    watched.write(story("20s"))
    caplog.set_level(logging.ERROR, "emulator.watch")
    async with watched.watch.at_work():
        pass
    assert caplog.messages == ["what has changed could not be played"]
    assert watched.plays() == "It takes 20s."


async def test_where_nothing_can_be_watched_that_is_told(watched, monkeypatch, caplog):
    monkeypatch.setattr("watchfiles.awatch", changing(OSError("OS file watch limit reached.")))
    async with watched.watch.at_work():
        pass
    assert caplog.messages == [f"{watched.directory}: changes are not noticed: OS file watch limit reached."]


# A running server -------------------------------------------------------------------


async def eventually(holds):
    """Ask until it is so."""
    async with asyncio.timeout(10):
        while not await holds():
            pass


@contextlib.contextmanager
def saved_whole(file):
    """As editors save: another file takes its place."""
    new = file.with_suffix(".new")
    yield new
    new.replace(file)


@pytest.mark.requirement("F-11")
@pytest.mark.parametrize("by", ["scenario", "scenarios"])
async def test_a_server_plays_what_has_changed_and_living_jobs_keep_their_plan(start_emulator, folder, by):
    file = folder / "kladana" / "mine.yaml"
    flags = {"scenario": (str(file),)} if by == "scenario" else {"scenario": ("mine",), "scenarios": (folder,)}
    emulator = await start_emulator(watch=True, **flags)

    async def playing(about):
        told = await emulator.admin("GET", "/scenario")
        return any(each["about"] == about for each in told["scenarios"])

    async def broken():
        return (await emulator.admin("GET", "/ready"))["broken"]

    async def well():
        return not await broken()

    await emulator.get(TASK, headers=HEADERS)
    with saved_whole(file) as new:
        new.write_text(story("1h"))
    await eventually(lambda: playing("It takes 1h."))
    await emulator.get(TASK, headers=HEADERS)
    await emulator.advance("10s")
    states = [each["state"] for each in (await emulator.admin("GET", "/jobs"))["jobs"]]
    assert states == ["DONE", "PROCESSING"]

    file.write_text("version: 1\napi: kladana\nsed: 1\n")
    await eventually(broken)
    told = await emulator.admin("GET", "/ready")
    assert told["status"] == "ready"
    assert {key: told["broken"][0][key] for key in ("file", "line", "column", "path", "suggestion")} == {
        "file": str(file), "line": 3, "column": 1, "path": "sed", "suggestion": "seed",
    }  # fmt: skip
    assert await playing("It takes 1h.")

    file.write_text(story("3s"))
    await eventually(lambda: playing("It takes 3s."))
    await eventually(well)


async def test_a_server_that_watches_nothing_has_nothing_broken(emulator):
    assert (await emulator.admin("GET", "/ready"))["broken"] == []


# Flags ------------------------------------------------------------------------------


def refused(*words):
    result = CliRunner().invoke(main, ["serve", "--watch", *map(str, words)])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr


def test_without_the_extra_it_is_named(monkeypatch, folder):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert "pip install 'async-api-emulator[watch]'" in refused("--scenarios", folder)


def test_where_there_is_no_file_there_is_nothing_to_watch():
    assert "no file to watch" in refused("--scenario", "kladana/queue-full")

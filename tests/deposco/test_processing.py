"""What imports do to entities: that shows in no answer, so it is looked at from within."""

import sys

import pytest

from emulator import engine
from emulator.app import library
from emulator.clock import HOUR, SECOND, Clock
from emulator.providers.deposco import api
from emulator.providers.deposco.entities import in_order, resources
from emulator.providers.deposco.work import Submission
from emulator.world import World
from tests.deposco.conftest import item, items

ABOUT = {"entityType": "Item"}


@pytest.fixture
def world():
    """A world that plays a story, its clock in our hands."""

    def make(story):
        shelf = library()
        clock = Clock(lambda due: engine.happen(made, due), rate=0)
        made = World("deposco", api.hooks, clock, 0, shelf.find(f"deposco/{story}"), shelf.default("deposco"))
        return made

    return make


def submit(world, *entities):
    return engine.submit(world, "default", Submission("Item", list(entities)), ABOUT)


def known(world):
    return resources(world, "Item")


async def test_nothing_is_touched_before_the_end_and_what_fails_never_is(world):
    world = world("default")
    job = submit(world, item("A"), {"number": "B"})
    assert known(world) == {}
    await world.clock.advance(2 * SECOND)
    assert job.state == "Partially Failed"
    assert list(known(world)) == [("A", "BU1")]


async def test_what_is_there_is_updated_and_keeps_what_is_not_said_anew(world):
    world = world("default")
    submit(world, item("A", name="old", colour="red"))
    submit(world, item("A", name="new"))
    await world.clock.advance(4 * SECOND)
    assert [(each["name"], each["colour"]) for each in known(world).values()] == [("new", "red")]


async def test_no_entity_is_touched_after_the_hour(world):
    world = world("one-hour-timeout")
    job = submit(world, *items(8))
    await world.clock.advance(2 * HOUR)
    assert job.state == "Error"
    done = in_order(world, job.outcome, 8)[:6]
    assert set(known(world)) == {(f"SKU-{n + 1}", "BU1") for n in done}
    assert len(known(world)) == 6


@pytest.mark.parametrize("story", ["all-failed", "error"])
async def test_an_import_that_breaks_touches_nothing(world, story):
    world = world(story)
    submit(world, *items(8))
    await world.clock.advance(2 * SECOND)
    assert known(world) == {}


async def test_the_flip_touches_nothing(world):
    world = world("late-flip")
    job = submit(world, *items(3))
    await world.clock.advance(2 * SECOND)
    before = dict(known(world))
    for _ in range(3):
        engine.poll(world, job)
    assert job.state == "Partially Failed"
    assert known(world) == before
    assert len(before) == 3


async def test_of_an_entity_named_twice_what_is_processed_later_wins(world):
    world = world("default")
    job = submit(world, *(item("A", nth=n) for n in range(5)))
    await world.clock.advance(2 * SECOND)
    assert known(world)["A", "BU1"]["nth"] == in_order(world, job.outcome, 5)[-1]


@pytest.mark.parametrize("story", ["default", "vendor-texts", "late-flip"])
async def test_an_end_makes_nothing_for_each_entity_that_gets_in(world, story):
    count, world = 5000, world(story)
    job = submit(world, *({"number": f"N-{n}", "businessUnit": {}, "packs": []} for n in range(count)))
    before = sys.getallocatedblocks()
    await world.clock.advance(2 * SECOND)
    assert sys.getallocatedblocks() - before < count / 5
    assert (job.state, job.outcome.done) == ("Success", count)

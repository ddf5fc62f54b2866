"""Namespaces of one server do not hear each other: whoever speaks when, each is answered as if it were alone."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.app import Config, library, make_origin
from emulator.clock import SECOND
from emulator.namespaces import Namespaces
from emulator.scenario.story import ClockSetting
from tests.conftest import START
from tests.loops import run
from tests.stories.conversations import CONVERSATIONS
from tests.stories.talk import STORIES, Refusing, Talk, begin

CLOCKS = (
    ClockSetting(rate=0, start=START),
    ClockSetting(rate=0, start=START + 86_400 * SECOND),
    ClockSetting(rate=0, start=START, step=SECOND),
    ClockSetting(rate=0, start=START, skips=True),
)
OF_API = {api: [story for story in STORIES if story.startswith(f"{api}/")] for api in CONVERSATIONS}
LONGEST = 12

BEGINNING = st.tuples(st.sampled_from(CLOCKS), st.integers(0, 3))
PAIR = st.sampled_from(sorted(CONVERSATIONS)).flatmap(
    lambda api: st.tuples(*[st.tuples(st.sampled_from(OF_API[api]), BEGINNING)] * 2)
)
PAUSES = st.sampled_from([0, 0, 1, 5, 60, 3600])
TURNS = st.lists(st.tuples(st.integers(0, 1), PAUSES), min_size=4, max_size=2 * LONGEST)
"""Who goes on, and by how many seconds its clock is moved before."""


def server():
    """Namespaces as a server has them."""
    return Namespaces(make_origin(Config(rate=0, start=START), library()), carrier=Refusing())


def enter(every, name, story, beginning):
    """The client of a story in a namespace of that server."""
    clock, seed = beginning
    return Talk(every.make(name, origin_of(story, clock, seed)), story.partition("/")[0], begin(story).credential)


@cache
def origin_of(story, clock, seed):
    return begin(story, clock, seed=seed).namespace.origin


async def go_on(talk, nth, seconds):
    """Its next call, some time later."""
    if seconds:
        talk.told.append(str(await talk.move_by(seconds * SECOND)))
    calls = CONVERSATIONS[talk.api][:LONGEST]
    await talk.say(calls[nth % len(calls)])


def outcome(talk):
    """All that there is to see of it, its name aside."""
    space = talk.namespace
    kept = [talk.nameless(each.told() | {"wall": None}) for each in space.journal]
    jobs = [(api, job.id, job.moments, job.polls) for api, job in space.jobs()]
    owed = [talk.nameless((each.callback, each.due, each.status)) for each in space.outbox.kept]
    return talk.told, kept, jobs, owed, space.clock.now(), space.clock.pending()


async def together(pair, turns):
    every = server()
    talks = [enter(every, name, *each) for name, each in zip(("one", "two"), pair, strict=True)]
    said = [0, 0]
    for who, seconds in turns:
        await go_on(talks[who], said[who], seconds)
        said[who] += 1
    return [outcome(each) for each in talks]


async def alone(who, pair, turns):
    talk = enter(server(), ("one", "two")[who], *pair[who])
    for nth, (_, seconds) in enumerate(each for each in turns if each[0] == who):
        await go_on(talk, nth, seconds)
    return outcome(talk)


@settings(max_examples=30, deadline=None)
@given(pair=PAIR, turns=TURNS)
def test_two_namespaces_are_answered_as_each_would_be_alone(pair, turns):
    async def told():
        return await together(pair, turns), [await alone(who, pair, turns) for who in (0, 1)]

    both, each_alone = run(told())
    assert both == each_alone


@settings(max_examples=10, deadline=None)
@given(pair=PAIR, turns=TURNS, drops=st.integers(0, 6))
def test_nor_does_one_notice_that_the_other_is_reset_or_dropped(pair, turns, drops):
    async def told():
        every = server()
        first, second = (enter(every, name, *each) for name, each in zip(("one", "two"), pair, strict=True))
        for nth, (who, seconds) in enumerate(turns):
            if nth == drops:
                await second.namespace.start_over()
            if nth == drops + 3:
                await every.drop("two")
            if who == 0:
                await go_on(first, len(first.namespace.journal), seconds)
            elif nth < drops + 3:
                await go_on(second, nth, seconds)
        return outcome(first), await alone(0, pair, turns)

    spoilt, by_itself = run(told())
    assert spoilt == by_itself

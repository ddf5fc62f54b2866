"""Same seed, same conversation: the same answers and the same journal, whatever others do meanwhile.

What is compared is all that the client was told (status, head, body, and what befalls them on the wire) and, of the
journal's exchanges of its accounts, everything but `wall`, which is real time, and `sequence`, which counts everybody's
requests. The name of the namespace, which stands in links, makes no difference.

Who else talks depends on the clock. One that stands still is moved by the test alone, so others may talk in the same
namespace: clients of all other APIs, and other accounts where the story has any. One that steps or skips follows
whoever talks to its namespace; there, others talk in a namespace beside it.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import pytest

from emulator.clock import MILLISECOND
from emulator.scenario.story import ClockSetting
from tests.conftest import START
from tests.stories.conversations import CONVERSATIONS, OTHERS, Call, said_in
from tests.stories.talk import FROZEN, STORIES, Talk, begin

CLOCKS = {
    "frozen": FROZEN,
    "step": ClockSetting(rate=0, start=START, step=700 * MILLISECOND),
    "skip": ClockSetting(rate=0, start=START, skips=True),
}
MEANWHILE = {api: (*calls[:4], calls[-2]) for api, calls in CONVERSATIONS.items()}
"""What clients of other APIs say: submissions, polls and a mistake."""


def crowd(talk: Talk, story: str, mode: str) -> Iterator[tuple[Talk, Call]]:
    """Others and what they say, one call at a time and for ever."""
    frozen = mode == "frozen"
    space = talk.namespace if frozen else begin(story, CLOCKS[mode]).namespace
    said = [(Talk(space, api), calls) for api, calls in MEANWHILE.items() if api != talk.api or not frozen]
    if frozen and story in OTHERS:
        credential, calls = OTHERS[story]
        said.append((Talk(space, talk.api, credential), calls))
    return cycle([(other, call) for other, calls in said for call in calls])


def journal(talk: Talk, accounts: set[str] | None = None) -> list[str]:
    """The exchanges of these accounts, or of all, without what may differ."""
    return [
        talk.nameless({key: value for key, value in each.told().items() if key not in ("wall", "sequence")})
        for each in talk.namespace.journal
        if each.api == talk.api and (accounts is None or each.account in accounts)
    ]


async def alone(story: str, mode: str, seed: int = 0) -> Talk:
    return await begin(story, CLOCKS[mode], seed=seed).say_all(said_in(story), moving=mode == "frozen")


async def among_others(story: str, mode: str) -> Talk:
    talk = begin(story, CLOCKS[mode], name="crowd")
    others = crowd(talk, story, mode)
    for n, call in enumerate(said_in(story)):
        if n % 2:
            other, aside = next(others)
            await other.say(aside)
        await talk.say_all([call], moving=mode == "frozen")
    return talk


@pytest.mark.requirement("I-11")
@pytest.mark.parametrize("mode", CLOCKS)
async def test_every_story_is_told_the_same_way_whoever_else_is_there(mode):
    for story in STORIES:
        once, again = await alone(story, mode), await among_others(story, mode)
        assert once.told == again.told, story
        accounts = {each.account for each in once.namespace.journal}
        assert journal(once) == journal(again, accounts), story
        assert len(journal(once)) == len(said_in(story)), "the journal has the whole conversation"


@pytest.mark.parametrize("api", CONVERSATIONS)
async def test_another_seed_tells_something_else(api):
    one, other = [journal(await alone(f"{api}/default", "frozen", seed)) for seed in (1, 2)]
    assert one != other


SHARED = {
    "kladana": [{"account": "a", "token": "one"}, {"account": "b", "token": "two"}],
    "deposco": [{"account": "a", "token": "one"}, {"account": "b", "token": "two"}],
    "ivvy": [{"account": "a", "key": "one", "secret": "s3cr3t-for-tests"}, {"account": "b", "key": "two"}],
}
"""APIs whose accounts share nothing but the clock: jobs, queues and ordinals are each account's own."""
DRAWN = {"kladana": "kladana/slow-report", "deposco": "deposco/partially-failed", "ivvy": "ivvy/default"}
"""Stories in which something is left to chance, or told step by step."""


@pytest.mark.parametrize("api", SHARED)
async def test_two_accounts_of_one_api_are_told_what_each_is_told_alone(api):
    histories = []
    for others in (0, 2):
        talk = begin(DRAWN[api])
        space = talk.namespace
        space.play(replace(space.scenario(api), accounts=tuple(SHARED[api]), digest="shared"))
        one, two = Talk(space, api, "one"), Talk(space, api, "two")
        for call in CONVERSATIONS[api]:
            for _ in range(others):
                await two.say(call)
            await one.say_all([call])
        histories.append((one.told, journal(one, {"a"})))
    assert histories[0] == histories[1]
    assert histories[0][1]

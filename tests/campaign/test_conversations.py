"""Conversations that nobody has thought of, with everything going wrong that can: what must hold holds."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from emulator.clock import SECOND, monotonic
from emulator.damage import FAULTS
from tests.campaign.calls import Said
from tests.campaign.conftest import FULL, SMOKE, Sizes
from tests.campaign.conversation import Conversation
from tests.campaign.dialling import Dial, Unanswered
from tests.campaign.house import House, Stuck
from tests.campaign.recipes import RECIPES
from tests.campaign.report import Report
from tests.campaign.stories import WORDS
from tests.coverage import CODES, LEDGER, Ledger

WHOLE = 50_000
"""So many requests are a whole campaign: of a smaller one nobody can ask to see everything."""
ROUND = 100
"""Conversations between two looks at how much has been said."""

HAPPENINGS = (
    "answer lost", "callback before the answer", "callback delivered", "callback dropped", "callback tried again",
    "cancelled too late", "cancelled while PENDING", "cancelled while PROCESSING", "contract broken by a rule",
    "ended by polls", "HEAD answered", "limit reached", "link answered 200", "link expired", "queue full", "released",
    "reset while jobs live", "result deleted", "story changed while jobs live", "the vendor's own 500",
)  # fmt: skip


def expected() -> Iterator[str]:
    """What is to be seen at least once in a whole campaign."""
    yield from HAPPENINGS
    yield from (f"fault {name}" for name in FAULTS)
    for api, words in WORDS.items():
        yield from (f"{api} {state}" for state in words.lifecycle.follows)
        yield from (f"{api} says {code}" for code in words.errors)


def hold(house: House, number: int, sizes: Sizes, turn: int) -> None:
    """So many conversations; the first that goes wrong is told as short as hypothesis can tell it."""

    class Here(Conversation):
        pass

    house.about = f"SEED={sizes.seed}, round {turn}"
    Here.house = house
    seed(sizes.seed * 1000 + turn)(Here)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=number,
            stateful_step_count=40,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_few_conversations(house, report):
    hold(house, 4, SMOKE, 0)
    assert report.counts["requests"] > 100
    assert not report.wrong


def codes(ledger: Ledger) -> dict[str, bool]:
    """The errors that have been worded, by what they are called here; and whether without a scenario's help."""
    return {
        f"{api} says {code}": natural
        for (api, kind), items in ledger._reached.items()
        if kind == CODES
        for code, natural in items.items()
    }


def test_each_recipe_brings_about_what_it_says(house, request, monkeypatch):
    failed = []
    for api, recipe in [(api, each) for api, some in RECIPES.items() for each in some]:
        ledger, house.report = request.config.stash[LEDGER], Report()
        monkeypatch.setattr(ledger, "_reached", defaultdict(dict))
        Conversation.house = house
        talk = Conversation()
        talk.hold(api, recipe)
        seen = {name for name, natural in codes(ledger).items() if natural} | house.report.sometimes.keys()
        failed += [f"{api}: {recipe.brings}"] if not {recipe.brings, f"{api} {recipe.brings}"} & seen else []
    assert not failed


async def test_whoever_is_never_answered_says_so():
    async def listen(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    dial = Dial(server.sockets[0].getsockname()[1], "SEED=3", patience=0.05)
    with pytest.raises(Unanswered, match=r"SEED=3: /ns/a has not answered within 0\.05 s: .*'/told'"):
        await dial.ask("/ns/a", Said("GET", "/told", {}, b""))
    server.close()


def test_a_server_that_lets_nothing_else_happen_is_interrupted(house, monkeypatch):
    async def busy():
        while True:
            pass

    monkeypatch.setattr("tests.campaign.house.STUCK", 0.05)
    with pytest.raises(Stuck):
        house.run(busy())


@pytest.mark.campaign
def test_many_conversations(house, report, request):
    report.expect(*expected())
    turn, ends = 0, monotonic() + FULL.minutes * 60 * SECOND
    while report.counts["requests"] < FULL.requests and monotonic() < ends:
        turn += 1
        hold(house, ROUND, FULL, turn)
    told = codes(request.config.stash[LEDGER])
    for each in told:
        report.saw(each)
    report.counts["error codes told"] += len(told)
    report.counts["error codes told without a scenario"] += sum(told.values())
    assert not report.wrong
    assert not report.never or report.counts["requests"] < WHOLE

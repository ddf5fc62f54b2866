"""Nobody gets anything else because of what others do."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import engine
from emulator.chance import LogNormal, Uniform
from emulator.job import END, Fixed, Polls
from emulator.journal import Budget
from emulator.lane import LaneFull
from emulator.namespace import Namespace
from emulator.namespaces import Namespaces
from emulator.origin import Origin
from emulator.scenario.story import ClockSetting, Ordinals, When
from tests.engine.conftest import CANCELLED, HOOKS, RELEASE, Reading, Universe, history, rule, run, story

PLANS = {
    "timed": ["QUEUED", ("RUNNING", Fixed(5)), (END, Fixed(20))],
    "drawn": ["QUEUED", ("RUNNING", Uniform(0, 12)), (END, LogNormal(8, 30))],
    "polled": ["QUEUED", ("RUNNING", Polls(2)), ("FAILED", Polls(1))],
    "manual": ["QUEUED", ("RUNNING", RELEASE), (END, Uniform(0, 3))],
}
RULES = [
    rule(*PLANS["drawn"], name="every third", when=When(nth=Ordinals(every=3), per="account")),
    *(rule(*plan, name=name, when=When({"plan": name})) for name, plan in PLANS.items()),
]
SCENARIO = story(*RULES, running=2, waiting=3)


@dataclass(frozen=True)
class Said:
    """One thing an account says: so long after its last, this verb, about its n-th job or with this plan."""

    after: int
    verb: str
    number: int = 0
    plan: str = "timed"


SAID = st.builds(
    Said,
    after=st.integers(0, 15),
    verb=st.sampled_from(["submit", "submit", "poll", "poll", "release", "cancel"]),
    number=st.integers(0, 9),
    plan=st.sampled_from(sorted(PLANS)),
)
CONVERSATION = st.lists(SAID, min_size=1, max_size=12)


class Client:
    """An account with something to say, and what it was answered."""

    def __init__(self, universe, account, conversation):
        self.universe, self.account = universe, account
        self.left = list(conversation)
        self.answers = []
        self.jobs = []
        self.at = universe.clock.now()

    @property
    def next_at(self):
        return self.at + self.left[0].after

    def speak(self):
        said = self.left.pop(0)
        self.at += said.after
        self.universe.clock.catch_up()
        self.answers.append((self.universe.clock.now(), self._say(said)))

    def _say(self, said):
        if said.verb == "submit":
            try:
                self.jobs.append(self.universe.submit(self.account, None, {"plan": said.plan}))
            except LaneFull:
                return "full"
            return self.jobs[-1].id, self.jobs[-1].rule.name, self.jobs[-1].state
        if not self.jobs:
            return None
        job = self.jobs[said.number % len(self.jobs)]
        if said.verb == "poll":
            return self.universe.poll(job)
        if said.verb == "release":
            self.universe.release(job)
        elif not job.outcome and job.state not in ("FAILED", "CANCELLED"):
            self.universe.divert(job, CANCELLED)
        return job.state

    def lived(self):
        return self.answers, [(job.id, history(job)) for job in self.jobs]


def hold(universe, clients, pick, until=500):
    """Let all say what they have to say, each at its time; `pick` chooses among those whose time it is."""
    while talking := [each for each in clients if each.left]:
        soonest = min(each.next_at for each in talking)
        run(universe.clock.advance(soonest - universe.clock.now()))
        pick([each for each in talking if each.next_at == soonest]).speak()
    run(universe.clock.advance(until - universe.clock.now()))
    return [each.lived() for each in clients]


def alone(account, conversation, seed=0):
    universe = Universe(SCENARIO, seed=seed)
    return hold(universe, [Client(universe, account, conversation)], lambda now: now[0])[0]


@given(st.lists(CONVERSATION, min_size=2, max_size=3), st.integers(0, 2), st.data())
@settings(max_examples=60)
def test_accounts_that_talk_at_the_same_time_get_what_each_gets_alone(conversations, seed, data):
    universe = Universe(SCENARIO, seed=seed)
    clients = [Client(universe, account, said) for account, said in zip("abc", conversations, strict=False)]
    together = hold(universe, clients, lambda now: data.draw(st.sampled_from(now)) if len(now) > 1 else now[0])
    assert together == [alone(each, said, seed) for each, said in zip("abc", conversations, strict=False)]


@given(CONVERSATION, st.integers(0, 99))
def test_the_same_seed_and_the_same_conversation_are_the_same_history(conversation, seed):
    assert alone("a", conversation, seed) == alone("a", conversation, seed)


@given(CONVERSATION, CONVERSATION, st.integers(1, 50), st.data())
def test_worlds_with_clocks_of_their_own_do_not_influence_each_other(one, other, start, data):
    """As namespaces have them: the same accounts, the same scenario, nothing else in common."""
    here, there = Universe(SCENARIO, seed=1), Universe(SCENARIO, seed=2, start=start)
    clients = [Client(here, "a", one), Client(there, "a", other)]
    while talking := [each for each in clients if each.left]:
        client = data.draw(st.sampled_from(talking)) if len(talking) > 1 else talking[0]
        run(client.universe.clock.advance(client.next_at - client.universe.clock.now()))
        client.speak()
    for universe in (here, there):
        run(universe.clock.advance(500 - universe.clock.now()))
    assert clients[0].lived() == alone("a", one, seed=1)
    moved = Universe(SCENARIO, seed=2, start=start)
    assert clients[1].lived() == hold(moved, [Client(moved, "a", other)], lambda now: now[0])[0]


def test_when_a_conversation_is_held_shifts_its_instants_and_nothing_else():
    conversation = [Said(3, "submit", plan="drawn"), Said(2, "submit", plan="drawn"), Said(40, "poll")]
    early, late = Universe(SCENARIO), Universe(SCENARIO, start=1000)
    lived = [hold(each, [Client(each, "a", conversation)], lambda now: now[0], 2000)[0][1] for each in (early, late)]
    assert [[at + 1000 for at, _ in moments] for _, moments in lived[0]] == [
        [at for at, _ in moments] for _, moments in lived[1]
    ]


def test_a_frozen_clock_is_not_moved_by_one_that_runs():
    reading = Reading()
    frozen, running = Universe(SCENARIO), Universe(SCENARIO, rate=60, reading=reading)
    jobs = [each.submit("a", None, {"plan": "timed"}) for each in (frozen, running)]
    reading.at += 10
    for each in (frozen, running):
        each.clock.catch_up()
    assert [job.state for job in jobs] == ["QUEUED", "DONE"]


def lived_in(namespace):
    world = namespace.world("test")
    jobs = [engine.submit(world, account, None, {"plan": "drawn"}) for account in "aab"]
    run(namespace.advance(100))
    return world.secret, [(job.id, history(job)) for job in jobs]


ORIGIN = Origin({"test": HOOKS}, {"test": SCENARIO}, seed=7, clock=ClockSetting(rate=0, start=0))


def test_the_name_of_a_namespace_and_what_others_there_are_make_no_difference():
    namespaces = Namespaces(ORIGIN)
    lives = [lived_in(namespaces.get(name)) for name in ("default", "test-17", "x")]
    assert lives == [lived_in(Namespace("alone", ORIGIN, Budget()))] * 3


def test_a_namespace_that_is_reset_lives_its_life_once_more():
    namespace = Namespace("default", ORIGIN, Budget())
    first = lived_in(namespace)
    namespace.reset()
    assert list(namespace.jobs()) == []
    assert (namespace.clock.now(), namespace.clock.pending()) == (0, 0)
    assert lived_in(namespace) == first


def test_another_seed_is_another_history():
    conversation = [Said(0, "submit", plan="drawn")]
    assert len({repr(alone("a", conversation, seed)) for seed in range(10)}) > 5


def test_each_account_draws_for_itself():
    conversation = [Said(0, "submit", plan="drawn")] * 2
    drawn = [[[at for at, _ in moments] for _, moments in alone(account, conversation)[1]] for account in "abcdef"]
    assert len({repr(each) for each in drawn}) > 3


REPLAY = """
import json
from tests.engine.test_isolation import Said, alone
print(json.dumps(alone("a", [Said(n % 7, v, n, p) for n, v, p in json.loads(input())], seed=7)))
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_lives_through_the_same(hash_seed):
    talk = [(n, verb, plan) for n, verb in enumerate(["submit", "poll", "release"] * 2) for plan in sorted(PLANS)]
    here = json.dumps(alone("a", [Said(n % 7, verb, n, plan) for n, verb, plan in talk], seed=7))
    there = subprocess.run(
        [sys.executable, "-c", REPLAY],
        input=json.dumps(talk),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    ).stdout
    assert sha256(there.strip().encode()).hexdigest() == sha256(here.encode()).hexdigest()

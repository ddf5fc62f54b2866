"""Whatever is done to the engine, in whatever order: it is where a plain model of it is."""

from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emulator import engine
from emulator.chance import LogNormal, Uniform
from emulator.clock import Clock
from emulator.job import END, Fixed, Polls
from emulator.lane import LaneFull
from emulator.scenario.story import When
from tests.engine import model
from tests.engine.conftest import CANCELLED, LIFECYCLE, RELEASE, Reading, Universe, history, retold, run, story
from tests.engine.conftest import rule as job_rule
from tests.engine.model import FINAL, GRAPH, Model

LIFETIME = 40
"""How long a result is there, counted from the end of its job."""

PLANS = {
    "at once": ["QUEUED", "RUNNING", "DONE"],
    "timed": ["QUEUED", ("RUNNING", Fixed(5)), ("DONE", Fixed(20))],
    "queued": ["QUEUED", "RUNNING", (END, Fixed(10))],
    "drawn": ["QUEUED", ("RUNNING", Uniform(0, 12)), (END, LogNormal(8, 30))],
    "polled": ["QUEUED", ("RUNNING", Polls(2)), ("FAILED", Polls(1))],
    "manual": ["QUEUED", ("RUNNING", RELEASE), ("DONE", RELEASE)],
    "paused": ["QUEUED", "RUNNING", ("PAUSED", Fixed(3)), ("RUNNING", Fixed(4)), (END, Polls(1))],
    "relapsing": ["QUEUED", ("RUNNING", RELEASE), ("PAUSED", Uniform(1, 9)), "RUNNING", (END, Fixed(6))],
    "progressing": ["QUEUED", ("RUNNING", Fixed(1)), ("RUNNING", Fixed(5)), ("RUNNING", Polls(1)), ("DONE", Fixed(2))],
    "stuck": ["QUEUED", "RUNNING"],
}
SCENARIO = story(*(job_rule(*plan, name=name, when=When({"plan": name})) for name, plan in PLANS.items()))
LIMITS = st.one_of(st.none(), st.integers(1, 4))
TIMES = st.integers(0, 25)


def modelled(plan):
    """A plan in the words of the model."""
    for each in plan:
        state, wait = (each, model.AT_ONCE) if isinstance(each, str) else each
        if wait is RELEASE:
            yield state, model.RELEASE
        elif isinstance(wait, Polls):
            yield state, (model.POLLS, wait.count)
        else:
            yield state, wait


def has_result(universe, job):
    return job.state == "DONE" and universe.clock.now() < job.changed + LIFETIME


class EngineMachine(RuleBasedStateMachine):
    """One engine is advanced in one go and a twin in two halves; both must be where the model is."""

    @initialize(seed=st.integers(0, 3), waiting=LIMITS, running=LIMITS, rate=st.sampled_from([0, 1, 2]))
    def begin(self, seed, waiting, running, rate):
        self.seed, self.rate = seed, rate
        self.reading = Reading()
        self.passed = 0
        scenario = retold(SCENARIO, waiting=waiting, running=running)
        self.universes = [Universe(scenario, seed=seed, rate=rate, reading=self.reading) for _ in range(2)]
        self.model = Model(seed, waiting, running)
        self.jobs = []  # (job of the one, job of the twin, job of the model)

    @rule()
    def reset(self):
        self.begin(self.seed, self.model.waiting, self.model.running, self.rate)

    @rule(account=st.sampled_from("ab"), plan=st.sampled_from(sorted(PLANS)), request=st.sampled_from(["", "failure"]))
    def submit(self, account, plan, request):
        self._arrive()
        refused = self.model.full(account)
        made = []
        for universe in self.universes:
            try:
                made.append(universe.submit(account, request, {"plan": plan}))
            except LaneFull:
                made.append(None)
        assert (None in made) is refused
        if refused:
            assert made == [None, None]
            return
        self.jobs.append((*made, self.model.submit(account, modelled(PLANS[plan]), fails=request == "failure")))
        for universe, job in zip(self.universes, made, strict=True):  # I-3: who was told of it finds it
            assert engine.find(universe.world, job.id) is job

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), times=st.integers(1, 3))
    def poll(self, data, times):
        one, twin, expected = self._one_of_them(data)
        for _ in range(times):
            self._arrive()
            seen = self.model.poll(expected)
            assert [self.universes[0].poll(one), self.universes[1].poll(twin)] == [seen, seen]

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def release(self, data):
        self._arrive()
        one, twin, expected = self._one_of_them(data)
        self.universes[0].release(one)
        self.universes[1].release(twin)
        self.model.release(expected)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data):
        self._arrive()
        one, twin, expected = self._one_of_them(data)
        if expected.state in FINAL:
            return  # as every provider does
        self.universes[0].divert(one, CANCELLED)
        self.universes[1].divert(twin, CANCELLED)
        self.model.cancel(expected)
        assert one.state == twin.state == "CANCELLED"

    @rule(by=TIMES)
    def advance(self, by):
        self._arrive()
        one, twin = self.universes
        one.advance(by)
        twin.advance(by // 2)
        twin.advance(by - by // 2)
        self.model.move_to(self.model.now + by)

    @rule(by=TIMES)
    def real_time_passes(self, by):
        self.reading.at += by
        self.passed += by

    @rule()
    def catch_up(self):
        self._arrive()

    @rule(waiting=LIMITS, running=LIMITS)
    def change_limits(self, waiting, running):
        self._arrive()
        for universe in self.universes:
            universe.play(retold(SCENARIO, waiting=waiting, running=running))
        self.model.limit(waiting, running)

    def _arrive(self):
        """A request comes in: what fell due by itself happens."""
        for universe in self.universes:
            universe.clock.catch_up()
        self.model.move_to(self.model.now + self.passed * self.rate)
        self.passed = 0

    def _one_of_them(self, data):
        return self.jobs[data.draw(st.integers(0, len(self.jobs) - 1))]

    @invariant()
    def all_are_where_the_model_is(self):  # I-12: the twin was advanced by halves
        for universe in self.universes:
            assert universe.clock.now() == self.model.now
        for one, twin, expected in self.jobs:
            assert history(one) == history(twin) == expected.moments
            assert one.polls == twin.polls == expected.polls

    @invariant()
    def states_follow_the_lifecycle(self):  # I-1, I-2: nothing follows a final state
        for one, _, _ in self.jobs:
            lived = [state for _, state in history(one)]
            assert lived[0] == "QUEUED"
            assert all(after in GRAPH[before] for before, after in pairwise(lived))

    @invariant()
    def time_goes_forward_in_every_job(self):  # I-9
        for one, _, _ in self.jobs:
            instants = [at for at, _ in history(one)]
            assert instants == sorted(instants)
            assert instants[-1] <= self.model.now

    @invariant()
    def a_job_ends_in_one_way_only(self):  # I-5
        for one, _, _ in self.jobs:
            assert sum(state in FINAL for _, state in history(one)) == (one.state in FINAL)
            assert one.outcome in (None, 1)
            assert not (one.outcome and one.state == "CANCELLED")

    @invariant()
    def a_result_is_there_from_the_end_for_its_lifetime(self):  # I-6
        for one, _, expected in self.jobs:
            done = [at for at, state in expected.moments if state == "DONE"]
            assert has_result(self.universes[0], one) is any(at <= self.model.now < at + LIFETIME for at in done)

    @invariant()
    def lanes_count_what_there_is(self):  # I-8
        for universe in self.universes:
            for account in universe.world.accounts:
                waiting, running = universe.occupied(account)
                assert waiting == self.model.count(account, "QUEUED")
                assert running == self.model.count(account, "RUNNING")

    @invariant()
    def nobody_waits_for_a_slot_that_is_free(self):
        for universe in self.universes:
            for account in universe.world.accounts.values():
                stuck = [job for job in account.jobs if job.upcoming and job.wait_over]
                assert not stuck or account.lane.busy
                assert all(job.upcoming.state == "RUNNING" for job in stuck)

    @invariant()
    def nothing_due_is_still_to_come(self):
        for universe in self.universes:
            due = universe.clock.next_due()
            assert due is None or due >= universe.clock.now()

    @invariant()
    def every_job_is_found(self):  # I-3
        for universe in self.universes:
            assert len(universe.world.jobs) == len(self.jobs)


class LimitsMachine(EngineMachine):
    """Without a change of limits, no lane ever holds more than it has room for."""

    change_limits = None

    @invariant()
    def lanes_never_hold_more_than_they_have_room_for(self):
        for universe in self.universes:
            for account in universe.world.accounts.values():
                lane = account.lane
                assert lane.running_limit is None or lane.running <= lane.running_limit
                assert lane.waiting_limit is None or lane.waiting <= lane.waiting_limit


TestEngineIsWhereItsModelIs = pytest.mark.requirement("I-1", "I-2", "I-5", "I-9")(EngineMachine.TestCase)
TestEngineIsWhereItsModelIs.settings = settings(max_examples=40, stateful_step_count=40)
TestLanesKeepTheirLimits = LimitsMachine.TestCase
TestLanesKeepTheirLimits.settings = settings(max_examples=20, stateful_step_count=40)


def test_the_lifecycle_of_the_model_is_that_of_the_engine():
    assert set(GRAPH) == set(LIFECYCLE.follows)
    assert all(after in GRAPH[before] for before in GRAPH for after in LIFECYCLE.follows[before])


@pytest.mark.requirement("I-1")
def test_every_plan_keeps_to_the_lifecycle():
    for name, plan in PLANS.items():
        told = [each if isinstance(each, str) else each[0] for each in plan]
        for before, after in pairwise(told):
            ends = ("DONE", "FAILED") if after == END else (after,)
            assert all(LIFECYCLE.allows(before, end) for end in ends), name


def test_the_clock_of_the_machine_runs_as_the_model_thinks():
    reading = Reading()
    clock = Clock(lambda _event: None, start=0, rate=2, reading=reading)
    reading.at += 10
    run(clock.advance(5))
    assert clock.now() == 25

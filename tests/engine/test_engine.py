import gc
import tracemalloc
from dataclasses import dataclass, replace

import pytest

from emulator import engine
from emulator.chance import Chance, LogNormal, Uniform
from emulator.job import END, Fixed, Lifecycle, Polls, Step
from emulator.scenario.story import Ordinals, When
from tests.engine.conftest import (
    CANCELLED,
    HOOKS,
    LIFECYCLE,
    RELEASE,
    Universe,
    history,
    rule,
    seconds,
    states,
    story,
)

TIMED = rule("QUEUED", ("RUNNING", Fixed(seconds(2))), ("DONE", Fixed(seconds(30))))
OTHERWISE = rule("QUEUED", name="otherwise")


def nth(first=1, last=None, every=1, per="namespace", **about):
    return When(about=about, nth=Ordinals(first, last, every), per=per)


def said(rules, number, accounts="a"):
    """The names of the rules that as many submissions meet."""
    universe = Universe(story(*rules))
    return [universe.submit(accounts[n % len(accounts)]).rule.name for n in range(number)]


# submit, find, forget -------------------------------------------------------


def test_a_submitted_job_is_found_at_once_in_its_first_state():
    universe = Universe(story(TIMED), start=100)
    job = universe.submit("a", request="wanted")
    assert engine.find(universe.world, "a-1") is job
    assert (job.state, job.created, job.changed, job.request) == ("QUEUED", 100, 100, "wanted")


def test_jobs_are_numbered_within_their_account():
    universe = Universe(story(TIMED))
    assert [universe.submit(account).id for account in "abaab"] == ["a-1", "b-1", "a-2", "a-3", "b-2"]
    assert [job.id for job in universe.world.account("a").jobs] == ["a-1", "a-2", "a-3"]


def test_a_job_that_was_never_submitted_is_not_found():
    assert engine.find(Universe(story(TIMED)).world, "a-1") is None


def test_a_forgotten_job_leaves_its_slot_to_the_next_and_goes_no_further():
    universe = Universe(story(rule("QUEUED", "RUNNING", ("DONE", RELEASE)), running=1))
    first, second = universe.many(2)
    assert [first.state, second.state] == ["RUNNING", "QUEUED"]
    engine.forget(universe.world, first)
    assert second.state == "RUNNING"
    universe.release(first)
    assert first.state == "RUNNING"
    engine.forget(universe.world, first)
    assert universe.occupied() == (0, 1)


def test_a_forgotten_job_is_not_found_and_the_second_time_not_missed():
    universe = Universe(story(TIMED))
    job = universe.submit()
    engine.forget(universe.world, job)
    engine.forget(universe.world, job)
    assert engine.find(universe.world, job.id) is None


def test_jobs_share_the_plan_of_their_rule():
    universe = Universe(story(TIMED))
    one, other = universe.many(2)
    assert one.plan is other.plan is TIMED.steps
    assert one.rule is TIMED


# waits ----------------------------------------------------------------------


def test_steps_without_a_wait_follow_at_once():
    universe = Universe(story(rule("QUEUED", "RUNNING", "DONE")), start=7)
    assert history(universe.submit()) == [(7, "QUEUED"), (7, "RUNNING"), (7, "DONE")]


def test_a_timed_step_comes_at_its_instant_counted_from_the_step_before():
    universe = Universe(story(TIMED))
    job = universe.submit()
    universe.advance(seconds(2) - 1)
    assert job.state == "QUEUED"
    universe.advance(1)
    assert job.state == "RUNNING"
    universe.advance(seconds(1000))
    assert history(job) == [(0, "QUEUED"), (seconds(2), "RUNNING"), (seconds(32), "DONE")]


@pytest.mark.parametrize("shape", [Uniform(seconds(5), seconds(30)), LogNormal(seconds(2), seconds(9))])
def test_a_drawn_wait_is_a_function_of_seed_api_account_ordinal_and_moment(shape):
    universe = Universe(story(rule("QUEUED", ("RUNNING", shape), ("DONE", shape))), seed=7)
    universe.many(2, "b")
    jobs = universe.many(3)
    universe.advance(seconds(100_000))
    chance = Chance(7, "test")
    for job in jobs:
        first, second = (shape.quantile(chance.unit("a", job.ordinal, "after", n)) for n in (1, 2))
        assert history(job)[1:] == [(first, "RUNNING"), (first + second, "DONE")]
    assert len({job.changed for job in jobs}) == 3


def test_a_state_that_waits_for_two_polls_is_seen_exactly_twice():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Polls(2)), ("DONE", Polls(3)))))
    job = universe.submit()
    seen = [universe.poll(job) for _ in range(8)]
    assert seen == ["QUEUED"] * 2 + ["RUNNING"] * 3 + ["DONE"] * 3


def test_a_state_that_is_passed_at_once_needs_no_poll():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Polls(1)), "DONE")))
    job = universe.submit()
    assert [universe.poll(job) for _ in range(3)] == ["QUEUED", "DONE", "DONE"]


def test_polls_of_another_job_do_not_count():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Polls(1)))))
    one, other = universe.many(2)
    assert [universe.poll(one), universe.poll(one), universe.poll(other)] == ["QUEUED", "RUNNING", "QUEUED"]


def test_polls_do_not_hurry_what_waits_for_time_or_a_release():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Fixed(10)), ("DONE", RELEASE))))
    job = universe.submit()
    assert {universe.poll(job) for _ in range(5)} == {"QUEUED"}
    universe.advance(10)
    assert {universe.poll(job) for _ in range(5)} == {"RUNNING"}


def test_polls_while_in_line_for_a_slot_are_counted_once_it_is_there():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Polls(1)), ("DONE", Polls(1))), running=1))
    one, other = universe.many(2)
    assert [universe.poll(one) for _ in range(2)] == ["QUEUED", "RUNNING"]
    assert [universe.poll(other) for _ in range(4)] == ["QUEUED"] * 4
    assert universe.poll(one) == "DONE"
    assert [universe.poll(other) for _ in range(2)] == ["RUNNING", "DONE"]


def test_a_release_ends_whatever_wait_there_is():
    plan = rule("QUEUED", ("RUNNING", Fixed(10)), ("PAUSED", Polls(9)), ("RUNNING", RELEASE), ("DONE", Uniform(5, 9)))
    universe = Universe(story(plan))
    job = universe.submit()
    for state in ("RUNNING", "PAUSED", "RUNNING", "DONE"):
        universe.advance(1)
        universe.release(job)
        assert (job.state, job.changed) == (state, universe.clock.now())
    universe.release(job)
    assert job.state == "DONE"


def test_what_waits_for_a_release_waits_for_ever():
    universe = Universe(story(rule("QUEUED", ("RUNNING", RELEASE))))
    job = universe.submit()
    universe.advance(seconds(10**9))
    assert (job.state, universe.clock.pending()) == ("QUEUED", 0)


def test_a_release_in_line_does_not_jump_the_line():
    universe = Universe(story(rule("QUEUED", "RUNNING", ("DONE", RELEASE)), running=1))
    one, other = universe.many(2)
    universe.release(other, other)
    assert states(one, other) == ["RUNNING", "QUEUED"]


def test_an_event_of_a_wait_that_is_over_is_ignored():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Fixed(10)), ("DONE", RELEASE))))
    job = universe.submit()
    universe.release(job)
    universe.advance(100)
    assert history(job) == [(0, "QUEUED"), (0, "RUNNING")]


def test_an_event_of_an_earlier_wait_does_not_end_a_later_one():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Fixed(10)), ("DONE", Fixed(10)))))
    job = universe.submit()
    universe.advance(4)
    universe.release(job)
    universe.advance(100)
    assert history(job) == [(0, "QUEUED"), (4, "RUNNING"), (14, "DONE")]


# divert ---------------------------------------------------------------------


def test_a_diverted_job_forgets_its_plan():
    universe = Universe(story(TIMED))
    job = universe.submit()
    universe.advance(seconds(1))
    universe.divert(job, CANCELLED)
    universe.advance(seconds(100))
    assert history(job) == [(0, "QUEUED"), (seconds(1), "CANCELLED")]


def test_a_diverted_job_follows_its_new_steps_and_leaves_the_shared_plan_alone():
    universe = Universe(story(TIMED))
    job, other = universe.many(2)
    universe.divert(job, Step("RUNNING"), Step("FAILED", Fixed(5)))
    universe.advance(seconds(100))
    assert history(job) == [(0, "QUEUED"), (0, "RUNNING"), (5, "FAILED")]
    assert history(other)[-1] == (seconds(32), "DONE")


def test_a_diverted_job_may_be_let_come_to_its_end():
    universe = Universe(story(TIMED))
    job = universe.submit(request="failure")
    universe.divert(job, Step("RUNNING"), Step(END))
    assert job.state == "FAILED"


# end ------------------------------------------------------------------------


@pytest.mark.parametrize(("request_", "state"), [(None, "DONE"), ("failure", "FAILED")])
def test_the_end_is_where_the_provider_arrives(request_, state):
    universe = Universe(story(rule("QUEUED", "RUNNING", (END, Fixed(10)))))
    job = universe.submit(request=request_)
    universe.advance(10)
    assert history(job)[-1] == (10, state)


def test_the_end_is_computed_once_on_entering_it():
    universe = Universe(story(rule("QUEUED", "RUNNING", (END, Fixed(10)))))
    job = universe.submit()
    universe.advance(9)
    assert job.outcome is None
    universe.advance(1)
    for _ in range(3):
        universe.poll(job)
        universe.release(job)
        universe.advance(10)
    assert job.outcome == 1


def test_the_end_frees_the_slot():
    universe = Universe(story(rule("QUEUED", "RUNNING", (END, Fixed(10))), running=1))
    jobs = universe.many(3)
    universe.advance(30)
    assert [job.changed for job in jobs] == [10, 20, 30]


def test_a_job_that_is_cancelled_never_comes_to_its_end():
    universe = Universe(story(rule("QUEUED", "RUNNING", (END, Fixed(10)))))
    job = universe.submit()
    universe.divert(job, CANCELLED)
    universe.advance(100)
    assert (job.state, job.outcome) == ("CANCELLED", None)


# rules ----------------------------------------------------------------------


def test_the_first_rule_that_applies_wins():
    one = rule("QUEUED", "RUNNING", name="stock", when=When({"report": "stock"}))
    universe = Universe(story(one, OTHERWISE))
    assert universe.submit(about={"report": "stock", "more": 1}).rule is one
    assert universe.submit(about={"report": "sales"}).rule is OTHERWISE
    assert universe.submit().rule is OTHERWISE


def test_all_conditions_of_a_rule_must_hold():
    both = rule("QUEUED", name="both", when=When({"report": "stock", "big": True}))
    universe = Universe(story(both, OTHERWISE))
    assert universe.submit(about={"report": "stock", "big": False}).rule is OTHERWISE
    assert universe.submit(about={"report": "stock", "big": True}).rule is both


@pytest.mark.parametrize(
    ("when", "met"),
    [
        (nth(3, 3), [3]),
        (nth(2, 3), [2, 3]),
        (nth(5), [5, 6, 7, 8]),
        (nth(every=3), [3, 6]),
        (nth(3, 7, every=2), [4, 6]),
        (nth(), [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_a_rule_counts_which_submissions_it_is_for(when, met):
    names = said([rule("QUEUED", name="counted", when=when), OTHERWISE], 8)
    assert [n for n, name in enumerate(names, 1) if name == "counted"] == met


def test_a_rule_counts_submissions_that_another_rule_takes():
    third, fourth = (rule("QUEUED", name=str(n), when=nth(n, n)) for n in (3, 4))
    assert said([third, fourth, OTHERWISE], 5) == ["otherwise", "otherwise", "3", "4", "otherwise"]


def test_a_rule_counts_only_what_meets_its_other_conditions():
    second = rule("QUEUED", name="second", when=nth(2, 2, report="stock"))
    universe = Universe(story(second, OTHERWISE))
    reports = ["sales", "stock", "sales", "sales", "stock", "stock"]
    names = [universe.submit(about={"report": each}).rule.name for each in reports]
    assert names == ["otherwise"] * 4 + ["second", "otherwise"]


def test_a_rule_counts_for_all_accounts_or_for_each():
    together = [rule("QUEUED", name="2nd", when=nth(2, 2)), OTHERWISE]
    apart = [rule("QUEUED", name="2nd", when=nth(2, 2, per="account")), OTHERWISE]
    assert said(together, 4, "ab") == ["otherwise", "2nd", "otherwise", "otherwise"]
    assert said(apart, 4, "ab") == ["otherwise", "otherwise", "2nd", "2nd"]


def test_a_refused_submission_is_not_counted():
    second = rule("QUEUED", name="second", when=nth(2, 2))
    universe = Universe(story(second, OTHERWISE, waiting=1))
    job = universe.submit()
    with pytest.raises(engine.LaneFull):
        universe.submit()
    universe.divert(job, CANCELLED)
    assert universe.submit().rule is second


def test_what_a_scenario_leaves_open_the_fallback_tells():
    first = rule("QUEUED", name="first", when=nth(1, 1))
    universe = Universe(story(first), fallback=story(OTHERWISE))
    assert [job.rule for job in universe.many(2)] == [first, OTHERWISE]


def test_a_scenario_that_is_its_own_fallback_counts_once():
    scenario = story(rule("QUEUED", name="2nd", when=nth(2, 2)), OTHERWISE)
    universe = Universe(scenario, fallback=scenario)
    assert [job.rule.name for job in universe.many(3)] == ["otherwise", "2nd", "otherwise"]


def test_rules_for_one_submission_are_asked_first():
    universe = Universe(story(TIMED))
    own = rule("QUEUED", "RUNNING", "FAILED", name="own")
    job = engine.submit(universe.world, "a", None, {}, (own,))
    assert (job.rule, job.state) == (own, "FAILED")
    assert universe.submit().rule is TIMED


def test_rules_for_one_submission_that_are_told_anyway_count_it_once():
    second = rule("QUEUED", name="second", when=nth(2, 2))
    universe = Universe(story(second, OTHERWISE))
    jobs = [engine.submit(universe.world, "a", None, {}, (second,)) for _ in range(3)]
    assert [job.rule.name for job in jobs] == ["otherwise", "second", "otherwise"]


def test_without_any_rule_the_mistake_is_named_and_nothing_is_left():
    universe = Universe(story(rule("QUEUED", when=When({"report": "stock"})), name="test/partial"))
    with pytest.raises(engine.NoRule, match=r"^no rule of test/partial applies to \{'report': 'sales'\}$"):
        universe.submit(about={"report": "sales"})
    assert universe.world.jobs == {}
    assert universe.occupied() == (0, 0)
    assert universe.submit(about={"report": "stock"}).ordinal == 1


# another story --------------------------------------------------------------


def test_living_jobs_keep_their_plan_when_another_story_is_told():
    universe = Universe(story(TIMED))
    job = universe.submit()
    universe.play(story(rule("QUEUED", ("FAILED", Fixed(1))), name="test/other"))
    other = universe.submit()
    universe.advance(seconds(100))
    assert states(job, other) == ["DONE", "FAILED"]


def test_another_story_counts_from_one():
    first = rule("QUEUED", name="first", when=nth(1, 1))
    universe = Universe(story(first, OTHERWISE))
    assert [job.rule for job in universe.many(2)] == [first, OTHERWISE]
    universe.play(story(first, OTHERWISE))
    assert [job.rule for job in universe.many(2)] == [first, OTHERWISE]


def test_settings_are_those_of_the_story_before_those_of_the_fallback():
    universe = Universe(story(TIMED, running=1), fallback=story(running=5, waiting=7, unknown=3))
    assert (universe.world.settings.running, universe.world.settings.waiting) == (1, 7)


# what others are told -------------------------------------------------------


def test_each_moment_is_told_once_at_its_instant_and_in_order():
    universe = Universe(story(TIMED, running=1))
    universe.many(2)
    universe.advance(seconds(100))
    assert universe.witnessed == [
        (0, "a-1", "QUEUED"),
        (0, "a-2", "QUEUED"),
        (seconds(2), "a-1", "RUNNING"),
        (seconds(32), "a-1", "DONE"),
        (seconds(32), "a-2", "RUNNING"),
        (seconds(62), "a-2", "DONE"),
    ]


def test_what_a_provider_does_on_a_moment_may_move_the_same_and_other_jobs():
    def changed(world, job):
        if job.id == "a-1" and job.state == "RUNNING":
            engine.release(world, world.jobs["a-2"])
            engine.divert(world, job, Step("FAILED"))

    hooks = replace(HOOKS, changed=changed)
    plan = rule("QUEUED", ("RUNNING", RELEASE), ("DONE", RELEASE))
    universe = Universe(story(plan, running=1), hooks=hooks)
    one, other = universe.many(2)
    universe.release(one)
    assert states(one, other) == ["FAILED", "RUNNING"]
    assert universe.occupied() == (0, 1)


# a job ----------------------------------------------------------------------


def test_a_job_knows_where_it_is_and_what_is_next():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Fixed(5)))), start=3)
    job = universe.submit()
    assert job.upcoming == Step("RUNNING", Fixed(5))
    universe.advance(10)
    assert (job.state, job.created, job.changed, job.upcoming) == ("RUNNING", 3, 8, None)
    assert job.step == Step("RUNNING", Fixed(5))


def test_a_lifecycle_says_where_jobs_begin_end_and_may_go():
    assert LIFECYCLE.initial == "QUEUED"
    assert [state for state in LIFECYCLE.follows if LIFECYCLE.is_final(state)] == ["DONE", "FAILED", "CANCELLED"]
    assert LIFECYCLE.allows("QUEUED", "RUNNING")
    assert LIFECYCLE.allows("RUNNING", "RUNNING")
    assert not LIFECYCLE.allows("DONE", "RUNNING")
    assert Lifecycle({"only": ()}).is_final("only")


@dataclass(frozen=True)
class Request:
    report: str


def test_a_job_takes_less_than_a_kilobyte():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Fixed(5)), (END, Fixed(seconds(10))))))
    request, number = Request("stock"), 5_000  # a hundred thousand weigh the same each, and take twenty times as long
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(number):
            engine.submit(universe.world, "a", request, {})
        universe.witnessed.clear()
        universe.advance(5)
        universe.witnessed.clear()
        held, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert universe.occupied() == (0, number)
    assert held / number < 1000

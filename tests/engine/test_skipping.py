"""A clock that skips: a poll that would show nothing new finds the next event instead."""

from emulator import engine
from emulator.chance import Fixed
from emulator.job import Polls
from emulator.world import Due
from tests.engine.conftest import CANCELLED, RELEASE, Universe, rule, story

TIMED = rule("QUEUED", ("RUNNING", Fixed(5)), ("RUNNING", Fixed(10)), ("DONE", Fixed(20)))


def universe(*rules, **limits):
    return Universe(story(*(rules or (TIMED,)), **limits), skips=True)


def polled(universe, job, times=1):
    """What so many polls find, each in an exchange of its own: when, and in which state."""
    seen = []
    for _ in range(times):
        universe.clock.arrive()
        seen.append((universe.poll(job), universe.clock.now()))
    return seen


def test_each_state_is_seen_at_least_once_and_the_second_look_goes_on():
    here = universe()
    job = here.submit()
    assert polled(here, job, 6) == [
        ("QUEUED", 0),
        ("RUNNING", 5),
        ("RUNNING", 15),
        ("DONE", 35),
        ("DONE", 35),
        ("DONE", 35),
    ]


def test_the_first_look_after_an_advance_shows_what_is_new_by_that():
    here = universe()
    job = here.submit()
    polled(here, job)
    here.advance(6)
    assert polled(here, job, 2) == [("RUNNING", 6), ("RUNNING", 15)]


def test_other_jobs_keep_their_own_time():
    here = universe()
    first, second = here.many(2)
    polled(here, first, 3)
    assert polled(here, second, 2) == [("RUNNING", 15), ("DONE", 35)]


def test_steps_that_wait_for_polls_or_a_release_are_not_skipped_to():
    here = universe(rule("QUEUED", ("RUNNING", Polls(2)), ("PAUSED", RELEASE), ("RUNNING", Fixed(5))))
    job, other = here.submit(), here.submit()
    here.clock.at(50, Due("test", other, len(other.moments)))
    assert polled(here, job, 4) == [("QUEUED", 0), ("QUEUED", 0), ("RUNNING", 0), ("RUNNING", 0)]
    here.release(job)
    assert polled(here, job, 2) == [("PAUSED", 0), ("RUNNING", 5)]


def test_a_job_in_line_for_a_slot_finds_the_next_event_of_any_job_one_at_a_time():
    here = universe(rule("QUEUED", ("RUNNING", Fixed(1)), ("DONE", Fixed(20))), running=1)
    first, second = here.many(2)
    here.submit("b")
    assert polled(here, second, 5) == [("QUEUED", 0), ("QUEUED", 1), ("RUNNING", 21), ("DONE", 41), ("DONE", 41)]
    assert first.state == "DONE"


def test_a_job_in_line_behind_one_that_waits_for_a_release_waits_with_it():
    here = universe(rule("QUEUED", "RUNNING", ("DONE", RELEASE)), running=1)
    first, second = here.many(2)
    assert polled(here, second, 3) == [("QUEUED", 0)] * 3
    here.release(first)
    assert polled(here, second, 3) == [("RUNNING", 0)] * 3


def test_events_that_have_come_to_nothing_are_no_goal():
    here = universe(rule("QUEUED", "RUNNING", ("DONE", Fixed(20))), running=1)
    first, second, third = here.many(3)
    here.advance(7)
    here.divert(first, CANCELLED)
    polled(here, third)
    assert polled(here, third) == [("RUNNING", 27)]
    assert second.changed == 27


def test_a_provider_may_set_a_sooner_event_for_a_job():
    here = universe(rule("QUEUED", ("RUNNING", Fixed(50))))
    job = here.submit()
    here.clock.at(30, Due("test", job, len(job.moments)))
    assert polled(here, job, 2) == [("QUEUED", 0), ("RUNNING", 30)]


def test_one_exchange_skips_once():
    here = universe()
    job = here.submit()
    polled(here, job)
    here.clock.arrive()
    assert [here.poll(job), here.poll(job)] == ["RUNNING", "RUNNING"]
    assert here.clock.now() == 5


def test_a_clock_that_stands_still_shows_the_same_as_often_as_it_is_asked():
    here = Universe(story(TIMED))
    job = here.submit()
    assert polled(here, job, 3) == [("QUEUED", 0)] * 3
    engine.release(here.world, job)
    assert polled(here, job, 2) == [("RUNNING", 0)] * 2

import pytest

from emulator.job import Fixed, Job, Step
from emulator.lane import Lane, LaneFull
from tests.engine.conftest import CANCELLED, LIFECYCLE, RELEASE, Universe, history, retold, rule, states, story

RUN = rule("QUEUED", "RUNNING", ("DONE", Fixed(10)))
HELD = rule("QUEUED", ("RUNNING", RELEASE), ("DONE", RELEASE))
PAUSING = rule("QUEUED", ("RUNNING", RELEASE), ("PAUSED", RELEASE), "RUNNING", ("DONE", RELEASE))


def waiting_job(ordinal, *plan):
    job = Job(id=str(ordinal), account="a", ordinal=ordinal, request=None, rule=None, plan=plan or (Step("RUNNING"),))
    job.moments.append((0, Step("QUEUED")))
    return job


def test_without_limits_all_run_at_once():
    universe = Universe(story(RUN))
    assert states(*universe.many(50)) == ["RUNNING"] * 50
    assert universe.occupied() == (0, 50)


def test_no_more_run_than_there_are_slots():
    universe = Universe(story(RUN, running=2))
    assert states(*universe.many(4)) == ["RUNNING", "RUNNING", "QUEUED", "QUEUED"]
    assert universe.occupied() == (2, 2)


def test_a_slot_that_becomes_free_goes_to_the_next_at_that_instant():
    universe = Universe(story(RUN, running=1))
    jobs = universe.many(3)
    universe.advance(100)
    assert [history(each) for each in jobs] == [
        [(0, "QUEUED"), (0, "RUNNING"), (10, "DONE")],
        [(0, "QUEUED"), (10, "RUNNING"), (20, "DONE")],
        [(0, "QUEUED"), (20, "RUNNING"), (30, "DONE")],
    ]
    assert universe.occupied() == (0, 0)


def test_one_waiting_job_too_many_is_refused_and_leaves_no_trace():
    universe = Universe(story(RUN, running=1, waiting=2))
    jobs = universe.many(3)
    with pytest.raises(LaneFull):
        universe.submit()
    assert list(universe.world.jobs.values()) == jobs
    assert universe.occupied() == (2, 1)
    universe.advance(10)
    assert universe.submit().ordinal == 4


def test_a_job_waits_in_the_waiting_state_wherever_its_wait_stands():
    universe = Universe(story(HELD, waiting=2))
    universe.many(2)
    with pytest.raises(LaneFull):
        universe.submit()


def test_each_account_has_a_lane_of_its_own():
    universe = Universe(story(RUN, running=1, waiting=1))
    universe.many(2, "a")
    assert states(*universe.many(2, "b")) == ["RUNNING", "QUEUED"]
    assert universe.occupied("a") == universe.occupied("b") == (1, 1)


def test_slots_go_in_the_order_of_submission_among_those_whose_wait_is_over():
    universe = Universe(story(HELD, running=1))
    first, second, third, fourth = universe.many(4)
    universe.release(fourth)
    universe.release(third)
    universe.release(second)
    assert states(first, second, third, fourth) == ["QUEUED", "QUEUED", "QUEUED", "RUNNING"]
    universe.release(fourth)
    assert states(first, second, third, fourth) == ["QUEUED", "RUNNING", "QUEUED", "DONE"]
    universe.release(first)
    universe.release(second)
    assert states(first, second, third, fourth) == ["RUNNING", "DONE", "QUEUED", "DONE"]


def test_a_job_whose_wait_goes_on_holds_nobody_up():
    universe = Universe(story(HELD, running=1))
    _first, second = universe.many(2)
    universe.release(second)
    assert second.state == "RUNNING"


def test_a_wait_counts_from_the_moment_before_not_from_the_slot():
    universe = Universe(story(rule("QUEUED", ("RUNNING", Fixed(5)), ("DONE", Fixed(10))), running=1))
    jobs = universe.many(2)
    universe.advance(100)
    assert history(jobs[1]) == [(0, "QUEUED"), (15, "RUNNING"), (25, "DONE")]


def test_who_comes_back_for_a_slot_stands_in_line_like_all_others():
    universe = Universe(story(PAUSING, running=1))
    first, second = universe.many(2)
    universe.release(second)
    universe.release(first)
    assert states(first, second) == ["QUEUED", "RUNNING"]
    universe.release(second)
    assert states(first, second) == ["RUNNING", "PAUSED"]
    universe.release(first)
    assert [state for _, state in history(first)] == ["QUEUED", "RUNNING", "PAUSED", "RUNNING"]
    universe.release(first)
    assert states(first, second) == ["DONE", "RUNNING"]


def test_a_step_within_the_running_state_wants_no_second_slot():
    universe = Universe(story(rule("QUEUED", "RUNNING", ("RUNNING", RELEASE), ("DONE", RELEASE)), running=1))
    first, second = universe.many(2)
    universe.release(first)
    assert [state for _, state in history(first)] == ["QUEUED", "RUNNING", "RUNNING"]
    assert (second.state, universe.occupied()) == ("QUEUED", (1, 1))


def test_who_is_cancelled_in_line_is_passed_over():
    universe = Universe(story(RUN, running=1))
    first, second, third = universe.many(3)
    universe.divert(second, CANCELLED)
    assert universe.occupied() == (1, 1)
    universe.advance(10)
    assert states(first, second, third) == ["DONE", "CANCELLED", "RUNNING"]
    assert history(second) == [(0, "QUEUED"), (0, "CANCELLED")]


def test_who_is_cancelled_while_running_frees_the_slot():
    universe = Universe(story(RUN, running=1))
    first, second = universe.many(2)
    universe.advance(3)
    universe.divert(first, CANCELLED)
    assert states(first, second) == ["CANCELLED", "RUNNING"]
    assert history(second)[-1] == (3, "RUNNING")
    universe.advance(7)
    assert states(first, second) == ["CANCELLED", "RUNNING"]
    universe.advance(3)
    assert history(second)[-1] == (13, "DONE")


def test_who_is_diverted_into_running_while_in_line_keeps_the_place():
    universe = Universe(story(RUN, running=1))
    first, second, third = universe.many(3)
    universe.divert(second, Step("RUNNING"), Step("FAILED", RELEASE))
    universe.divert(second, Step("RUNNING"), Step("FAILED", RELEASE))
    assert states(first, second, third) == ["RUNNING", "QUEUED", "QUEUED"]
    universe.advance(10)
    assert states(first, second, third) == ["DONE", "RUNNING", "QUEUED"]
    universe.release(second)
    assert states(first, second, third) == ["DONE", "FAILED", "RUNNING"]


def test_raised_limits_let_in_those_in_line_at_once():
    scenario = story(RUN, running=1, waiting=3)
    universe = Universe(scenario)
    jobs = universe.many(4) + universe.many(3, "b")
    universe.advance(2)
    universe.play(retold(scenario, running=3, waiting=3))
    assert states(*jobs) == ["RUNNING", "RUNNING", "RUNNING", "QUEUED"] + ["RUNNING"] * 3
    assert history(jobs[1])[-1] == (2, "RUNNING")
    assert universe.occupied() == (1, 3)


def test_a_limit_that_is_lifted_lets_in_all():
    scenario = story(RUN, running=1)
    universe = Universe(scenario)
    jobs = universe.many(5)
    universe.play(retold(scenario))
    assert states(*jobs) == ["RUNNING"] * 5


def test_lowered_limits_stop_nobody_who_runs():
    scenario = story(RUN, running=3)
    universe = Universe(scenario)
    jobs = universe.many(5)
    universe.play(retold(scenario, running=1, waiting=2))
    assert states(*jobs) == ["RUNNING"] * 3 + ["QUEUED"] * 2
    with pytest.raises(LaneFull):
        universe.submit()
    universe.divert(jobs[0], CANCELLED)
    universe.divert(jobs[1], CANCELLED)
    assert states(*jobs[2:]) == ["RUNNING", "QUEUED", "QUEUED"]
    universe.divert(jobs[2], CANCELLED)
    assert states(*jobs[3:]) == ["RUNNING", "QUEUED"]


def test_a_queue_of_ten_thousand_drains_through_one_slot_without_going_deep():
    runs_no_time = rule("QUEUED", "RUNNING", "DONE")
    held_first = rule("QUEUED", "RUNNING", ("DONE", RELEASE))
    universe = Universe(story(held_first, running=1))
    blocker = universe.submit()
    universe.play(story(runs_no_time, running=1))
    jobs = universe.many(10_000)
    assert universe.occupied() == (10_000, 1)
    universe.advance(5)
    universe.release(blocker)
    assert all(history(each) == [(0, "QUEUED"), (5, "RUNNING"), (5, "DONE")] for each in jobs)
    ran = [job_id for _, job_id, state in universe.witnessed if state == "RUNNING"]
    assert ran == [f"a-{n}" for n in range(1, 10_002)]


def test_a_plan_of_ten_thousand_steps_at_once_is_lived_through_without_going_deep():
    plan = rule("QUEUED", *["RUNNING", "PAUSED"] * 5_000, "RUNNING", "DONE")
    universe = Universe(story(plan, running=1))
    job = universe.submit()
    assert (job.state, len(job.moments)) == ("DONE", 10_003)


def test_counts_follow_the_moments():
    lane = Lane(LIFECYCLE, waiting_limit=1, running_limit=1)
    assert (lane.waiting, lane.running, lane.full, lane.busy) == (0, 0, False, False)
    lane.moved(None, "QUEUED")
    assert (lane.waiting, lane.running, lane.full, lane.busy) == (1, 0, True, False)
    lane.moved("QUEUED", "RUNNING")
    assert (lane.waiting, lane.running, lane.full, lane.busy) == (0, 1, False, True)
    lane.moved("RUNNING", "RUNNING")
    lane.moved("RUNNING", "DONE")
    assert (lane.waiting, lane.running) == (0, 0)


def test_the_line_knows_only_those_who_still_want_a_slot():
    lane = Lane(LIFECYCLE, waiting_limit=None, running_limit=1)
    gone, waits_again, last, first = waiting_job(2, Step("DONE")), waiting_job(3), waiting_job(9), waiting_job(4)
    waits_again.wait_over = False
    for job in (last, gone, waits_again, first):
        lane.line_up(job)
    assert lane.next_in_line() is first
    assert lane.next_in_line() is last
    assert lane.next_in_line() is None


def test_the_line_stands_while_no_slot_is_free():
    lane = Lane(LIFECYCLE, waiting_limit=None, running_limit=1)
    lane.moved(None, "RUNNING")
    job = waiting_job(1)
    lane.line_up(job)
    assert lane.next_in_line() is None
    lane.moved("RUNNING", "DONE")
    assert lane.next_in_line() is job

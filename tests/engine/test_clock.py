import asyncio
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import (
    DAY,
    END_OF_TIME,
    MILLISECOND,
    SECOND,
    SLICE,
    AlreadyAdvancing,
    Clock,
    iso,
    monotonic,
    pause,
    to_datetime,
    to_instant,
    wall,
)
from tests.engine.conftest import Reading, run


class Told:
    """Keeps what happened and when, and may set more by it."""

    def __init__(self, start=0, rate=0, reading=None):
        self.reading = reading or Reading()
        self.happened = []
        self.then = {}
        self.clock = Clock(self._happen, start=start, rate=rate, reading=self.reading)

    def _happen(self, event):
        self.happened.append((self.clock.now(), event))
        for when, following in self.then.get(event, ()):
            self.clock.at(when, following)


def test_a_frozen_clock_stands_still_whatever_the_real_one_does():
    told = Told(start=100)
    told.reading.at = 5 * SECOND
    told.clock.catch_up()
    assert told.clock.now() == 100


def test_a_real_clock_goes_as_fast_as_the_real_one():
    told = Told(start=100, rate=1, reading=Reading(7))
    told.reading.at += 3 * SECOND
    told.clock.catch_up()
    assert told.clock.now() == 100 + 3 * SECOND


@pytest.mark.parametrize(("rate", "passed"), [(60, 60 * SECOND), (0.5, SECOND // 2), (1_000_000, 1_000_000 * SECOND)])
def test_a_rate_is_virtual_seconds_per_real_one(rate, passed):
    told = Told(rate=rate)
    told.reading.at += SECOND
    told.clock.catch_up()
    assert told.clock.now() == passed


@pytest.mark.parametrize(("rate", "mode"), [(0, "frozen"), (1, "real"), (60, "rate"), (0.5, "rate")])
def test_the_mode_is_the_rate_by_its_name(rate, mode):
    clock = Told(rate=rate).clock
    assert (clock.mode, clock.rate) == (mode, rate)


def test_now_does_not_change_between_two_moves():
    told = Told(rate=1)
    told.reading.at = SECOND
    assert told.clock.now() == 0
    told.clock.catch_up()
    told.reading.at = 2 * SECOND
    assert told.clock.now() == SECOND


def test_a_new_rate_counts_from_where_the_clock_stands():
    told = Told()
    told.reading.at = 9 * SECOND
    told.clock.run_at(60)
    told.clock.catch_up()
    assert told.clock.now() == 0
    told.reading.at += SECOND
    told.clock.catch_up()
    assert told.clock.now() == 60 * SECOND
    told.clock.run_at(0)
    told.reading.at += SECOND
    told.clock.catch_up()
    assert told.clock.now() == 60 * SECOND


@pytest.mark.requirement("F-5")
def test_a_real_clock_set_back_does_not_set_ours_back():
    told = Told(rate=1, reading=Reading(10))
    told.reading.at = 20
    told.clock.catch_up()
    told.reading.at = 5
    told.clock.catch_up()
    assert told.clock.now() == 10


def test_each_event_happens_at_its_own_instant_in_order():
    told = Told()
    for when, event in [(30, "c"), (10, "a"), (20, "b"), (40, "late")]:
        told.clock.at(when, event)
    run(told.clock.advance(35))
    assert told.happened == [(10, "a"), (20, "b"), (30, "c")]
    assert (told.clock.now(), told.clock.next_due(), told.clock.pending()) == (35, 40, 1)


def test_events_of_one_instant_happen_in_the_order_they_were_set():
    told = Told()
    for event in "zyxwv":
        told.clock.at(10, event)
    run(told.clock.advance(10))
    assert [event for _, event in told.happened] == list("zyxwv")


def test_an_event_is_due_at_its_instant_not_after_it():
    told = Told()
    told.clock.at(10, "a")
    run(told.clock.advance(9))
    assert not told.happened
    run(told.clock.advance(1))
    assert told.happened == [(10, "a")]


def test_an_event_set_for_the_past_happens_next():
    told = Told(start=100)
    told.clock.at(200, "later")
    told.clock.at(50, "late")
    assert told.clock.next_due() == 100
    told.clock.catch_up()
    assert told.happened == [(100, "late")]


def test_what_an_event_sets_off_happens_on_the_same_way():
    told = Told()
    told.then = {"a": [(15, "b"), (10, "at once")], "b": [(3, "late")]}
    told.clock.at(10, "a")
    run(told.clock.advance(20))
    assert told.happened == [(10, "a"), (10, "at once"), (15, "b"), (15, "late")]


def test_catching_up_lets_each_event_happen_at_its_own_instant():
    told = Told(rate=60)
    told.then = {"a": [(30 * SECOND, "b")]}
    told.clock.at(20 * SECOND, "a")
    told.clock.at(61 * SECOND, "later")
    told.reading.at += SECOND
    told.clock.catch_up()
    assert told.happened == [(20 * SECOND, "a"), (30 * SECOND, "b")]
    assert told.clock.now() == 60 * SECOND


def test_an_advance_first_catches_up():
    told = Told(rate=1)
    told.reading.at += 3 * SECOND
    run(told.clock.advance(2 * SECOND))
    assert told.clock.now() == 5 * SECOND


def test_after_an_advance_time_passes_by_itself_as_before():
    told = Told(rate=60)
    run(told.clock.advance(5 * SECOND))
    told.clock.catch_up()
    assert told.clock.now() == 5 * SECOND
    told.reading.at += SECOND
    told.clock.catch_up()
    assert told.clock.now() == 65 * SECOND


def test_real_time_that_passes_during_an_advance_is_not_lost():
    told = Told(rate=1)
    told.clock.at(SECOND, "a")

    async def settled():
        told.reading.at += 2 * SECOND

    run(told.clock.advance(10 * SECOND, settled))
    told.clock.catch_up()
    assert told.clock.now() == 12 * SECOND


@pytest.mark.parametrize("rate", [0, 1])
def test_time_does_not_advance_backwards(rate):
    with pytest.raises(ValueError, match=r"^time cannot go backwards$"):
        run(Told(rate=rate).clock.advance(-1))


def test_time_does_not_run_backwards():
    told = Told(rate=2)
    with pytest.raises(ValueError, match=r"^time cannot go backwards$"):
        told.clock.run_at(-1)
    assert told.clock.rate == 2


def test_an_advance_by_nothing_lets_happen_what_is_due_now():
    told = Told(start=5)
    told.clock.at(5, "a")
    run(told.clock.advance(0))
    assert told.happened == [(5, "a")]


def test_time_ends_with_the_year_2999():
    assert iso(END_OF_TIME) == "3000-01-01T00:00:00.000000Z"
    told = Told(start=END_OF_TIME - 10)
    with pytest.raises(ValueError, match=r"^time ends at 3000-01-01T00:00:00.000000Z$"):
        run(told.clock.advance(11))
    assert told.clock.now() == END_OF_TIME - 10
    run(told.clock.advance(10))
    assert told.clock.now() == END_OF_TIME


def test_a_fast_clock_stops_at_the_end_of_time():
    told = Told(start=END_OF_TIME - 10, rate=1_000_000)
    told.reading.at += DAY
    told.clock.catch_up()
    assert told.clock.now() == END_OF_TIME
    with pytest.raises(ValueError, match="time ends"):
        run(told.clock.advance(1))


def test_what_is_due_after_the_end_of_time_is_never_due():
    told = Told()
    told.clock.at(END_OF_TIME + 1, "never")
    assert told.clock.next_due() is None
    run(told.clock.advance(END_OF_TIME))
    assert not told.happened


def test_at_each_due_instant_the_clock_stands_until_all_is_settled():
    told = Told()
    settled = []
    for when, event in [(10, "a"), (10, "b"), (30, "c")]:
        told.clock.at(when, event)

    async def settle():
        await pause(0)
        settled.append((told.clock.now(), len(told.happened)))

    run(told.clock.advance(50, settle))
    assert settled == [(10, 2), (30, 3)]
    assert told.clock.now() == 50


def test_what_settling_sets_for_the_same_instant_is_settled_too():
    told = Told()
    settled = []
    told.clock.at(10, "first try")

    async def settle():
        settled.append(told.clock.now())
        if len(settled) < 3:
            told.clock.at(10, "next try")

    run(told.clock.advance(10, settle))
    assert settled == [10, 10, 10]


def test_who_looks_while_an_advance_stands_at_an_instant_sees_that_instant():
    told = Told()
    seen = []
    told.clock.at(10, "a")

    async def settle():
        told.clock.catch_up()
        seen.append(told.clock.now())

    run(told.clock.advance(50, settle))
    assert seen == [10]


async def test_a_second_advance_at_the_same_time_is_refused():
    told = Told()
    told.clock.at(10, "a")
    refused = []

    async def settle():
        with pytest.raises(AlreadyAdvancing):
            await told.clock.advance(1)
        refused.append(told.clock.now())

    await told.clock.advance(20, settle)
    assert refused == [10]
    await told.clock.advance(1)
    assert told.clock.now() == 21


def test_an_advance_that_was_broken_off_leaves_a_clock_that_goes_on():
    told = Told(rate=1)
    told.clock.at(5 * SECOND, "a")

    async def settle():
        raise ConnectionError

    with pytest.raises(ConnectionError):
        run(told.clock.advance(10 * SECOND, settle))
    assert told.clock.now() == 5 * SECOND
    told.reading.at += SECOND
    told.clock.catch_up()
    assert told.clock.now() == 6 * SECOND
    run(told.clock.advance(SECOND))
    assert told.clock.now() == 7 * SECOND


def test_a_rate_set_during_an_advance_does_not_make_time_jump():
    told = Told()
    told.clock.at(5, "a")

    async def settle():
        told.clock.run_at(1)

    run(told.clock.advance(10, settle))
    told.clock.catch_up()
    assert told.clock.now() == 10


@pytest.mark.requirement("S-30")
@pytest.mark.parametrize("together", [True, False], ids=["at one instant", "one after another"])
async def test_a_big_backlog_is_drained_in_slices_so_that_others_get_turns(together):
    told = Told(reading=Reading(step=SLICE // 10))
    for n in range(1000):
        told.clock.at(10 if together else n, n)
    seen = []

    async def other():
        while len(told.happened) < 1000:
            seen.append(len(told.happened))
            await pause(0)

    await asyncio.gather(told.clock.advance(1000), other())
    assert len(seen) > 50
    assert max(after - before for before, after in pairwise(seen)) <= 20
    assert [event for _, event in told.happened] == list(range(1000))


def test_a_small_backlog_is_drained_in_one_go():
    told = Told()
    for n in range(1000):
        told.clock.at(n, n)
    assert run(told.clock.advance(1000)) == 0


async def test_who_looks_between_two_slices_of_an_instant_finds_that_all_due_has_happened():
    told = Told(reading=Reading(step=SLICE))
    for n in range(100):
        told.clock.at(10, n)
    advance = asyncio.create_task(told.clock.advance(20))
    await pause(0)
    assert 0 < len(told.happened) < 100
    told.clock.catch_up()
    assert (len(told.happened), told.clock.now()) == (100, 10)
    await advance
    assert (len(told.happened), told.clock.now()) == (100, 20)


AGENDA = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=12)
"""Instants, and by how much later what they set off is due (0: nothing)."""


@pytest.mark.requirement("I-12")
@given(AGENDA, st.lists(st.integers(0, 30), min_size=1, max_size=6), st.sampled_from([0, 1, 60]))
def test_how_an_advance_is_cut_makes_no_difference(agenda, parts, rate):
    def lived(*advances):
        told = Told(rate=rate)
        for n, (when, more) in enumerate(agenda):
            told.clock.at(when, n)
            told.then[n] = [(when + more, ("then", n))] if more else []
        for by in advances:
            run(told.clock.advance(by))
        return told.happened, told.clock.now(), told.clock.pending()

    assert lived(*parts) == lived(sum(parts))


@given(AGENDA, st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_events_happen_in_the_order_of_instants_and_among_equals_of_setting(agenda, parts):
    told = Told()
    for n, (when, _) in enumerate(agenda):
        told.clock.at(when, n)
    for by in parts:
        run(told.clock.advance(by))
    due = sorted((when, n) for n, (when, _) in enumerate(agenda) if when <= sum(parts))
    assert told.happened == due


@pytest.mark.requirement("I-9")
@given(st.lists(st.tuples(st.sampled_from(["pass", "look", "advance", "rate"]), st.integers(0, 100)), max_size=20))
def test_time_never_goes_back(moves):
    told = Told(rate=1)
    before = told.clock.now()
    for move, amount in moves:
        if move == "pass":
            told.reading.at += amount
        elif move == "look":
            told.clock.catch_up()
        elif move == "rate":
            told.clock.run_at(amount)
        else:
            run(told.clock.advance(amount))
        assert told.clock.now() >= before
        before = told.clock.now()


def test_an_instant_is_a_date_in_utc_and_back():
    moment = datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)
    at = to_instant(moment)
    assert to_datetime(at) == moment
    assert iso(at) == "2026-03-01T09:00:00.123456Z"
    assert to_instant(moment.astimezone(timezone(timedelta(hours=3)))) == at
    assert to_instant(datetime(1970, 1, 1, tzinfo=UTC)) == 0


def test_a_date_without_a_zone_is_no_instant():
    with pytest.raises(ValueError, match=r"^a date without a time zone names no instant$"):
        to_instant(datetime(2026, 3, 1))  # noqa: DTZ001 - that is the point


def test_a_clock_starts_at_the_wall_clock_unless_told_otherwise():
    before = wall()
    started = Clock(lambda _event: None).now()
    assert before <= started <= wall()
    assert iso(before) > "2025"


async def test_a_pause_takes_real_time():
    before = monotonic()
    await pause(2 * MILLISECOND)
    assert monotonic() - before >= MILLISECOND


# Steps and skips ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("running", "mode"), [({"step": 5 * SECOND}, "step"), ({"skips": True}, "skip"), ({}, "frozen")]
)
def test_a_clock_that_steps_or_skips_has_a_mode_of_its_own(running, mode):
    clock = Clock(print, rate=0, **running)
    assert (clock.mode, clock.rate, clock.due_in()) == (mode, 0, None)


@pytest.mark.parametrize(
    "running", [{"rate": 1, "step": 1}, {"rate": 60, "skips": True}, {"rate": 0, "step": 1, "skips": True}]
)
def test_a_clock_runs_in_one_way(running):
    clock = Clock(print, start=0, rate=0)
    with pytest.raises(ValueError, match="or steps, or skips"):
        clock.run_at(**running)
    with pytest.raises(ValueError, match="backwards"):
        clock.run_at(0, step=-1)
    assert clock.mode == "frozen"


def test_each_arrival_is_a_step_and_what_falls_due_in_it_happens_at_its_own_instant():
    told = Told(start=100)
    told.clock.run_at(0, step=10)
    for when, event in [(105, "a"), (110, "b"), (111, "c")]:
        told.clock.at(when, event)
    told.clock.arrive()
    assert (told.clock.now(), told.happened) == (110, [(105, "a"), (110, "b")])
    told.clock.catch_up()
    assert told.clock.now() == 110
    told.clock.arrive()
    assert (told.clock.now(), told.happened[-1]) == (120, (111, "c"))


def test_steps_end_where_time_does():
    clock = Clock(print, start=END_OF_TIME - 3, rate=0, step=5)
    clock.arrive()
    clock.arrive()
    assert clock.now() == END_OF_TIME


def test_time_that_runs_goes_on_from_the_last_step():
    told = Told(start=100)
    told.clock.run_at(0, step=10)
    told.reading.at = 7 * SECOND
    told.clock.arrive()
    told.clock.run_at(1)
    told.reading.at += SECOND
    told.clock.arrive()
    assert told.clock.now() == 110 + SECOND


def test_a_skip_happens_once_between_two_arrivals_and_forwards_only():
    told = Told(start=100)
    told.clock.run_at(0, skips=True)
    for when, event in [(105, "a"), (110, "b"), (120, "c")]:
        told.clock.at(when, event)
    told.clock.arrive()
    told.clock.skip_to(90)
    assert told.clock.now() == 100
    told.clock.skip_to(110)
    told.clock.skip_to(120)
    assert (told.clock.now(), told.happened) == (110, [(105, "a"), (110, "b")])
    told.clock.arrive()
    assert told.clock.now() == 110
    told.clock.skip_to(120)
    assert (told.clock.now(), told.happened[-1]) == (120, (120, "c"))


@pytest.mark.parametrize("running", [{"rate": 0}, {"rate": 0, "step": 1}])
def test_other_clocks_skip_nothing(running):
    clock = Clock(print, start=100, **running)
    clock.skip_to(200)
    assert clock.now() == 100


@pytest.mark.parametrize("running", [{"step": 7}, {"skips": True}])
async def test_whoever_asks_while_a_clock_is_advanced_is_served_where_it_stands(running):
    told = Told(start=100)
    told.clock.run_at(0, **running)
    told.clock.at(110, "a")
    seen = []

    async def settled():
        told.clock.arrive()
        told.clock.skip_to(115)
        seen.append(told.clock.now())

    await told.clock.advance(20, settled)
    assert (seen, told.clock.now()) == ([110], 120)


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=30))
def test_the_next_event_of_a_kind_is_the_soonest_of_that_kind(events):
    told = Told()
    for when, kind in events:
        told.clock.at(when, kind)
    for kind in (True, False):
        due = min((when for when, each in events if each is kind), default=None)
        assert told.clock.next_due(lambda event, kind=kind: event is kind) == due


def test_no_event_is_the_next_once_time_has_ended():
    told = Told()
    told.clock.at(END_OF_TIME, "last")
    told.clock.at(END_OF_TIME + 1, "never")
    assert told.clock.next_due() == END_OF_TIME
    assert told.clock.next_due(lambda event: event == "never") is None

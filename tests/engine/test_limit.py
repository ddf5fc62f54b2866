from emulator.clock import SECOND, Clock
from emulator.limit import Window


def at(now):
    return Clock(print, start=now, rate=0)


def skipping(now):
    return Clock(print, start=now, rate=0, skips=True)


def test_a_window_begins_with_the_first_call_and_empties_all_at_once():
    window = Window()
    assert [window.spend(at(now), 1, 2, 10) for now in (100, 105, 109, 110, 111, 112)] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_call_that_is_too_heavy_for_what_is_left_takes_nothing():
    window = Window()
    assert window.spend(at(0), 3, 5, 10)
    assert not window.spend(at(1), 3, 5, 10)
    assert window.left(5) == 2
    assert window.spend(at(2), 2, 5, 10)


def spent(clock, *weights):
    """Who is let through of calls of these weights, five units to a window of ten, and at what instants."""
    window, seen = Window(), []
    for weight in weights:
        clock.arrive()
        seen.append((window.spend(clock, weight, 5, 10), clock.now()))
    return seen


def test_a_clock_that_skips_goes_to_the_end_of_a_window_that_has_refused_a_call_already():
    refused = [(True, 100), (False, 100)]
    assert spent(skipping(100), 5, 1, 1, 5, 5) == [*refused, (True, 110), (False, 110), (True, 120)]
    assert spent(at(100), 5, 1, 1) == [*refused, (False, 100)]


def test_what_a_window_still_has_room_for_need_not_wait_for_the_next():
    assert spent(skipping(100), 3, 5, 2, 5) == [(True, 100), (False, 100), (True, 100), (True, 110)]


def test_a_call_that_is_too_heavy_for_any_window_is_refused_by_each():
    assert spent(skipping(100), 6, 6, 6) == [(False, 100), (False, 110), (False, 120)]


def test_what_a_client_is_told_is_its_own_time_in_whole_units():
    def told(rate, duration):
        return Clock(print, start=0, rate=rate).told(duration, SECOND)

    assert [told(1, 3 * SECOND), told(60, 120 * SECOND), told(0, 3 * SECOND)] == [3, 2, 3]
    assert [told(60, SECOND), told(1, 1), told(1, 0)] == [1, 1, 0]

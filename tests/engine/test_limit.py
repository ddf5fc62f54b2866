from emulator.clock import SECOND, Clock
from emulator.limit import Window


def test_a_window_begins_with_the_first_call_and_empties_all_at_once():
    window = Window()
    assert [window.spend(now, 1, 2, 10) for now in (100, 105, 109, 110, 111, 112)] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_call_that_is_too_heavy_for_what_is_left_takes_nothing():
    window = Window()
    assert window.spend(0, 3, 5, 10)
    assert not window.spend(1, 3, 5, 10)
    assert window.left(5) == 2
    assert window.spend(2, 2, 5, 10)


def test_what_a_client_is_told_is_its_own_time_in_whole_units():
    def told(rate, duration):
        return Clock(print, start=0, rate=rate).told(duration, SECOND)

    assert [told(1, 3 * SECOND), told(60, 120 * SECOND), told(0, 3 * SECOND)] == [3, 2, 3]
    assert [told(60, SECOND), told(1, 1), told(1, 0)] == [1, 1, 0]

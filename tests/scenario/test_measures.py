import pytest

from emulator.scenario.measures import (
    duration_text,
    instant,
    likely_duration,
    microseconds,
    octets,
    ordinals,
    size_text,
)
from emulator.scenario.story import Ordinals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250ms", 250_000),
        ("5s", 5_000_000),
        ("1m30s", 90_000_000),
        ("1h", 3_600_000_000),
        ("7d", 604_800_000_000),
        (0, 0),
    ],
)
def test_a_duration_is_microseconds(text, expected):
    assert microseconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "5", "5 s", "5S", "1:30", "-5s", "1.5s", "5s\n", "\u0665s", "s", 5, True, "1s" * 21]
)
def test_anything_else_is_no_duration(text):
    with pytest.raises(ValueError, match="expected a duration such as 500ms, 5s, 2m or 1h"):
        microseconds(text)


def test_ten_years_are_the_longest_duration():
    assert duration_text(microseconds("3650d")) == "3650d"
    with pytest.raises(ValueError, match="at most 3650d, got '3650d1ms'"):
        microseconds("3650d1ms")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1B", 1), ("1KB", 1000), ("10MB", 10_000_000), ("1KiB", 1024), ("2MiB", 2 << 20), ("1GiB", 1 << 30)],
)
def test_a_size_is_bytes(text, expected):
    assert octets(text) == expected


@pytest.mark.parametrize("text", ["10", "10 MB", "10mb", "1.5MB", "10MB\n", "9" * 5000 + "B", "9999999GB"])
def test_anything_else_is_no_size(text):
    with pytest.raises(ValueError, match="expected a size"):
        octets(text)


@pytest.mark.parametrize("text", ["1m30s", "5s", "1d2h3m4s5ms", "0s"])
def test_a_duration_is_written_as_it_is_read(text):
    assert duration_text(microseconds(text)) == text


@pytest.mark.parametrize("text", ["10MB", "2MiB", "1KB", "7B", "0B", "3GiB"])
def test_a_size_is_written_as_it_is_read(text):
    assert size_text(octets(text)) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [(5, "5s"), ("5 minutes", "5m"), ("1 h", "1h"), ("2Hours 5 min", "2h5m"), ("3 days", "3d"), ("10 millis", "10ms"),
     ("5sec", "5s"), (True, None), (-1, None), ("soon", None), (None, None)],
)  # fmt: skip
def test_a_near_miss_of_a_duration_is_understood(written, meant):
    assert likely_duration(written) == meant


@pytest.mark.parametrize(
    ("calls", "every", "expected"),
    [
        (None, None, Ordinals()),
        (3, None, Ordinals(3, 3)),
        ("2..3", None, Ordinals(2, 3)),
        ("3..", None, Ordinals(3)),
        (None, 4, Ordinals(every=4)),
        ("2..9", 4, Ordinals(2, 9, 4)),
    ],
)
def test_counts_are_ordinals(calls, every, expected):
    assert ordinals(calls, every) == expected


@pytest.mark.parametrize(("calls", "every"), [("3..2", None), ("5..7", 4), (3, 2)])
def test_counts_that_hold_nothing_are_refused(calls, every):
    with pytest.raises(ValueError, match="expected a range that holds something"):
        ordinals(calls, every)


def test_an_instant_takes_any_offset_and_fractions():
    assert instant("1970-01-01T00:00:01Z") == 1_000_000
    assert instant("1970-01-01T02:00:00.5+01:00") == 3_600_500_000


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026-03-01T09:00:00",
        "2026-02-30T09:00:00Z",
        "2026-03-01T23:59:60Z",
        "yesterday",
        "2026-03-01 09:00:00Z",
    ],
)
def test_what_names_no_instant_is_refused(text):
    with pytest.raises(ValueError, match="expected a date and time with a zone"):
        instant(text)


@pytest.mark.parametrize("text", ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "3000-01-01T00:00:00Z"])
def test_instants_off_the_calendar_are_refused(text):
    with pytest.raises(ValueError, match="expected a date from 1970 to 2999"):
        instant(text)


def test_the_very_ends_of_the_calendar_are_no_crash():
    for text in ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00Z"]:
        with pytest.raises(ValueError, match="expected a date"):
            instant(text)

"""Filters and sequences by themselves, against what Python's own means say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.exchange import Answer, Request
from emulator.journal import record
from emulator.matching import BadFilter, Misses, Sequence, read
from emulator.matching.filters import text_pattern
from emulator.matching.misses import TOLD, WAYS

TEXT = st.text("ab*/", max_size=8)


def exchange(operation=None, sequence=1, **answer):
    request = Request("GET", f"/at/{operation}", sequence=sequence)
    given = {"api": "kladana", "operation": operation, "secret": False, "contract": "kept", "wall_us": 0}
    return record(request, Answer(200, **answer), **given)


@given(TEXT, TEXT)
def test_a_star_stands_for_any_text(pattern, text):
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
    assert text_pattern(pattern)(text) == expected


def test_a_pattern_takes_time_linear_in_the_text():
    assert not text_pattern("*a" * 50 + "*b")("a" * 100_000)


STEP = st.tuples(st.sampled_from("abc"), st.sampled_from(["", "+", "*", "?"])).map("".join)


@given(st.lists(STEP, min_size=1, max_size=5), st.text("abcd", max_size=7), st.booleans())
def test_a_sequence_is_kept_to_where_a_regular_expression_matches(steps, said, strict):
    spoken_of = {step[0] for step in steps}
    heard = said if strict else "".join(each for each in said if each in spoken_of)
    expected = re.fullmatch("".join(steps), heard) is not None
    found = Sequence(steps, strict=strict).broken(exchange(each) for each in said)
    assert (found is None) == expected


@given(st.text("abcd", min_size=1, max_size=7))
def test_a_sequence_breaks_at_the_first_exchange_that_cannot_be_part_of_it(said):
    broken = Sequence(["a", "b+", "c?"], strict=True).broken(exchange(each, n) for n, each in enumerate(said))
    kept = next((n for n in range(len(said) + 1) if not re.match(rf"(?:{BEGINNINGS})$", said[:n])), None)
    if broken is None:
        assert re.fullmatch("ab+c?", said)
    elif broken.exchange is None:
        assert kept is None
    else:
        assert broken.exchange.sequence == kept - 1


BEGINNINGS = "|ab*|ab+c"
"""What may be said before a conversation is known not to be `ab+c?`."""


@pytest.mark.parametrize(
    ("place", "wanted", "matches"),
    [
        ("", {"a": [1, True, None], "b": {"c": "text"}}, True),
        ("/a/0", 1, True),
        ("/a/0", True, False),
        ("/a/1", 1, False),
        ("/a/2", None, True),
        ("/a/3", None, False),
        ("/a", [1, True], False),
        ("/b", {"c": "text"}, True),
        ("/b", {"c": "other"}, False),
        ("/b", {}, False),
        ("/b/c", "t*t", True),
        ("/a/0", "*", False),
    ],
)
def test_a_value_in_a_body_is_compared_as_json(place, wanted, matches):
    body = b'{"a": [1, true, null], "b": {"c": "text"}}'
    assert read({"response": {"body": {place: wanted}}}).matches(exchange(body=body)) == matches


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[redacted]", b'{"a": 1}...[cut]'])
def test_what_is_no_json_has_nothing_in_it(body):
    wanted = read({"response": {"body": {"": None, "/a": 1}}})
    assert [each.told(exchange(body=body)) for each in wanted.failed(exchange(body=body))] == [None, None]


def test_a_date_that_is_none_is_no_filter():
    with pytest.raises(BadFilter, match=r"^/since: expected a date"):
        read({"since": "2026-02-30T00:00:00Z"})


def test_near_misses_are_bounded_and_the_latest_of_equals():
    misses = Misses(read({"operation": "wanted", "path": "/at/wanted"}))
    for n in range(WAYS * 3):
        misses.add(exchange(f"other-{n}", n))
    assert [each.exchange.sequence for each in misses.nearest()] == [WAYS * 3 - 1 - n for n in range(TOLD)]
    assert len(misses._ways) <= WAYS

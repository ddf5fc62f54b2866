"""Whatever becomes of a file, it loads or its mistakes are told: no other exception, no position outside of it."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.scenario.loader import load
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.reader import read
from emulator.scenario.story import Scenario

RELAXED = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PIECES = [
    "{", "}", "[", "]", ":", "- ", "\n", "\t", " ", "'", '"', "#", "&a ", "*a", "<<: ", "!!int ", "? ", "| ", "---\n",
    "\x00", "0",
    "-1", "1e999", "9" * 50, "null", "true", "5s", "3650d", "end", "release", "PENDING", "nth: ",
    "state: ", "\u2028", "😀",
]  # fmt: skip

SCALARS = st.sampled_from(
    [None, True, False, 0, 0.0, -1, 1, 2.0, 2**62, 1e300, "", "0", "5s", "9" * 5000 + "s", "3651d", "end", "release",
     "PENDING", "DONE", "fake", "other", "3..2", "2..3", "job", "1016", 1016, "2026-03-01T09:00:00Z", "10MB"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["state", "after", "uniform", "lognormal", "median", "p99", "polls", "fixed", "code", "when", "nth", "every", "per",
     "steps", "error", "result", "calls", "rows", "report", "longer_than", "timeout", "x"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)


BREAKS = ["\n", "\r", "\x85", "\u2028", "\u2029"]


def mistakes(data, vocabularies):
    try:
        assert isinstance(load(data, "f.yaml", "fake/f", vocabularies), Scenario)
    except ScenarioError as error:
        return error.mistakes
    return ()


def loads_or_tells(data, vocabularies):
    lines = sum(data.count(each.encode()) for each in BREAKS) + 2
    for mistake in mistakes(data, vocabularies):
        assert 1 <= mistake.line <= lines
        assert mistake.column >= 1
        assert "\n" not in str(mistake)


@RELAXED
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES) | st.text(max_size=4)), max_size=4)
)
def test_a_file_with_pieces_cut_out_and_put_in(vocabularies, whole, cuts):
    text = whole
    for where, length, piece in cuts:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    loads_or_tells(text.encode(errors="replace"), vocabularies)


@RELAXED
@given(st.binary(max_size=200))
def test_bytes_of_any_kind(vocabularies, whole, data):
    loads_or_tells(data, vocabularies)
    loads_or_tells(whole.encode() + data, vocabularies)


def places(value, path=()):
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


@RELAXED
@given(st.data())
def test_a_file_with_other_values_in_some_places(vocabularies, whole, data):
    value = read(whole.encode(), "f").value
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(list(places(value))[1:] or [("x",)]))
        around = value
        for part in path[:-1]:
            around = around[part]
        around[path[-1]] = data.draw(VALUES)
    loads_or_tells(json.dumps(value).encode(), vocabularies)

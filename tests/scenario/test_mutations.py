"""Whatever becomes of a file, it loads or its mistakes are told: no other exception, no position outside of it."""

import json
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.app import library
from emulator.app import vocabularies as of_the_vendors
from emulator.scenario.beside import Folder
from emulator.scenario.loader import Placed, load
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.reader import read
from emulator.scenario.story import Scenario
from tests.scenario.damage import damaged, spent
from tests.scenario.mutations import EDITS, SHELF, mutants

RELAXED = settings(
    max_examples=100,
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


BY_ITSELF = Placed("f.yaml", "fake/f")


def mistakes(data, vocabularies, placed=BY_ITSELF):
    try:
        assert isinstance(load(data, placed, vocabularies), Scenario)
    except ScenarioError as error:
        return error.mistakes
    return ()


def loads_or_tells(data, vocabularies, *placed):
    lines = sum(data.count(each.encode()) for each in BREAKS) + 2
    for mistake in mistakes(data, vocabularies, *placed):
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


@pytest.mark.requirement("S-10")
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


def sizes(smoke, full):
    """Few in every run, many in a campaign."""
    return pytest.mark.parametrize("size", [smoke, pytest.param(full, marks=pytest.mark.campaign)])


def beside(file):
    """Where a shipped file stands: what it extends can be found from there."""
    return Placed(file, file, Folder(library(), (SHELF / file).parent))


def mistaken(size):
    """So many files that cannot be loaded, with what is told of them. What loads all the same is no mistake."""
    told = ((mutant, mistakes(mutant.text.encode(), of_the_vendors(), beside(mutant.file))) for mutant in mutants())
    return list(islice(((mutant, found) for mutant, found in told if found), size))


@pytest.mark.requirement("G-16")
@sizes(240, 6000)
def test_a_mistake_is_told_on_its_line_and_a_slip_with_the_word_that_was_meant(size, record_property):
    told = mistaken(size)
    slips = [(mutant, found) for mutant, found in told if mutant.meant is not None]
    misplaced = [(mutant, str(found[0])) for mutant, found in told if not mutant.told_rightly(found)]
    unhelped = [(mutant, str(found[0])) for mutant, found in slips if not mutant.suggested_rightly(found)]
    record_property(
        "mistakes", f"{size}, {len(misplaced)} on a wrong line; {len(slips)} slips, {len(unhelped)} unhelped"
    )
    assert {mutant.kind for mutant, _ in told} == set(EDITS)
    assert len(misplaced) <= 0.02 * size, misplaced
    assert len(unhelped) <= 0.1 * len(slips), unhelped
    assert len(slips) > size / 10


@pytest.mark.requirement("S-10", "G-15")
@sizes(400, 20_000)
def test_a_damaged_file_is_loaded_or_told_within_a_second(size):
    for data in islice(damaged(), size):
        began = spent()
        loads_or_tells(data, of_the_vendors(), beside("kladana/damaged.yaml"))
        assert spent() - began < 1, data


def test_a_default_that_does_not_fit_is_told_where_it_is_declared(told):
    declared = "parameters: {length: 2 hours}\nfaults: [{operation: getTask, latency: '${parameters.length}'}]"
    assert told(declared).startswith("3:22: faults[0].latency: expected a duration ")


def test_what_a_misspelt_key_was_to_complete_is_not_told_beside_it(told):
    assert told("faults: [{operation: getTask, latnecy: 1s}]").endswith("(did you mean 'latency'?)")

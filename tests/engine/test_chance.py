from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.chance import Chance, Fixed, LogNormal, Uniform

KEYS = st.lists(st.one_of(st.integers(), st.text()), max_size=4).map(tuple)
UNITS = [Chance(1, "units").unit(n) for n in range(20_000)]


@given(st.integers(), KEYS, KEYS)
def test_the_same_key_is_the_same_draw_whoever_asks_and_when(seed, scope, key):
    asked_much = Chance(seed, *scope)
    asked_much.bits("something", "else")
    asked_much.unit(*key)
    assert asked_much.bits(*key) == Chance(seed, *scope).bits(*key)
    assert asked_much.unit(*key) == Chance(seed, *scope).unit(*key)
    assert asked_much.secret(*key) == Chance(seed, *scope).secret(*key)


@given(st.tuples(st.integers(), KEYS, KEYS), st.tuples(st.integers(), KEYS, KEYS))
def test_another_seed_scope_or_key_is_another_draw(one, other):
    (seed, scope, key), (other_seed, other_scope, other_key) = one, other
    same = one == other
    assert (Chance(seed, *scope).bits(*key) == Chance(other_seed, *other_scope).bits(*other_key)) is same
    assert (Chance(seed, *scope).secret(*key) == Chance(other_seed, *other_scope).secret(*other_key)) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((0, ("a",), ("b",)), (0, (), ("a", "b"))),
        ((0, ("a", "b"), ()), (0, ("ab",), ())),
        ((0, (), (1,)), (0, (), ("1",))),
        ((0, (), ("a", "b")), (0, (), ("a', 'b",))),
        ((1, (), ()), (0, (1,), ())),
    ],
)
def test_keys_that_look_alike_are_different_keys(one, other):
    assert Chance(one[0], *one[1]).bits(*one[2]) != Chance(other[0], *other[1]).bits(*other[2])


def test_a_seed_means_the_same_for_ever():
    chance = Chance(7, "kladana")
    assert chance.bits("admin", 1, "id") == 0x7EB4B7BABE57E883F42F31F800E8A176
    assert chance.unit("admin", 1, "after", 2) == 0.7865131098191361
    assert chance.below(1000, "admin", 1) == 433
    assert chance.units(2, "admin", 1, "share") == [0.9125502501989499, 0.8549877598953122]
    assert chance.secret("links").hex() == "eb3b58fa51368921ae6e2831ae73862d9a1c53bdeb9dcb00dda309b253451b9f"


@given(st.integers(0, 99), KEYS, st.integers(1, 10**20))
def test_every_draw_is_within_its_bounds(seed, key, limit):
    chance = Chance(seed)
    assert 0 <= chance.bits(*key) < 2**128
    assert 0 <= chance.unit(*key) < 1
    assert 0 <= chance.below(limit, *key) < limit
    assert len(chance.secret(*key)) == 32


@given(KEYS, st.integers(0, 50))
def test_the_first_of_many_units_are_the_same_however_many_there_are(key, count):
    assert Chance(0).units(50, *key)[:count] == Chance(0).units(count, *key)


@pytest.mark.parametrize("units", [UNITS, Chance(1, "units").units(20_000)])
def test_units_are_spread_evenly(units):
    tenths = [0] * 10
    for unit in units:
        tenths[int(unit * 10)] += 1
    assert len(set(units)) == len(units)
    assert all(1_800 < each < 2_200 for each in tenths)


def test_what_is_below_a_limit_reaches_each_number():
    assert {Chance(0).below(6, n) for n in range(200)} == set(range(6))


def test_fixed_is_always_the_same():
    assert {Fixed(5).quantile(unit) for unit in UNITS[:100]} == {5}
    assert Fixed().quantile(0.5) == 0


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.floats(0, 1, exclude_max=True))
def test_uniform_stays_between_its_bounds(low, more, unit):
    assert low <= Uniform(low, low + more).quantile(unit) <= low + more


def test_uniform_has_its_median_in_the_middle():
    drawn = quantiles(map(Uniform(1_000_000, 3_000_000).quantile, UNITS), n=100)
    assert drawn[49] == pytest.approx(2_000_000, rel=0.02)
    assert drawn[0] == pytest.approx(1_020_000, rel=0.02)
    assert drawn[98] == pytest.approx(2_980_000, rel=0.02)


@pytest.mark.parametrize(("median", "p99"), [(200_000, 2_000_000), (30_000_000, 45_000_000)])
def test_lognormal_has_the_median_and_the_p99_it_is_told(median, p99):
    shape = LogNormal(median, p99)
    assert shape.quantile(0.5) == pytest.approx(median, abs=1)
    assert shape.quantile(0.99) == pytest.approx(p99, abs=1)
    drawn = quantiles(map(shape.quantile, UNITS), n=100)
    assert drawn[49] == pytest.approx(median, rel=0.05)
    assert drawn[98] == pytest.approx(p99, rel=0.1)


@pytest.mark.parametrize("shape", [Fixed(5), Uniform(1_000, 9_000), LogNormal(200_000, 2_000_000)])
def test_longer_units_never_draw_shorter_durations(shape):
    drawn = [shape.quantile(unit) for unit in [0.0, *sorted(UNITS[:1000]), 1 - 2**-53]]
    assert drawn == sorted(drawn)
    assert drawn[0] >= 0
    assert all(isinstance(each, int) for each in drawn)

"""The words that rows are made of, and the objects that stand behind them."""

import subprocess
import sys
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from emulator.chance import Chance
from emulator.exchange import Request
from emulator.providers.kladana.pools import VERSION, _unique, pools
from emulator.providers.kladana.reports.books import Books, external_code, named


@pytest.fixture
def books():
    world = SimpleNamespace(chance=Chance(0, "kladana"))
    return Books(world, Request("GET", "/", base="http://localhost", account="default"))


def test_the_pools_are_frozen_and_have_a_version():
    words = asdict(pools())
    assert words.pop("version") == VERSION
    for pool in words.values():
        assert isinstance(pool, tuple)
        assert len(set(pool)) == len(pool) > 1
    with pytest.raises(AttributeError):
        pools().version = 2


def test_serving_needs_no_faker():
    code = (
        "import sys, emulator.providers.kladana.reports.table\n"
        "from emulator.providers.kladana.pools import pools\n"
        "pools(); print('faker' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


def test_pools_can_be_filled_anew():
    from emulator.providers.kladana.pools import filled  # noqa: PLC0415

    new, frozen = asdict(filled()), asdict(pools())
    assert new.keys() == frozen.keys()
    for name in new.keys() - {"version", "colours"}:  # how many colours Faker knows is its own affair
        assert len(new[name]) == len(frozen[name])


def test_a_pool_is_filled_with_different_words():
    words = iter("aabbc")
    assert _unique(3, lambda: next(words)) == ("a", "b", "c")
    assert _unique(5, lambda: "a", at_most=True) == ("a",)


def test_names_that_come_again_have_a_number():
    assert [named(("a", "b"), n) for n in range(5)] == ["a", "b", "a 2", "b 2", "a 3"]


@pytest.mark.parametrize("n", [0, 1, 249, 9_999_999])
def test_an_id_tells_whose_it_is(books, n):
    kind = books.kind("counterparty")
    assert kind.number(kind.id(n)) == n
    assert books.kind("product").number(kind.id(n)) is None
    assert kind.number(kind.id(n + 1)[:-8] + kind.id(n)[-8:]) is None


def test_ids_differ(books):
    ids = {books.kind(name).id(n) for name in ("product", "variant", "counterparty") for n in range(10_000)}
    assert len(ids) == 30_000


def test_a_draw_depends_on_its_number_and_its_purpose_alone(books):
    one, other = books.draw("goods"), books.draw("counterparty")
    assert one(5) == books.draw("goods")(5) != one(6)
    assert one(5) != other(5)
    assert len({external_code(one(n)) for n in range(1000)}) == 1000

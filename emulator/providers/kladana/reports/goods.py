"""Goods: what the stock reports count, the profit reports sell and the assortment lists. The n-th is the same in all.

Three products, then a variant of the third, and so on; where there may be others too, as `ASSORTMENT` has it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from emulator.exchange import Request
from emulator.providers.kladana.reports.books import Books, Meta, named

GOODS = ("product", "product", "product", "variant")
ASSORTMENT = ("product", "product", "product", "variant", "product", "service", "bundle", "consignment")
PRODUCTS = ("product",)
"""The types that take turns."""

NO_QUERIES: Mapping[str, str] = MappingProxyType({})


class Level(NamedTuple):
    """How much of something is in a warehouse."""

    stock: int
    reserve: int
    in_transit: int

    @property
    def quantity(self) -> int:
        """What can be had."""
        return self.stock - self.reserve + self.in_transit


def turns(request: Request, usual: tuple[str, ...]) -> tuple[str, ...]:
    """The types that take turns in what was asked: `groupBy=product` leaves products alone."""
    return PRODUCTS if request.query.get("groupBy") == "product" else usual


class Goods:
    """An account's goods, by number. `queries` stand behind the references to each type."""

    def __init__(self, books: Books, types: tuple[str, ...], queries: Mapping[str, str] = NO_QUERIES) -> None:
        self.books = books
        self.types = types
        self.bits = books.draw("goods")
        self._words = books.words
        self._kinds = [books.kind(each, queries.get(each, "")) for each in types]
        self._shifts = [8 * n for n in range(len(books.words.warehouses))]

    def type(self, n: int) -> str:
        """The entity type of the n-th."""
        return self.types[n % len(self.types)]

    def id(self, n: int) -> str:
        """Its id."""
        return self._kinds[n % len(self._kinds)].id(n)

    def meta(self, n: int) -> Meta:
        """The reference to it."""
        return self._kinds[n % len(self._kinds)].meta(n)

    def name(self, n: int) -> str:
        """Its name; a variant is named after its product."""
        if self.type(n) != "variant":
            return named(self._words.products, n)
        return f"{named(self._words.products, n - 1)} ({self._words.colours[n % len(self._words.colours)]})"

    def whole(self, bits: int) -> Level:
        """How much of the one with these bits is in all warehouses together."""
        stock = reserve = in_transit = 0
        for shift in self._shifts:
            here = level(bits >> shift)
            stock, reserve, in_transit = stock + here.stock, reserve + here.reserve, in_transit + here.in_transit
        return Level(stock, reserve, in_transit)


def level(bits: int) -> Level:
    """A level out of eight bits. Stock may be negative: sold before it was booked in."""
    byte = bits & 255
    return Level(byte % 90 - 30 or 1, byte % 7, byte % 5 * 10)


def price(bits: int) -> float:
    """A price in hundredths, out of sixteen bits."""
    return float((bits & 0xFFFF) * 25 + 500)


def code(n: int) -> str:
    """The code of the n-th: 00001 is the first."""
    return f"{n + 1:05d}"

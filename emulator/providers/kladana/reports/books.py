"""What an account has: its goods, counterparties, employees, each a function of the account and a number.

Nothing is kept. An id is arithmetic: the number is in its last digits, as in the vendor's, so that the object an id
belongs to is known without a search. What is peculiar to an object comes from one keyed hash of its number.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import cached_property
from hashlib import blake2b
from typing import Any

from emulator.exchange import JSON, Request
from emulator.providers.kladana.general import object_id, url
from emulator.providers.kladana.pools import Pools, pools
from emulator.providers.kladana.settings import KladanaWorld

Row = Any
Draw = Callable[[int], int]
Meta = dict[str, Any]

_WORD = 0xFFFFFFFF


class Kind:
    """The objects of one entity type, numbered from 0. `query` stands behind their references."""

    def __init__(self, books: "Books", name: str, query: str = "") -> None:
        bits = books.world.chance.bits("objects", books.account, name)
        self._step, self._first = bits & _WORD | 1, bits >> 32 & _WORD
        self._middle = f"-{bits >> 64 & 0xFFFF:04x}-11e{5 + (bits >> 80) % 4}-0a80-{bits >> 96 & 0xFFFF:04x}"
        self._href = url(books.request, f"/entity/{name}/")
        self._query = query
        metadata = "product" if name in ("service", "bundle") else name
        self._rest = {"metadataHref": url(books.request, f"/entity/{metadata}/metadata"), "type": name}

    def id(self, n: int) -> str:
        """The id of the n-th."""
        return f"{(n * self._step + self._first) & _WORD:08x}{self._middle}{n:08x}"

    def number(self, its_id: str) -> int | None:
        """Which one an id belongs to; None if none of these."""
        n = int(its_id[-8:], 16)
        return n if self.id(n) == its_id else None

    def meta(self, n: int) -> Meta:
        """The reference to the n-th."""
        return self.meta_of(self.id(n))

    def meta_of(self, its_id: str) -> Meta:
        """The reference to the one of that id."""
        return {"href": f"{self._href}{its_id}{self._query}", **self._rest, "mediaType": JSON}

    def part(self, its_id: str, name: str, kind: str, size: int = 0) -> Meta:
        """What belongs to the one of that id and has a list of its own: its images, accounts, notes."""
        meta = {"href": f"{self._href}{its_id}/{name}", "type": kind, "mediaType": JSON}
        return {"meta": meta | {"size": size, "limit": 1000, "offset": 0}}


class Books:
    """One account's objects, with references as the client of `request` can follow them."""

    def __init__(self, world: KladanaWorld, request: Request) -> None:
        self.world = world
        self.request = request
        self.account = request.account
        self._kinds: dict[tuple[str, str], Kind] = {}

    def kind(self, name: str, query: str = "") -> Kind:
        """The objects of an entity type."""
        if (name, query) not in self._kinds:
            self._kinds[name, query] = Kind(self, name, query)
        return self._kinds[name, query]

    def draw(self, purpose: str) -> Draw:
        """128 bits for each number."""
        new = blake2b(digest_size=16, key=self.world.chance.secret("rows", self.account, purpose)).copy

        def bits(n: int) -> int:
            hashed = new()
            hashed.update(n.to_bytes(8))
            return int.from_bytes(hashed.digest())

        return bits

    def one(self, name: str) -> Meta:
        """The reference to something of which the account has but one: its group, its currency."""
        its_id = object_id(self.world.chance, name, self.account)
        return {"meta": self.kind(name).meta_of(its_id)}

    @cached_property
    def account_id(self) -> str:
        """The id of the account."""
        return object_id(self.world.chance, "account", self.account)

    @property
    def words(self) -> Pools:
        """The words that names are made of."""
        return pools()


def named(words: tuple[str, ...], n: int) -> str:
    """The n-th name; once the words are used up, they come again with a number."""
    turn, place = divmod(n, len(words))
    return f"{words[place]} {turn + 1}" if turn else words[place]


def external_code(bits: int) -> str:
    """22 characters, as the vendor makes them up: ibWbdtWWhXiIwfZVEal6z2."""
    return urlsafe_b64encode(bits.to_bytes(16)).decode()[:22]

"""Objects -> a list of records that name each other by place, so that what is shared is written once.

A record is an array that begins with what it is: `["list", 1, [7]]`, `["Job", "id", ...]`. Within it null, true,
numbers and texts are themselves, and `[7]` is whatever record 7 stands for. Nothing is nested but JSON objects as
clients send them, `["json", {...}]`, and those not deeply.
"""

from base64 import b64encode
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from math import isfinite
from types import MappingProxyType, NoneType
from typing import Any

from emulator.pointer import ABSENT
from emulator.snapshot.types import TEXTS, Kind

Record = list[Any]

ITSELF = frozenset({int, bool, NoneType})
SHALLOW = 20
"""Objects and lists in each other that a JSON object is written with as it is; a deeper one is a record of its own."""


class Writer:
    """Writes what it is given, and whatever that refers to."""

    def __init__(self, kinds: Mapping[type, Kind]) -> None:
        self.records: list[Record] = []
        self._kinds = kinds
        self._places: dict[int, int] = {}
        self._met: list[Any] = []  # none of them may go, and its id to another, before all is written
        self._fields: dict[str, list[str]] = {}

    @property
    def types(self) -> dict[str, list[str]]:
        """By class: the names of the values that follow in its records."""
        return dict(sorted(self._fields.items()))

    def told(self, value: Any) -> Any:  # noqa: ANN401 - whatever state is made of
        """A value as it stands in a document, once all that it refers to is written. TypeError if it is no state."""
        said = self._value(value)
        while len(self.records) < len(self._met):
            self.records.append(self._record(self._met[len(self.records)]))
        return said

    def _value(self, value: Any) -> Any:  # noqa: ANN401
        kind = type(value)
        if kind in ITSELF or (kind is str and value.isascii()) or (kind is float and isfinite(value)):
            return value
        if kind is str and _encodable(value):
            return value
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(self._met)
            self._met.append(value)
        return [place]

    def _record(self, value: Any) -> Record:  # noqa: ANN401
        kind = self._kinds.get(type(value))
        if kind is not None:
            self._fields.setdefault(kind.name, list(kind.hints))
            return [kind.name, *map(self._value, kind.values(value))]
        if type(value) is dict and is_json(value):
            return ["json", value]
        if type(value) in CONTAINERS:
            name, items = CONTAINERS[type(value)]
            return [name, *map(self._value, items(value))]
        return [*_leaf(value)]


def is_json(value: Any, room: int = SHALLOW) -> bool:  # noqa: ANN401
    """Whether it is JSON that can be written as it is, and not nested deeper than there is room for."""
    kind = type(value)
    if kind is str:
        return value.isascii() or _encodable(value)
    if kind is dict and room:
        return all(type(key) is str and is_json(key) and is_json(each, room - 1) for key, each in value.items())
    if kind is list and room:
        return all(is_json(each, room - 1) for each in value)
    return kind in ITSELF or (kind is float and isfinite(value))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes of a header that were no UTF-8
        return False
    return True


def _leaf(value: Any) -> Iterable[Any]:  # noqa: ANN401
    if value is ABSENT:
        return ("absent",)
    if isinstance(value, TEXTS):
        return type(value).__name__, value.text
    if isinstance(value, bytes):
        return "bytes", b64encode(value).decode()
    if isinstance(value, str):
        return "text", b64encode(value.encode(errors="surrogatepass")).decode()
    raise TypeError(f"{type(value)} cannot be written down")


def _pairs(value: Mapping[Any, Any]) -> Iterator[Any]:
    return chain.from_iterable(value.items())


def _sorted(value: Iterable[Any]) -> list[Any]:
    return sorted(value, key=repr)


CONTAINERS: Mapping[type, tuple[str, Callable[[Any], Iterable[Any]]]] = {
    list: ("list", iter),
    tuple: ("tuple", iter),
    deque: ("deque", iter),
    set: ("set", _sorted),
    frozenset: ("frozenset", _sorted),
    dict: ("dict", _pairs),
    Counter: ("counter", _pairs),
    MappingProxyType: ("frozen", _pairs),
}
"""What each is called, and what is in it; sets in an order of their own."""

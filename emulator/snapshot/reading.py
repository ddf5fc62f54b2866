"""The list of records -> objects. Whatever is wrong with it is an `Unreadable`, and nothing else happens."""

from base64 import b64decode
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from emulator.pointer import ABSENT
from emulator.snapshot.fitting import Fits, Seen, fitting
from emulator.snapshot.types import TEXTS, Kind
from emulator.snapshot.writing import ITSELF, Record

DEEPEST = 220
"""How deep containers may stand in each other: deeper than any JSON that a client may send."""
LARGEST = 50_000_000
"""How many values one of them may come to, were it written out in full."""

_PLAIN = ITSELF | {str, float}

Where = str | tuple[int, int]
"""A pointer, or a record and the place in it: a pointer costs more to make than most values to read."""


class Unreadable(ValueError):  # noqa: N818 - reads as what it says
    """A document is no state; `pointer` says where in it."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f"{pointer or 'the document'}: {detail}")
        self.pointer = pointer
        self.detail = detail


class Reader:
    """The objects that a list of records stands for, each made once."""

    def __init__(self, kinds: Mapping[type, Kind], types: Mapping[str, list[str]], records: list[Record]) -> None:
        """Unreadable for whatever is wrong with any of them."""
        self._named = {kind.name: kind for kind in kinds.values()}
        self._fields = {name: self._checked(name, fields) for name, fields in types.items()}
        self._records = records
        self._found: dict[int, Any] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()
        self._seen: Seen = set()
        for place, record in enumerate(records):
            if kind := self._shell(place, record):
                self._found[place], self._sizes[place] = _empty(kind.made_of), 1
        for place in range(len(records)):
            if place not in self._found:
                self._make(place, 0)
        for place, record in enumerate(records):
            self._fill(place, record)

    def value(self, said: Any, hint: Any, pointer: str) -> Any:  # noqa: ANN401 - of the type that is hinted at
        """What a place outside of the records says. Unreadable if it is not of that type."""
        value = self._value(said, pointer, 0)[0]
        if not fitting(hint)(value, self._seen):
            raise Unreadable(pointer, "it is not what belongs here")
        return value

    def _checked(self, name: str, fields: list[str]) -> list[tuple[str, Fits]]:
        """The fields of a class, in the document's order, each with what its value must be."""
        kind = self._named.get(name)
        if kind is None:
            raise Unreadable(f"/types/{name}", "there is no such type")
        if sorted(fields) != sorted(kind.hints):
            raise Unreadable(f"/types/{name}", f"expected the fields {', '.join(kind.hints)}")
        return [(field, fitting(kind.hints[field])) for field in fields]

    def _shell(self, place: int, record: Record) -> Kind | None:
        """The class of a record that may be referred to before it is whole."""
        name = record[0] if record else None
        kind = self._named.get(name) if isinstance(name, str) else None
        if kind is None:
            return None
        if len(record) != 1 + len(self._fields.get(kind.name, ())):
            raise Unreadable(f"/records/{place}", f"expected as many values as /types/{name} names")
        return None if kind.is_tuple else kind

    def _make(self, place: int, depth: int) -> None:
        """A container, or something that holds nothing."""
        record, pointer = self._records[place], f"/records/{place}"
        if depth > DEEPEST:
            raise Unreadable(pointer, f"nested deeper than {DEEPEST}")
        if place in self._open:
            raise Unreadable(pointer, "it holds itself")
        self._open.add(place)
        name, *said = record or [None]
        if name == "json":
            self._found[place], self._sizes[place] = self._json(said, pointer), 1
            return
        size, values = 1, []
        for n, each in enumerate(said, 1):
            value, weight = (each, 1) if type(each) in _PLAIN else self._value(each, (place, n), depth)
            values.append(value)
            size += weight
        if size > LARGEST:
            raise Unreadable(pointer, f"it comes to more than {LARGEST} values")
        self._found[place], self._sizes[place] = self._made(name, values, place), size
        self._open.discard(place)

    def _json(self, said: list[Any], pointer: str) -> Any:  # noqa: ANN401
        """A JSON object, as it stands there."""
        if len(said) != 1 or type(said[0]) is not dict:
            raise Unreadable(pointer, "expected one JSON object")
        return said[0]

    def _value(self, said: Any, where: Where, depth: int) -> tuple[Any, int]:  # noqa: ANN401
        """What stands there, and how many values it comes to."""
        if type(said) in _PLAIN:
            return said, 1
        place = said[0] if isinstance(said, list) and len(said) == 1 else None
        if type(place) is not int or not 0 <= place < len(self._records):
            raise Unreadable(_pointer(where), f"expected a value or [the place of a record], got {_shown(said)}")
        if place not in self._found:
            self._make(place, depth + 1)
        return self._found[place], self._sizes[place]

    def _made(self, name: Any, values: list[Any], place: int) -> Any:  # noqa: ANN401
        kind = self._named.get(name) if isinstance(name, str) else None
        try:
            if kind is not None:
                return kind.made_of(**dict(self._fitting(kind, values, place)))
            if isinstance(name, str) and name in MADE:
                return MADE[name](values)
        except Unreadable:
            raise
        except (ValueError, TypeError) as error:
            raise Unreadable(f"/records/{place}", f"it is no {name}: {error}") from None
        raise Unreadable(f"/records/{place}/0", f"there is no type {_shown(name)}")

    def _fill(self, place: int, record: Record) -> None:
        """Give an object what it holds."""
        kind = self._named.get(record[0])
        if kind is None or kind.is_tuple:
            return
        each = self._found[place]
        values = [
            said if type(said) in _PLAIN else self._value(said, (place, n), 0)[0]
            for n, said in enumerate(record[1:], 1)
        ]
        for field, value in self._fitting(kind, values, place):
            object.__setattr__(each, field, value)

    def _fitting(self, kind: Kind, values: list[Any], place: int) -> Iterator[tuple[str, Any]]:
        """Each field with its value."""
        for n, ((field, fits), value) in enumerate(zip(self._fields[kind.name], values, strict=True), 1):
            if not fits(value, self._seen):
                raise Unreadable(f"/records/{place}/{n}", f"no {kind.name} has such a value of {field!r}")
            yield field, value


def _pointer(where: Where) -> str:
    return where if isinstance(where, str) else f"/records/{where[0]}/{where[1]}"


def _empty(made_of: type[Any]) -> Any:  # noqa: ANN401
    """An instance that holds nothing yet."""
    return object.__new__(made_of)


def _text_of(made_of: type[Any]) -> Callable[[list[Any]], Any]:
    return lambda values: made_of(_only(values))


# What is made of its values -------------------------------------------------------


def _key(value: Any) -> Any:  # noqa: ANN401
    """What may be a key: nothing that may still change."""
    if not (type(value) in _PLAIN or (type(value) is tuple and all(map(_key_like, value)))):
        raise TypeError("a key is a value, or a tuple of them")
    return value


def _key_like(value: Any) -> bool:  # noqa: ANN401
    return type(value) in _PLAIN


def _dict(values: list[Any]) -> dict[Any, Any]:
    found = {_key(key): value for key, value in zip(values[::2], values[1::2], strict=True)}
    if 2 * len(found) != len(values):
        raise ValueError("a key stands in it twice")
    return found


def _set(values: list[Any]) -> set[Any]:
    return set(map(_key, values))


def _only(values: list[Any]) -> str:
    if len(values) != 1 or type(values[0]) is not str:
        raise TypeError("expected one text")
    return values[0]


def _nothing(values: list[Any]) -> Any:  # noqa: ANN401
    if values:
        raise TypeError("expected nothing more")
    return ABSENT


MADE: Mapping[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "deque": deque,
    "set": _set,
    "frozenset": lambda values: frozenset(_set(values)),
    "dict": _dict,
    "counter": lambda values: Counter(_dict(values)),
    "frozen": lambda values: MappingProxyType(_dict(values)),
    "bytes": lambda values: b64decode(_only(values), validate=True),
    "text": lambda values: b64decode(_only(values), validate=True).decode(errors="surrogatepass"),
    "absent": _nothing,
    **{each.__name__: _text_of(each) for each in TEXTS},
}
"""By name: what a record stands for that is no object with fields."""


def _shown(said: Any) -> str:  # noqa: ANN401
    text = repr(said)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - a line of a message

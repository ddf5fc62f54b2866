"""One JSON Schema, compiled. jsonschema-rs decides; `explanation` says in what words, where it is refused.

jsonschema alone would cost fifty times as much per message; the other says little about a failed branch.
"""

import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

import jsonschema_rs
import orjson

log = logging.getLogger("emulator.contract")

FORMATS = frozenset({"date", "date-time", "time", "email", "uri", "uri-reference", "uuid", "regex"})
"""The formats that are checked. A schema that names another one is a mistake of ours, found when it is bundled."""

_OVERHEAD = 1000
"""What a part takes beside its text, roughly."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value breaks its schema."""

    path: tuple[str | int, ...]
    keyword: str
    expected: Any
    got: Any
    text: str

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer: /query/ids/0."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)


class UnknownFormat(ValueError):  # noqa: N818 - reads as what it says
    """A schema names a format that nobody checks."""


class Message:
    """One schema of a document, by its pointer: `#/components/schemas/task`."""

    def __init__(self, pointer: str, store: "Store") -> None:
        self.pointer = pointer
        self._schema = {"$ref": f"{store.uri}#{quote(pointer[1:], safe='/~$')}"}
        self._store = store

    @cached_property
    def allows(self) -> Callable[[Any], bool]:
        """Whether a value is as the schema has it. Compiled on first use, which takes a millisecond or two."""
        return self._validator.is_valid

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            self._schema,
            registry=self._store.registry,
            validate_formats=True,
            ignore_unknown_formats=False,
            pattern_options=jsonschema_rs.RegexOptions(),
            offline=True,
        )

    @property
    def name(self) -> str:
        """The last part of the pointer."""
        return self.pointer.rsplit("/", 1)[-1]

    def violations(self, value: Any) -> list[Violation]:  # noqa: ANN401 - JSON is any of six types
        """What is wrong, the most telling first; empty when nothing is."""
        if self.allows(value):
            return []
        from emulator.contract import explanation  # noqa: PLC0415 - it takes long to load, and a start needs it not

        explained = explanation.errors(self._schema, self._store.known, value)
        told = [Violation(*each) for each in explained] or [self._unexplained(value)]
        return [each for place, each in enumerate(told) if each not in told[:place]]

    def _unexplained(self, value: Any) -> Violation:  # noqa: ANN401 - JSON is any of six types
        error = next(iter(self._validator.iter_errors(value)))
        log.warning("refused without an explanation: %s at %s", error.message, error.instance_path)
        return Violation(tuple(error.instance_path), "", None, None, error.message)


@dataclass(slots=True, eq=False)
class Part:
    """A value that its message allows, encoded: where that message is wanted, it need not be checked again."""

    message: Message
    text: bytes
    fragment: orjson.Fragment
    """The same as it stands in a larger value that is encoded."""
    packed: bytes = b""
    """The text in gzip, once somebody has wanted that: it takes longer than all else."""


_FRAGMENT = attrgetter("fragment")


def fragments(parts: Sequence[Any]) -> list[Any]:
    """Parts as they stand in a larger value; what is none of them as it is."""
    try:
        return list(map(_FRAGMENT, parts))
    except AttributeError:
        return [each.fragment if isinstance(each, Part) else each for each in parts]


class Cache:
    """Parts of many owners, up to so many bytes in all. When these are used up, all parts are forgotten.

    What is still asked for is soon made anew, and nobody need keep account of who asked for what.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._all: WeakKeyDictionary[object, Parts] = WeakKeyDictionary()

    def of(self, owner: object) -> "Parts":
        """Those of one owner, such as a world: they are gone when it is."""
        parts = self._all.get(owner)
        if parts is None:
            self._all[owner] = parts = Parts(self)
        return parts

    def use(self, size: int) -> None:
        """So many bytes more are about to be held."""
        if self._used > self._limit:
            for each in self._all.values():
                each.forget()
            self._used = 0
        self._used += size


class Parts:
    """What is said again and again, checked and encoded once. A part depends on nothing but its key."""

    __slots__ = ("__weakref__", "_cache", "_parts", "get")

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._parts: dict[Hashable, Part] = {}
        self.get = self._parts.get  # the part of a key, if it is held: asked for each row of a list

    def __len__(self) -> int:
        return len(self._parts)

    def forget(self) -> None:
        """All of them."""
        self._parts.clear()

    def made(self, key: Hashable, message: Message, value: Any, unchecked: Any = None) -> Any:  # noqa: ANN401 - JSON
        """The new part of that key; `value` as it is if its message does not allow it, for others to find out why.

        `unchecked` is the same without those parts in it that have been checked.
        """
        if not message.allows(value if unchecked is None else unchecked):
            return value
        text = orjson.dumps(value)
        self._cache.use(2 * len(text) + _OVERHEAD)  # as it is, and packed
        self._parts[key] = part = Part(message, text, orjson.Fragment(text))
        return part


class Store:
    """A document with schemas in it, known to both libraries; nothing is ever fetched.

    Each library takes it in when it first has something to do: what nobody asks about takes its text's room alone.
    """

    def __init__(self, name: str, text: bytes) -> None:
        """`text` is the document as JSON."""
        self.uri = f"urn:emulator:{name}"
        self._text = text
        self._messages: dict[str, Message] = {}

    @property
    def document(self) -> dict[str, Any]:
        """The document, read anew each time, which takes a millisecond or less."""
        document: dict[str, Any] = orjson.loads(self._text)
        return document

    @cached_property
    def registry(self) -> jsonschema_rs.Registry:
        """The document as those have it who decide."""
        return jsonschema_rs.Registry([(self.uri, self.document)], draft=jsonschema_rs.Draft202012)

    @cached_property
    def known(self) -> Any:  # noqa: ANN401 - of a type that no stub tells
        """The document as those have it who explain."""
        from emulator.contract import explanation  # noqa: PLC0415 - it takes long to load, and a start needs it not

        return explanation.registry(self.uri, self.document)

    def compile(self) -> None:
        """Compile all that has been asked for: so a schema that cannot be is found before it is shipped.

        UnknownFormat; ValueError of jsonschema-rs.
        """
        _refuse_unknown_formats(self.document)
        for message in self._messages.values():
            _ = message.allows

    def message(self, pointer: str) -> Message:
        """The schema at `pointer`, which is compiled on first use."""
        if pointer not in self._messages:
            self._messages[pointer] = Message(pointer, self)
        return self._messages[pointer]


def _refuse_unknown_formats(node: Any) -> None:  # noqa: ANN401 - JSON is any of six types
    if isinstance(node, Mapping):
        named = node.get("format")
        if isinstance(named, str) and "type" in node and named not in FORMATS | {"int64", "int32", "double"}:
            raise UnknownFormat(f"nobody checks the format {named!r}")
        for child in node.values():
            _refuse_unknown_formats(child)
    elif isinstance(node, list):
        for child in node:
            _refuse_unknown_formats(child)

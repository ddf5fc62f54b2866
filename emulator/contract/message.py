r"""One JSON Schema, compiled. jsonschema-rs decides, jsonschema explains.

jsonschema alone would cost fifty times as much per message; the other says little about a failed branch. The two
differ in a few keywords (`$` before a newline, `\d`, leap seconds, host names, `multipleOf`), so the explaining one
asks one-keyword validators of the deciding one there.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

log = logging.getLogger("emulator.contract")

FORMATS = frozenset({"date", "date-time", "time", "email", "uri", "uri-reference", "uuid", "regex"})
"""The formats that are checked. A schema that names another one is a mistake of ours, found at the start."""


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
        """Whether a value is as the schema has it; compiled on first use."""
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
        errors = list(self._explainer.iter_errors(value))
        if not errors:
            return [self._unexplained(value)]
        best = best_match(errors)
        told = [_violation(best)] if best else []
        return told + [found for found in map(_violation, errors) if found not in told]

    @cached_property
    def _explainer(self) -> Any:  # noqa: ANN401 - jsonschema's own class, made at run time
        return _EXPLAINING(self._schema, registry=self._store.referencing)

    def _unexplained(self, value: Any) -> Violation:  # noqa: ANN401 - JSON is any of six types
        error = next(iter(self._validator.iter_errors(value)))
        log.warning("refused without an explanation: %s at %s", error.message, error.instance_path)
        return Violation(tuple(error.instance_path), "", None, None, error.message)


class Store:
    """A document with schemas in it, known to both libraries; nothing is ever fetched."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self.uri = f"urn:emulator:{name}"
        _refuse_unknown_formats(document)
        self.registry = jsonschema_rs.Registry([(self.uri, dict(document))], draft=jsonschema_rs.Draft202012)
        self.referencing: Any = Registry().with_resource(
            self.uri, Resource.from_contents(document, default_specification=DRAFT202012)
        )
        self._messages: dict[str, Message] = {}

    def compile(self) -> None:
        """Compile all that has been asked for, so that a schema which cannot be is found now, not in a request."""
        for message in self._messages.values():
            _ = message.allows

    def message(self, pointer: str) -> Message:
        """The schema at `pointer`, compiled once."""
        if pointer not in self._messages:
            self._messages[pointer] = Message(pointer, self)
        return self._messages[pointer]


def _violation(error: ValidationError) -> Violation:
    return Violation(
        tuple(error.absolute_path), str(error.validator), error.validator_value, error.instance, error.message
    )


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


@cache
def _one_keyword(keyword: str, operand: str | float) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {keyword: operand},
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
    )


def _delegated(keyword: str, complaint: str) -> Callable[..., Iterator[ValidationError]]:
    def check(
        _validator: Any,  # noqa: ANN401 - jsonschema's calling convention
        operand: str | float,
        instance: Any,  # noqa: ANN401
        _schema: Any,  # noqa: ANN401
    ) -> Iterator[ValidationError]:
        if not _one_keyword(keyword, operand).is_valid(instance):
            yield ValidationError(f"{instance!r} {complaint} {operand!r}")

    return check


_EXPLAINING = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _delegated("pattern", "does not match"),
        "format": _delegated("format", "is not a"),
        "multipleOf": _delegated("multipleOf", "is not a multiple of"),
    },
)

"""A provider's `Settings` dataclass as a piece of JSON Schema, and a file's settings as its Python types."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from emulator.clock import Duration
from emulator.scenario import forms, measures
from emulator.scenario.vocabulary import Size, Statuses


class Kind(NamedTuple):
    """How one Python type looks in a file."""

    schema: Mapping[str, Any]
    read: Callable[[Any], Any]
    """From the file's value; ValueError beyond its bounds."""
    written: Callable[[Any], Any]
    """Back again, as the schema shows a default."""


def _same(value: Any) -> Any:  # noqa: ANN401 - any type of setting
    return value


_KINDS: Mapping[Any, Kind] = {
    bool: Kind({"type": "boolean"}, _same, _same),
    int: Kind({"type": "integer"}, int, _same),
    float: Kind({"type": "number"}, float, _same),
    str: Kind({"type": "string"}, _same, _same),
    Duration: Kind(forms.DURATION, measures.microseconds, measures.duration_text),
    Statuses: Kind(
        {
            "type": "object",
            "patternProperties": {"^[0-9]+$": {"type": "integer", "minimum": 400, "maximum": 599}},
            "additionalProperties": False,
        },
        lambda value: MappingProxyType({int(code): status for code, status in value.items()}),
        lambda value: {str(code): status for code, status in value.items()},
    ),
    Size: Kind(forms.SIZE, measures.octets, measures.size_text),
}


def kinds(settings: type) -> dict[str, Kind]:
    """The kind of each setting, by name. TypeError for a type that files cannot say: that is our bug."""
    return {name: _kind(hint) for name, hint in get_type_hints(settings).items()}


def properties(settings: type) -> dict[str, Any]:
    """Property name -> JSON Schema, with the defaults as a file would say them."""
    return dict(_properties(settings))


def python(settings: type, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a file sets, in Python types: durations in microseconds, sizes in bytes."""
    known = kinds(settings)
    return MappingProxyType({name: known[name].read(value) for name, value in values.items()})


def _properties(settings: type) -> Iterator[tuple[str, dict[str, Any]]]:
    known = kinds(settings)
    for field in fields(settings):
        kind = known[field.name]
        default = kind.written(field.default)
        yield (
            field.name,
            {
                "title": field.name.replace("_", " "),
                "examples": [default],
                **kind.schema,
                "default": default,
                **field.metadata,
            },
        )


def _kind(hint: Any) -> Kind:  # noqa: ANN401 - a type, or what typing makes of one
    if get_origin(hint) in (Union, UnionType):
        return _optional([part for part in get_args(hint) if part is not NoneType])
    if get_origin(hint) is Literal:
        return Kind({"enum": list(get_args(hint))}, _same, _same)
    if hint not in _KINDS:
        raise TypeError(f"no file can say a setting of type {hint}")
    return _KINDS[hint]


def _optional(parts: list[Any]) -> Kind:
    if len(parts) != 1:
        raise TypeError(f"no file can say a setting of types {parts}")
    kind = _kind(parts[0])
    return Kind(_or_null(kind.schema), _unless_none(kind.read), _unless_none(kind.written))


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    wider = dict(schema)
    if "enum" in wider:
        wider["enum"] = [*wider["enum"], None]
    if "type" in wider:
        types = wider["type"]
        wider["type"] = [*([types] if isinstance(types, str) else types), "null"]
    return wider


def _unless_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)

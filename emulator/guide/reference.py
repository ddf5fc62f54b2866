"""Every key of the language, out of its JSON Schema: one table for each mapping that a file may hold."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from emulator.guide.markdown import code, link, table
from emulator.scenario import measures
from emulator.scenario.phrases import series

Schema = Mapping[str, Any]

HEAD = ("key", "what it is", "value", "default", "for example")

_TYPES = {
    "object": "mapping",
    "array": "list",
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
}
_PATTERNS = (
    (f"^release$|{measures.DURATION}", "duration, `release`"),
    (measures.DURATION, "duration"),
    (measures.SIZE, "size"),
    (measures.RANGE, "count or range"),
)
_HUGE = 10**9
_MOST_CHOICES = 12


class Section(NamedTuple):
    """A mapping, by the way to it."""

    title: str
    about: str
    schema: Schema


class Reference:
    """The mappings below one, each told once: where the same one comes again, there is a link."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def sections(self, title: str, schema: Schema) -> Iterator[Section]:
        """The mapping itself, then those in it."""
        self._told.setdefault(_identity(schema), title)
        yield Section(title, schema.get("description", ""), schema)
        for key, each in schema["properties"].items():
            for inner in _mappings(each):
                name = f"{title} {key}".removeprefix("file ")
                if self._told.setdefault(_identity(inner), name) == name:
                    yield from self.sections(name, {"description": each.get("description", ""), **inner})

    def rows(self, schema: Schema) -> Iterator[tuple[str, str, str, str, str]]:
        """One row for each key of a mapping."""
        needed = schema.get("required", ())
        for key, each in schema["properties"].items():
            default = code(each["default"]) if "default" in each else "must be there" if key in needed else ""
            examples = each.get("examples", ())
            shown = code(examples[0]) if examples and examples[0] not in ({}, [], each.get("default")) else ""
            links = [link(self._told[_identity(inner)]) for inner in _mappings(each) if _identity(inner) in self._told]
            value = value_of(each) + (f": {', '.join(dict.fromkeys(links))}" if links else "")
            yield f"`{key}`", each.get("description", ""), value, default, shown

    def table(self, schema: Schema) -> Iterator[str]:
        """The lines of a mapping's table."""
        yield from table(HEAD, self.rows(schema))


def _mappings(schema: Schema) -> list[Schema]:
    """The mappings with keys of their own that a value may be, or hold."""
    found = [schema] if schema.get("properties") else []
    for branch in ("items", "then", "else", "additionalProperties"):
        if isinstance(schema.get(branch), Mapping):
            found += _mappings(schema[branch])
    return found


def _identity(schema: Schema) -> str:
    return json.dumps(schema["properties"], sort_keys=True, default=dict)


def value_of(schema: Schema) -> str:
    """What a value must be, in a few words."""
    told = [say(schema) for keyword, say in _SAID.items() if keyword in schema]
    return told[0] if told else "anything"


def _branches(schema: Schema) -> str:
    return ", or ".join(dict.fromkeys(value_of(schema[each]) for each in ("else", "then") if each in schema))


def _choices(schema: Schema) -> str:
    choices = schema["enum"]
    told = ", ".join(map(code, choices[:_MOST_CHOICES]))
    return told + (f" and {len(choices) - _MOST_CHOICES} more" if len(choices) > _MOST_CHOICES else "")


def _patterned(schema: Schema) -> str:
    known = dict(_PATTERNS)
    return _nullable(schema, known.get(schema["pattern"], "") or f"text like `{schema['pattern']}`")


def _typed(schema: Schema) -> str:
    types = [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    if types == ["array"]:
        inner = value_of(schema["items"]) if "items" in schema else ""
        return f"list of {'mappings' if inner == 'mapping' else inner}" if inner else "list"
    words = series((_TYPES[each] for each in types), "or")
    least, most = schema.get("minimum"), schema.get("maximum")
    if {"integer", "number"} & {*types}:
        words += f" from {least}" if least is not None else ""
        words += f" to {most}" if most is not None and most < _HUGE else ""
    return words


def _nullable(schema: Schema, words: str) -> str:
    return f"{words} or null" if "null" in schema.get("type", ()) else words


_SAID: Mapping[str, Callable[[Schema], str]] = {
    "const": lambda schema: code(schema["const"]),
    "enum": _choices,
    "if": _branches,
    "$ref": lambda schema: schema["$ref"].rpartition("/")[2],
    "properties": lambda _: "mapping",
    "pattern": _patterned,
    "format": lambda _: "date and time",
    "type": _typed,
}
"""What a keyword says of a value; the first that is there says all."""

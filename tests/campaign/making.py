"""Values as a schema has them, more or less, and what becomes of a value that somebody has spoilt."""

import copy
import json
from collections.abc import Mapping
from random import Random
from typing import Any

STRINGS = (
    "", " ", "a", "A" * 300, "0", "-1", "true", "null", "\u0000", "\u202e", "é", "😀", "a/b", "../..", "%00",
    "%ff", "{id}",
    "${job.id}", "{{7*7}}", "<script>alert(1)</script>", "' OR 1=1--", "2026-03-01 09:00:00", "2026-02-30", "a\r\nB: c",
    "http://127.0.0.1:9/", "http://169.254.169.254/", "file:///etc/passwd", "\\", '"', "x" * 5000, "NaN", "1e400",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 7, 100, 1000, 1001, 2**31, 2**53 + 1, 2**63, 10**30, 0.5, -0.0, 1e300, 1.0)
FORMATS = {
    "date-time": ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.123+03:00", "2016-12-31T23:59:60Z"),
    "date": ("2026-03-01", "2024-02-29"),
    "uri": ("http://127.0.0.1:9/hook", "https://example.com/a?b=c#d"),
    "uri-reference": ("/a", "http://127.0.0.1:9/hook", ""),
    "uuid": ("498b8673-0308-11e6-9464-e4de00000089", "00000000-0000-4000-8000-000000000000"),
    "email": ("a@example.com",),
}
DEEPEST = 6


class Maker:
    """Makes values of the schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def value(self, schema: Any, rng: Random, depth: int = 0) -> Any:
        """A value that the schema may well allow: it is not followed into its last corner."""
        if not isinstance(schema, Mapping):
            return rng.choice(NUMBERS)
        if "$ref" in schema:
            return self.value(self.at(schema["$ref"]), rng, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return rng.choice(schema["enum"])
        if schema.get("examples") and rng.random() < 0.4:
            return copy.deepcopy(rng.choice(schema["examples"]))
        for choice in ("anyOf", "oneOf"):
            if choice in schema and depth < DEEPEST:
                made = self.value(rng.choice(schema[choice]), rng, depth + 1)
                return (
                    self._object(schema, rng, depth) | made
                    if "properties" in schema and isinstance(made, dict)
                    else made
                )
        if "allOf" in schema:
            made = [
                self.value(each, rng, depth + 1) for each in (*schema["allOf"], {**schema, "allOf": []})[: depth + 4]
            ]
            objects = [each for each in made if isinstance(each, dict)]
            return {key: each for some in objects for key, each in some.items()} if objects else made[0]
        return self._of_type(schema, rng, depth)

    def at(self, pointer: str) -> Any:
        """What stands there in the document."""
        node: Any = self._document
        for part in pointer.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def _of_type(self, schema: Mapping[str, Any], rng: Random, depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        kind = rng.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            return self._object(schema, rng, depth)
        if kind == "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems", 4)
            count = 0 if depth > DEEPEST else rng.randint(least, max(least, min(most, 4)))
            return [self.value(schema.get("items", {"type": "integer"}), rng, depth + 1) for _ in range(count)]
        if kind in ("integer", "number"):
            low, high = schema.get("minimum", -1), schema.get("maximum", 1000)
            return rng.choice([low, high, rng.randint(int(low), int(max(low, high))), rng.choice(NUMBERS)])
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "null":
            return None
        return rng.choice(FORMATS[schema["format"]] if schema.get("format") in FORMATS else ("a", "b", *STRINGS[:8]))

    def _object(self, schema: Mapping[str, Any], rng: Random, depth: int) -> dict[str, Any]:
        wanted = set(schema.get("required", ()))
        return {
            key: self.value(each, rng, depth + 1)
            for key, each in schema.get("properties", {}).items()
            if key in wanted or (depth < DEEPEST and rng.random() < 0.4)
        }


def spoilt(value: Any, rng: Random) -> Any:
    """The value with something in one of its places changed, taken away or put in."""
    value = copy.deepcopy(value)
    places = list(_places(value))
    if not places or rng.random() < 0.1:
        return junk(rng)
    around, key = rng.choice(places)
    how = rng.randrange(5)
    if how == 0:
        del around[key]
    elif how == 1 and isinstance(around, dict):
        around[rng.choice(STRINGS)] = junk(rng)
    elif how == 2 and isinstance(around, list):
        around.extend([around[key]] * rng.choice((1, 2, 300)))
    else:
        around[key] = junk(rng)
    return value


def junk(rng: Random) -> Any:
    """Any value at all."""
    some = rng.choice((rng.choice(STRINGS), rng.choice(NUMBERS), None, True, [], {}, "nest"))
    if some == "nest":
        return json.loads("[" * 50 + "]" * 50) if rng.random() < 0.5 else [{"a": junk(rng)}, junk(rng)]
    return some


def broken(body: bytes, rng: Random) -> bytes:
    """The body as bytes that may be no JSON any more."""
    at, length = rng.randrange(len(body) + 1), rng.choice((0, 1, 3, 20))
    put = rng.choice(
        (
            b"",
            b"\0",
            b"\xff",
            b"{",
            b"]",
            b",",
            b'"',
            b"NaN",
            b"1e999",
            b"\xef\xbb\xbf",
            b"\\ud800",
            b"9" * 400,
            b"[" * 300,
        )
    )
    return body[:at] + put + body[at + length :] if rng.random() < 0.8 else body * 2


def _places(value: Any) -> Any:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(children):
        yield value, key
        yield from _places(child)

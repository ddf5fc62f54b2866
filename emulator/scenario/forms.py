"""The forms that values take in a scenario file, as JSON Schema: durations, sizes, waits, counts, errors.

Editors show the titles, descriptions and examples; `errorMessage` is what both they and we say when a value does
not fit. Branches are chosen by `if`, never tried by `anyOf`, so that a message is about the one that was meant.
"""

from collections.abc import Mapping
from typing import Any

from emulator.scenario import measures

Schema = Mapping[str, Any]

_MOST_POLLS = 1_000_000

DURATION: Schema = {
    "type": ["string", "integer"],
    "pattern": measures.DURATION,
    "minimum": 0,
    "maximum": 0,
    "errorMessage": measures.A_DURATION,
}
"""A text, or a plain 0: the bounds speak of numbers only."""

SIZE: Schema = {"type": "string", "pattern": measures.SIZE, "errorMessage": measures.A_SIZE}

TEXT: Schema = {"type": "string"}
CODE: Schema = {"type": ["integer", "string"]}


def said(title: str, description: str, example: object, *schemas: Schema, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A schema with the words an editor shows beside it."""
    merged = {key: value for schema in schemas for key, value in schema.items()}
    return {"title": title, "description": description, "examples": [example], **merged, **more}


def closed(properties: Schema, *required: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON Schema
    """A mapping with these keys and no others."""
    schema = {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}
    return {**schema, "required": list(required)} if required else schema


def listing(items: Schema, most: int, least: int = 0) -> dict[str, Any]:
    """A list of so many."""
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def one_of(shapes: Schema, otherwise: Schema) -> dict[str, Any]:
    """A mapping with exactly one of these keys, or, when it is no mapping, `otherwise`."""
    names = " or ".join([", ".join([*shapes][:-1]), [*shapes][-1]])
    message = f"expected exactly one of {names}"
    exactly = {"allOf": [{"minProperties": 1, "maxProperties": 1, "errorMessage": message}]}
    return {"if": {"type": "object"}, "then": closed(shapes, **exactly), "else": otherwise}


def duration(title: str, description: str, example: str) -> dict[str, Any]:
    """A duration with its words."""
    return said(title, description, example, DURATION)


DRAWN: Schema = {
    "uniform": said(
        "uniform",
        "Anything between the two, each as likely.",
        ["5s", "30s"],
        listing(duration("bound", "The shortest, then the longest.", "5s"), 2, 2),
    ),
    "lognormal": said(
        "lognormal",
        "Mostly near the median, seldom far above it.",
        {"median": "200ms", "p99": "2s"},
        closed(
            {
                "median": duration("median", "Half of all draws are shorter.", "200ms"),
                "p99": duration("p99", "One in a hundred is longer.", "2s"),
            },
            "median",
            "p99",
        ),
    ),
}

_POLLS = said(
    "polls",
    "Until the present state has been seen so many times.",
    2,
    type="integer",
    minimum=1,
    maximum=_MOST_POLLS,
)

WAIT = said(
    "after",
    "How long after the step before it: a duration, {uniform: [low, high]}, {lognormal: {median, p99}}, "
    "{polls: n}, or `release` for until somebody releases it. Default: at once.",
    "10s",
    one_of(
        {**DRAWN, "polls": _POLLS},
        {
            **DURATION,
            "pattern": f"^release$|{measures.DURATION}",
            "errorMessage": f"{measures.A_DURATION}, or release",
        },
    ),
)

WAIT_BY_TIME = said(
    "delay",
    "Virtual time: a duration, {uniform: [low, high]} or {lognormal: {median, p99}}.",
    "10s",
    one_of(DRAWN, DURATION),
)

LATENCY = said(
    "latency",
    "Real time before the answer goes out, 60s at most: a duration, {fixed: d}, {uniform: [low, high]} or "
    "{lognormal: {median, p99}}.",
    "200ms",
    one_of({"fixed": duration("fixed", "Always the same.", "200ms"), **DRAWN}, DURATION),
)

ERROR = said(
    "error",
    "A code of the vendor's error table, or {code, status} with whatever fills the gaps in its text.",
    {"code": 1016, "status": 403},
    {
        "if": {"type": "object"},
        "then": {
            "properties": {
                "code": said("code", "A code of the vendor's error table.", 1016, CODE),
                "status": said(
                    "status",
                    "Another HTTP status than the table's.",
                    403,
                    type="integer",
                    minimum=200,
                    maximum=599,
                ),
            },
            "required": ["code"],
            "additionalProperties": {"type": ["string", "number"]},
        },
        "else": {**CODE, "errorMessage": "expected an error code, or a mapping with the key code"},
    },
)

COUNT: Schema = {
    "type": ["integer", "string"],
    "minimum": 1,
    "maximum": measures.LARGEST_COUNT,
    "pattern": measures.RANGE,
    "errorMessage": measures.A_COUNT,
}
EVERY = said("every", "Only each n-th of them.", 3, type="integer", minimum=1, maximum=measures.LARGEST_COUNT)

COUNTED: Schema = {
    "calls": said("calls", "Which calls: 3, 2..3, or 3.. for the third and all that follow.", "2..3", COUNT),
    "every": EVERY,
}

PARAMETER_NAME = "[A-Za-z_][A-Za-z0-9_]{0,63}"

A_TEST = "expected a value, or a mapping of equals, contains, exists and matches"

POINTERS = "by JSON Pointer, such as /rows/0/id"


def pointed(title: str, description: str, example: object) -> dict[str, Any]:
    """A mapping of JSON Pointers to values."""
    return said(title, f"{description}, {POINTERS}.", example, type="object", minProperties=1)


CHANGES: Schema = {
    "set": pointed("set", "Put into the JSON that is sent, whatever stood there", {"/state": "EXPLODED"}),
    "replace": pointed("replace", "Like set, but only where something stands already", {"/rows/0/id": None}),
    "remove": said(
        "remove",
        f"Taken out of the JSON that is sent, {POINTERS}.",
        ["/deletionDate"],
        listing(TEXT, 100, 1),
    ),
}

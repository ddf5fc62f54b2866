"""The parts of a scenario file that are the same for every API, as JSON Schema.

Editors show the titles, descriptions and examples; `errorMessage` is what both they and we say when a value does
not fit. Branches are chosen by `if`, never tried by `anyOf`, so that a message is about the one that was meant.
"""

from collections.abc import Mapping
from typing import Any, get_args

from emulator.job import END
from emulator.scenario import measures
from emulator.scenario.story import Per, WireFault

Schema = Mapping[str, Any]

MOST_STEPS = 100
MOST_RULES = 1000
_BIGGEST = 2**63 - 1
_MOST_POLLS = 1_000_000
_FASTEST = 1_000_000

DURATION: Schema = {
    "type": ["string", "integer"],
    "pattern": measures.DURATION,
    "minimum": 0,
    "maximum": 0,
    "errorMessage": measures.A_DURATION,
}
"""A text, or a plain 0: the bounds speak of numbers only."""

SIZE: Schema = {"type": "string", "pattern": measures.SIZE, "errorMessage": measures.A_SIZE}

_TEXT: Schema = {"type": "string"}
_CODE: Schema = {"type": ["integer", "string"]}


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


_DRAWN: Schema = {
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
        {**_DRAWN, "polls": _POLLS},
        {
            **DURATION,
            "pattern": f"^release$|{measures.DURATION}",
            "errorMessage": f"{measures.A_DURATION}, or release",
        },
    ),
)

LATENCY = said(
    "latency",
    "Real time before the answer goes out, 60s at most: a duration, {fixed: d}, {uniform: [low, high]} or "
    "{lognormal: {median, p99}}.",
    "200ms",
    one_of({"fixed": duration("fixed", "Always the same.", "200ms"), **_DRAWN}, DURATION),
)

ERROR = said(
    "error",
    "A code of the vendor's error table, or {code, status} with whatever fills the gaps in its text.",
    {"code": 1016, "status": 403},
    {
        "if": {"type": "object"},
        "then": {
            "properties": {
                "code": said("code", "A code of the vendor's error table.", 1016, _CODE),
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
        "else": {**_CODE, "errorMessage": "expected an error code, or a mapping with the key code"},
    },
)

_COUNT: Schema = {
    "type": ["integer", "string"],
    "minimum": 1,
    "maximum": measures.LARGEST_COUNT,
    "pattern": measures.RANGE,
    "errorMessage": measures.A_COUNT,
}
_EVERY = said("every", "Only each n-th of them.", 3, type="integer", minimum=1, maximum=measures.LARGEST_COUNT)

NTH: Schema = {
    "nth": said("nth", "Which of the submissions that meet the other conditions, from 1.", 3, _COUNT),
    "every": _EVERY,
    "per": said(
        "per",
        "Count per account, or over the whole namespace (the default).",
        "account",
        enum=[per for per in get_args(Per) if per != "job"],
        errorMessage="expected account or namespace, for a submission has no job yet",
    ),
}

STEP = closed(
    {
        "state": said("state", f"The vendor's word for it, or `{END}`: wherever the provider arrives.", END, _TEXT),
        "after": WAIT,
        "progress": said(
            "progress", "Percent, where the vendor shows one.", 40, type="integer", minimum=0, maximum=100
        ),
        "error": ERROR,
    },
    "state",
)

JOB = closed(
    {
        "when": said(
            "when",
            "To which submissions this applies; all of it must hold.",
            {"nth": 3},
            type="object",
            properties=dict(NTH),
        ),
        "steps": said(
            "steps",
            "What happens to the job, in order. The first is where every job begins.",
            [{"state": END, "after": "5s"}],
            listing(STEP, MOST_STEPS, 1),
        ),
        "result": said("result", "What the job yields.", {"rows": 250}, type="object"),
    },
    "steps",
)

FAULT = closed(
    {
        "operation": said("operation", "The operation's name in the API's contract.", "getTask", _TEXT),
        "calls": said("calls", "Which calls: 3, 2..3, or 3.. for the third and all that follow.", "2..3", _COUNT),
        "every": _EVERY,
        "per": said(
            "per",
            "Count per job (the default of operations on one), per account, or over the whole namespace.",
            "job",
            enum=list(get_args(Per)),
        ),
        "latency": LATENCY,
        "error": ERROR,
        "fault": said(
            "fault",
            "What happens to the finished answer on the wire.",
            get_args(WireFault)[0],
            enum=[*get_args(WireFault)],
        ),
    },
    "operation",
    allOf=[
        {
            "anyOf": [{"required": ["latency"]}, {"required": ["error"]}, {"required": ["fault"]}],
            "errorMessage": "expected at least one of latency, error and fault",
        }
    ],
)

CLOCK = closed(
    {
        "mode": said(
            "mode",
            "With the wall clock, or standing still until a test moves it.",
            "frozen",
            enum=["real", "frozen"],
        ),
        "rate": said(
            "rate",
            "Virtual seconds per real second.",
            60,
            type="number",
            exclusiveMinimum=0,
            maximum=_FASTEST,
        ),
        "start": said(
            "start",
            "Where it begins.",
            "2026-03-01T09:00:00Z",
            _TEXT,
            format="date-time",
            errorMessage=measures.A_DATE,
        ),
    },
    allOf=[
        {"minProperties": 1, "errorMessage": "expected one of mode, rate and start"},
        {"not": {"required": ["mode", "rate"]}, "errorMessage": "expected mode or rate, not both"},
    ],
)


def top(apis: list[str]) -> dict[str, Any]:
    """The keys of a file. `apis` are those it may choose from."""
    return {
        "version": said("version", "The version of this format.", 1, const=1),
        "api": said("api", "Whose API the story is about.", next(iter(apis), "api"), enum=apis),
        "about": said("about", "The story in a sentence.", "The third report fails.", _TEXT),
        "clock": said("clock", "How virtual time starts and runs.", {"mode": "frozen"}, CLOCK),
        "seed": said("seed", "What all draws follow from.", 7, type="integer", minimum=0, maximum=_BIGGEST),
        "settings": said("settings", "Limits and life times of the API.", {}, type="object"),
        "progression": said(
            "progression",
            "time: as the steps say; immediate: without waits; manual: each wait lasts until somebody releases it.",
            "immediate",
            enum=["immediate", "time", "manual"],
            default="time",
        ),
        "accounts": said("accounts", "Who may call, and with what.", [], listing({"type": "object"}, MOST_RULES)),
        "jobs": said(
            "jobs",
            "What jobs live through. The first rule that matches a submission wins.",
            [{"steps": [{"state": END, "after": "5s"}]}],
            listing(JOB, MOST_RULES),
        ),
        "faults": said(
            "faults",
            "What goes wrong on the wire. All rules that match a call act, in order.",
            [{"operation": "getTask", "calls": "2..3", "latency": "200ms"}],
            listing(FAULT, MOST_RULES),
        ),
    }

"""What may go wrong, as JSON Schema: `faults` of calls and `callbacks`."""

from typing import Any, get_args

from emulator.damage import FAULTS
from emulator.scenario.asking import ASKED, ASKED_OF_CALLBACKS, OPERATIONS, STATE
from emulator.scenario.forms import (
    CHANGES,
    COUNTED,
    DURATION,
    ERROR,
    LATENCY,
    SIZE,
    TEXT,
    WAIT_BY_TIME,
    Schema,
    closed,
    duration,
    listing,
    said,
)
from emulator.scenario.story import Effect, Per

MOST_COPIES = 100
COUNT_OF: Schema = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
_MOST_RETRIES = 100
_MOST_CHUNKS = 1000


def _per(description: str) -> dict[str, Any]:
    return said("per", description, "job", enum=list(get_args(Per)))


def _when(conditions: Schema) -> dict[str, Any]:
    return said("when", "What else must hold.", {"account": "acme"}, closed(conditions, minProperties=1))


ANSWER = said(
    "answer",
    "An answer of your own instead of the vendor's. Texts may leave places open, such as ${request.query.name}, "
    "${job.id}, ${now+5m} or ${faker.company}.",
    {"status": 200, "body": {"state": "DONE"}},
    closed(
        {
            "status": said("status", "HTTP status.", 200, type="integer", minimum=200, maximum=599, default=200),
            "headers": said(
                "headers", "By name.", {"X-Request-Id": "${uuid}"}, type="object", additionalProperties=TEXT
            ),
            "body": said("body", "JSON.", {"state": "DONE"}, {}),
            "text": said("text", "A body that is no JSON.", "<html>...</html>", TEXT),
            "file": said("file", "A file beside this one, or below, that is the body.", "rows.json", TEXT, minLength=1),
            "content_type": said("content_type", "By default the vendor's for JSON.", "text/csv", TEXT, minLength=1),
        },
        allOf=[
            {
                "not": {
                    "anyOf": [{"required": pair} for pair in (["body", "text"], ["body", "file"], ["text", "file"])]
                },
                "errorMessage": "expected one of body, text and file",
            }
        ],
    ),
)

_HEADER_VALUE: Schema = {
    "if": {"type": "array"},
    "then": listing(TEXT, 10, 1),
    "else": {
        "type": ["string", "null"],
        "errorMessage": "expected a text, a list of texts, or nothing to take it away",
    },
}

_ON_THE_WIRE: Schema = {
    "fault": said(
        "fault",
        "What happens to the finished answer: " + "; ".join(f"{name}, {told}" for name, told in FAULTS.items()) + ".",
        next(iter(FAULTS)),
        enum=list(FAULTS),
    ),
    "chunked_dribble": said(
        "chunked_dribble",
        "The body comes in so many pieces, spread over some real time.",
        {"chunks": 5, "over": "2s"},
        closed(
            {
                "chunks": said("chunks", "How many.", 5, type="integer", minimum=1, maximum=_MOST_CHUNKS),
                "over": duration("over", "Real time, 60s at most.", "2s"),
            },
            "chunks",
            "over",
        ),
    ),
    "bandwidth": said("bandwidth", "How much of the body comes in each real second.", "10KB", SIZE),
    "headers": said(
        "headers",
        "Headers as they go out: a text is set, a list is sent line by line, nothing takes it away.",
        {"Retry-After": None, "Content-Type": ["application/json", "text/html"]},
        type="object",
        minProperties=1,
        additionalProperties=_HEADER_VALUE,
    ),
    "date": said(
        "date",
        "How far the header `Date` is off.",
        {"ahead": "10m"},
        closed(
            {
                "ahead": duration("ahead", "It shows a later time.", "10m"),
                "behind": duration("behind", "It shows an earlier time.", "10m"),
            },
            allOf=[
                {"minProperties": 1, "maxProperties": 1, "errorMessage": "expected exactly one of ahead and behind"}
            ],
        ),
    ),
}

_DOES: Schema = {"latency": LATENCY, "error": ERROR, "answer": ANSWER, **CHANGES, **_ON_THE_WIRE}

FAULT = closed(
    {
        "operation": OPERATIONS,
        "when": _when({**ASKED, "state": STATE}),
        **COUNTED,
        "per": _per("Count per job (the default of operations on one), per account, or over the whole namespace."),
        "effect": said(
            "effect",
            "Whether the call is made, `after` which all goes wrong, or not: all goes wrong `before`. By default "
            "`before` for an error or an answer, `after` for what happens on the wire.",
            "after",
            enum=list(get_args(Effect)),
        ),
        "breaks_contract": said(
            "breaks_contract",
            "Says that the answer is meant to break the vendor's contract: it is sent unchecked.",
            example=True,
            type="boolean",
            default=False,
        ),
        **_DOES,
    },
    allOf=[
        {
            "anyOf": [{"required": [key]} for key in _DOES],
            "errorMessage": f"expected at least one of {', '.join([*_DOES][:-1])} and {[*_DOES][-1]}",
        },
        {"not": {"required": ["error", "answer"]}, "errorMessage": "expected error or answer, not both"},
    ],
)

_RESTRICTS: Schema = {
    "requests": said(
        "requests", "Units that may be spent in each window: calls, unless `weights` says more.", 45, COUNT_OF
    ),
    "parallel": said("parallel", "Calls that may be under way at a time.", 5, COUNT_OF),
    "body": said("body", "How long a body may be.", "10KB", SIZE),
}

LIMIT = closed(
    {
        "operation": OPERATIONS,
        "when": _when(ASKED),
        "per": _per("Count per account, per job, or over the whole namespace (the default)."),
        **_RESTRICTS,
        "window": duration("window", "In which so many requests come back, one by one.", "3s"),
        "burst": said("burst", "Units that may be spent at once. Default: as many as in a window.", 60, COUNT_OF),
        "weights": said(
            "weights",
            "Units that calls of an operation cost, by its name. Default: 1.",
            {"getTask": 2},
            type="object",
            additionalProperties=COUNT_OF,
        ),
        "error": ERROR,
        "retry_after": said(
            "retry_after",
            "Whether the answer says in the header `Retry-After` when to come again.",
            example=False,
            type="boolean",
            default=True,
        ),
    },
    "error",
    allOf=[
        {
            "anyOf": [{"required": [key]} for key in _RESTRICTS],
            "errorMessage": "expected at least one of requests, parallel and body",
        },
        {
            "not": {"required": ["requests"], "not": {"required": ["window"]}},
            "errorMessage": "expected the key window beside requests",
        },
    ],
)

_BEFALLS: Schema = {
    "delay": WAIT_BY_TIME,
    "copies": said("copies", "How often it comes; 0 is never.", 2, type="integer", minimum=0, maximum=MOST_COPIES),
    "apart": duration("apart", "Virtual time between the copies. Default: none.", "10s"),
    "retry": said(
        "retry",
        "Virtual time before each further attempt, instead of the vendor's; an empty list is one attempt only.",
        ["1s", "5s", "30s"],
        listing(DURATION, _MOST_RETRIES),
    ),
    "before_answer": said(
        "before_answer",
        "Whether it is made before the answer goes out to the call that causes it.",
        example=True,
        type="boolean",
        default=False,
    ),
    "headers": said(
        "headers",
        "Headers as they go out: a text is set, nothing takes it away.",
        {"X-Signature": "wrong"},
        type="object",
        minProperties=1,
        additionalProperties={"type": ["string", "null"]},
    ),
    **CHANGES,
    "malformed": said(
        "malformed", "Whether its body breaks off in the middle.", example=True, type="boolean", default=False
    ),
}

CALLBACK = closed(
    {
        "when": _when(ASKED_OF_CALLBACKS),
        **COUNTED,
        "per": _per("Count per job, per account, or over the whole namespace (the default)."),
        "breaks_contract": said(
            "breaks_contract",
            "Says that what is sent is meant to break the vendor's contract; needed beside set, replace and remove.",
            example=True,
            type="boolean",
            default=False,
        ),
        **_BEFALLS,
    },
    allOf=[
        {
            "anyOf": [{"required": [key]} for key in _BEFALLS],
            "errorMessage": f"expected at least one of {', '.join([*_BEFALLS][:-1])} and {[*_BEFALLS][-1]}",
        }
    ],
)

"""What rules may ask of a call, as JSON Schema."""

from typing import Any

from emulator.scenario.forms import A_TEST, TEXT, Schema, closed, listing, said

_SCALARS = ["string", "number", "boolean", "null"]


def _tests(equals: Schema) -> dict[str, Any]:
    tests = {
        "equals": said("equals", "The same value.", "true", equals),
        "contains": said("contains", "A part of the text, or an element of the list.", "stock", equals),
        "exists": said("exists", "Whether there is one at all.", example=False, type="boolean"),
        "matches": said(
            "matches",
            "A regular expression that is found in the text; without look-around and back-references.",
            "^/api/.*/stock$",
            TEXT,
            maxLength=1000,
        ),
    }
    return closed(tests, minProperties=1)


def _test(title: str, description: str, example: object, bare: Schema) -> dict[str, Any]:
    """A value to be equal to, or a mapping of tests."""
    shape = {"if": {"type": "object"}, "then": _tests(bare), "else": {**bare, "errorMessage": A_TEST}}
    return said(title, f"{description}: a value, or {{equals, contains, exists, matches}}.", example, shape)


_WORD: Schema = {"type": ["string", "number", "boolean"]}
_BARE_VALUE: Schema = {"type": [*_SCALARS, "array"]}


def _each(title: str, description: str, example: object, bare: Schema) -> dict[str, Any]:
    shape = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": _test("test", "What it must be like", "true", bare),
    }
    return said(title, description, example, shape)


OPERATIONS = said(
    "operation",
    "The operation's name in the API's contract, or a list of names. Without it, every operation.",
    "getTask",
    {"if": {"type": "array"}, "then": listing(TEXT, 100, 1), "else": TEXT},
)

_DATE_OR_DURATION: Schema = {"type": ["string", "integer"]}

DURING = said(
    "during",
    "A part of the namespace's time: durations count from where its clock began, dates are dates. "
    "`to` is no longer in it.",
    {"from": "5m", "to": "10m"},
    closed(
        {
            "from": said("from", "Where it begins; by default with the clock.", "5m", _DATE_OR_DURATION),
            "to": said("to", "Where it ends; by default never.", "2026-03-01T10:00:00Z", _DATE_OR_DURATION),
        },
        minProperties=1,
    ),
)

STATE = said(
    "state",
    "The state, when the call is made, of the job that it is about; or a list of states.",
    "end",
    {"if": {"type": "array"}, "then": listing(TEXT, 100, 1), "else": TEXT},
)

_ACCOUNT = said("account", "Whose call it is.", "acme", TEXT)
_CHANCE = said(
    "chance",
    "The share of calls that meet all else which this applies to, drawn by the seed.",
    0.2,
    type="number",
    minimum=0,
    maximum=1,
)
_HEADER = _each("header", "What headers must be like, by name.", {"X-Retry": {"exists": True}}, _WORD)
_BODY = _each("body", "What the JSON body must be like, by JSON Pointer.", {"/name": {"contains": "x"}}, _BARE_VALUE)

ASKED: Schema = {
    "path": _test("path", "What the path must be like", "/v1/jobs", _WORD),
    "query": _each("query", "What parameters of the query must be like, by name.", {"async": "true"}, _WORD),
    "header": _HEADER,
    "body": _BODY,
    "account": _ACCOUNT,
    "chance": _CHANCE,
    "during": DURING,
}
"""Of a request."""

ASKED_OF_CALLBACKS: Schema = {
    "url": _test("url", "What the URL that is called must be like", {"contains": "/hook"}, _WORD),
    "header": _HEADER,
    "body": _BODY,
    "account": _ACCOUNT,
    "chance": _CHANCE,
    "during": DURING,
}

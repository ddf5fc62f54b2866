"""What is the same in scenario files of every API, as JSON Schema: the keys at the top, jobs, the clock."""

from itertools import combinations
from typing import Any, get_args

from emulator.job import END
from emulator.scenario import measures
from emulator.scenario.asking import ASKED, OPERATIONS
from emulator.scenario.forms import (
    COUNT,
    DURATION,
    ERROR,
    EVERY,
    PARAMETER_NAME,
    TEXT,
    WAIT,
    Schema,
    closed,
    listing,
    said,
)
from emulator.scenario.mishaps import CALLBACK, FAULT, LIMIT
from emulator.scenario.story import Per, Repeat

MOST_STEPS = 100
MOST_RULES = 1000
MOST_PARAMETERS = 50
_BIGGEST = 2**63 - 1
_FASTEST = 1_000_000

NTH: Schema = {
    "nth": said("nth", "Which of the submissions that meet the other conditions, from 1.", 3, COUNT),
    "every": EVERY,
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
        "state": said("state", f"The vendor's word for it, or `{END}`: wherever the provider arrives.", END, TEXT),
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
            properties={**NTH, "operation": OPERATIONS, **ASKED},
        ),
        "steps": said(
            "steps",
            "What happens to the job, in order. The first is where every job begins.",
            [{"state": END, "after": "5s"}],
            listing(STEP, MOST_STEPS, 1),
        ),
        "repeat": said(
            "repeat",
            "After the last step: `last`, the job stays as it is; `cycle`, it goes on from the second step, for ever; "
            "`none`, the vendor no longer knows of it once it has been seen in its last state.",
            "cycle",
            enum=list(get_args(Repeat)),
            default="last",
        ),
        "stuck": said(
            "stuck",
            "Says that the job is meant never to end, where its last step is not a final state.",
            example=True,
            type="boolean",
            default=False,
        ),
        "result": said("result", "What the job yields.", {"rows": 250}, type="object"),
    },
    "steps",
)

CLOCK = closed(
    {
        "mode": said(
            "mode",
            "real: with the wall clock; frozen: standing still until a test moves it; skip: standing still, but a poll "
            "that would show nothing new finds the job's next event.",
            "frozen",
            enum=["real", "frozen", "skip"],
        ),
        "rate": said(
            "rate",
            "Virtual seconds per real second.",
            60,
            type="number",
            exclusiveMinimum=0,
            maximum=_FASTEST,
        ),
        "step": said("step", "How far each request moves it, which stands still otherwise.", "5s", DURATION),
        "start": said(
            "start",
            "Where it begins.",
            "2026-03-01T09:00:00Z",
            TEXT,
            format="date-time",
            errorMessage=measures.A_DATE,
        ),
    },
    allOf=[
        {"minProperties": 1, "errorMessage": "expected one of mode, rate, step and start"},
        *(
            {"not": {"required": [*both]}, "errorMessage": f"expected {both[0]} or {both[1]}, not both"}
            for both in combinations(("mode", "rate", "step"), 2)
        ),
    ],
)


EXTENDS: Schema = {
    "if": {"type": "object"},
    "then": closed(
        {
            "name": said("name", "Its name, or its file beside this one.", "api/story", TEXT, minLength=1),
            "set": said("set", "Values for its parameters.", {"rows": 1000}, type="object"),
        },
        "name",
    ),
    "else": {**TEXT, "minLength": 1, "errorMessage": "expected the name of a scenario, or {name, set}"},
}

PARAMETERS: Schema = {
    "type": "object",
    "maxProperties": MOST_PARAMETERS,
    "propertyNames": {
        "pattern": f"^{PARAMETER_NAME}$",
        "errorMessage": "expected a name of letters, digits and underscores for each parameter",
    },
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}


def top(apis: list[str]) -> dict[str, Any]:
    """The keys of a file. `apis` are those it may choose from."""
    return {
        "version": said("version", "The version of this format.", 1, const=1),
        "api": said("api", "Whose API the story is about.", next(iter(apis), "api"), enum=apis),
        "about": said("about", "The story in a sentence.", "The third report fails.", TEXT),
        "extends": said(
            "extends",
            "A scenario of the same API that this one adds to: its rules come after these, and what this file does not "
            "say, that one does. A name, a file beside this one, or {name, set} with values for its parameters.",
            "api/story",
            EXTENDS,
        ),
        "parameters": said(
            "parameters",
            "What the file leaves open, each with a default: `${parameters.rows}` anywhere below stands for its value, "
            "which `--set rows=1000`, the admin API and tests may choose.",
            {"rows": 250},
            PARAMETERS,
        ),
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
        "limits": said(
            "limits",
            "How much may be asked, beside the vendor's own limits, which are settings.",
            [{"requests": 45, "window": "3s", "per": "account", "error": 1049}],
            listing(LIMIT, MOST_RULES),
        ),
        "faults": said(
            "faults",
            "What goes wrong on the wire. All rules that match a call act, in order.",
            [{"operation": "getTask", "calls": "2..3", "latency": "200ms"}],
            listing(FAULT, MOST_RULES),
        ),
        "callbacks": said(
            "callbacks",
            "What becomes of calls that are owed to the client. All rules that match one act, in order.",
            [{"delay": "10s", "copies": 2}],
            listing(CALLBACK, MOST_RULES),
        ),
    }

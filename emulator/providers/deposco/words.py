"""What scenarios may say: which imports, what comes of their entities, and who may call."""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.providers.deposco.entities import KINDS

TEXTS: dict[str, Any] = {
    "type": ["string", "array"],
    "minLength": 1,
    "items": {"type": "string", "minLength": 1},
    "minItems": 1,
}
FAILING = ("fail", "fail_share", "fail_count")

WHEN = {"entityType": {"enum": list(KINDS), "description": "The type of the entities."}}

RESULT: dict[str, dict[str, Any]] = {
    "fail": {
        "type": "object",
        "additionalProperties": TEXTS,
        "description": "Entities that fail, by the first part of their business key, and what is said of each.",
        "examples": [{"SKU-2": "UPC is already in use"}],
    },
    "fail_share": {"type": "number", "minimum": 0, "maximum": 1, "description": "The share of entities that fail."},
    "fail_count": {"type": "integer", "minimum": 0, "maximum": 1_000_000, "description": "How many entities fail."},
    "fail_with": TEXTS | {"description": "What is said of those that no key names."},
}

ACCOUNT: dict[str, dict[str, Any]] = {
    "token": {"type": "string", "minLength": 1, "description": "For Bearer."},
    "account": {
        "type": "string",
        "minLength": 1,
        "description": "The account; one import of it is processed at a time.",
    },
    "scopes": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[A-Za-z]+/(read|write)$"},
        "description": "What the token is good for; anything, if none are listed.",
        "examples": [["items/read", "items/write"]],
    },
}


def nonsense(rule: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """A success whose entities are to fail, unless it flips; an error of a state that tells none."""
    states = [step["state"] for step in rule["steps"]]
    fails = [each for each in FAILING if rule.get("result", {}).get(each)]
    for n, step in enumerate(rule["steps"]):
        if states[n] == "Success" and fails and not {"Partially Failed", "Failed"} & set(states[n:]):
            yield ("steps", n, "state"), f"expected 'end', for {fails[0]} lets entities fail, got 'Success'"
        if step.get("error") is not None and states[n] != "Error":
            yield ("steps", n, "error"), f"expected an error at 'Error' alone, got one at {states[n]!r}"

"""What scenarios may say of iVvy: which batches, what becomes of their calls, and who may call."""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.providers.ivvy.signing import STATES

NAME: dict[str, Any] = {"type": "string", "pattern": r"^\w+\.\w+$", "examples": ["event.inviteContacts"]}

WHEN: dict[str, dict[str, Any]] = {
    "jobs": {"type": "integer", "minimum": 1, "maximum": 200, "description": "How many calls the batch has."},
    "call": NAME | {"description": "The first call of the batch."},
    "callbackUrl": {"type": "string", "description": "The URL that is to be called."},
}

FAILURE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "errorCode": {"type": "integer", "minimum": 400, "maximum": 599},
        "message": {"type": "string"},
        "specificCode": {"type": "integer", "minimum": 0},
        "additionalMessages": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["errorCode", "message", "specificCode"],
    "additionalProperties": False,
    "examples": [{"errorCode": 400, "message": "'id' is required", "specificCode": 23017}],
}

RESULT: dict[str, dict[str, Any]] = {
    "fail": {
        "type": "array",
        "items": {"type": ["integer", "string"], "minimum": 1, "pattern": NAME["pattern"]},
        "description": "Calls that fail: by their place in the batch, from 1, or by their name.",
        "examples": [[2, "contact.getContact"]],
    },
    "fail_count": {"type": "integer", "minimum": 0, "maximum": 200, "description": "How many calls fail, drawn."},
    "fail_share": {"type": "number", "minimum": 0, "maximum": 1, "description": "The share of calls that fail, drawn."},
    "fail_with": FAILURE | {"description": "The response of those; by default 461 Failed Request."},
    "responses": {
        "type": "object",
        "additionalProperties": {
            "type": ["object", "array"],
            "if": {"type": "object", "required": ["errorCode"]},
            "then": FAILURE,
        },
        "description": "What a call answers, by its name.",
        "examples": [{"event.getEvent": {"id": 1, "name": "Annual dinner"}}],
    },
}

ACCOUNT: dict[str, dict[str, Any]] = {
    "account": {"type": "string", "minLength": 1, "description": "Whose key it is; by default the key itself."},
    "key": {"type": "string", "pattern": r"^[^\s:]+$", "description": "The API key."},
    "secret": {"type": "string", "description": "What it signs with; without one, any signature is right."},
    "state": {"enum": [*STATES], "description": "What has become of the key.", "default": "active"},
}


def nonsense(rule: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """A batch itself never fails: only its calls do."""
    for n, step in enumerate(rule.get("steps") or ()):
        if step and "error" in step:
            yield ("steps", n, "error"), "expected calls that fail to be named in result, for a batch has no error"

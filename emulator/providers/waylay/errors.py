"""Errors. `{"statusCode": ..., "error": ...}`: there is no message field, and no code that anybody documents.

The names in the table are ours, for scenarios to call them by; texts in `{}` are filled in.
"""

import re
from typing import Any

import orjson

from emulator.contract.message import Violation
from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.waylay.settings import WaylayWorld

ERRORS: dict[str, tuple[int, str]] = {
    "not-json": (400, "Invalid JSON: {reason}"),
    "bad-request": (400, "Bad request: {text}"),
    "validation": (400, "{place} <- {text}"),
    "invalid-action": (400, "/action <- invalid action for {entity} entity: {action}"),
    "resource-in-use": (400, "Resource is still parent of or referenced by {n} resource(s)"),
    "type-in-use": (400, "Type in use by {n} resource(s)"),
    "unauthorized": (401, "Unauthorized"),
    "forbidden": (403, "You are not authorized to perform this action"),
    "no-operation": (404, "Operation with id '{id}' not found"),
    "no-resource": (404, "No resource with id {id}"),
    "no-type": (404, "No type with id {id}"),
    "no-route": (404, "Not Found"),
    "wrong-method": (405, "Method Not Allowed"),
    "resource-exists": (409, "Existing resource entry with id {id}"),
    "type-exists": (409, "Existing ResourceType entry with id {id}"),
    "type-busy": (409, "An operation is already busy on {id}"),
    "too-large": (413, "Payload Too Large"),
    "too-many-requests": (429, "Too Many Requests"),
    "internal": (500, "Internal Server Error"),
    "unavailable": (503, "Service Unavailable"),
}

TEXTS: dict[str, str] = {
    "required": "Property {missing} missing.",
    "type": "must be {expected}",
    "enum": "must be one of {expected}",
    "minItems": "must have at least {expected} item(s)",
    "minLength": "must have at least {expected} character(s)",
}
"""How a broken keyword of a schema is worded. Only the first is the vendor's own."""

SHOWN = 200
"""Characters of what a client sent that an error repeats."""


def told(error: ApiError) -> dict[str, Any]:
    """The error object: in the body of an answer, and beside a failed item of a batch."""
    status, text = ERRORS[str(error.code)]
    return {"statusCode": error.status or status, "error": _filled(text, error.values)}


def word(_world: WaylayWorld, _request: Request, error: ApiError) -> Answer:
    """An error as the vendor words it; a refused resource with its `details`. A scenario may give it another status."""
    declared, _ = ERRORS[str(error.code)]
    payload = told(error)
    if "details" in error.values:
        payload["details"] = error.values["details"]
    return Answer(payload["statusCode"], payload, declared_as=declared)


def refusal(violation: Violation, _said: Any) -> ApiError:  # noqa: ANN401 - any body
    """`/query/ids <- Property ids missing.`"""
    place, text = place_of(violation), text_of(violation)
    return ApiError("validation", place=place, text=text)


def detailed(violation: Violation, _said: Any) -> ApiError:  # noqa: ANN401 - any body
    """The same with `details`, as the vendor has it where a resource is refused."""
    place, text = place_of(violation), text_of(violation)
    details = [{"keyword": violation.keyword, "msgs": [text], "instancePath": place}]
    return ApiError("validation", place=place, text=text, details=details)


def place_of(violation: Violation) -> str:
    """Where it is: a JSON pointer; of a property that is missing, where it should be."""
    missing = _missing(violation)
    return f"{violation.pointer}/{missing}" if missing else violation.pointer or "/"


def text_of(violation: Violation) -> str:
    """What is wrong there."""
    values = {"missing": _missing(violation), "expected": _listed(violation.expected)}
    return _filled(TEXTS.get(violation.keyword, violation.text), values)


def shown(value: Any) -> str:  # noqa: ANN401 - JSON is any of six types
    """What a client sent, short enough to be repeated."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _missing(violation: Violation) -> str:
    if violation.keyword != "required":
        return ""
    return str(next(name for name in violation.expected if name not in violation.got))


def _listed(expected: Any) -> str:  # noqa: ANN401 - the operand of any keyword
    return " or ".join(map(str, expected)) if isinstance(expected, list) else str(expected)


def _filled(text: str, values: dict[str, Any]) -> str:
    """`text` with its places filled in one pass; a place nobody fills stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match.group(1), match.group())), text)

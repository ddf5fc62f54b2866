"""Errors of a whole call. Shapes: `{"errors": [{"errorMessage": ...}]}`, or `{"errorMessages": [...], "pid": ...}`.

The names in the table are ours, for scenarios to call them by, and so are most texts: the vendor documents none. An
`error` of a scenario may bring a `text` of its own.
"""

from typing import Any

from emulator.clock import SECOND
from emulator.contract.message import Violation
from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.deposco.settings import DeposcoWorld

ERRORS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request is invalid"),
    "unauthorized": (401, "Unauthorized"),
    "forbidden": (403, "Forbidden"),
    "no-request": (404, "Asynchronous request with id [{id}] does not exist"),
    "no-route": (404, "Resource not found"),
    "wrong-method": (405, "Method not allowed"),
    "too-large": (413, "HTTP content length exceeded {limit} bytes."),  # the gateway's own
    "import-under-way": (429, "Only one bulk import request can be processed at a time"),
    "rate-limited": (429, "Too many requests"),
    "unexpected": (500, "An unexpected error occurred."),
    "stopped": (500, "The import did not complete in time and has been stopped."),
    "unavailable": (503, "Service Unavailable"),
}

ENVELOPED = frozenset({400, 401, 403, 404, 429})
"""The statuses that have a model of their own; every other has the default one."""

GATEWAY_TEXT = "text/plain"
GATEWAY_JSON = {"message": "Request Too Long"}


def text_of(error: ApiError) -> str:
    """What it says; the places in a text that nobody fills are left out."""
    _, text = ERRORS[str(error.code)]
    return str(error.values.get("text") or text.format_map(_Blanks(error.values))).strip()


class _Blanks(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def word(world: DeposcoWorld, request: Request, error: ApiError) -> Answer:
    """An error as the vendor words it. A scenario may give it another status."""
    declared, _ = ERRORS[str(error.code)]
    answer = Answer(error.status or declared, declared_as=declared)
    if error.code == "rate-limited":
        _tell_when(world, request, answer)
        if world.settings.rate_limit_body == "empty":
            return answer
    if error.code == "too-large":
        return _of_gateway(world, answer, error)
    text = text_of(error)
    if declared in ENVELOPED:
        answer.payload = {"errors": [{"errorMessage": text}]}
    else:
        answer.payload = {"errorMessages": [text], "pid": _pid(world, request)}
    return answer


def _of_gateway(world: DeposcoWorld, answer: Answer, error: ApiError) -> Answer:
    """The gateway stands before the service and has words of its own."""
    if world.settings.too_large_body == "json":
        answer.payload = dict(GATEWAY_JSON)
    else:
        error.values.setdefault("limit", world.settings.body_limit)
        answer.payload, answer.content_type = text_of(error), GATEWAY_TEXT
    return answer


def _tell_when(world: DeposcoWorld, request: Request, answer: Answer) -> None:
    """When to come again, in seconds of the client's own time."""
    window = world.objects.windows.get(request.account)
    if world.settings.retry_after:
        left = max(0, window.ends - world.now()) if window else 0
        answer.headers["Retry-After"] = str(world.clock.told(left, SECOND))


def _pid(world: DeposcoWorld, request: Request) -> str:
    return f"{world.chance.bits('pid', request.account, world.count('pid', request.account)):032x}"[:16]


# What is wrong with a request ------------------------------------------------

KEYWORDS: dict[str, str] = {
    "type": "{place} must be of type {expected}",
    "enum": "{place} must be one of {expected}",
}
NULL = "{place} must not be null"


def refusal(violation: Violation) -> ApiError:
    """`entityType must not be null`: a field that is missing or null, of the wrong type, or not in the list."""
    place, expected = ".".join(map(str, violation.path)) or "The request body", violation.expected
    if violation.keyword == "required":
        place = next(name for name in expected if name not in violation.got)
    missing = violation.keyword == "required" or (violation.got is None and violation.path)
    listed = ", ".join(expected) if isinstance(expected, list) else expected
    text = NULL if missing else KEYWORDS[violation.keyword]
    return ApiError("bad-request", text=text.format(place=place, expected=listed))

"""Exceptions. https://developer.ivvy.com/getting-started/interpreting-the-response/exceptions

`{"errorCode": ..., "message": ..., "specificCode": ..., "additionalMessages": [...]}`. The HTTP status is the
`errorCode`. An error without a specific code of its own has 0 there; scenarios name it by its `errorCode`.
"""

import re
from collections.abc import Mapping
from typing import Any

from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.ivvy.settings import IvvyWorld

ERROR_CODES: dict[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    429: "Too Many Requests",
    460: "Unknown",
    461: "Failed Request",
    462: "Session Expired",
    463: "Key Revoked",
    500: "Internal Server Error",
    501: "Not Implemented",
}

SPECIFIC_CODES: dict[int, tuple[int, str]] = {
    23005: (401, "Request is stale"),
    23016: (400, "'{name}' does not validate"),
    23017: (400, "'{name}' is required"),
    24091: (500, "The information was not saved"),
    24092: (400, "Incorrect Job Format"),
    24093: (400, "Empty job parameter found"),
    24105: (404, "Could not find batch"),
    24114: (400, "Batch job not completed"),
    24115: (404, "Could not find batch"),
    24448: (400, "The maximum number of jobs can be put on a single request is 200"),
}
"""`errorCode` and text. Published are the `errorCode` of 23005, 23016 and 23017; of 24114 it was seen in a client."""

ERRORS = ERROR_CODES.keys() | SPECIFIC_CODES.keys()

ERROR = 400
"""The least `errorCode`; a scenario may send an error with a status below that."""

WHOLE_NUMBER = "Value must be a whole number"


def told(error: ApiError, statuses: Mapping[int, int] | None = None) -> dict[str, Any]:
    """The error object: an answer of its own, or the response of a call within a batch."""
    code = int(error.code)
    declared, text = entry(code)
    status = error.status or (statuses or {}).get(code, declared)
    more = {"additionalMessages": [str(error.values["additional"])]} if "additional" in error.values else {}
    return {
        "errorCode": status if status >= ERROR else declared,
        "message": _filled(text, error.values),
        "specificCode": code if code in SPECIFIC_CODES else 0,
        **more,
    }


def entry(code: int) -> tuple[int, str]:
    """`errorCode` and text."""
    return SPECIFIC_CODES[code] if code in SPECIFIC_CODES else (code, ERROR_CODES[code])


def word(world: IvvyWorld, _request: Request, error: ApiError) -> Answer:
    """An error as the vendor words it; scenario and settings may give it another status."""
    payload = told(error, world.settings.statuses)
    declared, _ = entry(int(error.code))
    return Answer(error.status or payload["errorCode"], payload, declared_as=declared)


def _filled(text: str, values: Mapping[str, Any]) -> str:
    """`text` with its places filled; a place nobody fills stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match.group(1), match.group())), text)

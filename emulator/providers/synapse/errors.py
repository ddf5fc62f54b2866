"""Errors. https://rest-docs.synapse.org/rest/org/sagebionetworks/repo/model/ErrorResponse.html

The names in the table are ours, for scenarios to call them by; texts in `{}` are filled in. Exceptions go by their own
names: they end jobs, and a service's get answers them with their status.
"""

import re
from typing import Any, NamedTuple

from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.synapse.concretetypes import MODEL, REQUEST_BODY
from emulator.world import World

_ADAPTER = "org.sagebionetworks.schema.adapter.JSONObjectAdapterException"
_MISSING = f"Missing 'concreteType' property, cannot discriminate polymorphic type {REQUEST_BODY}"
_NOTE = (
    "Note: If a column name contains spaces, punctuation, or SQL key words, then the name must be enclosed in double "
    "quotes. See https://rest-docs.synapse.org/rest/org/sagebionetworks/repo/web/controller/TableExamples.html"
)

ERRORS: dict[str, tuple[int, str]] = {
    # jobs
    "no-job": (404, "Asynchronous job: '{id}' does not exist"),
    "bad-job-id": (400, 'Cannot read job id: For input string: "{id}"'),
    "foreign-job": (403, "Only the user that created a job can access the job's status."),
    "foreign-cancel": (403, "Only the user that created a job can stop the job."),
    "admin-only": (403, "Only an administrator may start this job."),
    "unknown-type": (400, "Unknown concreteType : '{type}'"),
    "unexpected-type": (400, f'Unexpected concreteType: "{{type}}" is not of type "{REQUEST_BODY}"'),
    "missing-type": (
        400,
        f"{_ADAPTER}: {_MISSING}; nested exception is {_ADAPTER}: {_ADAPTER}: {_MISSING}",
    ),
    "no-job-type": (400, "Unknown type for class:class {type}"),
    # bodies
    "unknown-class": (400, "Cannot create new instance. Unknown class: {type}"),
    "missing-class": (400, "Missing 'concreteType' property, cannot discriminate polymorphic type {type}"),
    "bad-enum": (400, "No enum constant {type}.{value}"),
    "bad-json": (400, "{text}; nested exception is org.json.JSONException: {text}"),
    "no-body": (400, "Required request body is missing: {signature}"),
    "bad-query": (400, "The query is not UTF-8."),
    "too-large": (413, "Request size exceeded maximum number of bytes: 2097152"),
    "media-type": (415, "Content type '{type}' not supported"),
    "not-acceptable": (406, "Could not find acceptable representation"),
    # tables
    "no-sql": (400, "SQL string is required."),
    "no-query": (400, "QueryBundleRequest.query cannot be null"),
    "sql-lexical": (400, "The provided SQL query could not be parsed."),
    "sql-syntax": (400, f"{{text}} {_NOTE}"),
    "sql-join": (400, "The JOIN keyword is not supported in this context"),
    "no-entity": (404, "Resource: '{id}' does not exist"),
    "no-table": (400, "{id} is not a table or view"),
    "bad-page": (400, "Invalid token."),
    # services
    "not-transaction": (400, "TableUpdateTransactionResponse"),
    "class-cast": (500, "class {type} cannot be cast to class {wanted}"),
    "retired": (410, "Please update your client to use the new API."),
    "no-route": (
        404,
        "{method} was not found. Please reference API documentation at https://rest-docs.synapse.org/rest/",
    ),
    "wrong-method": (405, "Request method '{method}' not supported"),
    # who asks
    "no-credentials": (401, "Missing required credentials in the authorization header."),
    "bad-token": (401, "Invalid access token"),
    "expired-token": (401, "The token has expired."),
    "no-scope": (403, "Request lacks scope(s) required by this service: {scopes}"),
    "no-terms": (403, "Terms of use have not been signed."),
    # the stack
    "too-many-connections": (
        429,
        "Too many concurrent requests. Allowed {limit} concurrent connections at any time.",
    ),
    "too-frequent": (429, "Requests are too frequent. Allowed {limit} requests every {seconds} seconds."),
    "path-too-frequent": (
        429,
        "Requests are too frequent for API call: {path}. Allowed {limit} requests every {seconds} seconds.",
    ),
    "internal": (500, "java.lang.NullPointerException"),
    "uncaught": (500, "Server Error. Error logged."),
    "down": (503, "{message}"),
    "unavailable": (503, "Service temporarily unavailable, please try again later."),
}

OAUTH = {"expired-token": "invalid_token", "no-scope": "insufficient_scope"}
"""Said as OAuth has it: by its name there."""
BARE = frozenset({"too-many-connections", "too-frequent", "path-too-frequent", "uncaught"})
"""Said by what stands before the services: a reason, and no concreteType."""
REALM = 'Bearer realm="Synapse Repository Services"'
LONGEST = 3000
"""Characters of a message of a job; of a longer one, one less is kept."""
SHOWN = 200
"""Characters of what a client sent that an error repeats."""

# Exceptions -------------------------------------------------------------------


class Thrown(NamedTuple):
    """What ends a job."""

    name: str
    """Its full class name."""
    status: int
    """What a service's get answers for it."""
    message: str
    """What it says if nobody says otherwise."""
    rebuilt: bool = True
    """Whether the server can make it again from its message: otherwise a job does not name it."""
    error_code: str | None = None


EXCEPTIONS = {
    "IllegalArgumentException": Thrown("java.lang.IllegalArgumentException", 400, "Illegal argument"),
    "InvalidTableQueryFacetColumnRequestException": Thrown(
        "org.sagebionetworks.repo.manager.table.InvalidTableQueryFacetColumnRequestException",
        400,
        "Requested facet column names must all be in the set: []",
        error_code="INVALID_TABLE_QUERY_FACET_COLUMN_REQUEST",
    ),
    "TableFailedException": Thrown(f"{MODEL}table.TableFailedException", 400, "The index failed.", rebuilt=False),
    "JobCanceledException": Thrown(f"{MODEL}asynch.JobCanceledException", 400, "Canceled", rebuilt=False),
    "UnauthorizedException": Thrown(
        f"{MODEL}UnauthorizedException", 403, "You lack READ access to the requested entity."
    ),
    "NotFoundException": Thrown("org.sagebionetworks.repo.web.NotFoundException", 404, "Resource does not exist"),
    "NameConflictException": Thrown(f"{MODEL}NameConflictException", 409, "The name is taken."),
    "ConflictingUpdateException": Thrown(
        f"{MODEL}ConflictingUpdateException", 412, "Object was updated since you last fetched it."
    ),
    "RuntimeException": Thrown("java.lang.RuntimeException", 500, "Something went wrong"),
    "IllegalStateException": Thrown("java.lang.IllegalStateException", 500, "Not in this state"),
    "DatastoreException": Thrown(f"{MODEL}DatastoreException", 500, "The database failed."),
}
"""By their short names. Which status each is answered with is the server's; the messages are ours."""


class JobFailed(Exception):  # noqa: N818 - reads as what it says
    """An exception of the table that ends a job."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.entry = {"code": name, "message": message}


def illegal(message: str) -> JobFailed:
    """Nearly everything that is wrong with a query, a file, or a change."""
    return JobFailed("IllegalArgumentException", message)


def cut(message: str) -> str:
    """A message as long as a job keeps it."""
    return message if len(message) <= LONGEST else message[: LONGEST - 1]


# Answers ----------------------------------------------------------------------


def word(_world: World[Any, Any], request: Request, error: ApiError) -> Answer:
    """An error as the vendor words it; to whoever takes text/plain and no JSON, the bare reason."""
    code, text = str(error.code), reason(error)
    declared = EXCEPTIONS[code].status if code in EXCEPTIONS else ERRORS[code][0]
    answer = Answer(error.status or declared, declared_as=declared)
    if declared == 401:  # noqa: PLR2004 - HTTP's own number
        answer.headers["WWW-Authenticate"] = REALM
    if code == "not-acceptable":
        return answer
    if request.headers.get("Accept", "").startswith("text/plain"):
        answer.payload, answer.content_type = text, "text/plain"
    else:
        answer.payload = _body(code, text)
    return answer


def reason(error: ApiError) -> str:
    """What an error says."""
    code = str(error.code)
    if code in EXCEPTIONS:
        return str(error.values.get("message", EXCEPTIONS[code].message))
    return _filled(ERRORS[code][1], error.values)


def _body(code: str, text: str) -> dict[str, Any]:
    if code in BARE:
        return {"reason": text}
    if code in OAUTH:
        told = {"error": OAUTH[code], "error_description": text, "reason": f"{OAUTH[code]}. {text}"}
        return {"concreteType": f"{MODEL}OAuthErrorResponse", **told}
    payload = {"concreteType": f"{MODEL}ErrorResponse", "reason": text}
    if code in EXCEPTIONS and (error_code := EXCEPTIONS[code].error_code):
        payload["errorCode"] = error_code
    return payload


def shown(text: str) -> str:
    """What a client sent, short enough to be repeated."""
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _filled(text: str, values: dict[str, Any]) -> str:
    """`text` with its places filled in one pass; a place nobody fills stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match.group(1), match.group())), text)

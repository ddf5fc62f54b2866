"""What stands before the services: CORS, status of the stack, who asks, limits; then scope and media type.

https://rest-docs.synapse.org/rest/index.html
"""

import re

from emulator.clock import SECOND, Duration
from emulator.contract.openapi import Operation
from emulator.exchange import JSON, Answer, Request
from emulator.limit import Window
from emulator.provider import ApiError
from emulator.providers.synapse.errors import word as told
from emulator.providers.synapse.files import STORAGE
from emulator.providers.synapse.messages import uuid
from emulator.providers.synapse.settings import SynapseWorld
from emulator.providers.synapse.users import User, check_scopes, user_of

PREFLIGHT = 200
"""Not one of the vendor's errors: the answer to a preflight, which nothing else looks at."""
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "POST, GET, PUT, DELETE",
    "Access-Control-Allow-Headers": "Origin, X-Requested-With, Content-Type, Accept, sessionToken, Authorization",
    "Access-Control-Max-Age": "600",
}
ALWAYS_UP = ("/admin", "/migration", "/version", "/status")
"""Paths with one of these in them answer in every status of the stack."""
DOWN_MESSAGE = "Synapse is down for maintenance."
SPOKEN = ("*/*", "application/*", JSON, "text/*", "text/plain")

_NUMBER = re.compile(r"\b(syn)?\d+\b")


def admit(world: SynapseWorld, request: Request, operation: Operation | None) -> None:
    """ApiError PREFLIGHT, down, bad-token, expired-token, no-credentials, no-terms, 429s, no-scope, not-acceptable."""
    if request.path.startswith(STORAGE):
        return
    if request.method == "OPTIONS":
        raise ApiError(PREFLIGHT)
    _check_stack(world, request)
    request.user = user = user_of(world, request)
    if user is not None:
        request.account = str(user.id)
        if not user.terms_signed:
            raise ApiError("no-terms")
        _spend(world, request, user)
    if operation is None:
        return
    if operation.secured:
        if user is None:
            raise ApiError("no-credentials")
        check_scopes(operation.id, user)
    _check_accept(request)


def wrong_method(request: Request) -> ApiError:
    """The path is known, so a token is wanted first."""
    code = "wrong-method" if request.user or request.path.startswith(STORAGE) else "no-credentials"
    return ApiError(code, method=request.method)


def _check_stack(world: SynapseWorld, request: Request) -> None:
    if world.settings.stack_status != "READ_WRITE" and not any(each in request.path for each in ALWAYS_UP):
        raise ApiError("down", message=world.settings.current_message or DOWN_MESSAGE)


def _check_accept(request: Request) -> None:
    """Text is taken too: errors can be said in it."""
    accepted = request.headers.get("Accept", "*/*").lower().split(",")
    if not any(each.partition(";")[0].strip() in SPOKEN for each in accepted):
        raise ApiError("not-acceptable")


# Limits -----------------------------------------------------------------------


def _spend(world: SynapseWorld, request: Request, user: User) -> None:
    """Count the call. ApiError too-many-connections, too-frequent, path-too-frequent; the anonymous user is exempt."""
    if user.anonymous:
        return
    settings, who = world.settings, (str(user.id), request.headers.get("Cookie", ""))
    held = "user " + " ".join(who)
    if settings.concurrent_limited and world.under_way[held] >= settings.concurrent_connections:
        raise ApiError("too-many-connections", limit=settings.concurrent_connections)
    world.begin(held)
    request.holds = (held,)
    if settings.frequency_limited:
        _count(world, who, "too-frequent", settings.frequency_requests, settings.frequency_period)
    path = plain_path(request)
    if path == settings.limited_path:
        _count(world, (*who, path), "path-too-frequent", settings.path_requests, settings.path_period)


def _count(world: SynapseWorld, key: tuple[str, ...], code: str, limit: int, period: Duration) -> None:
    window = world.objects.windows.setdefault(key, Window())
    if not window.spend(world.clock, 1, limit, period):
        raise ApiError(code, path=key[-1], limit=limit, seconds=period // SECOND)


def plain_path(request: Request) -> str:
    """`/entity/syn12/table/query/async/get/7` as `/entity/#/table/query/async/get/#`."""
    path = request.path.lower().rstrip("/")
    return _NUMBER.sub("#", path.removeprefix("/repo/v1").removeprefix("/file/v1"))


# Answers ----------------------------------------------------------------------

FILTERED = frozenset({401, 429, 503})
"""Statuses of what never reaches a service."""
PRINTED = frozenset({401, 429})
"""Those whose bodies end with a newline."""


def word(world: SynapseWorld, request: Request, error: ApiError) -> Answer:
    """The answer to a preflight, or an error as the vendor words it."""
    if error.code == PREFLIGHT:
        return Answer(PREFLIGHT, headers=dict(PREFLIGHT_HEADERS))
    answer = told(world, request, error)
    if answer.status in PRINTED:
        answer.ending = b"\n"
    return answer


def finish(world: SynapseWorld, request: Request, answer: Answer) -> None:
    """The headers of every answer, and those of a service."""
    if request.path.startswith(STORAGE):
        return
    answer.headers["Access-Control-Allow-Origin"] = "*"
    if answer.content_type == JSON and answer.status != 401:  # noqa: PLR2004 - HTTP's own number
        answer.content_type = f"{JSON};charset=UTF-8"
    if request.operation is None or answer.status in FILTERED:
        return
    answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    if "sessionID=" not in request.headers.get("Cookie", ""):
        answer.headers["Set-Cookie"] = f"sessionID={session(world, request)}; HttpOnly"


def session(world: SynapseWorld, request: Request) -> str:
    """A new session of whoever asks."""
    return uuid(world.chance, request.account, "session", world.count("session", request.account))

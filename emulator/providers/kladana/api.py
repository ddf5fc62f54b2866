"""The provider, put together: which function serves which operation."""

from emulator.contract.openapi import Operation, Parameter
from emulator.exchange import JSON, Answer, Request
from emulator.provider import ApiError, Provider, Refusals, together
from emulator.providers.kladana import limits, notices, security, task_list, tasks, webhooks
from emulator.providers.kladana.errors import ERRORS, MORE_INFO, language_of, told
from emulator.providers.kladana.general import BASE, NO_GZIP, STORAGE, check_headers, takes_gzip
from emulator.providers.kladana.reports import operations
from emulator.providers.kladana.reports.table import REPORTS, only_synchronous
from emulator.providers.kladana.security import authenticate
from emulator.providers.kladana.settings import PROFILES, KladanaWorld, Objects, Settings
from emulator.providers.kladana.users import USER_SCHEMA
from emulator.world import Data, Hooks

MEDIA_TYPE = f"{JSON};charset=utf-8"
ORDINARY = {
    "Cache-Control": "no-cache",
    "Strict-Transport-Security": "max-age=15552000",
    "Vary": "Accept-Encoding",
}
"""The headers of every answer but a file."""
CREDENTIALS_AT_STORAGE = "the request carries Authorization to the storage, whose links need none"


def admit(world: KladanaWorld, request: Request, operation: Operation | None) -> None:
    """Authorization, headers, limits, what can become a task, in this order. ApiError 1056, 1062, 1049, 1073, 61000."""
    if operation is not None and not operation.secured:
        return
    authenticate(world, request)
    check_headers(world, request)
    limits.spend(world, request, operation)
    served = operation is not None and operation.id in operations.OPERATIONS
    if not served and request.query_string and tasks.wants_task(request) and only_synchronous(request):
        raise ApiError(61000)


def bad_parameter(_request: Request, parameter: Parameter, value: str | None) -> ApiError | None:
    """A parameter that breaks the contract: ApiError 1052, 1084, 1040."""
    if parameter.name == "id":
        return ApiError(1052)
    if parameter.name == "async":
        return ApiError(1084, value=value, parameter="async", valid="true, false")
    if parameter.name in ("limit", "offset"):
        return ApiError(1040, parameter=parameter.name)
    return None


def word(world: KladanaWorld, request: Request, error: ApiError) -> Answer:
    """An error as the vendor words it."""
    if error.code == NO_GZIP:
        return Answer(NO_GZIP)
    language = language_of(request.headers.get("Accept-Language", ""))
    status, declared, entry = told(error, language, world.settings.statuses)
    entry["moreInfo"] = MORE_INFO.format(code=error.code)
    answer = Answer(status, {"errors": [entry]}, declared_as=declared)
    limits.tell(world, request, answer, refused=int(error.code))
    return answer


def finish(world: KladanaWorld, request: Request, answer: Answer) -> None:
    """The headers of an ordinary answer."""
    if answer.payload is not None and takes_gzip(request):
        answer.headers["Content-Encoding"] = "gzip"
    if request.path.startswith(STORAGE):
        if "Authorization" in request.headers:
            answer.notes += (CREDENTIALS_AT_STORAGE,)
        return
    answer.headers |= ORDINARY
    if answer.status == 302:  # noqa: PLR2004 - HTTP's own number
        answer.headers["Cache-Control"] = "max-age=0, no-cache"
    if "X-RateLimit-Limit" not in answer.headers:
        limits.tell(world, request, answer)
    if answer.content_type == JSON:
        answer.content_type = MEDIA_TYPE


api: Provider[Settings, Objects] = Provider(
    "kladana",
    title="Kladana JSON API 1.2, asynchronous exchange",
    mounts=(BASE, STORAGE),
    storage=(STORAGE,),
    hooks=Hooks(
        lifecycle=tasks.LIFECYCLE,
        job_id=tasks.task_id,
        end=tasks.end,
        objects=lambda _world: Objects(),
        settings=Settings,
        room=tasks.room,
        profiles=PROFILES,
        changed=notices.changed,
        data=Data(tasks.Submission, int, Objects),
    ),
    errors=frozenset(ERRORS),
    refusals=Refusals(
        unknown_path=lambda request: ApiError(1002, path=request.path),
        wrong_method=lambda request: ApiError(1039, method=request.method),
        too_large=lambda _request: ApiError(1044),
        bad_query=lambda _request: ApiError(1058),
        bad_parameter=bad_parameter,
    ),
    handlers=together(
        notices.heeding(tasks.OPERATIONS, task_list.OPERATIONS, operations.OPERATIONS),
        security.OPERATIONS,
        webhooks.OPERATIONS,
    ),
    word=word,
    admit=admit,
    finish=finish,
    settings=Settings,
    callbacks=True,
    when={"report": {"enum": list(REPORTS), "description": "The report that the task is to make."}},
    result={"rows": {"type": "integer", "minimum": 0, "maximum": 10_000_000, "description": "Rows of the result."}},
    account=USER_SCHEMA,
)

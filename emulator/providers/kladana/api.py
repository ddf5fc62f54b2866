"""The provider, put together: which function serves which operation."""

from emulator.exchange import JSON, Answer, Request
from emulator.provider import ApiError, Provider, Refusals
from emulator.providers.kladana import reports, tasks
from emulator.providers.kladana.errors import ERRORS, MORE_INFO, language_of, told
from emulator.providers.kladana.general import admit
from emulator.providers.kladana.settings import KladanaWorld, Objects, Settings
from emulator.world import Hooks

MEDIA_TYPE = f"{JSON};charset=utf-8"
REPORTS = ("stock/bystore",)


def word(_world: KladanaWorld, request: Request, error: ApiError) -> Answer:
    """An error as the vendor words it."""
    status, entry = told(error, language_of(request.headers.get("Accept-Language", "")))
    entry["moreInfo"] = MORE_INFO.format(code=error.code)
    return Answer(status, {"errors": [entry]})


def finish(_world: KladanaWorld, _request: Request, answer: Answer) -> None:
    """The headers of an ordinary answer."""
    redirected = answer.status == 302  # noqa: PLR2004 - HTTP's own number
    answer.headers["Cache-Control"] = "max-age=0, no-cache" if redirected else "no-cache"
    answer.headers["Strict-Transport-Security"] = "max-age=15552000"
    if answer.content_type == JSON:
        answer.content_type = MEDIA_TYPE


api: Provider[Settings, Objects] = Provider(
    "kladana",
    title="Kladana JSON API 1.2, asynchronous exchange",
    mounts=("/api/remap/1.2", "/batch-prod"),
    hooks=Hooks(
        lifecycle=tasks.LIFECYCLE,
        job_id=tasks.task_id,
        end=tasks.end,
        objects=lambda _world: Objects(),
        settings=Settings,
        room=tasks.room,
    ),
    errors=frozenset(ERRORS),
    refusals=Refusals(
        unknown_path=lambda request: ApiError(1002, path=request.path),
        wrong_method=lambda request: ApiError(1039, method=request.method),
        too_large=lambda _request: ApiError(1044),
        bad_query=lambda _request: ApiError(1058),
    ),
    handlers=tasks.OPERATIONS | reports.OPERATIONS,
    word=word,
    admit=admit,
    finish=finish,
    settings=Settings,
    when={"report": {"enum": list(REPORTS), "description": "The report that the task is to make."}},
    result={"rows": {"type": "integer", "minimum": 0, "maximum": 10_000_000, "description": "Rows of the result."}},
    account={},
)

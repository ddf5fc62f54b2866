"""Asynchronous exchange. https://dev.kladana.com/doc/api/remap/1.2/#asynchronous-exchange

A request with `async=true` becomes a task: queued, run, fetched through a link that dies in five minutes, deleted an
hour after its completion.
"""

from collections import deque
from collections.abc import Hashable, Sequence
from functools import lru_cache
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple

from multidict import CIMultiDict, CIMultiDictProxy

from emulator import engine
from emulator.clock import Instant
from emulator.contract import openapi
from emulator.contract.message import Cache
from emulator.exchange import JSON, Answer, Request
from emulator.job import Job, Lifecycle, Step
from emulator.lane import LaneFull
from emulator.provider import ApiError, api_error
from emulator.providers.kladana.errors import TASK_ERRORS, Told, language_of, told
from emulator.providers.kladana.general import (
    date_time,
    object_id,
    owner,
    url,
    uuid_at,
)
from emulator.providers.kladana.links import deletion, new_link
from emulator.providers.kladana.reports.report import FEATURE, Report
from emulator.providers.kladana.reports.table import REPORTS, is_asynchronous
from emulator.providers.kladana.settings import KladanaWorld
from emulator.providers.kladana.users import User

# Task execution status ------------------------------------------------------

LIFECYCLE = Lifecycle(
    {
        "PENDING": ("PROCESSING", "CANCEL"),
        "PROCESSING": ("DONE", "ERROR", "API_ERROR", "CANCEL"),
        "DONE": (),
        "ERROR": (),  # an internal failure: the client should start again
        "CANCEL": (),
        "API_ERROR": (),  # the synchronous call would have failed the same way
    },
    waiting=frozenset({"PENDING"}),
    running=frozenset({"PROCESSING"}),
    earned=frozenset({"DONE"}),  # a request that cannot succeed does not, whatever a scenario says
)

WHY_NO_RESULT = {"PENDING": 61006, "PROCESSING": 61006, "ERROR": 61004, "CANCEL": 61005}
CANCEL = Step("CANCEL")


class Submission(NamedTuple):
    """What a task remembers of the request that made it."""

    report: str
    root: str
    """Scheme and authority as the client used them."""
    prefixed: bool
    """Whether its URL named the namespace."""
    path: str
    query: str
    user: User
    id: str = ""
    """Of the one object it is about, from its path."""
    feature: str = ""
    """What its header X-Lognex-Remap-Beta-Feature said."""


def task_id(world: KladanaWorld, account: str, ordinal: int) -> str:
    """The id of a new task; its creation is in the time fields, as in the vendor's."""
    return uuid_at(world.now(), world.chance.bits(account, ordinal, "id"))


def room(settings: Any) -> tuple[int, int]:  # noqa: ANN401 - Settings, named so only where it is made
    """How many tasks of an account may wait, and how many may run."""
    return settings.queued_tasks, settings.running_tasks


def end(world: KladanaWorld, job: Job) -> Step:
    """Where a task arrives by itself: the report is there, or the synchronous call would fail too."""
    report, request = REPORTS[job.request.report], asked(world, job, world.now())
    try:
        job.outcome = report.count(world, request, job.rule.result)
    except ApiError as error:
        return Step("API_ERROR", error={"code": error.code, **error.values})
    return Step("DONE")


def asked(world: KladanaWorld, job: Job, at: Instant) -> Request:
    """The request that made a task, as it is heard at the instant when the task ends."""
    said = job.request
    return Request(
        "GET",
        said.path,
        said.query,
        CIMultiDictProxy(CIMultiDict({FEATURE: said.feature})),
        base=_base(world, said),
        at=at,
        params={"id": said.id},
        account=job.account,
        user=said.user,
    )


# Execute a request in asynchronous mode -------------------------------------


def create(world: KladanaWorld, request: Request, report: Report) -> Answer:
    """202 with the URLs of the task's result and status. ApiError 61000, 61001, 61002."""
    if not is_asynchronous(world, report):
        raise ApiError(61000)
    query = request.query
    if "offset" in query or "limit" in query:
        raise ApiError(61001)
    known(world, request.account)
    root = request.base.removesuffix(world.prefix)
    submission = _submission(
        report.name,
        root,
        root != request.base,
        request.path,
        request.query_string,
        request.user,
        request.params.get("id", ""),
        request.headers.get(FEATURE, ""),
    )
    try:
        job = engine.submit(world, request.account, submission, {"report": report.name})
    except LaneFull:
        raise ApiError(61002) from None
    status = url(request, f"/async/{job.id}")
    return Answer(202, headers={"Location": f"{status}/result", "Content-Location": status}, job=job.id)


_submission = lru_cache(maxsize=256)(Submission)
"""The same that is asked again and again is remembered once."""


def wants_task(request: Request) -> bool:
    """Whether the request is to become a task."""
    return request.query.get("async") == "true"


def address(world: KladanaWorld, job: Job) -> str:
    """The URL of the request that made a task; in a fork of its namespace, as if it had been made there."""
    said = job.request
    return f"{_base(world, said)}{said.path}?{said.query}"


def _base(world: KladanaWorld, said: Submission) -> str:
    return said.root + (world.prefix if said.prefixed else "")


# Asynchronous task ----------------------------------------------------------


def task(world: KladanaWorld, request: Request, job: Job) -> dict[str, Any]:
    """The task object. Unset fields are left out."""
    href = url(request, f"/async/{job.id}")
    view: dict[str, Any] = {
        "meta": {"href": href, "type": "async", "mediaType": JSON},
        "id": job.id,
        "accountId": object_id(world.chance, "account", job.account),
        **({"owner": owner(world, request, job.request.user)} if world.settings.owner_sent else {}),
        "state": job.state,
        "request": address(world, job),
    }
    if job.state == "DONE":
        view |= {
            "resultUrl": f"{href}/result",
            "deletionDate": date_time(deletion(world, job), milliseconds=world.settings.milliseconds),
        }
    if job.state == "API_ERROR":
        error = _failure(world, request, job).entry
        view["errors"] = error if world.settings.single_error else [error]
    return view


TASK = openapi.load("kladana").message("task")
CACHE = Cache(16 * 2**20)
"""For what is shown of tasks: they are polled more often than they change."""

_MOMENTS = attrgetter("moments")


def asker(world: KladanaWorld, request: Request) -> tuple[Hashable, ...]:
    """What the same task is shown differently by."""
    return request.base, request.headers.get("Accept-Language"), world.settings


def shown(world: KladanaWorld, request: Request, jobs: Sequence[Job]) -> list[Any]:
    """The tasks as parts; what breaks the contract as it is."""
    held, about = CACHE.of(world), asker(world, request)
    keys = list(zip(jobs, map(len, map(_MOMENTS, jobs)), repeat(about)))
    parts = list(map(held.get, keys))
    if all(parts):
        return parts
    return [part or held.made(key, TASK, task(world, request, key[0])) for key, part in zip(keys, parts, strict=True)]


def _failure(world: KladanaWorld, request: Request, job: Job) -> Told:
    """The error of the synchronous call that would have failed the same way."""
    error = api_error(job.step.error or {"code": 1999})
    language = language_of(request.headers.get("Accept-Language", ""))
    failure = told(error, language, world.settings.statuses, TASK_ERRORS)
    failure.entry.pop("parameter", None)
    return failure


def find(world: KladanaWorld, request: Request) -> Job:
    """The task of the account that the path names. ApiError 1021 if there is none, or no longer."""
    job_id = request.params["id"].lower()
    job = engine.find(world, job_id)
    if job is None or job.account != request.account or _forgotten(world, job):
        raise _unknown(request)
    return job


def _unknown(request: Request) -> ApiError:
    return ApiError(1021, type="async", id=request.params["id"])


def _forgotten(world: KladanaWorld, job: Job) -> bool:
    return world.now() >= job.created + world.settings.tasks_live


def known(world: KladanaWorld, account: str) -> deque[Job]:
    """The account's tasks, oldest first; those whose week is over are forgotten."""
    jobs = world.account(account).jobs
    while jobs and _forgotten(world, jobs[0]):
        engine.forget(world, jobs.popleft())
    return jobs


# The status of a task -----------------------------------------------------


def get_task(world: KladanaWorld, request: Request) -> Answer:
    """The task, in whatever state it is."""
    job = find(world, request)
    engine.poll(world, job)
    if world.clock.skips and _forgotten(world, job):  # it may have gone past its week
        raise _unknown(request)
    return Answer(200, shown(world, request, [job])[0], job=job.id)


# The result of a task -------------------------------------------------------


def get_task_result(world: KladanaWorld, request: Request) -> Answer:
    """302 to a link, for an hour; otherwise the reason why there is none."""
    job = find(world, request)
    if job.state == "API_ERROR":
        failure = _failure(world, request, job)
        return Answer(failure.status, {"errors": [failure.entry]}, job=job.id, declared_as=failure.declared)
    if job.state != "DONE":
        raise ApiError(WHY_NO_RESULT[job.state])
    if world.now() >= deletion(world, job):
        raise ApiError(61003)
    return Answer(302, headers={"Location": request.storage + new_link(world, job)}, job=job.id)


# Cancel a task --------------------------------------------------------------


def cancel_task(world: KladanaWorld, request: Request) -> Answer:
    """204; ApiError 61007 once the task has ended."""
    job = find(world, request)
    if LIFECYCLE.is_final(job.state):
        raise ApiError(61007)
    engine.divert(world, job, CANCEL)
    return Answer(204, job=job.id)


OPERATIONS = {
    "getTask": get_task,
    "getTaskResult": get_task_result,
    "cancelTask": cancel_task,
}

"""Asynchronous jobs. https://rest-docs.synapse.org/rest/#org.sagebionetworks.repo.web.controller.AsynchronousJobController

A job is launched by its request; which type it is, the request's class says. Its etag changes when it ends and not
with its progress, as the server has it.
"""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from emulator import engine
from emulator.clock import MILLISECOND
from emulator.exchange import Answer, Request
from emulator.job import Job, Lifecycle, Moment, Step
from emulator.provider import ApiError, find
from emulator.providers.synapse import files
from emulator.providers.synapse.concretetypes import (
    ADMIN_ONLY,
    APPEND,
    MESSAGES,
    MODELS,
    OTHER_BODIES,
    UPLOAD,
)
from emulator.providers.synapse.errors import EXCEPTIONS, JobFailed, cut, shown
from emulator.providers.synapse.filters import session
from emulator.providers.synapse.messages import Pojo, check_type, date_time, pojo, said, uuid
from emulator.providers.synapse.objects import Table
from emulator.providers.synapse.settings import SynapseWorld
from emulator.providers.synapse.users import User
from emulator.providers.synapse.work import JOB_TYPES, UNBOUNDED

PROCESSING, COMPLETE, FAILED = "PROCESSING", "COMPLETE", "FAILED"
LIFECYCLE = Lifecycle(
    {PROCESSING: (COMPLETE, FAILED), COMPLETE: (), FAILED: ()},
    earned=frozenset({COMPLETE}),  # a request that must fail does, whatever a story says
)
FIRST_JOB = 10421
"""IDs are a sequence."""
LONG = range(-(2**63), 2**63)

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")


@dataclass(slots=True)
class Launch:
    """What a job remembers: who launched it, and to do what."""

    user: User
    body: Pojo
    answers: str | None = None
    """What it is the answer to, where answers are kept."""
    canceling: bool = False


# Launch -----------------------------------------------------------------------


def launch_new_job(world: SynapseWorld, request: Request) -> Answer:
    """201 with the status of a new job, or of an old one that answers the same.

    ApiError no-body, media-type, bad-json, missing-type, unknown-type, unexpected-type, admin-only, no-job-type, and
    those of the type's own check.
    """
    body = _launchable(world, request, said(request))
    job = launch(world, request, body)
    view = status(world, job)
    if job.state == COMPLETE and world.settings.callers_context_leaks:
        view["callersContext"] = {"sessionId": session(world, request)}
    return Answer(201, view, job=job.id)


def _launchable(world: SynapseWorld, request: Request, body: Pojo) -> Pojo:
    name = body.get("concreteType", body.get("entityType"))  # the latter is an old alias
    if name is None:
        raise ApiError("missing-type")
    check_type("concreteType", "string", name)
    if name in MODELS:
        raise ApiError("unexpected-type", type=name)
    if name not in OTHER_BODIES and name not in MESSAGES:
        raise ApiError("unknown-type", type=shown(name))
    if name in ADMIN_ONLY and not request.user.administrator:
        raise ApiError("admin-only")
    refused = name == UPLOAD and not world.settings.upload_launchable
    if name in OTHER_BODIES or name == APPEND or refused:
        raise ApiError("no-job-type", type=name)
    return pojo(MESSAGES[name], body)


def launch(world: SynapseWorld, request: Request, body: Pojo) -> Job:
    """A new job of whoever asks, or an old one that answers the same. ApiError of the type's own check."""
    table = JOB_TYPES[body["concreteType"]].check(world, body)
    answers = _question(world, request.user, body, table)
    if known := world.jobs.get(world.objects.cache.get(answers, "")):  # unless a story has let it be forgotten
        return known
    about = {"concreteType": body["concreteType"].rsplit(".", 1)[-1], "user": request.user.id}
    about |= {"table": table.id if table else body.get("entityId") or body.get("tableId")}
    return engine.submit(world, request.account, Launch(request.user, body, answers), about)


def _question(world: SynapseWorld, user: User, body: Pojo, table: Table | None) -> str:
    """Who asks what of which state of a table; nothing where no answers are kept."""
    if not world.settings.result_cache or table is None or table.kind != "table":
        return ""
    return f"{user.id} {table.id} {table.version} {orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()}"


def job_id(world: SynapseWorld, _account: str, _ordinal: int) -> str:
    """The next of the sequence."""
    return str(FIRST_JOB - 1 + world.count("job"))


# The end ----------------------------------------------------------------------


def end(world: SynapseWorld, job: Job) -> Step:
    """Do what is asked, once."""
    asked, known = job.request, len(world.objects.files)
    try:
        job.outcome = JOB_TYPES[asked.body["concreteType"]].run(world, asked.user, asked.body)
    except JobFailed as failed:
        return Step(FAILED, error=failed.entry)
    files.claim(world, job.id, known)
    return Step(COMPLETE)


def changed(world: SynapseWorld, job: Job) -> None:
    """Keep the answer, where answers are kept."""
    if job.state == COMPLETE and job.request.answers:
        world.objects.cache[job.request.answers] = job.id


# Status -----------------------------------------------------------------------


def get_job_status(world: SynapseWorld, request: Request) -> Answer:
    """200 in every state. ApiError bad-job-id, no-job, foreign-job."""
    job = own(world, request, request.params["jobId"], "foreign-job")
    engine.poll(world, job)
    return Answer(200, status(world, job), job=job.id)


def own(world: SynapseWorld, request: Request, said_id: str, foreign: str) -> Job:
    """The job of that ID, of whoever asks; administrators see all. ApiError bad-job-id, no-job, and `foreign`."""
    number = int(said_id) if _INTEGER.fullmatch(said_id) else None
    if number is None or number not in LONG:
        raise ApiError("bad-job-id", id=shown(said_id))
    job = find(world, str(number), ApiError("no-job", id=number))
    if job.account != request.account and not request.user.administrator:
        raise ApiError(foreign)
    return job


def status(world: SynapseWorld, job: Job) -> Pojo:
    """The status of a job. Unset fields are left out."""
    asked, at_end = job.request, LIFECYCLE.is_final(job.state)
    view = {
        "jobState": job.state,
        "jobCanceling": asked.canceling,
        "requestBody": asked.body,
        "etag": uuid(world.chance, job.account, job.ordinal, "etag", int(at_end)),
        "jobId": job.id,
        "startedByUserId": asked.user.id,
        "startedOn": date_time(job.created),
        "changedOn": date_time(_counted(job)[-1][0]),
        **_progress(job),
        **failure(job),
        "runtimeMS": _runtime(job),
    }
    return view | ({"responseBody": job.outcome} if job.outcome is not None else {})


def _counted(job: Job) -> list[Moment]:
    """The moments that change a status: the launch, each progress that is told, the end."""
    return [job.moments[0]] + [each for each in job.moments[1:] if each[1].progress is not None or _is_end(each)]


def _is_end(moment: Moment) -> bool:
    return LIFECYCLE.is_final(moment[1].state)


def _runtime(job: Job) -> int:
    """Milliseconds until the last change that was counted; a failure is not."""
    last = [at for at, step in _counted(job) if step.state != FAILED][-1]
    return (last - job.created) // MILLISECOND


def _progress(job: Job) -> Pojo:
    """Message, current and total: always the three together, but of a job that has ended without having told any."""
    told = [step.progress for _, step in job.moments if step.progress is not None]
    result = job.rule.result
    kind = JOB_TYPES[job.request.body["concreteType"]]
    total = result.get("progressTotal", kind.total)
    counts = {"progressCurrent": 0, "progressTotal": total}
    if job.state == COMPLETE:
        return {"progressMessage": "Complete"} | (counts | {"progressCurrent": total} if told else {})
    if not told:
        return {}
    current = told[-1] if total == UNBOUNDED else total * told[-1] // 100
    message = result.get("progressMessage", kind.message).replace("{n}", str(current))
    return {"progressMessage": cut(message), **counts, "progressCurrent": current}


def failure(job: Job) -> Pojo:
    """The exception that has ended a job, as far as it is kept."""
    entry = job.step.error
    if job.state != FAILED or entry is None:
        return {}
    known = EXCEPTIONS[entry["code"]]
    message = str(entry.get("message", known.message))
    return {
        **({"exception": known.name} if known.rebuilt else {}),
        "errorMessage": cut(message),
        "errorDetails": f"{known.name}: {message}{TRACE}",
    }


TRACE = (
    "\n\tat org.sagebionetworks.worker.AsyncJobRunnerAdapter.run(AsyncJobRunnerAdapter.java:90)"
    "\n\tat java.base/java.lang.Thread.run(Thread.java:829)"
)
"""Where the server says that it was; nobody documents it."""

# Cancel -----------------------------------------------------------------------


def stop_job(world: SynapseWorld, request: Request) -> Answer:
    """204 in every state: the job is told, and ends with its next step if it heeds that.

    ApiError bad-job-id, no-job, foreign-cancel.
    """
    job = own(world, request, request.params["jobId"], "foreign-cancel")
    job.request.canceling = True
    following = job.upcoming
    if job.rule.result.get("cancelable") and following:
        engine.turn(job, Step(FAILED, following.after, error=CANCELED))
    return Answer(204, job=job.id)


CANCELED: dict[str, Any] = {"code": "JobCanceledException"}

OPERATIONS = {
    "LaunchNewJob": launch_new_job,
    "GetJobStatus": get_job_status,
    "StopJob": stop_job,
}

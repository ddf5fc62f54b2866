"""Batch. https://developer.ivvy.com/getting-started/batch

A batch is run behind the caller's back. Nothing names its state: it shows by `progress`, by whether `results`
answers, and by the call to `callbackUrl`. Which calls failed shows only in its results.
"""

from typing import Any

from emulator import engine
from emulator.exchange import Answer, Request
from emulator.job import END, Job, Lifecycle, Step
from emulator.provider import ApiError, find
from emulator.providers.ivvy import calls, messages, notices
from emulator.providers.ivvy.settings import Batch, IvvyWorld

LIFECYCLE = Lifecycle(
    {"running": ("paused", "finished"), "paused": ("running",), "finished": ()},
    ours=frozenset({"running", "paused", "finished"}),
)
FINISHED = Step("finished")
RESUMED = (Step("running"), Step(END))
"""How a batch goes on that was to stay paused."""

DONE = 100

# Run ------------------------------------------------------------------------


def run(world: IvvyWorld, request: Request) -> Answer:
    """`{"asyncId": ...}`. ApiError 23016, 23017, 24092, 24093, 24448; 24091 by scenario."""
    said = messages.batch(request)
    _forget_expired(world, request.account)
    batch = Batch(calls=said["jobs"], callback_url=said["callbackUrl"])
    job = engine.submit(world, request.account, batch, _about(batch))
    return Answer(200, {"asyncId": job.id}, job=job.id)


def _about(batch: Batch) -> dict[str, Any]:
    """What the rules of a scenario may ask of it."""
    return {
        "jobs": len(batch.calls),
        "call": calls.name_of(batch.calls[0]),
        "callbackUrl": batch.callback_url,
    }


def batch_id(world: IvvyWorld, account: str, ordinal: int) -> str:
    """32 hexadecimal digits."""
    return f"{world.chance.bits(account, ordinal, 'id'):032x}"


# Progress -------------------------------------------------------------------


def progress(world: IvvyWorld, request: Request) -> Answer:
    """`{"progress": 33}`: percent. ApiError 24105."""
    job = _find(world, request, 24105)
    engine.poll(world, job)
    if _expired(world, job):  # a clock that skips may have gone past its end
        raise ApiError(24105)
    return Answer(200, {"progress": job.request.progress}, job=job.id)


def _percent(job: Job) -> int:
    """The share of calls that have finished; while there are steps to come, as many as steps have been taken."""
    if job.state == FINISHED.state:
        return DONE
    if job.step.progress is not None:
        return min(job.step.progress, DONE - 1)
    taken, number = len(job.moments) - 1, len(job.request.calls)
    finished = number * taken // (taken + len(job.plan) - job.next_step or 1)
    return min(DONE * finished // number, DONE - 1)


# Results --------------------------------------------------------------------


def results(world: IvvyWorld, request: Request) -> Answer:
    """The results, for two days. ApiError 24114, 24115."""
    job = _find(world, request, 24115)
    if job.state != FINISHED.state:
        raise ApiError(24114)
    return Answer(200, notices.document(job), job=job.id)


def changed(world: IvvyWorld, job: Job) -> None:
    """After each moment: how far it is. At the end: its results, and then the callback about them."""
    job.request.progress = max(job.request.progress, _percent(job))
    if job.state == FINISHED.state:
        job.outcome = calls.results(world, job)
        notices.post(world, job)


# Restart --------------------------------------------------------------------


def restart(world: IvvyWorld, request: Request) -> Answer:
    """Whether the batch was paused and goes on. ApiError 24105."""
    job = _find(world, request, 24105)
    paused = job.state == "paused"
    if paused and job.upcoming:
        engine.release(world, job)
    elif paused:
        engine.divert(world, job, *RESUMED)
    return Answer(200, {"restarted": paused}, job=job.id)


# Repost ---------------------------------------------------------------------


def repost(world: IvvyWorld, request: Request) -> Answer:
    """Whether the batch has finished and the callback is made once more. ApiError 24105."""
    job = _find(world, request, 24105)
    finished = job.state == FINISHED.state
    if finished:
        notices.post(world, job)
    return Answer(200, {"reposted": finished}, job=job.id)


# Finding a batch ------------------------------------------------------------


def _find(world: IvvyWorld, request: Request, missing: int) -> Job:
    """The caller's own batch, unless its time is over. ApiError `missing`, 23016, 23017."""
    job = find(world, messages.async_id(request), ApiError(missing))
    if job.account != request.account or _expired(world, job):
        raise ApiError(missing)
    return job


def _expired(world: IvvyWorld, job: Job) -> bool:
    return job.state == FINISHED.state and world.now() >= job.changed + world.settings.results_live


def _forget_expired(world: IvvyWorld, account: str) -> None:
    """From the oldest on, until one still lives."""
    jobs = world.account(account).jobs
    while jobs and _expired(world, jobs[0]):
        engine.forget(world, jobs.popleft())

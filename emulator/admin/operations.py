"""One function per operation of `/__admin`, under its `operationId`."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from emulator import engine
from emulator.admin import scenarios
from emulator.admin.api import Call, Handler
from emulator.admin.callbacks import list_callbacks
from emulator.admin.paging import page
from emulator.chance import Fixed, LogNormal, Uniform
from emulator.clock import AlreadyAdvancing, Duration, iso
from emulator.exchange import Answer
from emulator.job import Job, Polls, Release, Wait
from emulator.namespace import Namespace, NamespacesFull, ScenarioConflict, Tally, WasReset, agree, cast
from emulator.problem import Problem
from emulator.scenario.measures import duration_text, instant, microseconds
from emulator.scenario.story import ClockSetting, Scenario

# Health ---------------------------------------------------------------------


async def get_health(_call: Call) -> Answer:
    """The process answers."""
    return Answer(200, {"status": "ok"})


async def get_ready(call: Call) -> Answer:
    """Everything is loaded and bound; the port is not open before."""
    return Answer(200, {"status": "ready", "apis": sorted(call.namespaces.origin.hooks)})


# Clock ----------------------------------------------------------------------


async def get_clock(call: Call) -> Answer:
    """What time it is in this namespace."""
    call.namespace.clock.catch_up()
    return Answer(200, _clock(call.namespace))


async def set_clock(call: Call) -> Answer:
    """Move the clock, or say how it runs."""
    clock, wanted = call.namespace.clock, call.body
    clock.catch_up()
    if "rate" in wanted:
        clock.run_at(wanted["rate"])
    elif "mode" in wanted:
        clock.run_at(0 if wanted["mode"] == "frozen" else 1)
    elif "to" in wanted:
        return await _advance(call.namespace, Duration(_instant(wanted["to"]) - clock.now()))
    else:
        return await _advance(call.namespace, _duration(wanted["advance"]))
    return Answer(200, _clock(call.namespace))


async def _advance(namespace: Namespace, by: Duration) -> Answer:
    try:
        tally = await namespace.advance(by)
    except ValueError as error:
        raise Problem(422, str(error)) from None
    except AlreadyAdvancing:
        raise Problem(409, "the clock is being advanced already") from None
    except WasReset:
        raise Problem(409, "the namespace was reset meanwhile") from None
    return Answer(200, _clock(namespace) | _happened(tally))


def _clock(namespace: Namespace) -> dict[str, Any]:
    clock = namespace.clock
    due = clock.next_due()
    return {
        "now": iso(clock.now()),
        "mode": clock.mode,
        "rate": clock.rate,
        "pending": clock.pending(),
        "next": None if due is None else iso(due),
    }


def _happened(tally: Tally) -> dict[str, Any]:
    return {"happened": tally.listed, "count": tally.count}


def _duration(text: str) -> Duration:
    try:
        return microseconds(text)
    except ValueError as error:
        raise Problem(422, f"/advance: {error}") from None


def _instant(text: str) -> int:
    try:
        return instant(text)
    except ValueError as error:
        raise Problem(422, str(error)) from None


# Jobs -----------------------------------------------------------------------


async def list_jobs(call: Call) -> Answer:
    """The jobs of this namespace, API by API, in order of submission."""
    call.namespace.clock.catch_up()
    limit, offset = page(call)
    wanted = {key: call.request.query[key] for key in ("api", "state") if key in call.request.query}
    found = [
        (api, job)
        for api, job in call.namespace.jobs()
        if wanted.get("api", api) == api and wanted.get("state", job.state) == job.state
    ]
    rows = [_job(api, job) for api, job in islice(found, offset, offset + limit)]
    return Answer(200, {"total": len(found), "jobs": rows})


async def get_job(call: Call) -> Answer:
    """One job: what has happened and what is still to come."""
    call.namespace.clock.catch_up()
    return Answer(200, _job(*_find(call)))


async def release_job(call: Call) -> Answer:
    """The wait of the job's next step, of whatever kind, is over."""
    call.namespace.clock.catch_up()
    api, job = _find(call)
    engine.release(call.namespace.world(api), job)
    return Answer(200, _job(api, job))


def _find(call: Call) -> tuple[str, Job]:
    job_id = call.request.params["id"]
    for api, world in call.namespace.worlds.items():
        job = engine.find(world, job_id)
        if job:
            return api, job
    raise Problem(404, f"this namespace has no job {job_id!r}")


def _job(api: str, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "api": api,
        "account": job.account,
        "ordinal": job.ordinal,
        "state": job.state,
        "rule": job.rule.name,
        "polls": job.polls,
        "moments": [{"at": iso(at), "state": step.state} for at, step in job.moments],
        "upcoming": [{"state": step.state, "after": _wait(step.after)} for step in job.plan[job.next_step :]],
    }


def _wait(wait: Wait) -> Any:  # noqa: ANN401 - as a scenario writes it
    """A wait as a scenario writes it."""
    match wait:
        case Release():
            return "release"
        case Polls(count):
            return {"polls": count}
        case Fixed(length):
            return duration_text(length)
        case Uniform(low, high):
            return {"uniform": [duration_text(low), duration_text(high)]}
        case LogNormal(median, p99):
            return {"lognormal": {"median": duration_text(median), "p99": duration_text(p99)}}
    raise TypeError(wait)


# Requests -------------------------------------------------------------------


async def list_requests(call: Call) -> Answer:
    """The exchanges of this namespace that are still kept, oldest first."""
    limit, offset = page(call)
    journal = call.namespace.journal
    query = call.request.query
    found = [
        each
        for each in journal
        if all(getattr(each, key) == query[key] for key in ("api", "operation", "job") if key in query)
    ]
    return Answer(
        200,
        {
            "total": len(found),
            "written": journal.written,
            "evicted": journal.evicted,
            "requests": [each.told() for each in found[offset : offset + limit]],
        },
    )


# Namespaces -----------------------------------------------------------------


async def reset(call: Call) -> Answer:
    """The namespace as it was when it was made."""
    await call.namespace.start_over()
    return Answer(204)


async def list_namespaces(call: Call) -> Answer:
    """Every namespace there is."""
    return Answer(200, {"namespaces": [_namespace(each) for each in call.namespaces]})


async def put_namespace(call: Call) -> Answer:
    """Make a namespace with its own seed, clock and scenarios."""
    name, wanted = call.request.params["name"], call.body
    chosen = await asyncio.to_thread(_chosen, call, wanted)
    if name in call.namespaces:
        raise Problem(409, f"there is a namespace {name!r} already: reset or drop it")
    base = call.namespaces.origin
    origin = replace(
        base,
        scenarios=chosen,
        seed=wanted.get("seed", base.seed),
        clock=_clock_setting(wanted["clock"]) if "clock" in wanted else base.clock,
    )
    try:
        made = call.namespaces.make(name, origin)
    except ValueError as error:
        raise Problem(422, str(error)) from None
    except NamespacesFull:
        raise Problem(503, f"there are {call.namespaces.limit} namespaces already: drop one") from None
    return Answer(201, _namespace(made))


async def drop_namespace(call: Call) -> Answer:
    """Forget a namespace and all that is in it."""
    if not await call.namespaces.drop(call.request.params["name"]):
        raise Problem(404, f"there is no namespace {call.request.params['name']!r}")
    return Answer(204)


def _chosen(call: Call, wanted: Mapping[str, Any]) -> dict[str, Scenario]:
    """Scenarios by API: those wished for, else as the server's flags have them. Problem 404, 409, 422.

    A clock and a seed that the wish itself names win over those of its scenarios.
    """
    try:
        told = cast(scenarios.named(call.library, name) for name in wanted.get("scenarios", ()))
        chosen = {**call.namespaces.origin.scenarios, **told}
        if "clock" in wanted:
            chosen = {api: replace(each, clock=None) for api, each in chosen.items()}
        if "seed" in wanted:
            chosen = {api: replace(each, seed=None) for api, each in chosen.items()}
        agree(chosen)
    except ScenarioConflict as conflict:
        raise Problem(409, str(conflict)) from None
    return chosen


def _clock_setting(wanted: dict[str, Any]) -> ClockSetting:
    rate = wanted.get("rate", 0 if wanted.get("mode") == "frozen" else 1)
    return ClockSetting(rate, _instant(wanted["start"]) if "start" in wanted else None)


def _namespace(namespace: Namespace) -> dict[str, Any]:
    return {
        "name": namespace.name,
        "seed": namespace.seed,
        "clock": {
            "now": iso(namespace.clock.now()),
            "mode": namespace.clock.mode,
            "rate": namespace.clock.rate,
        },
        "jobs": sum(len(world.jobs) for world in namespace.worlds.values()),
        "requests": len(namespace.journal),
        "scenarios": {api: each.name for api, each in namespace.scenarios.items()},
    }


HANDLERS: dict[str, Handler] = {
    "getHealth": get_health,
    "getReady": get_ready,
    "getClock": get_clock,
    "setClock": set_clock,
    "listJobs": list_jobs,
    "getJob": get_job,
    "releaseJob": release_job,
    "listRequests": list_requests,
    "listCallbacks": list_callbacks,
    **scenarios.HANDLERS,
    "reset": reset,
    "listNamespaces": list_namespaces,
    "putNamespace": put_namespace,
    "dropNamespace": drop_namespace,
}

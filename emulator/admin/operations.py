"""One function per operation of `/__admin`, under its `operationId`."""

from itertools import islice
from typing import Any

from emulator import engine
from emulator.admin import events, har, metrics, namespaces, openapi, requests, scenarios, snapshots, timeline
from emulator.admin.api import Call, Handler
from emulator.admin.callbacks import list_callbacks
from emulator.admin.clocks import running, wished
from emulator.admin.jobs import find
from emulator.admin.paging import page
from emulator.chance import Fixed, LogNormal, Uniform
from emulator.clock import AlreadyAdvancing, Duration, iso
from emulator.exchange import Answer
from emulator.job import Job, Polls, Release, Wait
from emulator.namespace import Namespace, Tally, WasReset
from emulator.problem import Problem
from emulator.scenario.measures import duration_text, instant, microseconds

# Health ---------------------------------------------------------------------


async def get_health(_call: Call) -> Answer:
    """The process answers."""
    return Answer(200, {"status": "ok"})


async def get_ready(call: Call) -> Answer:
    """Everything is loaded and bound; the port is not open before. A server that watches its files tells more."""
    return Answer(200, {"status": "ready", "apis": sorted(call.namespaces.origin.hooks), "broken": []})


# Clock ----------------------------------------------------------------------


async def get_clock(call: Call) -> Answer:
    """What time it is in this namespace."""
    call.namespace.clock.catch_up()
    return Answer(200, _clock(call.namespace))


async def set_clock(call: Call) -> Answer:
    """Move the clock, or say how it runs."""
    clock, wanted = call.namespace.clock, call.body
    clock.catch_up()
    if "to" in wanted:
        return await _advance(call.namespace, Duration(_instant(wanted["to"]) - clock.now()))
    if "advance" in wanted:
        return await _advance(call.namespace, _duration(wanted["advance"]))
    setting = wished(wanted)
    clock.run_at(setting.rate, step=setting.step, skips=setting.skips)
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
        **running(clock),
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
    return Answer(200, _job(*find(call)))


async def release_job(call: Call) -> Answer:
    """The wait of the job's next step, of whatever kind, is over."""
    call.namespace.clock.catch_up()
    api, job = find(call)
    engine.release(call.namespace.world(api), job)
    return Answer(200, _job(api, job))


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


HANDLERS: dict[str, Handler] = {
    "getHealth": get_health,
    "getReady": get_ready,
    "getClock": get_clock,
    "setClock": events.announced(set_clock),
    "listJobs": list_jobs,
    "getJob": get_job,
    "releaseJob": release_job,
    **timeline.HANDLERS,
    **events.HANDLERS,
    **requests.HANDLERS,
    **har.HANDLERS,
    "listCallbacks": list_callbacks,
    **metrics.HANDLERS,
    **openapi.HANDLERS,
    **scenarios.HANDLERS,
    **snapshots.HANDLERS,
    **namespaces.HANDLERS,
}

"""What no type can say: whether the state of a namespace fits together. Unreadable where it does not."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, get_type_hints

import jsonschema_rs

from emulator.clock import Instant
from emulator.job import END, Job, Lifecycle, Step
from emulator.namespace import AnyWorld, Namespace
from emulator.origin import Origin
from emulator.scenario.story import Scenario, When, thawed
from emulator.scenario.vocabulary import Vocabulary
from emulator.snapshot.fitting import fitting
from emulator.snapshot.reading import Unreadable
from emulator.world import settings_of


def check_scenario(scenario: Scenario, api: str, origin: Origin, pointer: str) -> None:
    """It is about that API, and says of it what may be said."""
    if scenario.api != api:
        raise Unreadable(pointer, f"a scenario about {scenario.api}, not about {api}")
    for rule in scenario.jobs:
        if not rule.steps:
            raise Unreadable(pointer, f"{rule.name} has no steps")
        _check_steps(rule.steps, origin.hooks[api].lifecycle, pointer)
    if api in origin.words:
        _check_words(scenario, origin.words[api], pointer)


def check_default(scenario: Scenario, pointer: str) -> None:
    """Whatever is submitted, one of its rules applies."""
    if not any(each.when == When(per=each.when.per) for each in scenario.jobs):
        raise Unreadable(pointer, "no rule of it applies to everything")


def _check_words(scenario: Scenario, words: Vocabulary, pointer: str) -> None:
    steps = [step for rule in scenario.jobs for step in rule.steps]
    for each in scenario.accounts:
        _check_said(each, words.account, pointer)
    for rule in scenario.jobs:
        _check_said(rule.result, words.result, pointer)
    blamed = [step.error for step in steps]
    blamed += [each.error for each in scenario.faults]
    blamed += [each.error for each in scenario.limits]
    for error in blamed:
        if error is not None and not (error.get("code") in words.errors and _is_status(error.get("status"))):
            raise Unreadable(pointer, f"{words.api} has no such error: {dict(error)}")


def _check_said(said: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]], pointer: str) -> None:
    schema = {"type": "object", "properties": dict(schemas), "additionalProperties": False}
    try:
        fits = _validator(json.dumps(schema)).is_valid(thawed(said))
    except (TypeError, ValueError):  # what is no JSON
        fits = False
    if not fits:
        raise Unreadable(pointer, f"no scenario says {str(dict(said))[:80]}")


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema))


def _is_status(status: object) -> bool:
    return status is None or (type(status) is int and 400 <= status <= 599)  # noqa: PLR2004 - HTTP's own numbers


def check_settings(namespace: Namespace, api: str, pointer: str) -> None:
    """What is set has the types that the API's settings have."""
    hooks, told = namespace.origin.hooks[api], namespace.scenario(api).settings
    base = hooks.settings()
    both: Mapping[str, Any] = {**namespace.origin.defaults[api].settings, **told}
    profile = both.get("profile", "")
    made = settings_of(base, hooks.profiles.get(profile, {}) if isinstance(profile, str) else {}, both)
    for name, hint in get_type_hints(type(base)).items():
        if not fitting(hint)(getattr(made, name), set()):
            raise Unreadable(pointer, f"the setting {name} cannot be {getattr(made, name)!r}")


def check(namespace: Namespace) -> None:
    """Jobs, lanes and accounts fit together, in each of its worlds."""
    now = namespace.clock.now()
    for api, world in namespace.worlds.items():
        pointer = f"/worlds/{api}"
        for job_id, job in world.jobs.items():
            if job_id != job.id or job.account not in world.accounts:
                raise Unreadable(f"{pointer}/jobs", f"the job {job.id} is not where it belongs")
        _check_jobs(world, _all_jobs(namespace, api), now, f"{pointer}/jobs")
        for name, account in world.accounts.items():
            lane = account.lane
            if min(lane.waiting, lane.running, account.submitted) < 0:
                raise Unreadable(f"{pointer}/accounts", f"the account {name} has counted fewer than none")


def _all_jobs(namespace: Namespace, api: str) -> Iterable[Job]:
    """Wherever they are."""
    world = namespace.worlds[api]
    found = {id(job): job for job in world.jobs.values()}
    for account in world.accounts.values():
        found |= {id(job): job for job in (*account.jobs, *(entry[1] for entry in account.lane.line))}
    for _, event in namespace.clock.agenda():
        if getattr(event, "api", None) == api and isinstance(job := getattr(event, "job", None), Job):
            found[id(job)] = job
    return found.values()


def _check_jobs(world: AnyWorld, jobs: Iterable[Job], now: Instant, pointer: str) -> None:
    lifecycle, data, looked_at = world.hooks.lifecycle, world.hooks.data, set()
    asked, came = fitting(data.request), fitting(data.outcome)
    for job in jobs:
        if not asked(job.request, set()) or not (job.outcome is None or came(job.outcome, set())):
            raise Unreadable(pointer, f"no job of {world.api} holds what {job.id} holds")
        if not job.moments or not 0 <= job.next_step <= len(job.plan) or job.polls < 0:
            raise Unreadable(pointer, f"the job {job.id} is nowhere in its plan")
        if any(at > now for at, _ in job.moments):
            raise Unreadable(pointer, f"the job {job.id} has been in the future")
        for steps in (job.plan, tuple(step for _, step in job.moments)):
            if id(steps) not in looked_at:
                _check_steps(steps, lifecycle, pointer)
        looked_at.add(id(job.plan))


def _check_steps(steps: Iterable[Step], lifecycle: Lifecycle, pointer: str) -> None:
    for step in steps:
        if step.state != END and step.state not in lifecycle.follows:
            raise Unreadable(pointer, f"there is no state {step.state!r}")

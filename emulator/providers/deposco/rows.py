"""What comes of each entity.

It follows from what the entity holds and from what the scenario says, and from nothing else: so it can be told before
it has happened.
"""

from collections.abc import Mapping
from typing import Any

from emulator.job import Job, Step
from emulator.providers.deposco.entities import KINDS, violations
from emulator.providers.deposco.settings import DeposcoWorld
from emulator.providers.deposco.work import Outcome, Submission, Texts

LATE = "The resource was updated by a concurrent request. Please retry when the resource is not in use."
"""What is said of an entity that a scenario lets fail without a text: one that the live service says."""


def judged(world: DeposcoWorld, job: Job, done: int) -> Outcome:
    """What comes of its entities, if so many of them are processed."""
    wrong = violations(KINDS[job.request.entity_type], job.request.entities)
    drawn = (job.account, job.ordinal) if world.settings.row_order == "shuffled" else None
    return Outcome(wrong | _scripted(world, job, wrong), done, drawn)


def named(job: Job) -> Step:
    """The step at which processing ends, or has ended."""
    return next((step for step in job.plan[job.next_step :] if step.state != "Processing"), job.step)


# What the scenario says of entities ---------------------------------------------


def _scripted(world: DeposcoWorld, job: Job, wrong: Mapping[int, Texts]) -> dict[int, Texts]:
    """The texts of those that the scenario lets fail, by their number. A success that is named waits for its flip."""
    wanted, said = named(job).state, job.rule.result
    if wanted == "Success":
        return {}
    text = _texts(said.get("fail_with", LATE))
    right = [n for n in range(len(job.request.entities)) if n not in wrong]
    chosen = right if wanted == "Failed" else _drawn(world, job, right)
    failing = dict.fromkeys(chosen, text) | _by_name(said.get("fail", {}), job.request)
    if wanted == "Partially Failed" and not failing and not wrong:
        failing = dict.fromkeys(_first(world, job, right, 1), text)
    return failing


def _by_name(said: Mapping[str, Any], request: Submission) -> dict[int, Texts]:
    """By the first part of the business key: the number of an item, the code of a trading partner."""
    if not said:
        return {}
    name = KINDS[request.entity_type].name
    names = enumerate(each.get(name) for each in request.entities)
    return {n: _texts(said[value]) for n, value in names if isinstance(value, str) and value in said}


def _drawn(world: DeposcoWorld, job: Job, right: list[int]) -> list[int]:
    """So many of those that nothing is wrong with, or such a share of them."""
    share, count = (job.rule.result.get(each, 0) for each in ("fail_share", "fail_count"))
    by_share = []
    if share:
        units = world.chance.units(len(job.request.entities), job.account, job.ordinal, "share")
        by_share = [n for n in right if units[n] < share]
    return by_share + _first(world, job, right, count)


def _first(world: DeposcoWorld, job: Job, right: list[int], count: int) -> list[int]:
    if not count:
        return []
    return [right[n] for n in world.chance.shuffled(len(right), job.account, job.ordinal, "fail")[:count]]


def _texts(said: Any) -> Texts:  # noqa: ANN401 - a text or several
    return (said,) if isinstance(said, str) else tuple(said)

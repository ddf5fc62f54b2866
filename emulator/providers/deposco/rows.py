"""What comes of each entity.

It follows from what the entity holds and from what the scenario says, and from nothing else: so it can be told before
it has happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from emulator.job import Job, Step
from emulator.providers.deposco.entities import KINDS, BusinessKey, Entity, business_key, violations
from emulator.providers.deposco.settings import DeposcoWorld

LATE = "The resource was updated by a concurrent request. Please retry when the resource is not in use."
"""What is said of an entity that a scenario lets fail without a text: one that the live service says."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What an import remembers of its request."""

    entity_type: str
    entities: list[Entity]


class Row(NamedTuple):
    """What came of an entity."""

    entity: Entity
    business_key: BusinessKey
    errors: tuple[str, ...]
    done: bool = True


def rows_of(world: DeposcoWorld, job: Job) -> list[Row]:
    """What comes of each entity, in the order in which they are processed."""
    kind, entities = KINDS[job.request.entity_type], job.request.entities
    wrong = [violations(kind, each) for each in entities]
    keys = [business_key(kind, each) for each in entities]
    names = [each.get(kind.name) for each in keys]
    scripted = _scripted(world, job, names, wrong)
    rows = [Row(*each) for each in zip(entities, keys, map(scripted.get, range(len(keys)), wrong), strict=True)]
    if world.settings.row_order == "listed":
        return rows
    return [rows[n] for n in world.chance.shuffled(len(rows), job.account, job.ordinal, "order")]


def named(job: Job) -> Step:
    """The step at which processing ends, or has ended."""
    return next((step for step in job.plan[job.next_step :] if step.state != "Processing"), job.step)


# What the scenario says of entities ---------------------------------------------

Texts = tuple[str, ...]


def _scripted(
    world: DeposcoWorld, job: Job, names: Sequence[str | None], wrong: Sequence[Texts]
) -> Mapping[int, Texts]:
    """The texts of those that the scenario lets fail, by their number. A success that is named waits for its flip."""
    wanted, said = named(job).state, job.rule.result
    if wanted == "Success":
        return {}
    text = _texts(said.get("fail_with", LATE))
    right = [n for n, texts in enumerate(wrong) if not texts]
    chosen = right if wanted == "Failed" else _drawn(world, job, right)
    failing = dict.fromkeys(chosen, text) | _by_name(said.get("fail", {}), names)
    if wanted == "Partially Failed" and not failing and len(right) == len(names):
        failing = dict.fromkeys(_first(world, job, right, 1), text)
    return failing


def _by_name(said: Mapping[str, Any], names: Sequence[str | None]) -> dict[int, Texts]:
    """By the first part of the business key: the number of an item, the code of a trading partner."""
    return {n: _texts(said[name]) for n, name in enumerate(names) if name is not None and name in said}


def _drawn(world: DeposcoWorld, job: Job, right: list[int]) -> list[int]:
    """So many of those that nothing is wrong with, or such a share of them."""
    share = job.rule.result.get("fail_share", 0)
    by_share = [n for n in right if share and world.chance.unit(job.account, job.ordinal, "fail", n) < share]
    return by_share + _first(world, job, right, job.rule.result.get("fail_count", 0))


def _first(world: DeposcoWorld, job: Job, right: list[int], count: int) -> list[int]:
    return [right[n] for n in world.chance.shuffled(len(right), job.account, job.ordinal, "fail")[:count]]


def _texts(said: Any) -> Texts:  # noqa: ANN401 - a text or several
    return (said,) if isinstance(said, str) else tuple(said)

"""Batch Operations. https://docs.waylay.io/#/api/resources/?id=bulk-interface

A batch is executed asynchronously. No field tells its state: finished or not shows only by the presence of
`finishedTime` and `results`, and what failed shows only per item.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from emulator import engine
from emulator.contract.message import Violation
from emulator.exchange import Answer, Request
from emulator.job import Job, Lifecycle, Step
from emulator.provider import ApiError, find
from emulator.providers.waylay import resources, resourcetypes
from emulator.providers.waylay.accounts import user, uuid
from emulator.providers.waylay.errors import refusal, shown, told
from emulator.providers.waylay.messages import body, timestamp, uri
from emulator.providers.waylay.objects import Entity
from emulator.providers.waylay.resources import new_id
from emulator.providers.waylay.settings import WaylayWorld

LIFECYCLE = Lifecycle(
    {"running": ("finished",), "finished": ()},
    ours=frozenset({"running", "finished"}),
)
FINISHED = Step("finished")

DESCRIPTIONS = {
    ("resource", "delete"): "deleting {n} resources",
    ("resourcetype", "delete"): "deleting {n} resourcetypes",
    ("resource", "patchOrInsert"): "patching {n} resources",
}
"""What can be done to what. Only the first text is published."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a batch remembers of its request: who asked for what, and each item by its id."""

    user: str
    entity: str
    action: str
    description: str
    items: tuple[tuple[str, Entity], ...]


# Start ----------------------------------------------------------------------


def start(world: WaylayWorld, request: Request) -> Answer:
    """202 with the URI where it can be followed. ApiError not-json, validation, invalid-action."""
    said = body(request, _refusal)
    _forget_expired(world, request.account)
    submission = _submission(world, user(world, request), said)
    about = {"entity": submission.entity, "action": submission.action}
    job = engine.submit(world, request.account, submission, about)
    where = uri(request, "batch", job.id)
    payload = {"statusCode": 202, "uri": where, "entity": running(job)}
    return Answer(202, payload, headers={"Location": where}, job=job.id)


def _submission(world: WaylayWorld, by: str, said: Any) -> Submission:  # noqa: ANN401 - a checked body
    entity, action, query = said["entity"], said["action"], said["query"]
    asked = query["resources"] if action == "patchOrInsert" else query["ids"]
    return Submission(
        user=by,
        entity=entity,
        action=action,
        description=DESCRIPTIONS[entity, action].format(n=len(asked)),
        items=tuple(_patches(world, asked) if action == "patchOrInsert" else [(each, {}) for each in _once(asked)]),
    )


def _once(ids: list[str]) -> Iterable[str]:
    """Results are keyed by id, so an id named twice is deleted once."""
    return dict.fromkeys(ids)


def _patches(world: WaylayWorld, patches: list[Entity]) -> Iterator[tuple[str, Entity]]:
    for patch in patches:
        patch_id = patch.get("id") or new_id(world)
        yield patch_id, patch | {"id": patch_id}


def _refusal(violation: Violation, said: Any) -> ApiError:  # noqa: ANN401 - any body
    """An action that the entity does not have has a text of its own."""
    if violation.path == ("action",) and violation.keyword == "enum":
        return ApiError("invalid-action", entity=said["entity"], action=shown(said["action"]))
    return refusal(violation, said)


def batch_id(world: WaylayWorld, account: str, ordinal: int) -> str:
    """The id of a new batch operation."""
    return uuid(world.chance, account, ordinal, "id")


# Get ------------------------------------------------------------------------


def get_batchoperation(world: WaylayWorld, request: Request) -> Answer:
    """What it is, and once it has finished, what came of each item. ApiError no-operation."""
    missing = ApiError("no-operation", id=request.params["batchId"])
    job = find(world, request.params["batchId"], missing)
    engine.poll(world, job)
    if _expired(world, job):
        raise missing
    return Answer(200, running(job) | (job.outcome or {}), job=job.id)


def running(job: Job) -> dict[str, Any]:
    """The block that is said of it from the beginning."""
    asked = job.request
    return {
        "id": job.id,
        "user": asked.user,
        "queueTime": timestamp(job.created),
        "operation": {"entity": asked.entity, "action": asked.action, "description": asked.description},
    }


def _expired(world: WaylayWorld, job: Job) -> bool:
    lives = world.settings.batches_live
    return lives is not None and job.state == FINISHED.state and world.now() >= job.changed + lives


def _forget_expired(world: WaylayWorld, account: str) -> None:
    """From the oldest on, until one still lives."""
    jobs = world.account(account).jobs
    while jobs and _expired(world, jobs[0]):
        engine.forget(world, jobs.popleft())


# Execution ------------------------------------------------------------------

Result = dict[str, Any]

SUCCESS = {"delete": 204, "patchOrInsert": 200}

ACTS: dict[tuple[str, str], Callable[[WaylayWorld, str, str, Entity], object]] = {
    ("resource", "delete"): lambda world, by, item_id, _item: resources.remove(world, by, item_id),
    ("resourcetype", "delete"): lambda world, _by, item_id, _item: resourcetypes.remove(world, item_id),
    ("resource", "patchOrInsert"): lambda world, by, _item_id, item: resources.patch(world, by, item),
}


def finish(world: WaylayWorld, job: Job) -> None:
    """On entering `finished`: each item in the order of the request, judged by what those before it have left."""
    if job.state != FINISHED.state:
        return
    failing = _failing(world, job)
    results = {
        item_id: _result(world, job, item_id, item, fails=n in failing)
        for n, (item_id, item) in enumerate(job.request.items)
    }
    job.outcome = {
        "finishedTime": timestamp(job.changed),
        "results": {
            "success": {item_id: each for item_id, each in results.items() if "error" not in each},
            "failure": {item_id: each for item_id, each in results.items() if "error" in each},
        },
    }


def _result(world: WaylayWorld, job: Job, item_id: str, item: Entity, *, fails: bool) -> Result:
    scripted = _scripted(job, item_id, fails=fails)
    if scripted:
        return scripted
    asked = job.request
    try:
        ACTS[asked.entity, asked.action](world, asked.user, item_id, item)
    except ApiError as error:
        return told(error)
    return {"statusCode": SUCCESS[asked.action]}


def _failing(world: WaylayWorld, job: Job) -> frozenset[int]:
    """The places of the items that the scenario has fail: so many, and a share of all; each drawn by its place."""
    said, places = job.rule.result, range(len(job.request.items))
    share, count = said.get("fail_share", 0), said.get("fail_count", 0)
    if not (share or count):
        return frozenset()
    drawn = {n: world.chance.unit(job.account, job.ordinal, "fail", n) for n in places}
    return frozenset(sorted(places, key=drawn.__getitem__)[:count]) | {n for n in places if drawn[n] < share}


def _scripted(job: Job, item_id: str, *, fails: bool) -> Result | None:
    """The failure that the scenario has for an item: by its id, or because it was drawn."""
    said = job.rule.result
    if item_id in said.get("failure", ()):
        return dict(said["failure"][item_id])
    if fails:
        return dict(said["fail_with"]) if "fail_with" in said else told(ApiError("forbidden"))
    return None

"""The list of tasks. https://dev.kladana.com/doc/api/remap/1.2/#asynchronous-exchange-asynchronous-task

As long as nothing has happened to any of them, who asks again is told the same.
"""

from collections import deque
from collections.abc import Hashable
from typing import Any

from emulator.clock import MILLISECOND, SECOND, Instant
from emulator.contract import openapi
from emulator.contract.message import Part, fragments
from emulator.exchange import JSON, Answer, Request
from emulator.job import Job
from emulator.providers.kladana.filter import COMPARISON, EQUALITY, Field, date_value, one_of, select, text_value
from emulator.providers.kladana.general import context, requested
from emulator.providers.kladana.links import deletion
from emulator.providers.kladana.paging import page
from emulator.providers.kladana.settings import KladanaWorld
from emulator.providers.kladana.tasks import CACHE, LIFECYCLE, address, asker, known, shown

TASKS = openapi.load("kladana").message("tasks")


def _deletion_date(world: KladanaWorld, job: Job) -> Instant | None:
    """What a task shows as its deletionDate; only a done one shows any."""
    if job.state != "DONE":
        return None
    at = deletion(world, job)
    return at - at % (MILLISECOND if world.settings.milliseconds else SECOND)


FIELDS: dict[str, Field[Job]] = {
    "state": Field(lambda _world, job: job.state, one_of(LIFECYCLE.follows), EQUALITY),
    "request": Field(address, text_value, EQUALITY, sortable=True),
    "deletionDate": Field(_deletion_date, date_value, EQUALITY | COMPARISON, sortable=True),
}
"""What the list can be filtered and sorted by."""


def get_tasks(world: KladanaWorld, request: Request) -> Answer:
    """The tasks of the last week, newest first unless `order` says otherwise. ApiError 1040, and those of `select`."""
    known(world, request.account)
    account = world.account(request.account)
    key = (account, account.changes, request.target, *asker(world, request))
    return Answer(200, CACHE.of(world).get(key) or _listed(world, request, account.jobs, key))


def _listed(world: KladanaWorld, request: Request, jobs: deque[Job], key: Hashable) -> Any:  # noqa: ANN401
    """The page that was asked for, as a part; what breaks the contract as it is."""
    found = select(world, request, FIELDS, reversed(jobs))
    frame, rows = page(request, len(found))
    listed = shown(world, request, found[rows.start : rows.stop])
    head = {
        "context": context(request),
        "meta": {"href": requested(request), "type": "async", "mediaType": JSON, **frame},
    }
    whole = {**head, "rows": fragments(listed)}
    if not all(isinstance(each, Part) for each in listed):
        return whole
    return CACHE.of(world).made(key, TASKS, whole, unchecked={**head, "rows": []})


OPERATIONS = {"getTasks": get_tasks}

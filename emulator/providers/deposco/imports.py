"""Asynchronous operations. BeLenka/Deposco, docs/Api/AsynchronousOperationsApi.md

A bulk import is received, and processed when no other of the account is. What came of each entity is asked for by the
id of the request. There is no callback, no list, and no way to cancel.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from emulator import engine
from emulator.contract.decoder import NotJson
from emulator.exchange import Answer, Request
from emulator.job import Job
from emulator.provider import ApiError, find
from emulator.providers.deposco.entities import KINDS, business_key, id_of
from emulator.providers.deposco.errors import refusal, text_of
from emulator.providers.deposco.processing import LIFECYCLE, processed, why
from emulator.providers.deposco.security import check_scope
from emulator.providers.deposco.settings import DeposcoWorld
from emulator.providers.deposco.work import Outcome, Submission

FIELDS = ("entityType", "entities", "pathParameters", "requestParameters")
SLICE = 200
"""Rows that go out at a time; up to so many, the answer is in one piece."""

# Perform a bulk import --------------------------------------------------------


def post_bulk_import(world: DeposcoWorld, request: Request) -> Answer:
    """202 with the id of the request. ApiError bad-request, forbidden, import-under-way."""
    said = _checked(request)
    check_scope(request, said["entityType"])
    lane = world.account(request.account).lane
    if world.settings.second_import == "refused" and lane.waiting + lane.running:
        raise ApiError("import-under-way")
    submission = Submission(said["entityType"], said["entities"])
    job = engine.submit(world, request.account, submission, {"entityType": submission.entity_type})
    payload = {"request": {"id": job.id, "href": f"{_base(request)}/async/{job.id}"}}
    return Answer(202, payload, job=job.id)


def _checked(request: Request) -> dict[str, Any]:
    """The body as the contract has it. What is in the entities is judged later, one by one, and not looked at here."""
    said = _object(request)
    assert request.operation
    assert request.operation.body
    violations = request.operation.body.violations({each: _hollow(said[each]) for each in FIELDS if each in said})
    if violations:
        raise refusal(violations[0])
    for n, entity in enumerate(said["entities"]):
        if not isinstance(entity, dict):
            raise ApiError("bad-request", text=f"entities[{n}] must be of type object")
    return said


def _object(request: Request) -> dict[str, Any]:
    try:
        said = request.json
    except NotJson as error:
        raise ApiError("bad-request", text=f"The request body is not JSON: {error.reason}") from None
    if not isinstance(said, dict):
        raise ApiError("bad-request", text="The request body must be of type object")
    return said


def _hollow(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The value with nothing in it, as right or wrong as it was: ten megabytes are not walked through for that."""
    return value if value is None or isinstance(value, str) else type(value)()


def _base(request: Request) -> str:
    """The address of the API as the client used it: `/latest`, or `/beta`."""
    return f"{request.base}/{request.path.split('/')[1]}"


# Get the status of an asynchronous request --------------------------------------


def get_request(world: DeposcoWorld, request: Request) -> Answer:
    """How it stands, and what came of each entity. ApiError no-request."""
    missing = ApiError("no-request", id=request.params["requestId"])
    job = find(world, request.params["requestId"], missing)
    if job.account != request.account:
        raise missing
    engine.poll(world, job)
    outcome, numbers = processed(world, job)
    payload = _status(world, job, outcome, numbers)
    details = _details(world, request, job, outcome, numbers)
    if len(numbers) > SLICE:
        slices = iter(lambda: list(islice(details, SLICE)), [])
        return Answer(200, payload, rows=slices, rows_key="results", job=job.id)
    payload["results"] = list(details)
    return Answer(200, payload, job=job.id)


def _status(world: DeposcoWorld, job: Job, outcome: Outcome, numbers: Sequence[int]) -> dict[str, Any]:
    """The answer without its rows, which come last. All fields are there; null where nothing applies."""
    running = not LIFECYCLE.is_final(job.state) and job.state != "Success"
    counted = world.settings.partial_counts if running else job.state != "Error"
    total, failures = outcome.done, sum(map(outcome.failing.__contains__, numbers[: outcome.done]))
    return {
        "status": "Processing" if running else job.state,
        "totalEntities": total if counted else None,
        "successes": total - failures if counted else None,
        "failures": failures if counted else None,
        "errorMessage": text_of(why(job)) if job.state == "Error" else None,
        "results": [],
    }


def _details(
    world: DeposcoWorld, request: Request, job: Job, outcome: Outcome, numbers: Sequence[int]
) -> Iterator[dict[str, Any]]:
    """One row per entity: created or updated, or why not."""
    entity_type, entities = job.request.entity_type, job.request.entities
    kind = KINDS[entity_type]
    where = _base(request) + kind.path
    for place, n in enumerate(numbers):
        done = place < outcome.done
        errors = outcome.failing.get(n, ()) if done else ()
        key = business_key(kind, entities[n])
        entity_id = id_of(world, entity_type, key) if done and not errors else None
        yield {
            "id": entity_id,
            "businessKey": key,
            "href": f"{where}/{entity_id}" if entity_id else None,
            "status": "Success" if entity_id else "Failed" if errors else "Processing",
            "errors": [{"errorMessage": each} for each in errors] or None,
        }

"""Asynchronous operations. BeLenka/Deposco, docs/Api/AsynchronousOperationsApi.md

A bulk import is received, and processed when no other of the account is. What came of each entity is asked for by the
id of the request. There is no callback, no list, and no way to cancel.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from emulator import engine
from emulator.contract.decoder import NotJson
from emulator.exchange import Answer, Request
from emulator.job import Job
from emulator.provider import ApiError, find
from emulator.providers.deposco.entities import KINDS, id_of
from emulator.providers.deposco.errors import refusal, text_of
from emulator.providers.deposco.processing import LIFECYCLE, processed, why
from emulator.providers.deposco.rows import Row, Submission
from emulator.providers.deposco.security import check_scope
from emulator.providers.deposco.settings import DeposcoWorld

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
    rows = [] if job.state in LIFECYCLE.ours else processed(world, job)
    payload = _status(world, job, rows)
    details = _details(world, request, job, rows)
    if len(rows) > SLICE:
        slices = iter(lambda: list(islice(details, SLICE)), [])
        return Answer(200, payload, rows=slices, rows_key="results", job=job.id)
    payload["results"] = list(details)
    return Answer(200, payload, job=job.id)


def _status(world: DeposcoWorld, job: Job, rows: list[Row]) -> dict[str, Any]:
    """The answer without its rows, which come last. All fields are there; null where nothing applies."""
    running = not LIFECYCLE.is_final(job.state) and job.state != "Success"
    counted = world.settings.partial_counts if running else job.state != "Error"
    failures = sum(bool(row.errors) for row in rows)
    total = sum(row.done for row in rows)
    return {
        "status": "Processing" if running else job.state,
        "totalEntities": total if counted else None,
        "successes": total - failures if counted else None,
        "failures": failures if counted else None,
        "errorMessage": text_of(why(job)) if job.state == "Error" else None,
        "results": [],
    }


def _details(world: DeposcoWorld, request: Request, job: Job, rows: list[Row]) -> Iterator[dict[str, Any]]:
    """One row per entity: created or updated, or why not."""
    entity_type = job.request.entity_type
    where = _base(request) + KINDS[entity_type].path
    for row in rows:
        good = row.done and not row.errors
        entity_id = id_of(world, entity_type, row.business_key) if good else None
        yield {
            "id": entity_id,
            "businessKey": row.business_key,
            "href": f"{where}/{entity_id}" if good else None,
            "status": "Success" if good else "Failed" if row.errors else "Processing",
            "errors": [{"errorMessage": each} for each in row.errors] or None,
        }

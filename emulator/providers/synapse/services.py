"""The start/get pairs: what clients really use. https://rest-docs.synapse.org/rest/

They launch the same jobs: a token is the ID of a job, and either can be asked for by the other's path. The class of a
request is settled by the path; a finished get answers the bare result, a failed one the error of the exception.
"""

from dataclasses import dataclass
from functools import partial
from typing import Never

from emulator import engine
from emulator.exchange import Answer, Request
from emulator.job import Job
from emulator.provider import ApiError, Handler, api_error
from emulator.providers.synapse import jobs
from emulator.providers.synapse.concretetypes import (
    APPEND,
    BULK,
    DOWNLOAD,
    FILE,
    MESSAGES,
    NEXT_PAGE,
    PREVIEW,
    QUERY,
    TABLE,
    TRANSACTION,
    UPLOAD,
)
from emulator.providers.synapse.messages import Pojo, pojo, said
from emulator.providers.synapse.objects import Objects
from emulator.providers.synapse.settings import Settings, SynapseWorld


@dataclass(frozen=True)
class Pair:
    """One service: what it takes and gives, and whether it wraps what it takes in a transaction."""

    request: str
    result: str
    wrapped: bool = False


PAIRS = {
    "TableQuery": Pair(QUERY, f"{TABLE}QueryResultBundle"),
    "TableQueryNextPage": Pair(NEXT_PAGE, f"{TABLE}QueryResult"),
    "TableDownloadCsv": Pair(DOWNLOAD, f"{TABLE}DownloadFromTableResult"),
    "TableUploadCsv": Pair(UPLOAD, f"{TABLE}UploadToTableResult", wrapped=True),
    "TableAppend": Pair(APPEND, f"{TABLE}RowReferenceSetResults", wrapped=True),
    "TableTransaction": Pair(TRANSACTION, f"{TABLE}TableUpdateTransactionResponse"),
    "TableUploadPreview": Pair(PREVIEW, f"{TABLE}UploadToTablePreviewResult"),
    "FileBulk": Pair(BULK, f"{FILE}BulkFileDownloadResponse"),
}
RETIRED = ("RetiredUploadCsv", "RetiredDownloadCsv")
TRANSACTION_RESPONSE = PAIRS["TableTransaction"].result

# Start ------------------------------------------------------------------------


def start(pair: Pair, world: SynapseWorld, request: Request) -> Answer:
    """201 with a token. ApiError of the body, and of the type's own check."""
    body = pojo(MESSAGES[pair.request], said(request))
    job = jobs.launch(world, request, _addressed(pair, request, body))
    return Answer(201, {"token": job.id}, job=job.id)


def _addressed(pair: Pair, request: Request, body: Pojo) -> Pojo:
    """The body with the entity of the path, where that counts."""
    if pair.wrapped:
        entity = {"entityId": request.params["id"]}
        return {"concreteType": TRANSACTION, **entity, "changes": [body | entity]}
    return body | ({"entityId": request.params["id"]} if pair.request == TRANSACTION else {})


# Get --------------------------------------------------------------------------


def get(pair: Pair, world: SynapseWorld, request: Request) -> Answer:
    """202 with the status while it runs, then 201 with the bare result.

    ApiError bad-job-id, no-job, foreign-job, the exception of a job that has failed, not-transaction, class-cast.
    """
    job = jobs.own(world, request, request.params["asyncToken"], "foreign-job")
    engine.poll(world, job)
    if job.state == jobs.PROCESSING:
        return Answer(202, jobs.status(world, job), job=job.id)
    if job.state == jobs.FAILED:
        raise _failure(job)
    return Answer(201, _result(pair, job.outcome), job=job.id)


def _failure(job: Job) -> ApiError:
    """The exception that has ended the job, made anew."""
    told = jobs.failure(job)
    if job.step.error is None:
        return ApiError("TableFailedException", message="Asynchronous job failed")
    return api_error({"code": job.step.error["code"], "message": told["errorMessage"]})


def _result(pair: Pair, outcome: Pojo) -> Pojo:
    """What the service gives, if the job was one of its own."""
    if pair.wrapped:
        if outcome["concreteType"] != TRANSACTION_RESPONSE:
            raise ApiError("not-transaction")
        outcome = next(iter(outcome["results"]), {"concreteType": "null"})
    if outcome["concreteType"] != pair.result:
        raise ApiError("class-cast", type=outcome["concreteType"], wanted=pair.result)
    return outcome


def retired(_world: SynapseWorld, _request: Request) -> Never:
    """ApiError retired."""
    raise ApiError("retired")


OPERATIONS: dict[str, Handler[Settings, Objects]] = {
    **{f"Start{name}": partial(start, pair) for name, pair in PAIRS.items()},
    **{f"Get{name}": partial(get, pair) for name, pair in PAIRS.items()},
    **{f"{verb}{name}": retired for verb in ("Start", "Get") for name in RETIRED},
}

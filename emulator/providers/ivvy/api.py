"""The provider, put together: which function serves which operation, and what is looked at first.

Route, authorization and signature, staleness, JSON, action, parameters: in this order, which is a choice.
"""

import re
from typing import Any

from emulator.contract.openapi import Operation
from emulator.exchange import Request
from emulator.provider import ApiError, Provider, Refusals
from emulator.providers.ivvy import batch, messages, ping, signing
from emulator.providers.ivvy.actions import ACTIONS
from emulator.providers.ivvy.errors import ERRORS, word
from emulator.providers.ivvy.settings import Batch, IvvyWorld, Settings
from emulator.providers.ivvy.words import ACCOUNT, RESULT, WHEN, nonsense
from emulator.world import Data, Hooks

ROUTE = re.compile(rf"/api/1\.0/({'|'.join(ACTIONS)})/?")
"""One URL per namespace; the action stands in the query."""

OTHER_VERSIONS = "/api/[0-9]*"


def admit(world: IvvyWorld, request: Request, operation: Operation | None) -> None:
    """All that comes before the action. ApiError 400, 401, 404, 405, 462, 463, 23005."""
    if not ROUTE.fullmatch(request.path):
        raise ApiError(404)
    if request.method != "POST":
        raise ApiError(405)
    if request.oversize:  # it was not kept, so that its Content-MD5 cannot be judged
        raise ApiError(400)
    request.account = signing.authorize(world, request)
    signing.check_date(world, request)
    said = messages.read(request)
    if operation is not None and operation.job:
        request.params = {operation.job: str(said.get(operation.job))}


api: Provider[Settings, None] = Provider(
    "ivvy",
    title="iVvy API 1.0, batches",
    mounts=("/api/1.0", OTHER_VERSIONS),
    hooks=Hooks(
        lifecycle=batch.LIFECYCLE,
        job_id=batch.batch_id,
        end=lambda _world, _job: batch.FINISHED,
        objects=lambda _world: None,
        settings=Settings,
        changed=batch.changed,
        data=Data(Batch, list[dict[str, Any]]),
    ),
    errors=frozenset(ERRORS),
    refusals=Refusals(
        unknown_path=lambda _request: ApiError(404),
        wrong_method=lambda _request: ApiError(405),
        too_large=lambda _request: ApiError(400),
        bad_query=lambda _request: ApiError(400),
    ),
    handlers={
        # Batch
        "run": batch.run,
        "progress": batch.progress,
        "results": batch.results,
        "restart": batch.restart,
        "repost": batch.repost,
        # Test
        "ping": ping.ping,
    },
    word=word,
    admit=admit,
    settings=Settings,
    callbacks=True,
    credential=signing.key,
    when=WHEN,
    result=RESULT,
    account=ACCOUNT,
    nonsense=nonsense,
)

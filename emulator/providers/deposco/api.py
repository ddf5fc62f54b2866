"""The provider, put together: which function serves which operation."""

from emulator.provider import ApiError, Provider, Refusals
from emulator.providers.deposco import imports, processing, security, words
from emulator.providers.deposco.errors import ERRORS, word
from emulator.providers.deposco.settings import Objects, Settings
from emulator.providers.deposco.work import Outcome, Submission
from emulator.world import Data, Hooks

api: Provider[Settings, Objects] = Provider(
    "deposco",
    title="Deposco API, asynchronous operations",
    mounts=("/latest", "/beta"),
    hooks=Hooks(
        lifecycle=processing.LIFECYCLE,
        job_id=processing.request_id,
        end=processing.end,
        objects=lambda _world: Objects(),
        settings=Settings,
        room=lambda _settings: (None, 1),  # one bulk import request can be processed at a time
        changed=processing.changed,
        data=Data(Submission, Outcome, Objects),
    ),
    errors=frozenset(ERRORS),
    refusals=Refusals(
        unknown_path=lambda _request: ApiError("no-route"),
        wrong_method=lambda _request: ApiError("wrong-method"),
        too_large=lambda _request: ApiError("too-large"),
        bad_query=lambda _request: ApiError("bad-request"),
    ),
    handlers={"postBulkImport": imports.post_bulk_import, "getRequest": imports.get_request},
    word=word,
    admit=security.admit,
    settings=Settings,
    when=words.WHEN,
    result=words.RESULT,
    account=words.ACCOUNT,
    nonsense=words.nonsense,
)

"""The provider, put together: which function serves which operation."""

from typing import Any

from emulator.provider import ApiError, Provider, Refusals
from emulator.providers.waylay import accounts, batch, gateway, resources, resourcetypes
from emulator.providers.waylay.errors import ERRORS, word
from emulator.providers.waylay.objects import Objects
from emulator.providers.waylay.settings import Settings
from emulator.providers.waylay.words import ACCOUNT, RESULT, WHEN, seeded
from emulator.world import Data, Hooks

api: Provider[Settings, Objects] = Provider(
    "waylay",
    title="Waylay Resources 8.5, batch operations",
    mounts=("/resources/v1", "/accounts/v1", "/configs/v1"),
    hooks=Hooks(
        lifecycle=batch.LIFECYCLE,
        job_id=batch.batch_id,
        end=lambda _world, _job: batch.FINISHED,
        objects=seeded,
        settings=Settings,
        data=Data(batch.Submission, dict[str, Any], Objects),
        changed=batch.finish,  # not `end`: a scenario may name the last state too
    ),
    errors=frozenset(ERRORS),
    refusals=Refusals(
        unknown_path=lambda _request: ApiError("no-route"),
        wrong_method=lambda _request: ApiError("wrong-method"),
        too_large=lambda _request: ApiError("too-large"),
        bad_query=lambda _request: ApiError("bad-request", text="the query is not UTF-8"),
    ),
    handlers={
        # Batch Operations
        "start": batch.start,
        "get_batchoperation": batch.get_batchoperation,
        # Resource
        "create_resource": resources.create_resource,
        "list_resources": resources.list_resources,
        "get_resource": resources.get_resource,
        "replace_resource": resources.replace_resource,
        "patch_resource": resources.patch_resource,
        "delete_resource": resources.delete_resource,
        "listChildren": resources.list_children,
        "listReferrers": resources.list_referrers,
        "listChanges_resource": resources.list_changes,
        # Resource Type
        "create_resourcetype": resourcetypes.create_resourcetype,
        "list_resourcetype": resourcetypes.list_resourcetype,
        "get_resourcetype": resourcetypes.get_resourcetype,
        "delete_resourcetype": resourcetypes.delete_resourcetype,
        # Version
        "get_version": gateway.get_version,
        # What lies beside the service
        "get_gateway": gateway.get_gateway,
        "get_settings": gateway.get_settings,
        "create_token": accounts.create_token,
        "get_me": accounts.get_me,
    },
    word=word,
    admit=accounts.admit,
    settings=Settings,
    when=WHEN,
    result=RESULT,
    account=ACCOUNT,
)

"""The provider, put together: which function serves which operation."""

from emulator.provider import ApiError, Provider, Refusals, together
from emulator.providers.synapse import files, filters, jobs, messages, services, stack, users, words
from emulator.providers.synapse.errors import ERRORS, EXCEPTIONS
from emulator.providers.synapse.objects import Objects
from emulator.providers.synapse.settings import PROFILES, Settings
from emulator.world import Data, Hooks

api: Provider[Settings, Objects] = Provider(
    "synapse",
    title="Synapse REST API, asynchronous job services",
    mounts=("/repo/v1", "/file/v1", "/auth/v1", files.STORAGE),
    storage=(files.STORAGE,),
    hooks=Hooks(
        lifecycle=jobs.LIFECYCLE,
        job_id=jobs.job_id,
        end=jobs.end,
        objects=words.seeded,
        settings=Settings,
        changed=jobs.changed,
        data=Data(jobs.Launch, messages.Pojo, Objects),
        profiles=PROFILES,
    ),
    errors=frozenset(ERRORS) | frozenset(EXCEPTIONS),
    refusals=Refusals(
        unknown_path=lambda request: ApiError("no-route", method=request.method),
        wrong_method=filters.wrong_method,
        too_large=lambda _request: ApiError("too-large"),
        bad_query=lambda _request: ApiError("bad-query"),
    ),
    handlers=together(
        jobs.OPERATIONS,
        services.OPERATIONS,
        {
            "GetFileHandleBatch": files.get_file_handle_batch,
            "DownloadFile": files.download_file,
            "GetVersion": stack.get_version,
            "GetStackStatus": stack.get_stack_status,
            "GetUserProfile": stack.get_user_profile,
        },
    ),
    word=filters.word,
    admit=filters.admit,
    finish=filters.finish,
    settings=Settings,
    when=words.WHEN,
    result=words.RESULT,
    account=words.ACCOUNT,
    heads=True,
    credential=users.token,
    nonsense=words.nonsense,
)

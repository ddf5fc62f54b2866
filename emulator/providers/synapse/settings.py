"""What no page of the vendor settles, and what the deployed server does otherwise than the pages say."""

from dataclasses import dataclass
from typing import Literal

from emulator.clock import MINUTE, Duration
from emulator.providers.synapse.objects import Objects
from emulator.scenario.vocabulary import setting
from emulator.world import World


@dataclass(frozen=True)
class Settings:
    """Synapse's settings. Defaults follow the documentation of 2021."""

    profile: Literal["seed", "current"] = setting(
        "seed", "`current` does all that the deployed server does otherwise; what is set beside it still holds."
    )
    upload_launchable: bool = setting(
        default=True,
        about="Whether UploadToTableRequest is a job of its own; the deployed server has refused it since 2018.",
    )
    anonymous: bool = setting(
        default=False, about="Whether a call without a token is the anonymous user's (273950), and not a 401."
    )
    result_cache: bool = setting(
        default=False,
        about="Whether a query that a user has had answered, of a table unchanged since, gives that job again.",
    )
    callers_context_leaks: bool = setting(
        default=False,
        about="Whether a job out of the cache names the session of whoever asks, as the server forgets not to.",
    )
    stack_status: Literal["READ_WRITE", "READ_ONLY", "DOWN"] = setting(
        "READ_WRITE", "Unless READ_WRITE, all but `version` and `status` is a 503."
    )
    current_message: str | None = setting(None, "What the stack says of its status.")
    pending_maintenance_message: str | None = setting(None, "What the stack says of a maintenance to come.")
    version: str = setting("515.0", "The version of the stack.")
    concurrent_limited: bool = setting(default=False, about="Whether too many calls of a user at a time are a 429.")
    concurrent_connections: int = setting(3, "Calls of a user that may be under way.", minimum=1)
    frequency_limited: bool = setting(default=False, about="Whether too many calls of a user in a period are a 429.")
    frequency_requests: int = setting(600, "Calls of a user in each period.", minimum=1)
    frequency_period: Duration = setting(MINUTE, "How long that period is.")
    limited_path: str | None = setting(
        None, "A path with a limit of its own, in lower case, numbers and IDs as #: /asynchronous/job/#"
    )
    path_requests: int = setting(10, "Calls of a user to that path in each period of it.", minimum=1)
    path_period: Duration = setting(MINUTE, "How long that period is.")
    link_lives: Duration = setting(Duration(15 * MINUTE), "How long a pre-signed link is valid.")
    rows_per_page: int = setting(1000, "Rows of a query's page, at most.", minimum=1)


PROFILES = {"current": {"upload_launchable": False, "anonymous": True, "result_cache": True}}


SynapseWorld = World[Settings, Objects]

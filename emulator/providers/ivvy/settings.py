"""What no page of the vendor settles. The defaults are choices, not facts about the service."""

from dataclasses import dataclass
from typing import Any, Literal

from emulator.clock import DAY, MINUTE, SECOND, Duration
from emulator.scenario.vocabulary import Statuses, setting
from emulator.world import World


@dataclass(frozen=True)
class Settings:
    """iVvy's settings."""

    stale_against: Literal["clock", "wall", "either"] = setting(
        "either",
        "By which clock a request is stale: the virtual one, the wall clock, or either, so that it is stale only if "
        "both say so.",
    )
    stale_after: Duration | None = setting(
        Duration(5 * MINUTE), "How far a request's date may be off, either way; null is as far as you like."
    )
    results_live: Duration = setting(Duration(2 * DAY), "How long a batch is known after its end.")
    statuses: Statuses | None = setting(
        None, "`errorCode` and HTTP status, which are the same, of error codes where they are to differ from our table."
    )
    callbacks: bool = setting(default=True, about="Whether `callbackUrl` is called at all.")
    callback_timeout: Duration = setting(Duration(10 * SECOND), "How long a receiver may take, in real time.")
    callback_retries: int = setting(0, "How often a callback that fails is tried again.", minimum=0, maximum=100)
    callback_retry_after: Duration = setting(MINUTE, "How long after a failed attempt the next one is due.")


@dataclass(slots=True)
class Batch:
    """What a batch remembers: its calls as they were submitted, and how far the caller has been told it is."""

    calls: list[dict[str, Any]]
    callback_url: str
    progress: int = 0
    posted: int = 0
    """How often the callback has been owed."""


IvvyWorld = World[Settings, None]

"""What no page of the vendor settles. The defaults are choices, not facts about the service."""

from dataclasses import dataclass
from typing import Literal

from emulator.clock import HOUR, Duration
from emulator.providers.waylay.objects import Objects
from emulator.scenario.vocabulary import setting
from emulator.world import World


@dataclass(frozen=True)
class Settings:
    """Waylay's settings."""

    authentication: Literal["required", "none"] = setting(
        "required", "Whether calls want Basic or Bearer credentials; any value of either is taken."
    )
    batches_live: Duration | None = setting(
        None, "How long a finished batch operation is known; null is as long as the server runs."
    )
    tokens_live: Duration = setting(HOUR, "How long an issued token is valid.")
    tenant: str = setting("3718d5a6-0a2b-4b1e-9d3c-6d5e7f809142", "The tenant that tokens and settings name.")
    domain: str = setting("api.waylay.io", "The domain that tokens and settings name.")


WaylayWorld = World[Settings, Objects]

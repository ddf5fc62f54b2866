"""What no page of the vendor settles. The defaults are choices, not facts about the service."""

from dataclasses import dataclass, field
from typing import Literal

from emulator.clock import HOUR, SECOND, Duration
from emulator.limit import Window
from emulator.providers.deposco.work import Outcome, Submission
from emulator.scenario.vocabulary import Size, setting
from emulator.world import World


@dataclass(frozen=True)
class Settings:
    """Deposco's settings."""

    body_limit: Size = setting(
        Size(10 * 2**20),
        "A body of a bulk import must be smaller than this; a larger value than 10MiB changes nothing.",
    )
    too_large_body: Literal["text", "json"] = setting(
        "text", "Whether the gateway refuses a longer one in plain text, or in JSON; it is seen doing both."
    )
    second_import: Literal["waits", "refused"] = setting(
        "waits", "What becomes of an import that comes while another is processed: it waits its turn, or is a 429."
    )
    import_lives: Duration | None = setting(
        HOUR, "How long an import may be processed before it is stopped; null is as long as it takes."
    )
    partial_counts: bool = setting(
        default=False, about="Whether an import that is processed shows how far it is: counts, and rows."
    )
    row_order: Literal["shuffled", "listed"] = setting(
        "shuffled", "In which order entities are processed, and their rows shown."
    )
    rate_limited: bool = setting(default=False, about="Whether too many requests are a 429.")
    rate_limit: int = setting(4, "Requests that an account may make in each interval.", minimum=1)
    rate_interval: Duration = setting(SECOND, "How long that interval is.", minimum=1)
    rate_limit_body: Literal["empty", "documented"] = setting(
        "empty", "What a 429 for too many requests says: nothing, as seen live, or an error as documented."
    )
    retry_after: bool = setting(default=False, about="Whether such a 429 says when to come again.")


@dataclass
class Objects:
    """The vendor's own objects."""

    imports: list[tuple[Submission, Outcome]] = field(default_factory=list)
    """Those that have come to process entities, in the order of their ends, with what came of them then."""
    windows: dict[str, Window] = field(default_factory=dict)
    """By account: the requests of the present interval."""


DeposcoWorld = World[Settings, Objects]

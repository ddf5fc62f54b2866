"""What no page of the vendor settles, and what has changed since the pages we follow."""

from dataclasses import dataclass, field

from emulator.clock import DAY, HOUR, MINUTE, Duration
from emulator.scenario.vocabulary import setting
from emulator.world import World


@dataclass(frozen=True)
class Settings:
    """Kladana's settings. Defaults follow the documentation of 2023."""

    queued_tasks: int = setting(4, "Tasks of an account that may be PENDING; one more is refused.", minimum=0)
    running_tasks: int = setting(1, "Tasks of an account that may be PROCESSING.", minimum=1)
    link_lives: Duration = setting(Duration(5 * MINUTE), "How long a link to a result is valid.")
    result_lives: Duration = setting(HOUR, "How long a result is there, counted from the task's completion.")
    tasks_live: Duration = setting(Duration(7 * DAY), "How long a task is known, counted from its creation.")
    bare_json_accepted: bool = setting(
        default=False, about="Whether `Accept: application/json`, without a charset, is taken."
    )
    ui: str = setting("https://app.kladana.in/app/", "Where links to the vendor's user interface lead.")
    rows: int = setting(250, "Rows that each report and list has.", minimum=0, maximum=10_000_000)


@dataclass
class Objects:
    """What Kladana keeps beside tasks."""

    links: dict[str, int] = field(default_factory=dict)
    """How many links to its result each task has been given."""


KladanaWorld = World[Settings, Objects]

"""What no page of the vendor settles, and what has changed since the pages we follow."""

from dataclasses import dataclass, field
from typing import Literal

from emulator.clock import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Duration
from emulator.limit import Window
from emulator.providers.kladana.users import Directory, User
from emulator.scenario.vocabulary import Statuses, setting
from emulator.world import World


@dataclass(frozen=True, eq=False)  # parts are held by them: to compare each setting would take longer than to make one
class Settings:
    """Kladana's settings. Defaults follow the documentation of 2023."""

    queued_tasks: int = setting(4, "Tasks of an account that may be PENDING; one more is refused.", minimum=0)
    running_tasks: int = setting(1, "Tasks of an account that may be PROCESSING.", minimum=1)
    link_lives: Duration = setting(Duration(5 * MINUTE), "How long a link to a result is valid.")
    result_lives: Duration = setting(HOUR, "How long a result is there, counted from the task's completion.")
    tasks_live: Duration = setting(Duration(7 * DAY), "How long a task is known, counted from its creation.")
    owner_sent: bool = setting(default=True, about="Whether tasks name their owner.")
    single_error: bool = setting(
        default=False, about="Whether `errors` of a failed task is one object, as the table says, not an array."
    )
    milliseconds: bool = setting(default=True, about="Whether a deletion date has milliseconds.")
    ui: str = setting("https://app.kladana.in/app/", "Where links to the vendor's user interface lead.")
    statuses: Statuses | None = setting(None, "HTTP statuses of error codes, where they are to differ from our table.")
    bare_json_accepted: bool = setting(
        default=False, about="Whether `Accept: application/json`, without a charset, is taken."
    )
    gzip_demanded: bool = setting(default=False, about="Whether a request that does not take gzip is a 415.")
    rate_limited: bool = setting(default=False, about="Whether a spent window is a 429.")
    rate_limit: int = setting(45, "Units that a user may spend in each interval.", minimum=1)
    rate_interval: Duration = setting(Duration(3 * SECOND), "How long that interval is.")
    request_weight: int = setting(1, "Units that a request costs.", minimum=1)
    stock_weight: int = setting(1, "Units that `stock/all` and `stock/bystore` cost.", minimum=1)
    parallel_limited: bool = setting(default=False, about="Whether too many calls at a time are a 429.")
    parallel_per_user: int = setting(5, "Calls of a user that may be under way.", minimum=1)
    parallel_per_account: int = setting(20, "Calls of an account that may be under way.", minimum=1)
    profile: Literal["seed", "current"] = setting(
        "seed", "`current` sets all that the vendor has changed since 2023 at once; what is set beside it still holds."
    )
    async_by_letter: bool = setting(
        default=True,
        about="Whether the four requests that only the letter of the documentation lists can become tasks:"
        " the two summaries of balances, the stock of a transaction, the indicators of one counterparty.",
    )
    webhook_timeout: Duration = setting(
        Duration(1500 * MILLISECOND), "Real time in which a webhook's receiver must have answered.", minimum=1
    )
    webhooks_in_plan: bool = setting(default=True, about="Whether the account's plan lets webhooks be saved.")
    cancel_is_processed: bool = setting(
        default=False, about="Whether a task that is cancelled fires webhooks on PROCESSED."
    )
    rows: int = setting(250, "Rows that each report and list has.", minimum=0, maximum=10_000_000)


PROFILES = {
    "current": {
        "owner_sent": False,  # 2026: no longer marked as required
        "ui": "https://app.kladana.com/app/",  # 2024
        "gzip_demanded": True,  # 2024-02-29
        "stock_weight": 5,  # 2026
        "request_weight": 3,  # a user's, since 2026-09-01; an application's is 1
    }
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that an account wants to be called at. What is empty has not been said yet."""

    id: str
    author: User
    entity_type: str | None = None
    action: str | None = None
    url: str = ""
    enabled: bool = True
    diff_type: str | None = None


@dataclass(frozen=True, slots=True)
class Hush:
    """Which webhooks the request that is being served does not want to be fired."""

    all: bool = False
    prefixes: tuple[str, ...] = ()

    def __call__(self, url: str) -> bool:
        """Whether one with this address is not fired."""
        return self.all or url.startswith(self.prefixes)


@dataclass
class Objects:
    """What Kladana keeps beside tasks."""

    links: dict[str, int] = field(default_factory=dict)
    """How many links to its result each task has been given."""
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    """What each user has spent of the rate limit."""
    directory: Directory = field(default_factory=Directory)
    """Who is who."""
    webhooks: dict[str, dict[str, Webhook]] = field(default_factory=dict)
    """By account: its webhooks by their ids."""
    webhooks_made: dict[str, int] = field(default_factory=dict)
    """By account: how many there have been."""
    hush: Hush = Hush()
    """In force while a request is served."""


KladanaWorld = World[Settings, Objects]

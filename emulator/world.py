"""One API's state in one namespace: its jobs, its accounts, the vendor's own objects."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, NamedTuple, TypeVar

from emulator.callback import Callback, Delivery, Owe
from emulator.chance import Chance
from emulator.clock import Clock, Instant
from emulator.job import Job, Lifecycle, Step, nothing
from emulator.lane import Lane
from emulator.scenario.story import JobRule, Scenario

Settings = TypeVar("Settings")
Objects = TypeVar("Objects")


class Due(NamedTuple):
    """An entry of the agenda: the wait of a job's next step is over, unless it has moved since."""

    api: str
    job: Job
    moments: int
    """How many moments the job had when this was set: one that has moved since has more."""


Entry = Due | Delivery
"""What the agenda of a namespace holds: nothing that could not be written down."""


def owe_nobody(_callback: Callback, _delay: int = 0, /) -> None:
    """For a world of its own, in which nobody is called back."""


@dataclass(frozen=True)
class Hooks(Generic[Settings, Objects]):
    """What an API adds to the engine. The functions are plain and synchronous: state waits for nobody."""

    lifecycle: Lifecycle
    job_id: "Callable[[World[Settings, Objects], str, int], str]"
    """(world, account, ordinal) -> the id of a new job, in the vendor's form."""
    end: "Callable[[World[Settings, Objects], Job], Step]"
    """Where `end` leads, computed once, with its effects."""
    objects: "Callable[[World[Settings, Objects]], Objects]"
    """The vendor's own objects as they are at the beginning."""
    settings: Callable[[], Settings]
    room: "Callable[[Settings], tuple[int | None, int | None]]" = lambda _settings: (None, None)
    """How many jobs of an account may wait, and how many may run; None is no limit."""
    changed: "Callable[[World[Settings, Objects], Job], None]" = lambda _world, _job: None
    """Called after each moment of a job."""
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=nothing)
    """Settings that go together, by the name that the setting `profile` gives them."""


Preference = Callable[[], Scenario] | None
"""What the client of one exchange would have a submission follow, looked up if it comes to one."""


@dataclass(slots=True)
class Account:
    """What is kept per account: its jobs in order of submission, and its lane."""

    lane: Lane
    jobs: deque[Job] = field(default_factory=deque)
    submitted: int = 0


class World(Generic[Settings, Objects]):
    """One API's state in one namespace. Made on first use; holds nothing that could not be written down."""

    def __init__(  # noqa: PLR0913 - all that a world is made of
        self,
        api: str,
        hooks: Hooks[Settings, Objects],
        clock: Clock[Entry],
        seed: int,
        scenario: Scenario,
        fallback: Scenario,
        witness: "Callable[[World[Settings, Objects], Job], None]" = lambda _world, _job: None,
        *,
        owe: Owe = owe_nobody,
        prefix: str = "",
    ) -> None:
        self.api = api
        self.hooks = hooks
        self.clock = clock
        self.chance = Chance(seed, api)
        self.secret = self.chance.secret("links")
        self.witness = witness
        self.owe = owe  # (callback, delay=0): the client is to be called, so much later
        self.prefix = prefix  # of paths that lead to its namespace by themselves
        self.jobs: dict[str, Job] = {}
        self.accounts: dict[str, Account] = {}
        self.under_way: Counter[str] = Counter()
        self.preferred: Preference = None
        self.followed: str | None = None
        self.counts: dict[tuple[str, ...], int] = {}
        self.play(scenario, fallback)
        self.objects: Objects = hooks.objects(self)

    def now(self) -> Instant:
        """The instant of this exchange."""
        return self.clock.now()

    def play(self, scenario: Scenario, fallback: Scenario) -> None:
        """From now on, tell this story; what it does not say, `fallback` does. Living jobs keep their plan."""
        self.scenario = scenario
        told_twice = scenario.digest == fallback.digest
        self.rules: tuple[JobRule, ...] = scenario.jobs if told_twice else scenario.jobs + fallback.jobs
        told = {**fallback.settings, **scenario.settings}
        profile = self.hooks.profiles.get(told.get("profile", ""), {})
        self.settings = settings_of(self.hooks.settings(), profile, told)
        self.declared = scenario.accounts or fallback.accounts
        self.hits: dict[str, int] = {}
        self.asked: dict[tuple[str, ...], int] = {}
        for account in self.accounts.values():
            account.lane.waiting_limit, account.lane.running_limit = self.hooks.room(self.settings)

    def account(self, name: str) -> Account:
        """What is kept of an account, made on first mention."""
        if name not in self.accounts:
            self.accounts[name] = Account(Lane(self.hooks.lifecycle, *self.hooks.room(self.settings)))
        return self.accounts[name]

    def prefer(self, preference: Preference) -> None:
        """What the client of the exchange that begins would have a submission follow."""
        self.preferred, self.followed = preference, None

    def follow(self) -> tuple[JobRule, ...]:
        """The rules that a submission is to follow first, if the client has said so. Whatever the preference raises."""
        if self.preferred is None:
            return ()
        scenario = self.preferred()
        self.followed = scenario.name
        return scenario.jobs

    def begin(self, *holds: str) -> None:
        """One more call is under way of each of these kinds; `end` when its answer has gone out."""
        self.under_way.update(holds)

    def end(self, *holds: str) -> None:
        """A call that `begin` counted is over."""
        self.under_way.subtract(holds)

    def count(self, *key: str) -> int:
        """One more of what `key` names: the first is 1. A new scenario does not count anew."""
        self.counts[key] = count = self.counts.get(key, 0) + 1
        return count

    def ask(self, rule: str, *scope: str) -> int:
        """One more call that a rule may act on: the first is 1. A new scenario counts anew."""
        key = (rule, *scope)
        self.asked[key] = count = self.asked.get(key, 0) + 1
        return count

    def hit(self, rule: str) -> None:
        """A rule has acted once more. A new scenario counts anew."""
        self.hits[rule] = self.hits.get(rule, 0) + 1


def settings_of(base: Settings, *overrides: Mapping[str, Any]) -> Settings:
    """`base` with each of the overrides in turn."""
    known = {each.name for each in fields(base)}  # type: ignore[arg-type]
    changes = {key: value for each in overrides for key, value in each.items() if key in known}
    return replace(base, **changes)  # type: ignore[type-var]

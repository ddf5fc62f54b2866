"""One API's state in one namespace: its jobs, its accounts, the vendor's own objects."""

from collections import Counter, deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from emulator import owing
from emulator.callback import Callback, Delivery, Owe
from emulator.chance import Chance
from emulator.clock import Clock
from emulator.job import NOTHING, Job, Lifecycle, Step, nothing
from emulator.lane import Capacity, Lane
from emulator.scenario.condition import ADDRESS, ALL, Call
from emulator.scenario.story import ALWAYS, CallbackRule, Fault, JobRule, Limit, Per, Scenario, Situation, When

if TYPE_CHECKING:
    from emulator.limit import Bucket

Settings = TypeVar("Settings")
Objects = TypeVar("Objects")


MOST_ADDRESSES = 1000
"""For so many it is remembered which faults calls may meet there."""


class Due(NamedTuple):
    """An entry of the agenda: the wait of a job's next step is over, unless it has moved since."""

    api: str
    job: Job
    moments: int
    """How many moments the job had when this was set: one that has moved since has more."""

    @property
    def stands(self) -> bool:
        """Whether the job has not moved since."""
        return len(self.job.moments) == self.moments


Entry = Due | Delivery
"""What the agenda of a namespace holds: nothing that could not be written down."""


def owe_nobody(_callback: Callback, _delay: int = 0, /) -> None:
    """For a world of its own, in which nobody is called back."""


class Data(NamedTuple):
    """The types of what an API keeps, as annotations: dataclasses, plain containers and JSON, nothing that acts.

    By them a namespace is written down, and whatever comes back is checked.
    """

    request: Any = Any
    """What a job remembers of its request."""
    outcome: Any = Any
    """What comes of a job."""
    objects: Any = None
    """The vendor's own objects."""


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
    data: Data = Data()
    """What of all this a namespace holds."""


Preference = Callable[[], Scenario] | None
"""What the client of one exchange would have a submission follow, looked up if it comes to one."""


@dataclass(slots=True, eq=False)
class Account:
    """What is kept per account: its jobs in order of submission, and its lane."""

    lane: Lane
    jobs: deque[Job] = field(default_factory=deque)
    submitted: int = 0
    changes: int = 0
    """How often anything has happened to one of them: as long as that is the same, so is what is told of all."""


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
        capacity: Capacity | None = None,
    ) -> None:
        self.api = api
        self.capacity = capacity
        self.hooks = hooks
        self.clock = clock
        self.now = clock.now
        """The instant of this exchange."""
        self.chance = Chance(seed, api)
        self.secret = self.chance.secret("links")
        self.witness = witness
        self._owe = owe  # (callback, delay=0): the client is to be called, so much later
        self.prefix = prefix  # of paths that lead to its namespace by themselves
        self.jobs: dict[str, Job] = {}
        self.accounts: dict[str, Account] = {}
        self.under_way: Counter[str] = Counter()
        self.preferred: Preference = None
        self.followed: str | None = None
        self.call: Call | None = None
        self.operation: str | None = None
        self.acted: list[str] = []
        self.counts: dict[tuple[str, ...], int] = {}
        self.play(scenario, fallback)
        self.objects: Objects = hooks.objects(self)

    def play(self, scenario: Scenario, fallback: Scenario) -> None:
        """From now on, tell this story; what it does not say, `fallback` does. Living jobs keep their plan."""
        self.scenario = scenario
        named = {each.name for each in scenario.jobs}  # it may be the fallback, or extend it
        self.rules: tuple[JobRule, ...] = (*scenario.jobs, *(each for each in fallback.jobs if each.name not in named))
        told = {**fallback.settings, **scenario.settings}
        profile = self.hooks.profiles.get(told.get("profile", ""), {})
        self.settings = settings_of(self.hooks.settings(), profile, told)
        self.declared = scenario.accounts or fallback.accounts
        self._faults: dict[tuple[str, str, Hashable], tuple[tuple[Fault, When], ...]] = {}
        self.buckets: dict[tuple[str, ...], Bucket] = {}
        self.hits: dict[str, int] = {}
        self.asked: dict[tuple[str, ...], int] = {}
        for account in self.accounts.values():
            account.lane.waiting_limit, account.lane.running_limit = self.hooks.room(self.settings)

    def account(self, name: str) -> Account:
        """What is kept of an account, made on first mention."""
        account = self.accounts.get(name)
        if account is None:
            self.accounts[name] = account = Account(Lane(self.hooks.lifecycle, *self.hooks.room(self.settings)))
        return account

    def hear(self, call: Call, operation: str | None, preference: Preference) -> None:
        """An exchange begins: what is asked, and what its client would have a submission follow."""
        self.call, self.operation = call, operation
        self.preferred, self.followed = preference, None
        self.acted.clear()

    def situation(
        self, account: str, about: Mapping[str, Any] = NOTHING, *, job: str = "", state: str | None = None
    ) -> Situation:
        """What the exchange that is under way is, to rules; `state` is that of the job it is about."""
        return Situation(self.call, account, self.now(), self.clock.began, about, self.operation, job, state)

    def faults(self, operation: str, account: str, said: Hashable, *, whole: bool) -> tuple[tuple[Fault, When], ...]:
        """Those of the story that this account may meet, in its order, each with what else it asks of a call.

        `said` is an address, or a `whole` request, which has nothing in it that is not the same when it comes again.
        """
        key = (operation, account, said)
        found = self._faults.get(key)
        if found is None:
            if len(self._faults) >= MOST_ADDRESSES:
                self._faults.clear()
            situation = self.situation(account)
            apart = ((each, *each.when.apart(ALL if whole else ADDRESS)) for each in self.scenario.faults)
            found = tuple((each, rest) for each, again, rest in apart if again.meets(situation))
            self._faults[key] = found
        return found

    def scope(self, per: Per, situation: Situation) -> tuple[str, ...]:
        """What is counted apart from others of its kind."""
        return {"job": (situation.job,), "account": (situation.account,)}.get(per, ())

    def due(self, rule: JobRule | Limit | Fault | CallbackRule, situation: Situation) -> bool:
        """Whether a rule whose conditions are met acts on this one: it counts it, and then draws."""
        when = rule.when
        if when.nth is ALWAYS and when.chance >= 1:
            return True
        if self.ask(rule.name, *self.scope(when.per, situation)) not in when.nth:
            return False
        if when.chance >= 1:
            return True
        nth = self.ask(rule.name, "chance", situation.account)
        return self.chance.unit(situation.account, "chance", rule.key, nth) < when.chance

    def owe(self, callback: Callback, delay: int = 0) -> None:
        """The client is to be called, so much later; unless the story has it otherwise."""
        owed = owing.befallen(self, callback, delay) if self.scenario.callbacks else [(callback, delay)]
        for each in owed:
            self._owe(*each)

    def follow(self) -> tuple[JobRule, ...]:
        """The rules that a submission is to follow first, if the client has said so. Whatever the preference raises."""
        if self.preferred is None:
            return ()
        scenario = self.preferred()
        self.followed = scenario.name
        return scenario.jobs

    def begin(self, *holds: str) -> None:
        """One more call is under way of each of these kinds; `end` when its answer has gone out."""
        for each in holds:
            self.under_way[each] += 1

    def end(self, *holds: str) -> None:
        """A call that `begin` counted is over."""
        for each in holds:
            self.under_way[each] -= 1

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
        self.acted.append(rule)


def settings_of(base: Settings, *overrides: Mapping[str, Any]) -> Settings:
    """`base` with each of the overrides in turn."""
    known = {each.name for each in fields(base)}  # type: ignore[arg-type]
    changes = {key: value for each in overrides for key, value in each.items() if key in known}
    return replace(base, **changes)  # type: ignore[type-var]

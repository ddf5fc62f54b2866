"""What a scenario is once it is loaded: frozen values, shared by all namespaces that play it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from emulator.chance import Distribution
from emulator.clock import Duration, Instant
from emulator.damage import NONE, Damage
from emulator.job import NOTHING, Step, nothing
from emulator.pointer import Change
from emulator.scenario.condition import Call, Condition, Place

Per = Literal["job", "account", "namespace"]

Effect = Literal["before", "after"]

Repeat = Literal["last", "cycle", "none"]


@dataclass(frozen=True, slots=True)
class Ordinals:
    """Which calls of a count, from 1: those from `first` to `last` (None: to the end), or every n-th."""

    first: int = 1
    last: int | None = None
    every: int = 1

    def __contains__(self, n: object) -> bool:
        return isinstance(n, int) and n >= self.first and (self.last is None or n <= self.last) and n % self.every == 0


ALWAYS = Ordinals()


def thawed(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    """A frozen value of a scenario as JSON that may be changed and encoded."""
    if isinstance(value, tuple):
        return [thawed(each) for each in value]
    return {key: thawed(each) for key, each in value.items()} if isinstance(value, Mapping) else value


class Edge(NamedTuple):
    """Where a span begins or ends: at an instant, or so long after the namespace's clock began."""

    at: int
    absolute: bool

    def instant(self, began: Instant) -> Instant:
        """As an instant of a clock that began at `began`."""
        return self.at if self.absolute else began + self.at


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a namespace's time: from one edge up to, not including, the other."""

    start: Edge = Edge(0, absolute=False)
    end: Edge | None = None

    def holds(self, now: Instant, began: Instant) -> bool:
        """Whether `now` is in it."""
        return now >= self.start.instant(began) and (self.end is None or now < self.end.instant(began))


class Situation(NamedTuple):
    """What a rule may be asked about: a call, who makes it, what the provider says of it, and the time."""

    call: Call | None
    account: str
    now: Instant
    began: Instant
    about: Mapping[str, Any] = NOTHING
    operation: str | None = None
    job: str = ""
    """The id of the job that the call is about."""
    state: str | None = None
    """The state of that job."""


@dataclass(frozen=True, slots=True)
class When:
    """To what a rule applies. All must hold; `nth` counts those that meet the rest, and chance is drawn last."""

    about: Mapping[str, Any] = field(default_factory=nothing)
    """What the provider says of the submission, such as {"report": "stock/all"}: equal, for each key named."""
    nth: Ordinals = ALWAYS
    per: Per = "namespace"
    operations: frozenset[str] | None = None
    asked: tuple[Condition, ...] = ()
    account: str | None = None
    during: Span | None = None
    states: frozenset[str] | None = None
    """Of the job that a call is about, when it is made."""
    chance: float = 1

    def meets(self, situation: Situation) -> bool:
        """Whether everything but the count and the draw holds."""
        return (
            (self.operations is None or situation.operation in self.operations)
            and (not self.about or all(situation.about.get(key) == value for key, value in self.about.items()))
            and (self.account is None or situation.account == self.account)
            and (self.states is None or situation.state in self.states)
            and (self.during is None or self.during.holds(situation.now, situation.began))
            and (not self.asked or (situation.call is not None and self._holds(situation.call)))
        )

    def _holds(self, call: Call) -> bool:
        for each in self.asked:  # noqa: SIM110 - a generator would cost more than what it asks
            if not each.holds(call):
                return False
        return True

    def apart(self, places: Collection[Place]) -> "tuple[When, When]":
        """What it asks of the account and of these places of a call, which come again, and what else it asks."""
        known = tuple(each for each in self.asked if each.place in places)
        rest = tuple(each for each in self.asked if each.place not in places)
        again = When(operations=self.operations, account=self.account, asked=known)
        return again, When(about=self.about, states=self.states, during=self.during, asked=rest)


@dataclass(frozen=True, slots=True)
class JobRule:
    """What a job lives through that meets `when`."""

    name: str
    """Where it stands: `kladana/queue-full jobs[0]`. Journals and answers name it so."""
    when: When
    steps: tuple[Step, ...]
    result: Mapping[str, Any] = field(default_factory=nothing)
    key: str = ""
    """Its place in the file: what is drawn for it depends on that, not on how the file is called."""
    repeat: Repeat = "last"
    """After the last step: it stays, it goes on from the second, or it is gone once it has been seen."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that a scenario gives instead of the provider."""

    status: int = 200
    headers: Mapping[str, Any] = field(default_factory=nothing)
    """Name -> text or `template.Text`."""
    body: Any = None
    """JSON, made ready by `template`; or text or bytes for another `content_type`. None is no body."""
    content_type: str | None = None
    """None: the one that the contract declares."""
    json: bool = True
    """Whether a body that is text is a JSON string; else it is sent as it stands."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with calls."""

    name: str
    when: When = When()
    key: str = ""
    latency: Distribution | None = None
    """Real time before the answer goes out."""
    error: Mapping[str, Any] | None = None
    """{"code": ..., "status": ..., ...}: answered instead of what the call comes to."""
    answer: Reply | None = None
    """Likewise."""
    change: Change = Change()
    """Of the JSON that is answered."""
    damage: Damage = NONE
    """Acted out on the finished answer."""
    effect: Effect = "after"
    """Whether the call is made first: an answer that is lost after all is done, or before anything is."""
    breaks_contract: bool = False
    """Whether the answer may break the contract: it is sent unchecked then."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may be asked of an API."""

    name: str
    error: Mapping[str, Any]
    """What is answered beyond it."""
    when: When = When()
    key: str = ""
    requests: int | None = None
    """Units that come back in each `window`."""
    window: Duration = Duration(0)
    burst: int | None = None
    """Units that may be spent at once; None: as many as come back in a window."""
    weights: Mapping[str, int] = field(default_factory=nothing)
    """Units that calls of an operation cost, where it is not 1."""
    parallel: int | None = None
    """Calls that may be under way at a time."""
    body: int | None = None
    """Bytes of a request's body."""
    retry_after: bool = True
    """Whether the answer says in `Retry-After` when to come again."""


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """What becomes of calls that are owed to the client."""

    name: str
    when: When = When()
    key: str = ""
    delay: Distribution | None = None
    copies: int = 1
    """How often it comes; 0 is never."""
    apart: Duration = Duration(0)
    """Virtual time between the copies."""
    retry: tuple[Duration, ...] | None = None
    """Virtual time before each further attempt, instead of the vendor's."""
    before_answer: bool = False
    """Whether the answer of the exchange that causes it waits until it has been made."""
    headers: Mapping[str, str | None] = field(default_factory=nothing)
    """Set; taken away where None."""
    change: Change = Change()
    malformed: bool = False
    """Whether its body breaks off in the middle."""


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How the clock of a namespace starts."""

    rate: float = 1
    start: Instant | None = None
    step: Duration = Duration(0)
    skips: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story of one API."""

    name: str
    """`api/story`, or the path of a file of the user's."""
    api: str
    about: str
    digest: str
    """SHA-256 of its values: the same story has the same digest, however it is formatted."""
    jobs: tuple[JobRule, ...] = ()
    limits: tuple[Limit, ...] = ()
    faults: tuple[Fault, ...] = ()
    callbacks: tuple[CallbackRule, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=nothing)
    """Only what the file sets, by the names of the API's settings, in their Python types."""
    accounts: tuple[Mapping[str, Any], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=nothing)
    """What the file leaves open, with the values it has now."""
    clock: ClockSetting | None = None
    seed: int | None = None

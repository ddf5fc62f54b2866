"""What a scenario is once it is loaded: frozen values, shared by all namespaces that play it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from emulator.chance import Distribution
from emulator.clock import Instant
from emulator.job import Step, nothing

Per = Literal["job", "account", "namespace"]

WireFault = Literal["CONNECTION_RESET_BY_PEER"]


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


@dataclass(frozen=True, slots=True)
class When:
    """To which submissions a rule applies. All conditions must hold; `nth` counts those that meet the others."""

    about: Mapping[str, Any] = field(default_factory=nothing)
    """What the provider says of the submission, such as {"report": "stock/all"}: equal, for each key named."""
    nth: Ordinals = ALWAYS
    per: Per = "namespace"

    def meets(self, about: Mapping[str, Any]) -> bool:
        """Whether everything but the count holds."""
        return all(about.get(key) == value for key, value in self.about.items())


@dataclass(frozen=True, slots=True)
class JobRule:
    """What a job lives through that meets `when`."""

    name: str
    """Where it stands: `kladana/queue-full jobs[0]`. Journals and answers name it so."""
    when: When
    steps: tuple[Step, ...]
    result: Mapping[str, Any] = field(default_factory=nothing)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with calls of one operation."""

    name: str
    operation: str
    calls: Ordinals = ALWAYS
    per: Per | None = None
    """None: per job where the operation is about a job, else per namespace."""
    latency: Distribution | None = None
    """Real time before the answer goes out."""
    error: Mapping[str, Any] | None = None
    """{"code": ..., "status": ..., ...}: answered instead of making the call."""
    fault: WireFault | None = None
    """Acted out on the finished answer."""


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How the clock of a namespace starts."""

    rate: float = 1
    start: Instant | None = None


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
    faults: tuple[Fault, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=nothing)
    """Only what the file sets, by the names of the API's settings, in their Python types."""
    accounts: tuple[Mapping[str, Any], ...] = ()
    clock: ClockSetting | None = None
    seed: int | None = None

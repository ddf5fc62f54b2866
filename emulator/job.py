"""A job: what has happened to it (moments) and what is still to come (a position in a plan).

There is no status field to keep in step and no worker per job: the state of a job is that of its last moment. The
plan belongs to the scenario and is shared by all jobs that follow it; the job holds its place in it. So a job is
small (a million of them are under a gigabyte) and can be written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from emulator.chance import Distribution, Fixed
from emulator.clock import Instant

END = "end"
"""In a plan: the state at which the provider itself arrives."""

AT_ONCE = Fixed(0)


@dataclass(frozen=True, slots=True)
class Polls:
    """A wait: until the present state has been seen so many times."""

    count: int


@dataclass(frozen=True, slots=True)
class Release:
    """A wait: until somebody lets the job go on."""


Wait = Distribution | Polls | Release

NOTHING: Mapping[str, Any] = MappingProxyType({})


def nothing() -> Mapping[str, Any]:
    """NOTHING, for fields: a dataclass takes no mapping as a default."""
    return NOTHING


@dataclass(frozen=True, slots=True)
class Step:
    """Something that will happen to a job, `after` a wait that counts from the step before it."""

    state: str
    after: Wait = AT_ONCE
    progress: int | None = None  # percent, where the vendor shows one
    error: Mapping[str, Any] | None = None  # {"code": ..., "status": ..., ...}: an entry of the vendor's table


Moment = tuple[Instant, Step]
"""A step once it has happened, and when. A plain pair: a million jobs hold three million of them."""


class Job:
    """One unit of asynchronous work."""

    __slots__ = (
        "account",
        "id",
        "moments",
        "next_step",
        "ordinal",
        "outcome",
        "plan",
        "polls",
        "request",
        "rule",
        "wait_over",
    )

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - its name in every API there is
        account: str,
        ordinal: int,
        request: Any,  # noqa: ANN401 - whatever the provider remembers of the submission
        rule: Any,  # noqa: ANN401 - the rule of the scenario that wrote the plan
        plan: tuple[Step, ...],
    ) -> None:
        self.id = id
        self.account = account
        self.ordinal = ordinal  # of the jobs of its account, from 1
        self.request = request
        self.rule = rule
        self.plan = plan
        self.next_step = 0
        self.polls = 0  # since the last moment
        self.wait_over = True  # of the next step; it may still want a slot
        self.moments: list[Moment] = []
        self.outcome: Any = None  # what came of it, computed once by the provider on entering the end

    @property
    def state(self) -> str:
        """The vendor's word for where the job is now."""
        return self.moments[-1][1].state

    @property
    def step(self) -> Step:
        """The step of the last moment."""
        return self.moments[-1][1]

    @property
    def created(self) -> Instant:
        """When it was submitted."""
        return self.moments[0][0]

    @property
    def changed(self) -> Instant:
        """When its last moment was."""
        return self.moments[-1][0]

    @property
    def upcoming(self) -> Step | None:
        """The next step, if the plan holds one."""
        return self.plan[self.next_step] if self.next_step < len(self.plan) else None

    def enter(self, at: Instant, step: Step) -> None:
        """Let `step` happen."""
        self.moments.append((at, step))
        self.next_step += 1
        self.polls = 0


@dataclass(frozen=True)
class Lifecycle:
    """The vendor's states and which may follow which. A state that nothing follows is final.

    The first state named is the one a job begins in. Jobs in `waiting` states stand in a lane's queue, those in
    `running` states hold one of its slots. States in `ours` have no vendor name and never reach the wire. Those in
    `earned` are the provider's to give: a plan that names one arrives where `end` would.
    """

    follows: Mapping[str, tuple[str, ...]]
    waiting: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    earned: frozenset[str] = frozenset()

    @property
    def initial(self) -> str:
        """Where a job begins."""
        return next(iter(self.follows))

    def is_final(self, state: str) -> bool:
        """Whether nothing follows."""
        return not self.follows[state]

    def allows(self, before: str, after: str) -> bool:
        """Whether `after` may follow `before`. Staying is allowed: progress moves within a state."""
        return before == after or after in self.follows[before]

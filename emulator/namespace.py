"""A namespace: one isolated universe with its own clock, seed, scenarios, journal, and a world per API."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator import engine
from emulator.clock import Clock, Duration, Instant, iso
from emulator.job import Job
from emulator.journal import Budget, Journal
from emulator.scenario.story import ClockSetting, Scenario
from emulator.world import Due, Hooks, World

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
DEFAULT = "default"
TOLD = 1000
"""How many happenings an `advance` lists; the rest are counted."""

AnyWorld = World[Any, Any]
Happening = dict[str, Any]


class ScenarioConflict(Exception):  # noqa: N818 - a state, not a mistake of the program
    """A scenario wants a clock or a seed that the namespace can no longer take."""


@dataclass(frozen=True)
class Origin:
    """How every namespace begins, unless it is made otherwise."""

    hooks: Mapping[str, Hooks[Any, Any]]
    defaults: Mapping[str, Scenario]
    """By API: the scenario that answers where the one in play says nothing."""
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    """By API: those in play."""
    seed: int = 0
    clock: ClockSetting = ClockSetting()


@dataclass(slots=True)
class Tally:
    """What happened while the clock was moved."""

    count: int = 0
    listed: list[Happening] = field(default_factory=list)

    def add(self, happening: Happening) -> None:
        """One more; kept if the list is not too long yet."""
        self.count += 1
        if len(self.listed) < TOLD:
            self.listed.append(happening)


class Namespace:
    """One isolated universe. Nothing in it is shared with another but immutable values."""

    def __init__(self, name: str, origin: Origin, budget: Budget) -> None:
        self.name = name
        self.origin = origin
        self.journal = Journal(budget)
        self.ended = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """As it was when it was made. Whoever waits on `ended` (delays on the wire) is let go."""
        self.ended.set()
        self.ended = asyncio.Event()
        self.journal.clear()
        self.sequence = 0
        self.seed = self._seed()
        setting = self._clock_setting()
        self.clock: Clock[Due] = Clock(self._happen, start=setting.start, rate=setting.rate)
        self.scenarios = dict(self.origin.scenarios)
        self.worlds: dict[str, AnyWorld] = {}
        self._tally: Tally | None = None

    def world(self, api: str) -> AnyWorld:
        """The world of that API, made on first use."""
        if api not in self.worlds:
            default = self.origin.defaults[api]
            self.worlds[api] = World(
                api,
                self.origin.hooks[api],
                self.clock,
                self.seed,
                self.scenarios.get(api, default),
                default,
                self._witness,
            )
        return self.worlds[api]

    def stamp(self) -> tuple[int, Instant]:
        """Sequence and instant of a request that has just been read, with all that was due having happened."""
        self.clock.catch_up()
        self.sequence += 1
        return self.sequence, self.clock.now()

    async def advance(self, by: Duration) -> Tally:
        """Move the clock; what happened on the way. ValueError and AlreadyAdvancing as the clock says."""
        self._tally = tally = Tally()
        try:
            await self.clock.advance(by)
        finally:
            self._tally = None
        return tally

    def jobs(self) -> Iterator[tuple[str, Job]]:
        """All jobs with the name of their API, API by API, in order of submission."""
        for api, world in self.worlds.items():
            for job in world.jobs.values():
                yield api, job

    def _happen(self, event: Due) -> None:
        engine.happen(self.worlds[event.api], event)

    def _witness(self, world: AnyWorld, job: Job) -> None:
        if self._tally is not None:
            self._tally.add({"at": iso(job.changed), "api": world.api, "job": job.id, "state": job.state})

    def _seed(self) -> int:
        told = [each.seed for each in self.origin.scenarios.values() if each.seed is not None]
        return told[0] if told else self.origin.seed

    def _clock_setting(self) -> ClockSetting:
        told = [each.clock for each in self.origin.scenarios.values() if each.clock is not None]
        return told[0] if told else self.origin.clock


def agree(scenarios: Mapping[str, Scenario]) -> None:
    """ScenarioConflict if two of them want different clocks or seeds."""
    for attribute in ("clock", "seed"):
        told = {each.name: getattr(each, attribute) for each in scenarios.values()}
        wanted = {name: value for name, value in told.items() if value is not None}
        if len(set(wanted.values())) > 1:
            raise ScenarioConflict(f"{' and '.join(wanted)} want different settings of {attribute!r}")


class NamespacesFull(Exception):  # noqa: N818 - a state, not a mistake of the program
    """No room for one more namespace."""


class Namespaces:
    """All namespaces of the process, by name, made on first mention."""

    def __init__(self, origin: Origin, limit: int = 1000) -> None:
        self.origin = origin
        self.limit = limit
        self.budget = Budget()
        self._all: dict[str, Namespace] = {}

    def __iter__(self) -> Iterator[Namespace]:
        return iter(self._all.values())

    def get(self, name: str) -> Namespace:
        """The namespace of that name; NamespacesFull if it would be one too many."""
        found = self._all.get(name)
        return found or self.make(name, self.origin)

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def make(self, name: str, origin: Origin) -> Namespace:
        """A new namespace; ValueError if the name is not one, NamespacesFull if it would be one too many."""
        if not NAME.fullmatch(name):
            raise ValueError(f"a namespace is named by {NAME.pattern}, not {name!r}")
        if len(self._all) >= self.limit:
            raise NamespacesFull
        self._all[name] = made = Namespace(name, origin, self.budget)
        return made

    def drop(self, name: str) -> bool:
        """Forget it and all that is in it; False if there is none."""
        found = self._all.pop(name, None)
        if found:
            found.reset()
        return found is not None

"""A namespace: one isolated universe with its own clock, seed, scenarios, journal, and a world per API."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import ref

from emulator import engine
from emulator.callback import Attempt, Carrier, Delivery, Nobody, Outbox
from emulator.clock import AlreadyAdvancing, Clock, Duration, Instant, iso
from emulator.job import NOTHING, Job
from emulator.journal import Budget, Journal
from emulator.lane import Capacity
from emulator.origin import Origin, ScenarioConflict, agree
from emulator.scenario.story import Scenario
from emulator.signals import Signal
from emulator.world import Entry, World

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
DEFAULT = "default"
PREFIX = "/ns/"
"""What paths begin with that name their namespace."""
TOLD = 1000
"""How many happenings an `advance` lists; the rest are counted."""

AnyWorld = World[Any, Any]
Happening = dict[str, Any]
Watcher = Callable[[str, Any], None]
"""Is told the kind of what has happened, and what: an Exchange, or a Happening."""


class WasReset(Exception):  # noqa: N818 - a state, not a mistake of the program
    """The namespace was reset while its clock was being advanced."""


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

    def __init__(
        self,
        name: str,
        origin: Origin,
        budget: Budget,
        carrier: Carrier | None = None,
        capacity: Capacity | None = None,
    ) -> None:
        self.name = name
        self.origin = origin
        self.journal = Journal(budget)
        self._watchers: tuple[Watcher, ...] = ()
        self._carrier = carrier or Nobody()
        self.declared = False
        """Whether somebody has made it on purpose."""
        self.asked = 0
        """When it was asked for last, in the order of all that is asked."""
        self.guests = 0
        """Exchanges under way."""
        self._capacity = capacity
        self._begin()

    def reset(self) -> None:
        """As it was when it was made. Whoever waits on `ended` (delays on the wire) is let go, calls are broken off."""
        self.ended.set()
        self.clock.forget()
        self._carrier.recall(self.outbox)
        self.journal.clear()
        self._begin()

    async def start_over(self) -> None:
        """`reset`, and whatever was under way has come to its end."""
        outbox = self.outbox
        self.reset()
        await self._carrier.landed(outbox)

    def _begin(self) -> None:
        self.ended = Signal()
        self.sequence = 0
        self.scenarios: dict[str, Scenario] = dict(self.origin.scenarios)
        self.settings: dict[str, Mapping[str, Any]] = {}  # by API: those set beyond its scenario
        self.seed = self._seed()
        self._set_clock()
        self.worlds: dict[str, AnyWorld] = {}
        self._tally: Tally | None = None

    @contextmanager
    def watched_by(self, watcher: Watcher) -> Iterator[None]:
        """Within it, `watcher` is told of each exchange, each state, each attempt; it must not raise."""
        self._watchers = (*self._watchers, watcher)
        try:
            with self.journal.heard_by(lambda exchange: watcher("exchange", exchange)):
                yield
        finally:
            self._watchers = tuple(each for each in self._watchers if each != watcher)

    def tell(self, kind: str, told: Happening) -> None:
        """Let those who watch know that something has happened."""
        for watcher in self._watchers:
            watcher(kind, told)

    @property
    def empty(self) -> bool:
        """Whether nothing has been said yet, nor is there a job, nor is the clock being advanced."""
        said = self.sequence or self._tally is not None
        return not said and not any(world.jobs for world in self.worlds.values())

    @property
    def prefix(self) -> str:
        """What paths begin with that lead to it by themselves."""
        return prefix_of(self.name)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way in it: no exchange, no job, no call that is owed."""
        if self.guests or self.outbox.pending:
            return False
        return not any(_under_way(world, job) for world in self.worlds.values() for job in world.jobs.values())

    def scenario(self, api: str) -> Scenario:
        """What is played of that API, with what is set beyond its story."""
        played = self.scenarios.get(api, self.origin.defaults[api])
        beyond = {**self.origin.settings.get(api, {}), **self.settings.get(api, {})}
        return replace(played, settings={**played.settings, **beyond}) if beyond else played

    def play(self, scenario: Scenario, settings: Mapping[str, Any] = NOTHING) -> None:
        """Tell this story from now on, with these settings beyond it. ScenarioConflict, and nothing has changed.

        Living jobs keep their plan; limits and faults change at once, and rules count anew. What the story says of
        the clock and the seed holds only where nothing has been said yet.
        """
        playing = self.scenarios | {scenario.api: scenario}
        agree(playing)
        if not self.empty and (scenario.clock is not None or scenario.seed is not None):
            raise ScenarioConflict(f"{scenario.name} wants a clock or a seed of its own: reset the namespace first")
        self.scenarios = playing
        self.settings[scenario.api] = settings
        if self.empty:
            self._begin_anew(scenario)
        elif world := self.worlds.get(scenario.api):
            engine.play(world, self.scenario(scenario.api), self.origin.defaults[scenario.api])

    def _begin_anew(self, scenario: Scenario) -> None:
        """The clock stays as somebody may have set it, unless the story speaks of it."""
        self.seed = self._seed()
        self.worlds = {}
        if scenario.clock is not None:
            self._set_clock()

    def world(self, api: str) -> AnyWorld:
        """The world of that API, made on first use."""
        if api not in self.worlds:
            default = self.origin.defaults[api]
            self.worlds[api] = World(
                api,
                self.origin.hooks[api],
                self.clock,
                self.seed,
                self.scenario(api),
                default,
                _weakly(self, Namespace._witness),
                owe=self.outbox.owe,
                prefix=self.prefix,
                capacity=self._capacity,
            )
        return self.worlds[api]

    def stamp(self, *, steps: bool = True) -> tuple[int, Instant]:
        """Sequence and instant of a request that has just been read, with all that was due having happened.

        `steps` is whether it moves a clock that goes by steps.
        """
        if steps:
            self.clock.arrive()
        else:
            self.clock.catch_up()
        self.sequence += 1
        return self.sequence, self.clock.now()

    async def advance(self, by: Duration) -> Tally:
        """Move the clock; what happened on the way, calls included. ValueError, AlreadyAdvancing, WasReset."""
        if self._tally is not None:
            raise AlreadyAdvancing
        clock, outbox = self.clock, self.outbox
        self._tally = tally = Tally()
        try:
            await self._carrier.settle(outbox)  # what is under way was begun at this instant, and ends at it
            await clock.advance(by, lambda: self._carrier.settle(outbox))
        finally:
            if clock is self.clock:
                self._tally = None
        if clock is not self.clock:
            raise WasReset
        return tally

    def jobs(self) -> Iterator[tuple[str, Job]]:
        """All jobs with the name of their API, API by API, in order of submission."""
        for api, world in self.worlds.items():
            for job in world.jobs.values():
                yield api, job

    def _happen(self, event: Entry) -> None:
        if isinstance(event, Delivery):
            self.outbox.fall_due(event)
        else:
            engine.happen(self.worlds[event.api], event)

    def _attempted(self, delivery: Delivery, attempt: Attempt) -> None:
        if self._tally is not None or self._watchers:
            told = {"callback": delivery.callback.id, "attempt": len(delivery.attempts)}
            came = {"status": attempt.status, "reason": attempt.reason}
            self._note("callback", {"at": iso(attempt.at), "api": delivery.callback.api, **told, **came})

    def _witness(self, world: AnyWorld, job: Job) -> None:
        if self._tally is not None or self._watchers:
            self._note("job", {"at": iso(job.changed), "api": world.api, "job": job.id, "state": job.state})

    def _note(self, kind: str, happening: Happening) -> None:
        """Into the tally of an advance, and to those who watch."""
        if self._tally is not None:
            self._tally.add(happening)
        self.tell(kind, happening)

    def _seed(self) -> int:
        told = [each.seed for each in self.scenarios.values() if each.seed is not None]
        return told[0] if told else self.origin.seed

    def _set_clock(self) -> None:
        told = [each.clock for each in self.scenarios.values() if each.clock is not None]
        setting = told[0] if told else self.origin.clock
        happen, attempted = _weakly(self, Namespace._happen), _weakly(self, Namespace._attempted)
        self.clock: Clock[Entry] = Clock(
            happen, start=setting.start, rate=setting.rate, step=setting.step, skips=setting.skips
        )
        self.outbox = Outbox(self.clock, attempted)


def _weakly(namespace: Namespace, method: Callable[..., None]) -> Callable[..., None]:
    """A method that does not keep its namespace.

    So a namespace that is dropped goes at once, and not when the collector comes by.
    """
    found = ref(namespace)

    def call(*told: Any) -> None:  # noqa: ANN401 - passed on
        if (living := found()) is not None:
            method(living, *told)

    return call


def _under_way(world: AnyWorld, job: Job) -> bool:
    """Whether something is still to come of it, or it is stuck where nothing can be had of it yet."""
    return job.upcoming is not None or (job.outcome is None and not world.hooks.lifecycle.is_final(job.state))


def prefix_of(name: str) -> str:
    """What paths begin with that lead to the namespace of that name."""
    return "" if name == DEFAULT else PREFIX + name

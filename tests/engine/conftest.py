"""A small vendor of our own, worlds in which it lives, and clocks that are read from a list."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings

from emulator import engine
from emulator.clock import SECOND, Clock
from emulator.job import AT_ONCE, Job, Lifecycle, Release, Step, Wait
from emulator.scenario.story import JobRule, Scenario, When
from emulator.world import Due, Hooks, World

settings.register_profile(
    "engine",
    derandomize=True,  # the same examples on every machine: a red run is a red commit
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("engine")

LIFECYCLE = Lifecycle(
    {
        "QUEUED": ("RUNNING", "CANCELLED"),
        "RUNNING": ("PAUSED", "DONE", "FAILED", "CANCELLED"),
        "PAUSED": ("RUNNING", "CANCELLED"),
        "DONE": (),
        "FAILED": (),
        "CANCELLED": (),
    },
    waiting=frozenset({"QUEUED"}),
    running=frozenset({"RUNNING"}),
)
CANCELLED = Step("CANCELLED")
RELEASE = Release()


@dataclass(frozen=True)
class Limits:
    waiting: int | None = None
    running: int | None = None


def end(_world: World[Limits, None], job: Job) -> Step:
    """A request for "failure" fails, all others are done; how often it was asked is the outcome."""
    job.outcome = (job.outcome or 0) + 1
    return Step("FAILED" if job.request == "failure" else "DONE")


HOOKS: Hooks[Limits, None] = Hooks(
    lifecycle=LIFECYCLE,
    job_id=lambda _world, account, ordinal: f"{account}-{ordinal}",
    end=end,
    objects=lambda _world: None,
    settings=Limits,
    room=lambda limits: (limits.waiting, limits.running),
)


def steps(*told: str | tuple[str, Wait]) -> tuple[Step, ...]:
    """A plan: states that follow at once, and states after a wait."""
    return tuple(Step(each, AT_ONCE) if isinstance(each, str) else Step(*each) for each in told)


def story(*rules: JobRule, name: str = "test/story", **limits: int | None) -> Scenario:
    return Scenario(name=name, api="test", about="", digest=repr((name, rules, limits)), jobs=rules, settings=limits)


def rule(*told: str | tuple[str, Wait], name: str = "test/story jobs[0]", when: When | None = None) -> JobRule:
    return JobRule(name=name, when=when or When(), steps=steps(*told))


NO_STORY = story(name="test/default")


class Universe:
    """A clock and one world in it: what a namespace is made of, without the names."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int = 0,
        start: int = 0,
        hooks: Hooks[Any, Any] = HOOKS,
        fallback: Scenario = NO_STORY,
        **running: Any,
    ) -> None:
        self.clock: Clock[Due] = Clock(self._happen, start=start, **{"rate": 0, **running})
        self.witnessed: list[tuple[int, str, str]] = []
        self.world: World[Any, Any] = World("test", hooks, self.clock, seed, scenario, fallback, self._witness)

    def _happen(self, event: Due) -> None:
        engine.happen(self.world, event)

    def _witness(self, _world: World[Any, Any], job: Job) -> None:
        self.witnessed.append((self.clock.now(), job.id, job.state))

    def submit(self, account: str = "a", request: Any = None, about: Mapping[str, Any] | None = None) -> Job:
        return engine.submit(self.world, account, request, about or {})

    def many(self, number: int, account: str = "a") -> list[Job]:
        return [self.submit(account) for _ in range(number)]

    def poll(self, job: Job) -> str:
        """The state that a client sees who looks now."""
        engine.poll(self.world, job)
        return job.state

    def release(self, *jobs: Job) -> None:
        for job in jobs:
            engine.release(self.world, job)

    def divert(self, job: Job, *told: Step) -> None:
        engine.divert(self.world, job, *told)

    def advance(self, by: int) -> None:
        run(self.clock.advance(by))

    def play(self, scenario: Scenario) -> None:
        engine.play(self.world, scenario, NO_STORY)

    def occupied(self, account: str = "a") -> tuple[int, int]:
        """How many wait and how many run."""
        lane = self.world.account(account).lane
        return lane.waiting, lane.running


def run(coroutine: Coroutine[Any, Any, Any]) -> int:
    """Run to its end what waits for nobody; how often it gave others a turn."""
    for turns in count():
        try:
            coroutine.send(None)
        except StopIteration:
            return turns
    raise AssertionError


class Reading:
    """A real clock that shows what it is told to, and moves by `step` with each look."""

    def __init__(self, at: int = 0, step: int = 0) -> None:
        self.at, self.step = at, step

    def __call__(self) -> int:
        self.at += self.step
        return self.at


def history(job: Job) -> list[tuple[int, str]]:
    """What has happened to it: instants and states."""
    return [(at, step.state) for at, step in job.moments]


def states(*jobs: Job) -> list[str]:
    return [job.state for job in jobs]


def seconds(number: float) -> int:
    return int(number * SECOND)


def retold(scenario: Scenario, **limits: int | None) -> Scenario:
    """The same story with other limits."""
    return replace(scenario, digest=repr((scenario.digest, limits)), settings=limits)

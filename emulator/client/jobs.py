"""The jobs of a namespace: what they have lived through, and what is to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from emulator.client.awaiting import awaited
from emulator.client.clock import RUNNING, Clock, ClockState
from emulator.client.connection import Connection
from emulator.client.errors import EmulatorError
from emulator.client.measures import moment
from emulator.client.pages import every


@dataclass(frozen=True)
class Moment:
    """A state that a job has come to, and when."""

    at: datetime
    state: str


@dataclass(frozen=True)
class Job:
    """One unit of asynchronous work. `upcoming` are the steps to come, as a scenario writes them."""

    id: str
    api: str
    account: str
    ordinal: int
    state: str
    rule: str
    polls: int
    moments: tuple[Moment, ...]
    upcoming: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Job":
        """From the admin API's JSON."""
        return cls(
            id=told["id"],
            api=told["api"],
            account=told["account"],
            ordinal=told["ordinal"],
            state=told["state"],
            rule=told["rule"],
            polls=told["polls"],
            moments=tuple(Moment(moment(each["at"]), each["state"]) for each in told["moments"]),
            upcoming=tuple(told["upcoming"]),
        )


class Jobs:
    """All jobs of a namespace."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def list(self, api: str | None = None, state: str | None = None) -> Sequence[Job]:
        """Those of that API and in that state, API by API, in order of submission."""
        query = {"api": api, "state": state}
        return [Job.read(each) for each in every(self._connection, "/jobs", "jobs", query)]

    def get(self, job: str | Job) -> Job:
        """The job as it is now. ProblemError 404."""
        return Job.read(self._connection.ask("GET", _path(job)))

    def release(self, job: str | Job) -> Job:
        """End the wait of the job's next step, of whatever kind. ProblemError 404."""
        return Job.read(self._connection.ask("POST", f"{_path(job)}/release"))

    def reach(self, job: str | Job, state: str) -> Job:
        """Move the clock from event to event until the job is in that state; at once if it is.

        EmulatorError if it ends otherwise, or if nothing more will happen by itself.
        """
        found = self.get(job)
        while found.state != state:
            clock, before = self._clock.state(), found
            if clock.next is not None and found.upcoming:
                self._move(clock, clock.next)
                found = self.get(job)
            elif (found := self.get(job)) == before:  # else, on a clock that runs, it has gone on meanwhile
                raise EmulatorError(f"the job is {found.state} and does not come to be {state} by itself")
        return found

    def _move(self, clock: ClockState, due: datetime) -> None:
        """To that instant; a clock that runs by itself may be there already."""
        if clock.mode in RUNNING:
            self._clock.advance(max(due - clock.now, timedelta(0)))
        else:
            self._clock.to(due)

    def timeline(self, job: str | Job) -> str:
        """All that happened to the job, in lines of text: states, exchanges, callbacks. ProblemError 404."""
        return str(self._connection.ask("GET", f"{_path(job)}/timeline", query={"format": "text"})).rstrip()

    def events(self, job: str | Job) -> Sequence[Mapping[str, Any]]:
        """The same as the admin API tells it: each with `at`, `after`, `kind`, `text`. ProblemError 404."""
        told: Sequence[Mapping[str, Any]] = self._connection.ask("GET", f"{_path(job)}/timeline")["events"]
        return told


class AsyncJobs:
    """`Jobs`, awaited."""

    def __init__(self, jobs: Jobs) -> None:
        self.list = awaited(jobs.list)
        self.get = awaited(jobs.get)
        self.release = awaited(jobs.release)
        self.reach = awaited(jobs.reach)
        self.timeline = awaited(jobs.timeline)
        self.events = awaited(jobs.events)


def _path(job: str | Job) -> str:
    return f"/jobs/{quote(job.id if isinstance(job, Job) else job, safe='')}"

"""One namespace of a running emulator, in a test's hands."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import quote

from emulator.client.awaiting import awaited
from emulator.client.callbacks import AsyncCallbacks, Callbacks
from emulator.client.clock import AsyncClock, Clock
from emulator.client.connection import Connection
from emulator.client.jobs import AsyncJobs, Job, Jobs
from emulator.client.measures import Span
from emulator.client.requests import AsyncRequests, Filter, Requests
from emulator.client.scenarios import Playing, play

Snapshot = dict[str, Any]
"""A namespace as one JSON document; what is in it is the server's own business."""


class Namespace:
    """A universe of its own: clock, seed, jobs, journal."""

    def __init__(self, connection: Connection, name: str = "default") -> None:
        self._connection = connection
        self.name = name
        self.clock = Clock(connection)
        self.jobs = Jobs(connection, self.clock)
        self.requests = Requests(connection)
        self.callbacks = Callbacks(connection)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @property
    def url(self) -> str:
        """Where all APIs and `/__admin` are, without a slash at its end."""
        return self._connection.url

    def base_url(self, api: str | None = None) -> str:
        """What a client of that API puts in place of the vendor's host; ValueError if there is no such API.

        All share one: the paths below it are the vendors' own.
        """
        if api is not None and api not in self.apis:
            raise ValueError(f"there is no API {api!r}, but {', '.join(self.apis)}")
        return self.url

    @cached_property
    def apis(self) -> tuple[str, ...]:
        """The APIs that are emulated."""
        return tuple(self._connection.ask("GET", "/ready")["apis"])

    @cached_property
    def aio(self) -> "AsyncNamespace":
        """The same for coroutines: what waits for the server is awaited."""
        return AsyncNamespace(self)

    def scenario(
        self,
        story: str | Path,
        set: Mapping[str, Any] | None = None,  # noqa: A002 - as scenarios and flags call it
    ) -> Playing:
        """Play a scenario from now on: `"kladana/queue-full"`, a file, or YAML; with settings beyond its own.

        ProblemError if it cannot be had, with all mistakes of a file.
        """
        return play(self._connection, story, set or {})

    def playing(self) -> dict[str, Playing]:
        """What is played, by API."""
        told = self._connection.ask("GET", "/scenario")["scenarios"]
        return {each["api"]: Playing.read(each) for each in told}

    def timeline(self, job: str | Job) -> str:
        """All that happened to a job, in lines of text. ProblemError 404."""
        return self.jobs.timeline(job)

    def wait_for(self, *, at_least: int = 1, timeout: Span = "10s", **wanted: Unpack[Filter]) -> int:
        """How many requests match, once there are so many. TimeoutError after so much real time."""
        return self.requests.wait(at_least=at_least, timeout=timeout, **wanted)

    def reset(self) -> None:
        """As it was when it was made."""
        self._connection.ask("POST", "/reset")

    def snapshot(self, *, journal: bool = False) -> Snapshot:
        """All of its state as one JSON document, the exchanges of its journal too if `journal`."""
        told: Snapshot = self._connection.ask("GET", f"/snapshot?journal={str(journal).lower()}")
        return told

    def restore(self, snapshot: Snapshot) -> None:
        """It goes on from there. ProblemError 422, and nothing has changed."""
        self._connection.ask("PUT", "/snapshot", snapshot)

    def fork(self, to: str) -> "Namespace":
        """A second namespace, like this one in all but its name. ProblemError 404, 409, 422, 503."""
        self._connection.ask("POST", f"/namespaces/{quote(self.name, safe='')}/fork", {"to": to})
        return Namespace(self._connection.beside(to), to)


class AsyncNamespace:
    """`Namespace`, awaited."""

    def __init__(self, namespace: Namespace) -> None:
        self.name = namespace.name
        self.clock = AsyncClock(namespace.clock)
        self.jobs = AsyncJobs(namespace.jobs)
        self.requests = AsyncRequests(namespace.requests)
        self.callbacks = AsyncCallbacks(namespace.callbacks)
        self.base_url = namespace.base_url
        self.scenario = awaited(namespace.scenario)
        self.playing = awaited(namespace.playing)
        self.timeline = awaited(namespace.timeline)
        self.wait_for = self.requests.wait
        self.reset = awaited(namespace.reset)
        self.snapshot = awaited(namespace.snapshot)
        self.restore = awaited(namespace.restore)
        self._fork = awaited(namespace.fork)
        self._namespace = namespace

    async def fork(self, to: str) -> "AsyncNamespace":
        """A second namespace, like this one in all but its name."""
        return AsyncNamespace(await self._fork(to))

    @property
    def url(self) -> str:
        """Where all APIs and `/__admin` are."""
        return self._namespace.url

"""The calls that a namespace owes to its client."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emulator.client.awaiting import awaited
from emulator.client.connection import Connection
from emulator.client.measures import moment
from emulator.client.pages import every


@dataclass(frozen=True)
class Callback:
    """A call that is owed, as the admin API tells it; `status` is owed, delivered or dropped."""

    id: str
    api: str
    account: str
    job: str | None
    status: str
    due: datetime
    request: Mapping[str, Any]
    attempts: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Callback":
        """From the admin API's JSON."""
        return cls(
            id=told["id"],
            api=told["api"],
            account=told["account"],
            job=told["job"],
            status=told["status"],
            due=moment(told["due"]),
            request=told["request"],
            attempts=tuple(told["attempts"]),
        )


class Callbacks:
    """All of a namespace that are still kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, api: str | None = None, job: str | None = None) -> Sequence[Callback]:
        """Those of that API and about that job, oldest first."""
        query = {"api": api, "job": job}
        return [Callback.read(each) for each in every(self._connection, "/callbacks", "callbacks", query)]


class AsyncCallbacks:
    """`Callbacks`, awaited."""

    def __init__(self, callbacks: Callbacks) -> None:
        self.list = awaited(callbacks.list)

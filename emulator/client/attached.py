"""A running emulator: its namespaces."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from typing import Any, TypedDict, Unpack
from urllib.parse import quote

from emulator.client.awaiting import awaited
from emulator.client.connection import Connection
from emulator.client.measures import instant
from emulator.client.namespace import AsyncNamespace, Namespace

ClockWish = str | float | Mapping[str, Any]
"""How a clock is to run: `"frozen"`, `"real"`, a rate, or `{"mode": ..., "rate": ..., "start": ...}`."""


class Wish(TypedDict, total=False):
    """How a new namespace begins; what is not said is as the server's flags have it."""

    seed: int | None
    clock: ClockWish | None
    scenarios: Sequence[str]


class Attached(Namespace):
    """A running emulator: its namespace `default`, and a way to the others."""

    def namespace(self, name: str) -> Namespace:
        """The namespace of that name; whatever is asked of it makes it, as the server's flags have it."""
        return Namespace(self._connection.below(name), name)

    def make(self, name: str, **wish: Unpack[Wish]) -> Namespace:
        """A new namespace; ProblemError 404, 409, 422, 503."""
        made = self.namespace(name)
        self._connection.ask("PUT", f"/namespaces/{quote(name, safe='')}", _told(wish))
        return made

    def drop(self, name: str) -> None:
        """Forget a namespace and all that is in it. ProblemError 404."""
        self._connection.ask("DELETE", f"/namespaces/{quote(name, safe='')}")

    @contextmanager
    def fresh(self, name: str, **wish: Unpack[Wish]) -> Iterator[Namespace]:
        """A new namespace that is dropped afterwards."""
        made = self.make(name, **wish)
        try:
            yield made
        finally:
            self.drop(name)

    @cached_property
    def aio(self) -> "AsyncAttached":
        """The same for coroutines: what waits for the server is awaited."""
        return AsyncAttached(self)

    def namespaces(self) -> Sequence[Mapping[str, Any]]:
        """Every namespace there is, as the admin API tells it."""
        told: Sequence[Mapping[str, Any]] = self._connection.ask("GET", "/namespaces")["namespaces"]
        return told


class AsyncAttached(AsyncNamespace):
    """`Attached`, awaited."""

    def __init__(self, attached: Attached) -> None:
        super().__init__(attached)
        self.drop = awaited(attached.drop)
        self.namespaces = awaited(attached.namespaces)
        self._attached = attached
        self._make = awaited(attached.make)

    def namespace(self, name: str) -> AsyncNamespace:
        """The namespace of that name."""
        return AsyncNamespace(self._attached.namespace(name))

    async def make(self, name: str, **wish: Unpack[Wish]) -> AsyncNamespace:
        """A new namespace."""
        return AsyncNamespace(await self._make(name, **wish))

    @asynccontextmanager
    async def fresh(self, name: str, **wish: Unpack[Wish]) -> AsyncIterator[AsyncNamespace]:
        """A new namespace that is dropped afterwards."""
        made = await self.make(name, **wish)
        try:
            yield made
        finally:
            await self.drop(name)


def attach(url: str, token: str | None = None) -> Attached:
    """The emulator that runs at this URL. ValueError if that is none; nothing is asked yet."""
    return Attached(Connection(url, token))


def _told(wish: Wish) -> dict[str, Any]:
    told: dict[str, Any] = {key: value for key, value in wish.items() if value is not None}
    if "clock" in told:
        told["clock"] = _clock(told["clock"])
    if "scenarios" in told:
        told["scenarios"] = list(told["scenarios"])
    return told


def _clock(wish: ClockWish) -> dict[str, Any]:
    match wish:
        case str():
            return {"mode": wish}
        case int() | float():
            return {"rate": wish}
    told = dict(wish)
    return {**told, "start": instant(told["start"])} if "start" in told else told

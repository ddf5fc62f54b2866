"""Namespaces with a courier at work, and somebody for it to call."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.app import Config, library, make_origin
from emulator.callback import Callback, Delivery
from emulator.clock import SECOND
from emulator.courier import Allowed, Courier
from emulator.namespace import Namespace
from emulator.namespaces import Namespaces
from tests.callbacks.receiver import Receiver, receiving
from tests.conftest import START


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@dataclass
class Post:
    """A namespace with its clock held still, and the courier that makes its calls."""

    courier: Courier
    namespaces: Namespaces
    namespace: Namespace

    def owe(self, url: str, delay: int = 0, **more: Any) -> Delivery:
        """A callback that is owed after `delay`; its receiver has ten seconds of real time."""
        outbox = self.namespace.outbox
        said = {"id": f"c{outbox.counts['owed'] + 1}", "api": "test", "account": "a", "body": b"{}"}
        rest = {"timeout": 10 * SECOND, "accepted": frozenset({200, 204})}
        outbox.owe(Callback(url=url, **{**said, **rest, **more}), delay)
        return outbox.kept[-1]

    async def advance(self, by: int) -> list[dict[str, Any]]:
        return (await self.namespace.advance(by)).listed


@pytest.fixture
async def post(request: pytest.FixtureRequest) -> AsyncIterator[Post]:
    """With the marker's parameter, receivers that may be called beyond the neighbourhood."""
    courier = Courier(Allowed.read(getattr(request, "param", ())))
    namespaces = Namespaces(make_origin(Config(rate=0, start=START), library()), carrier=courier)
    async with courier.at_work(namespaces):
        yield Post(courier, namespaces, namespaces.get("test"))

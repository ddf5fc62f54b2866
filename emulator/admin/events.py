"""Server-sent events: what is said and what happens in a namespace, as it happens.

https://html.spec.whatwg.org/multipage/server-sent-events.html. Nobody waits for a slow listener: what it does not take
in time is dropped, counted, and told to it in its place.
"""

import asyncio
from collections import deque
from contextlib import ExitStack
from functools import wraps
from typing import Any

import orjson

from emulator.admin.api import Call, Handler
from emulator.admin.audience import Audience, first_of
from emulator.clock import SECOND, Duration
from emulator.exchange import Answer
from emulator.journal import Exchange
from emulator.namespace import Namespace
from emulator.problem import Problem

KINDS = ("exchange", "job", "callback", "clock")
QUEUED = 1000
QUEUED_BYTES = 4 * 2**20
"""Events that are kept for a listener which is slow to take them: so many, and exchanges of so many bytes."""
AT_ONCE = 50
"""Events that are written at a time."""
SILENCE = Duration(15 * SECOND)
"""After so much real time without an event a comment is written, which shows who has gone."""
CLOCK = ("now", "mode", "rate", "step", "pending", "next")


async def listen(call: Call) -> Answer:
    """Events until the namespace is reset or dropped, the server stops, or the listener goes. Problem 422, 503."""
    kinds = call.request.query.getall("kind", list(KINDS))
    for each in kinds:
        if each not in KINDS:
            raise Problem(422, f"kind is one of {', '.join(KINDS)}, not {each!r}")
    pieces = Feed(call.namespace, call.audience, frozenset(kinds))
    return Answer(200, b"", {"Cache-Control": "no-store"}, content_type="text/event-stream", pieces=pieces)


class Feed:
    """The events for one listener, as bytes. It listens from the moment it is made until it is closed."""

    def __init__(self, namespace: Namespace, audience: Audience, kinds: frozenset[str]) -> None:
        """Problem 503 if there is no room for one more."""
        self._kinds = kinds
        self._audience = audience
        self._queue: deque[tuple[str, Any]] = deque()
        self._weight = 0
        self._lost = 0
        self._written = 0
        self._news = asyncio.Event()
        self._ends = {"reset": namespace.ended, "stop": audience.stopped}
        self._over = False
        self._left = ExitStack()
        self._left.enter_context(audience.listening.seat(namespace))
        self._left.enter_context(namespace.watched_by(self.hear))
        self._opening = b": listening\n\n"

    def hear(self, kind: str, told: Any) -> None:  # noqa: ANN401 - an Exchange, or JSON
        """Something has happened."""
        if kind not in self._kinds:
            return
        if len(self._queue) >= QUEUED or self._weight >= QUEUED_BYTES:
            self._lost += 1
            self._audience.events_dropped += 1
            return
        self._tell_lost()
        self._weight += _weight(told)
        self._queue.append((kind, told))
        self._news.set()

    def __aiter__(self) -> "Feed":
        """Itself: it can be read once."""
        return self

    async def __anext__(self) -> bytes:
        """The next events; a comment after a long silence."""
        if self._opening:
            opening, self._opening = self._opening, b""
            return opening
        if self._over:
            raise StopAsyncIteration
        if not self._queue:
            self._tell_lost()
        if not self._queue:
            await first_of(self._news, *self._ends.values(), within=SILENCE)
        self._news.clear()
        return self._taken() or self._ending() or b": still here\n\n"

    async def aclose(self) -> None:
        """Listen no more."""
        self._left.close()

    def _tell_lost(self) -> None:
        if self._lost:
            self._queue.append(("dropped", {"count": self._lost}))
            self._lost = 0

    def _taken(self) -> bytes:
        count = min(len(self._queue), AT_ONCE)
        return b"".join(self._event(*self._queue.popleft()) for _ in range(count))

    def _ending(self) -> bytes:
        reasons = [reason for reason, event in self._ends.items() if event.is_set()]
        self._over = bool(reasons)
        return self._event("end", {"reason": reasons[0]}) if reasons else b""

    def _event(self, kind: str, told: Any) -> bytes:  # noqa: ANN401 - an Exchange, or JSON
        self._written += 1
        self._weight -= _weight(told)
        data = orjson.dumps(told.told() if isinstance(told, Exchange) else told)
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self._written, kind.encode(), data)


def _weight(told: Any) -> int:  # noqa: ANN401 - an Exchange, or JSON
    return told.weight if isinstance(told, Exchange) else 0


def announced(set_clock: Handler) -> Handler:
    """The operation that moves the clock, and tells listeners that it did."""

    @wraps(set_clock)
    async def moved(call: Call) -> Answer:
        answer = await set_clock(call)
        call.namespace.tell("clock", {key: answer.payload[key] for key in CLOCK if key in answer.payload})
        return answer

    return moved


HANDLERS: dict[str, Handler] = {"listen": listen}

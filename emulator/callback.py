"""Calls that are owed to the client, as plain data: webhooks, and the callbacks that a submission asked for.

A `Callback` is what to say and how often to try; a `Delivery` is one with the attempts made so far. The `Outbox` of a
namespace knows which are due. It makes no calls itself: that is the courier's work.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from emulator.clock import Clock, Duration, Instant

KEPT = 1000
"""Deliveries that a namespace remembers; the oldest go first, told by a counter."""

Status = Literal["owed", "delivered", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One call owed to the client: what is said, and how often it is tried."""

    id: str
    """The same on each attempt; receivers tell repeated deliveries by it."""
    api: str
    account: str
    url: str
    body: bytes
    timeout: Duration
    """In real time: the receiver must have answered by then."""
    accepted: frozenset[int]
    """The statuses that end it well."""
    waits: tuple[Duration, ...] = ()
    """Virtual time before each further attempt; none left, and it is dropped."""
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "POST"
    job: str | None = None
    """The id of the job it is about, if it is about one."""
    before_answer: bool = False
    """Whether the answer of the exchange that causes it goes out only once it has been tried."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: when, and how the receiver answered or why it did not."""

    at: Instant
    status: int | None
    reason: str | None
    wall_us: int
    """How long it took, in real microseconds."""


@dataclass(slots=True, eq=False)
class Delivery:
    """A callback and what has come of it."""

    callback: Callback
    owed: Instant
    due: Instant
    """When the next attempt is, or the last one was, due."""
    attempts: list[Attempt] = field(default_factory=list)
    status: Status = "owed"


class Owe(Protocol):
    """How a world says that a call is owed."""

    def __call__(self, callback: Callback, delay: int = 0, /) -> None:
        """It is due after `delay`."""


class Outbox:
    """The calls that one namespace owes, and a record of those it has made."""

    def __init__(
        self, clock: Clock[Any], witness: Callable[[Delivery, Attempt], None] = lambda _delivery, _attempt: None
    ) -> None:
        self.clock = clock
        self.kept: deque[Delivery] = deque()
        self.counts: Counter[str] = Counter()
        self.evicted = 0
        self.closed = False
        self.hurried = False
        """Whether a call is owed at once, before the answer of the exchange that causes it."""
        self._witness = witness
        self._due: deque[Delivery] = deque()
        self._taken: dict[Delivery, None] = {}

    @property
    def pending(self) -> int:
        """How many are neither delivered nor dropped."""
        return self.counts["owed"] - self.counts["delivered"] - self.counts["dropped"]

    def owe(self, callback: Callback, delay: int = 0, /) -> None:
        """A call is owed, and due after `delay`."""
        now = self.clock.now()
        delivery = Delivery(callback, now, now + delay)
        self.counts["owed"] += 1
        self.hurried |= callback.before_answer and not delay
        self._keep(delivery)
        self.clock.at(delivery.due, delivery)

    def fall_due(self, delivery: Delivery) -> None:
        """Its instant has come: it waits to be taken."""
        self._due.append(delivery)

    def awaited(self) -> list[Delivery]:
        """Those whose instant has come and which have not been made: taken, or still to be."""
        return [*self._taken, *self._due]

    def resume(self, kept: Iterable[Delivery], counts: Mapping[str, int], evicted: int) -> None:
        """Go on from what another outbox had done; `fall_due` tells those that were due."""
        self.kept, self.counts, self.evicted = deque(kept), Counter(counts), evicted

    @property
    def due(self) -> int:
        """How many wait to be taken."""
        return len(self._due)

    def take(self) -> Delivery | None:
        """The first that is due; whoever takes it makes the call and says so by `made`."""
        if not self._due:
            return None
        delivery = self._due.popleft()
        self._taken[delivery] = None
        return delivery

    def made(self, delivery: Delivery, attempt: Attempt) -> None:
        """It was tried: it is delivered, or tried again later, or dropped."""
        if self.closed:
            return
        self._taken.pop(delivery, None)
        delivery.attempts.append(attempt)
        self.counts["attempts"] += 1
        self._witness(delivery, attempt)
        tried, waits = len(delivery.attempts), delivery.callback.waits
        if attempt.status in delivery.callback.accepted:
            self._end(delivery, "delivered")
        elif tried > len(waits):
            self._end(delivery, "dropped")
        else:
            delivery.due = self.clock.now() + waits[tried - 1]
            self.clock.at(delivery.due, delivery)

    def close(self) -> None:
        """Nothing in it is owed any more."""
        self.closed = True
        self._due.clear()
        self._taken.clear()

    def _end(self, delivery: Delivery, status: Status) -> None:
        delivery.status = status
        self.counts[status] += 1

    def _keep(self, delivery: Delivery) -> None:
        self.kept.append(delivery)
        if len(self.kept) > KEPT:
            self.kept.popleft()
            self.evicted += 1


class Carrier(Protocol):
    """Who makes the calls that outboxes owe."""

    async def settle(self, outbox: Outbox) -> None:
        """Make all that are due; none is due nor under way then."""

    def recall(self, outbox: Outbox) -> None:
        """Break off what is under way, and start nothing more."""

    async def landed(self, outbox: Outbox) -> None:
        """What was broken off has come to its end."""

    def notice(self) -> None:
        """Something has come from elsewhere: what is due may be due sooner than was thought."""


class Nobody:
    """A carrier for namespaces that call nobody back."""

    async def settle(self, outbox: Outbox) -> None:
        """There is nobody to make calls."""

    def recall(self, outbox: Outbox) -> None:
        """Nothing is under way."""
        outbox.close()

    async def landed(self, outbox: Outbox) -> None:
        """Nothing was."""

    def notice(self) -> None:
        """It makes no difference."""

"""What was said: a bounded record of exchanges, without anybody's secrets.

One budget in bytes serves all journals of the process; what is too much goes first from the journal that has been
quiet longest. The canonical part of an exchange (sequence, virtual instant, request, answer, rule, job) is the same
each time the same conversation is held; what depends on the real clock is apart, under `wall`.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from emulator.clock import Instant, iso
from emulator.exchange import Answer, Request
from emulator.heads import LINE, parted

BUDGET = 64 * 2**20
BODY_LIMIT = 64 * 2**10
OVERHEAD = 600
"""What an exchange weighs beside its texts, in bytes of memory."""

Headers = tuple[tuple[str, str], ...]

REDACTED = "[redacted]"
CUT = b"...[cut]"
"""What a body ends with of which only the beginning is kept."""
_USERINFO = re.compile(rb"""(?<=://)[^/?#\s"'@]+@""")
"""In an address: who asks, and often the password too."""
SECRET_HEADERS = frozenset(
    {"authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key", "x-api-authorization"}
)


class Exchange(NamedTuple):
    """One request with its answer, as it is kept."""

    sequence: int
    at: Instant
    api: str
    operation: str | None
    account: str
    job: str | None
    rules: tuple[str, ...]
    """The names of the rules that acted on it."""
    fault: str | None
    contract: str
    """`kept`, or how the answer broke it."""
    method: str
    target: str
    request_head: str
    """Headers as one text: a pair for each would be a dozen more objects to make, to hold and to let go."""
    request_body: bytes
    status: int
    answer_head: str
    answer_body: bytes
    notes: tuple[str, ...]
    """What is worth saying of the client."""
    wall_us: int
    """How long the handler took, in real microseconds."""

    @property
    def weight(self) -> int:
        """Roughly how many bytes it holds."""
        heads = len(self.target) + len(self.request_head) + len(self.answer_head)
        return OVERHEAD + heads + len(self.request_body) + len(self.answer_body)

    @property
    def request_headers(self) -> Headers:
        """In the order in which they were sent."""
        return tuple(parted(self.request_head))

    @property
    def answer_headers(self) -> Headers:
        """Those that the provider gave; what every answer carries beside them is left out."""
        return tuple(parted(self.answer_head))

    def told(self) -> dict[str, Any]:
        """The exchange as the admin API shows it."""
        return {
            "sequence": self.sequence,
            "at": iso(self.at),
            "api": self.api,
            "operation": self.operation,
            "account": self.account,
            "job": self.job,
            "rules": list(self.rules),
            "fault": self.fault,
            "contract": self.contract,
            "notes": list(self.notes),
            "request": {
                "method": self.method,
                "target": self.target,
                "headers": _grouped(self.request_headers),
                "body": _text(self.request_body),
            },
            "response": {
                "status": self.status,
                "headers": _grouped(self.answer_headers),
                "body": _text(self.answer_body),
            },
            "wall": {"handled_us": self.wall_us},
        }


class Budget:
    """How many bytes all journals together may hold, and what was ever written to any of them."""

    def __init__(self, limit: int = BUDGET) -> None:
        self.limit = limit
        self.held = 0
        self.evicted = 0
        self.dropped = 0
        self.written: dict[tuple[str, str | None, int], int] = {}
        """By API, operation and status; no reset takes anything from it."""
        self._journals: OrderedDict[int, Journal] = OrderedDict()
        self._latest: Journal | None = None

    def spend(self, journal: "Journal", weight: int) -> None:
        """`journal` has just grown by `weight`; whoever has been quiet longest makes room."""
        self.held += weight
        if journal is not self._latest:
            self._latest = journal
            self._journals[id(journal)] = journal
            self._journals.move_to_end(id(journal))
        while self.held > self.limit:
            key, idlest = next(iter(self._journals.items()))
            if not idlest.forget_oldest():
                self._drop(key)

    def release(self, journal: "Journal", weight: int) -> None:
        """`journal` has shrunk by `weight`."""
        self.held -= weight
        if not len(journal):
            self._drop(id(journal))

    def _drop(self, key: int) -> None:
        """It holds nothing any more."""
        if self._journals.pop(key, None) is self._latest:
            self._latest = None


Listener = Callable[[Exchange], None]


class Journal:
    """The exchanges of one namespace, oldest first."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._exchanges: deque[Exchange] = deque()
        self._weights: deque[int] = deque()
        self._listeners: tuple[Listener, ...] = ()
        self.written = 0
        self.evicted = 0
        """Forgotten, to make room for others."""
        self.dropped = 0
        """Never kept: each alone was more than the budget."""

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """Within it, `listener` is told of each exchange as it is written; it must not raise."""
        self._listeners = (*self._listeners, listener)
        try:
            yield
        finally:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

    def write(self, exchange: Exchange) -> None:
        """Keep it, and forget what no longer fits."""
        budget, weight = self._budget, exchange.weight
        said = (exchange.api, exchange.operation, exchange.status)
        budget.written[said] = budget.written.get(said, 0) + 1
        self.written += 1
        if weight > budget.limit:
            self.dropped += 1
            budget.dropped += 1
        else:
            self._exchanges.append(exchange)
            self._weights.append(weight)
            budget.spend(self, weight)
        for listener in self._listeners:
            listener(exchange)

    def amend(self, sequence: int, contract: str) -> None:
        """How an answer broke the contract, when that is found only after it was written down."""
        for place, exchange in enumerate(self._exchanges):
            if exchange.sequence == sequence:
                self._exchanges[place] = exchange._replace(contract=contract)

    def forget_oldest(self) -> bool:
        """Evict one exchange; False if there is none."""
        if not self._exchanges:
            return False
        self._exchanges.popleft()
        self._budget.release(self, self._weights.popleft())
        self.evicted += 1
        self._budget.evicted += 1
        return True

    def resume(self, exchanges: Iterable[Exchange], *, written: int, evicted: int, dropped: int) -> None:
        """Go on, being empty, from what another journal held and had counted."""
        for each in exchanges:
            self._exchanges.append(each)
            self._weights.append(each.weight)
            self._budget.spend(self, each.weight)
        self.written, self.evicted, self.dropped = written, self.evicted + evicted, dropped

    def clear(self) -> None:
        """Forget everything, counters included."""
        weight = sum(self._weights)
        self._exchanges.clear()
        self._weights.clear()
        self._budget.release(self, weight)
        self.written = self.evicted = self.dropped = 0


def record(  # noqa: PLR0913 - all that is kept of an exchange
    request: Request,
    answer: Answer,
    *,
    api: str,
    operation: str | None,
    secret: bool,
    contract: str,
    wall_us: int,
    head: str | None = None,
) -> Exchange:
    """The exchange as it may be kept: secrets redacted, bodies cut at `BODY_LIMIT`.

    `head` is what `said` makes of the request's headers, where somebody knows it.
    """
    return Exchange(  # by position: by name it would take three times as long
        request.sequence,
        request.at,
        api,
        operation,
        request.account,
        answer.job,
        answer.rules,
        answer.damage.fault,
        contract,
        request.method,
        request.target,
        said(request.headers) if head is None else head,
        _kept(request.body, secret=secret) if request.body else b"",
        answer.status,
        said(answer.headers, answer.head),
        _kept(answer.body, secret=secret) if answer.body else b"",
        answer.notes,
        wall_us,
    )


def said(headers: Mapping[str, str], head: str = "") -> str:
    """What somebody says in a head, as one text, without secrets; `head` is the text, if somebody has made it."""
    redacted = _redacted(tuple(headers))
    if head and not redacted:
        return head
    told = ["", *map(": ".join, headers.items())]
    for place, line in redacted:
        told[place] = line
    return LINE.join(told)


@lru_cache(maxsize=256)
def _redacted(names: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """The lines of those that carry secrets, with their places from 1: there are few sets of headers."""
    named = enumerate(names, 1)
    return tuple((place, f"{name}: {REDACTED}") for place, name in named if name.lower() in SECRET_HEADERS)


def _kept(body: bytes, *, secret: bool) -> bytes:
    if secret:
        return REDACTED.encode()
    kept = body if len(body) <= BODY_LIMIT else body[:BODY_LIMIT] + CUT
    return _USERINFO.sub(REDACTED.encode() + b"@", kept) if b"@" in kept else kept


def _grouped(headers: Headers) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name.lower(), []).append(value)
    return grouped


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")

"""What was said: a bounded record of exchanges, without anybody's secrets.

One budget in bytes serves all journals of the process; what is too much goes first from the journal that has been
quiet longest. The canonical part of an exchange (sequence, virtual instant, request, answer, rule, job) is the same
each time the same conversation is held; what depends on the real clock is apart, under `wall`.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator.clock import Instant, iso
from emulator.exchange import Answer, Request

BUDGET = 64 * 2**20
BODY_LIMIT = 64 * 2**10
OVERHEAD = 500
"""What an exchange weighs beside its texts, roughly."""

REDACTED = "[redacted]"
_USERINFO = re.compile(rb"""(?<=://)[^/?#\s"'@]+@""")
"""In an address: who asks, and often the password too."""
SECRET_HEADERS = frozenset(
    {"authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key", "x-api-authorization"}
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its answer, as it is kept."""

    sequence: int
    at: Instant
    api: str
    operation: str | None
    account: str
    job: str | None
    rule: str | None
    fault: str | None
    contract: str
    """`kept`, or how the answer broke it."""
    method: str
    target: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    status: int
    answer_headers: tuple[tuple[str, str], ...]
    answer_body: bytes
    notes: tuple[str, ...]
    """What is worth saying of the client."""
    wall_us: int
    """How long the handler took, in real microseconds."""

    @property
    def weight(self) -> int:
        """Roughly how many bytes it holds."""
        texts = sum(len(k) + len(v) for k, v in (*self.request_headers, *self.answer_headers))
        return OVERHEAD + texts + len(self.target) + len(self.request_body) + len(self.answer_body)

    def told(self) -> dict[str, Any]:
        """The exchange as the admin API shows it."""
        return {
            "sequence": self.sequence,
            "at": iso(self.at),
            "api": self.api,
            "operation": self.operation,
            "account": self.account,
            "job": self.job,
            "rule": self.rule,
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
    """How many bytes all journals together may hold."""

    def __init__(self, limit: int = BUDGET) -> None:
        self.limit = limit
        self.held = 0
        self._journals: OrderedDict[int, Journal] = OrderedDict()

    def spend(self, journal: "Journal", weight: int) -> None:
        """`journal` has just grown by `weight`; whoever has been quiet longest makes room."""
        self.held += weight
        self._journals[id(journal)] = journal
        self._journals.move_to_end(id(journal))
        while self.held > self.limit:
            key, idlest = next(iter(self._journals.items()))
            if not idlest.forget_oldest():
                del self._journals[key]

    def release(self, journal: "Journal", weight: int) -> None:
        """`journal` has shrunk by `weight`."""
        self.held -= weight
        if not len(journal):
            self._journals.pop(id(journal), None)


class Journal:
    """The exchanges of one namespace, oldest first."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._exchanges: deque[Exchange] = deque()
        self.written = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    def write(self, exchange: Exchange) -> None:
        """Keep it, and forget what no longer fits."""
        self._exchanges.append(exchange)
        self.written += 1
        self._budget.spend(self, exchange.weight)

    def amend(self, sequence: int, contract: str) -> None:
        """How an answer broke the contract, when that is found only after it was written down."""
        for place, exchange in enumerate(self._exchanges):
            if exchange.sequence == sequence:
                self._exchanges[place] = replace(exchange, contract=contract)

    def forget_oldest(self) -> bool:
        """Evict one exchange; False if there is none."""
        if not self._exchanges:
            return False
        self._budget.release(self, self._exchanges.popleft().weight)
        self.evicted += 1
        return True

    def clear(self) -> None:
        """Forget everything, counters included."""
        while self.forget_oldest():
            pass
        self.written = self.evicted = 0


def record(
    request: Request,
    answer: Answer,
    *,
    api: str,
    operation: str | None,
    secret: bool,
    contract: str,
    wall_us: int,
) -> Exchange:
    """The exchange as it may be kept: secrets redacted, bodies cut at `BODY_LIMIT`."""
    return Exchange(
        sequence=request.sequence,
        at=request.at,
        api=api,
        operation=operation,
        account=request.account,
        job=answer.job,
        rule=answer.rule,
        fault=answer.fault,
        contract=contract,
        notes=answer.notes,
        method=request.method,
        target=request.target,
        request_headers=_redacted(request.headers),
        request_body=_kept(request.body, secret=secret),
        status=answer.status,
        answer_headers=_redacted(answer.headers),
        answer_body=_kept(answer.body, secret=secret),
        wall_us=wall_us,
    )


def _redacted(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((k, REDACTED if k.lower() in SECRET_HEADERS else v) for k, v in headers.items())


def _kept(body: bytes, *, secret: bool) -> bytes:
    if secret and body:
        return REDACTED.encode()
    kept = body if len(body) <= BODY_LIMIT else body[:BODY_LIMIT] + b"...[cut]"
    return _USERINFO.sub(REDACTED.encode() + b"@", kept) if b"@" in kept else kept


def _grouped(headers: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name.lower(), []).append(value)
    return grouped


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")

"""Near misses: where too few exchanges are as wished, those that miss by the fewest conditions, and by which."""

from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from emulator.journal import Exchange
from emulator.matching.filters import Condition, Filter

TOLD = 3
WAYS = 1000
"""In how many ways exchanges may miss before all but the nearest are forgotten."""


@dataclass(slots=True)
class Miss:
    """An exchange that came near, what of it was not as wished, and how many missed in just that way."""

    exchange: Exchange
    failed: tuple[Condition, ...]
    times: int = 1


class Misses:
    """The nearest of all exchanges that are put to a filter and not met by it; of equals, the latest."""

    def __init__(self, asked: Filter) -> None:
        self._asked = asked
        self._ways: dict[str, Miss] = {}

    def add(self, exchange: Exchange) -> None:
        """One that does not match."""
        failed = self._asked.failed(exchange)
        way = _way(failed, exchange)
        before = self._ways.get(way)
        self._ways[way] = Miss(exchange, failed, before.times + 1 if before else 1)
        if len(self._ways) > WAYS:
            self._ways = {_way(miss.failed, miss.exchange): miss for miss in self.nearest()}

    def nearest(self) -> list[Miss]:
        """The nearest first."""
        return nsmallest(TOLD, self._ways.values(), key=lambda miss: (len(miss.failed), -miss.exchange.sequence))


def _way(failed: tuple[Condition, ...], exchange: Exchange) -> str:
    return repr([(each.name, each.told(exchange)) for each in failed])


def told(miss: Miss) -> dict[str, Any]:
    """The miss as the admin API shows it."""
    exchange = miss.exchange
    return {
        "sequence": exchange.sequence,
        "api": exchange.api,
        "operation": exchange.operation,
        "method": exchange.method,
        "target": exchange.target,
        "status": exchange.status,
        "times": miss.times,
        "failed": [
            {"condition": each.name, "wanted": each.wanted, "found": each.told(exchange)} for each in miss.failed
        ],
    }

"""Whether a conversation went step by step as it should: `submit`, then one or more polls, then the result.

A sequence is read like a regular expression over exchanges, and tried in one pass: after each exchange it is known at
which places of the sequence the conversation may stand. An exchange that no step speaks of is passed over, unless
the sequence is strict.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.journal import Exchange
from emulator.matching.filters import Filter, read

ONCE, SOME, ANY, PERHAPS = "", "+", "*", "?"
_REPEATED, _OPTIONAL = frozenset({SOME, ANY}), frozenset({ANY, PERHAPS})
HOW_OFTEN = {ONCE: "", SOME: " (once or more)", ANY: " (any number of times)", PERHAPS: " (perhaps)"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what an exchange must be like, and how often in a row."""

    name: str
    asked: Filter
    times: str = ONCE

    @property
    def told(self) -> str:
        """In words: `getTask (once or more)`."""
        return self.name + HOW_OFTEN[self.times]


@dataclass(frozen=True, slots=True)
class Break:
    """Where a conversation left its sequence: at which exchange (None: at its end), and why, in words."""

    exchange: Exchange | None
    expected: tuple[str, ...]
    reason: str


def step(wish: str | Mapping[str, Any]) -> Step:
    """`getTask+`, or a filter that may have `times`. BadFilter."""
    if isinstance(wish, str):
        name = wish.rstrip(SOME + ANY + PERHAPS)
        return Step(name, read({"operation": name}), wish[len(name) :])
    asked = read(wish)
    name = ", ".join(f"{each.name} {each.wanted}" for each in asked.conditions) or "any exchange"
    return Step(name, asked, wish.get("times", ONCE))


class Sequence:
    """Steps that a conversation should take. BadFilter."""

    def __init__(self, wishes: Iterable[str | Mapping[str, Any]], *, strict: bool = False) -> None:
        self.steps = tuple(map(step, wishes))
        self._strict = strict

    def broken(self, exchanges: Iterable[Exchange]) -> Break | None:
        """Where it was left; None if it was kept to."""
        places = self._reached({0})
        last: Exchange | None = None
        for exchange in exchanges:
            fitting = {n for n, each in enumerate(self.steps) if each.asked.matches(exchange)}
            if not fitting and not self._strict:
                continue
            onward = self._onward(places, fitting)
            if not onward:
                return self._break(places, last, exchange)
            places, last = onward, exchange
        return None if len(self.steps) in places else self._break(places, last, None)

    def _onward(self, places: set[int], fitting: set[int]) -> set[int]:
        """Where it may stand after an exchange that fits these steps."""
        taken = places & fitting
        again = {n for n in taken if self.steps[n].times in _REPEATED}
        return self._reached({n + 1 for n in taken} | again) if taken else set()

    def _reached(self, places: set[int]) -> set[int]:
        """These, and what comes after steps that may be left out."""
        reached = set(places)
        for n in range(len(self.steps)):
            if n in reached and self.steps[n].times in _OPTIONAL:
                reached.add(n + 1)
        return reached

    def _break(self, places: set[int], last: Exchange | None, came: Exchange | None) -> Break:
        expected = tuple(self.steps[n].told for n in sorted(places) if n < len(self.steps))
        if len(self.steps) in places:
            expected += ("nothing more",)
        after = f"after {_named(last)}" if last else "at the beginning"
        instead = f"{_named(came)} came" if came else "nothing came any more"
        return Break(came, expected, f"{after}, expected {' or '.join(expected)}, but {instead}")


def _named(exchange: Exchange) -> str:
    name = exchange.operation or f"{exchange.method} {exchange.target}"
    return f"#{exchange.sequence} {name} ({exchange.status})"

"""The journal: what was said, how often, in which order; and calls that wait until something is said."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.admin.api import Call, Handler
from emulator.admin.audience import first_of
from emulator.admin.paging import PAGE, PAGE_LIMIT, page
from emulator.admin.wishes import asked, queried, sequence
from emulator.clock import SECOND, Duration, monotonic, pause
from emulator.exchange import Answer
from emulator.journal import Exchange, Journal
from emulator.matching import Break, Filter, Misses
from emulator.matching.misses import told
from emulator.problem import Problem
from emulator.scenario.measures import duration_text, microseconds

TURN = 500
"""Exchanges that are looked at before others get a turn."""
NEAR = 10_000
"""Near misses are looked for among so many exchanges, the latest."""
LISTED = 20
"""Broken conversations that are listed; the rest are counted."""
LONGEST_WAIT = Duration(120 * SECOND)
WAIT = "10s"

# List, find -----------------------------------------------------------------


async def list_requests(call: Call) -> Answer:
    """The exchanges of this namespace that are still kept and match the query, oldest first."""
    return await _found(call, queried(call), *page(call))


async def find_requests(call: Call) -> Answer:
    """The same, as the body has it."""
    limit, offset = call.body.get("limit", PAGE), call.body.get("offset", 0)
    return await _found(call, asked(call), min(limit, PAGE_LIMIT), offset)


async def _found(call: Call, wanted: Filter, limit: int, offset: int) -> Answer:
    found = await matching(call.namespace.journal, wanted)
    rows = [each.told() for each in found[offset : offset + limit]]
    kept, seed = call.namespace.journal, call.namespace.seed
    return Answer(200, {"seed": seed, "total": len(found), "written": kept.written, **_lost(kept), "requests": rows})


async def matching(journal: Iterable[Exchange], wanted: Filter) -> list[Exchange]:
    """Those that match, of all that are there now."""
    found: list[Exchange] = []
    async for some in _in_turns(journal):
        found += filter(wanted.matches, some)
    return found


async def _in_turns(journal: Iterable[Exchange]) -> AsyncIterator[list[Exchange]]:
    """All that are there now, some at a time; a journal is long, and others want to be served."""
    exchanges = list(journal)
    for start in range(0, len(exchanges), TURN):
        if start:
            await pause(0)
        yield exchanges[start : start + TURN]


def _lost(journal: Journal) -> dict[str, int]:
    """What nobody can find any more."""
    return {"evicted": journal.evicted, "dropped": journal.dropped}


# Count ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Goal:
    """How many there should be."""

    at_least: int
    at_most: int | None = None

    def met(self, count: int) -> bool:
        """Whether so many are as many as there should be."""
        return self.at_least <= count and (self.at_most is None or count <= self.at_most)


async def count_requests(call: Call) -> Answer:
    """How many match, and whether they are as many as wished."""
    wanted, goal = asked(call), _goal(call.body)
    count = len(await matching(call.namespace.journal, wanted))
    return Answer(200, await _counted(call, wanted, goal, count))


def _goal(wish: Mapping[str, Any]) -> Goal:
    """Problem 422 if no number can be as wished."""
    if "exactly" in wish:
        if wish.keys() & {"at_least", "at_most"}:
            raise Problem(422, "exactly stands alone, without at_least and at_most")
        return Goal(wish["exactly"], wish["exactly"])
    goal = Goal(wish.get("at_least", 0 if "at_most" in wish else 1), wish.get("at_most"))
    if goal.at_most is not None and goal.at_most < goal.at_least:
        raise Problem(422, f"no number is at least {goal.at_least} and at most {goal.at_most}")
    return goal


async def _counted(call: Call, wanted: Filter, goal: Goal, count: int) -> dict[str, Any]:
    counted = {"count": count, "satisfied": goal.met(count), **_lost(call.namespace.journal)}
    if count >= goal.at_least:
        return counted
    return counted | {"near_misses": await _near_misses(call.namespace.journal, wanted)}


async def _near_misses(journal: Iterable[Exchange], wanted: Filter) -> list[dict[str, Any]]:
    misses = Misses(wanted)
    async for some in _in_turns(list(journal)[-NEAR:]):
        for each in some:
            if not wanted.matches(each):
                misses.add(each)
    return [told(each) for each in misses.nearest()]


# Wait -----------------------------------------------------------------------


async def wait_for_requests(call: Call) -> Answer:
    """Once so many match, or when the time is over. Problem 409 if the namespace ends meanwhile, 503 without a seat."""
    wanted, goal, within = asked(call), Goal(call.body.get("at_least", 1)), _within(call.body.get("timeout", WAIT))
    namespace, ended, stopped = call.namespace, call.namespace.ended, call.audience.stopped
    heard, began = Heard(wanted, goal), monotonic()
    with call.audience.waiting.seat(namespace), namespace.journal.heard_by(heard.hear):
        async for some in _in_turns(namespace.journal):
            for each in some:
                heard.hear(each)
        await first_of(heard.enough, ended, stopped, within=within)
    enough = heard.enough.is_set()
    if ended.is_set() and not enough:
        raise Problem(409, "the namespace was reset or dropped meanwhile")
    if stopped.is_set() and not enough:
        raise Problem(503, "the server stops")
    counted = await _counted(call, wanted, goal, heard.count)
    return Answer(200, counted | {"wall": {"waited_us": monotonic() - began}})


class Heard:
    """How many of the exchanges that it heard match, and whether those are enough."""

    def __init__(self, wanted: Filter, goal: Goal) -> None:
        self._wanted = wanted
        self._goal = goal
        self.count = 0
        self.enough = asyncio.Event()

    def hear(self, exchange: Exchange) -> None:
        """One more exchange."""
        if self._wanted.matches(exchange):
            self.count += 1
            if self._goal.met(self.count):
                self.enough.set()


def _within(text: str) -> Duration:
    try:
        within = microseconds(text)
    except ValueError as error:
        raise Problem(422, f"/timeout: {error}") from None
    if within > LONGEST_WAIT:
        raise Problem(422, f"/timeout: a call waits for at most {duration_text(LONGEST_WAIT)}, not {text}")
    return within


# Verify ---------------------------------------------------------------------


async def verify_requests(call: Call) -> Answer:
    """Whether each conversation went as it should."""
    steps, per = sequence(call), call.body.get("per")
    found = await matching(call.namespace.journal, asked(call))
    conversations = _conversations(found, per)
    broken = [
        {**({per: name} if per and name else {}), **_break(left)}
        for name, exchanges in conversations.items()
        if (left := steps.broken(exchanges))
    ]
    verdict = {"satisfied": not broken, "checked": len(conversations), "broken": len(broken)}
    return Answer(200, verdict | _lost(call.namespace.journal) | {"breaks": broken[:LISTED]})


def _conversations(exchanges: Iterable[Exchange], per: str | None) -> Mapping[str, list[Exchange]]:
    """The exchanges of each job or account, or all of them; one without any if there is none."""
    found: defaultdict[str, list[Exchange]] = defaultdict(list)
    for each in exchanges:
        name = getattr(each, per) if per else ""
        if name is not None:
            found[name].append(each)
    return found or {"": []}


def _break(left: Break) -> dict[str, Any]:
    return {
        "sequence": left.exchange and left.exchange.sequence,
        "expected": list(left.expected),
        "reason": left.reason,
    }


HANDLERS: dict[str, Handler] = {
    "listRequests": list_requests,
    "findRequests": find_requests,
    "countRequests": count_requests,
    "waitForRequests": wait_for_requests,
    "verifyRequests": verify_requests,
}

"""All that happened to one job, on one axis of virtual instants: what was said of it, its states, its callbacks.

A moment of a job knows its instant and nothing else; so of what happened at one instant, a state stands before the
first call that could see it.
"""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from emulator.admin.api import Call, Handler
from emulator.admin.callbacks import without_credentials
from emulator.admin.jobs import find
from emulator.callback import Attempt, Delivery
from emulator.clock import END_OF_TIME, Instant, iso
from emulator.contract import openapi
from emulator.exchange import Answer
from emulator.job import Job, Moment, Polls
from emulator.journal import Exchange
from emulator.problem import Problem
from emulator.scenario.measures import duration_text

Event = dict[str, Any]

SUBMISSION, POLL, RESULT, REDIRECT, FETCH = "submission", "poll", "result", "redirect", "fetch"
CAUSES = frozenset({SUBMISSION, "cancel", "control"})
"""What moves a job at once; all else looks at it."""
MOVED, SEEN = 300, 400
"""From the first of these statuses on, an answer leads elsewhere; from the second on, it shows no state."""


async def get_timeline(call: Call) -> Answer:
    """Events as JSON, or one line each."""
    call.namespace.clock.catch_up()
    api, job = find(call)
    events = _events(call, job)
    for each in events:
        each["after"] = duration_text(each["at"] - job.created)
        each["at"] = iso(each["at"])
    about = {"job": job.id, "api": api, "account": job.account, "state": job.state}
    told = about | {"evicted": call.namespace.journal.evicted, "events": events}
    if _as_text(call):
        return Answer(200, "".join(_lines(told)), content_type="text/plain; charset=utf-8")
    return Answer(200, told)


def _as_text(call: Call) -> bool:
    wanted = call.request.query.get("format")
    if wanted not in (None, "json", "text"):
        raise Problem(422, f"format is json or text, not {wanted!r}")
    return wanted == "text" or (wanted is None and call.request.headers.get("Accept", "").startswith("text/plain"))


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['api']} job {told['job']} of account {told['account'] or '(none)'}: {told['state']}\n"
    width = max((len(each["after"]) for each in told["events"]), default=0)
    for each in told["events"]:
        yield f"{each['at']}  +{each['after']:<{width}}  {each['kind']:<10}  {each['text']}\n"
    if told["evicted"]:
        yield f"({told['evicted']} exchanges were forgotten to make room; some may have been about this job)\n"


def _events(call: Call, job: Job) -> list[Event]:
    """What was said and what happened, and what is owed; of one instant, in this order."""
    said = [each for each in call.namespace.journal if each.job == job.id]
    owed = [each for each in call.namespace.outbox.kept if each.callback.job == job.id]
    events = [*_told(said, job), *(event for each in owed for event in _delivery(each))]
    return sorted(events, key=itemgetter("at"))


# Calls and states -------------------------------------------------------------


def _told(said: Iterable[Exchange], job: Job) -> Iterator[Event]:
    """The exchanges, and each state before the first of them that could see it."""
    states, first = States(job), True
    for exchange in said:
        kind = _kind(exchange, first=first and exchange.at == job.created)
        yield from states.before(exchange.at, seen=kind not in CAUSES)
        yield _exchange(kind, exchange)
        if kind == SUBMISSION:
            yield states.next()
        if kind in (POLL, RESULT) and exchange.status < SEEN:
            states.polls += 1
        first = False
    yield from states.before(END_OF_TIME, seen=True)


class States:
    """The moments of a job, handed out in order; and how often the state of the last one was seen since."""

    def __init__(self, job: Job) -> None:
        self.polls = 0
        self._plan = job.plan
        self._moments = list(enumerate(job.moments))

    def before(self, at: Instant, *, seen: bool) -> Iterator[Event]:
        """Those before `at`; and if they can be `seen` then, those of that instant too."""
        while self._moments and (self._moments[0][1][0] < at or (seen and self._stands(*self._moments[0], at))):
            yield self.next()

    def next(self) -> Event:
        """The next of them; there is one."""
        _, (when, step) = self._moments.pop(0)
        self.polls = 0
        percent = "" if step.progress is None else f" {step.progress}%"
        return {"at": when, "kind": "state", "text": step.state + percent, "state": step.state}

    def _stands(self, n: int, moment: Moment, at: Instant) -> bool:
        """Whether the n-th moment has come: a step that waits for polls comes with the one after them."""
        wait = self._plan[n].after if n < len(self._plan) else None
        return moment[0] <= at and (not isinstance(wait, Polls) or self.polls >= wait.count or at == END_OF_TIME)


def _kind(exchange: Exchange, *, first: bool) -> str:
    """What the call was to the job, in a word."""
    operation = openapi.load(exchange.api).operations.get(exchange.operation or "")
    if operation is None or operation.job is None:
        return SUBMISSION if first else FETCH
    role = operation.role or POLL
    return REDIRECT if role == RESULT and MOVED <= exchange.status < SEEN else role


def _exchange(kind: str, exchange: Exchange) -> Event:
    name = exchange.operation or f"{exchange.method} {exchange.target}"
    acted = [*exchange.rules, *([exchange.fault] if exchange.fault else [])]
    why = f" by {', '.join(acted)}" if acted else ""
    return {
        "at": exchange.at,
        "kind": kind,
        "text": f"#{exchange.sequence} {name} -> {exchange.status}{why}",
        "sequence": exchange.sequence,
        "operation": exchange.operation,
        "status": exchange.status,
        "rules": list(exchange.rules),
        "fault": exchange.fault,
    }


# Callbacks --------------------------------------------------------------------


def _delivery(delivery: Delivery) -> Iterator[Event]:
    callback = delivery.callback
    where = without_credentials(callback.url)
    yield {
        "at": delivery.owed,
        "kind": "owed",
        "text": f"callback {callback.id} to {where}",
        "callback": callback.id,
    }
    for number, attempt in enumerate(delivery.attempts, start=1):
        yield _attempt(callback.id, number, attempt)


def _attempt(callback: str, number: int, attempt: Attempt) -> Event:
    came = attempt.reason if attempt.status is None else str(attempt.status)
    return {
        "at": attempt.at,
        "kind": "callback",
        "text": f"attempt {number} of callback {callback} -> {came}",
        "callback": callback,
        "attempt": number,
        "status": attempt.status,
        "reason": attempt.reason,
    }


HANDLERS: dict[str, Handler] = {"getTimeline": get_timeline}

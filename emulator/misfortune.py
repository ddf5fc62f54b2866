"""What a scenario does to one call: which of its faults are due, and what they make of the answer."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from emulator import pointer
from emulator.chance import Distribution, Fixed
from emulator.clock import SECOND, iso
from emulator.contract.openapi import Operation
from emulator.damage import WITHOUT_ANSWER, Damage
from emulator.exchange import Answer, BadQuery, Request
from emulator.job import Job
from emulator.problem import Problem
from emulator.scenario import fakes
from emulator.scenario.story import Fault, Reply
from emulator.scenario.template import Name, Text, filled
from emulator.sealing import open_parts
from emulator.world import World

AnyWorld = World[Any, Any]

NOTHING_SAID = 0
"""The status of an answer that there never was: the call was not made, nor anything said instead."""

_HALF = re.compile("[\ud800-\udfff]")
_ONE_LINE = re.compile("[\t\x20-\x7e\x80-\U0010ffff]*")


def due(world: AnyWorld, operation: Operation, request: Request) -> list[Fault]:
    """The faults of the story that act on this call; those whose other conditions hold count it."""
    acting: list[Fault] = []
    raw = request.raw
    faults = world.faults(operation.id, request.account, raw or request.target, whole=raw is not None)
    if not faults:
        return acting
    named = request.params.get(operation.job, "") if operation.job else ""
    job = world.jobs.get(named) if named else None
    situation = world.situation(request.account, job=named, state=job.state if job else None)
    for fault, rest in faults:
        if rest.meets(situation) and world.due(fault, situation):
            world.hit(fault.name)
            acting.append(fault)
    return acting


def note(answer: Answer, faults: list[Fault], world: AnyWorld, request: Request) -> None:
    """Note on the answer what is to become of it: the JSON is changed here, the rest is acted out on the wire."""
    for fault in faults:
        if fault.damage:
            answer.damage = answer.damage.then(_possible(fault.damage, answer))
        if fault.latency is not None:
            answer.latency += _length(fault, fault.latency, world, request)
        if fault.change:
            _change(answer, fault)
        if fault.breaks_contract:
            answer.waived = fault.name
    answer.blamed = tuple(each.name for each in faults if each.change or each.answer is not None)


def _length(fault: Fault, latency: Distribution, world: AnyWorld, request: Request) -> int:
    if isinstance(latency, Fixed):
        return latency.duration
    nth = world.ask(fault.name, "latency", request.account)
    return latency.quantile(world.chance.unit(request.account, "latency", fault.key, nth))


def _possible(damage: Damage, answer: Answer) -> Damage:
    """What of it can go wrong with an answer: nothing is left to spoil of one that there never was."""
    unsaid = answer.status == NOTHING_SAID and damage.fault not in WITHOUT_ANSWER
    return replace(damage, fault=None) if unsaid else damage


def _change(answer: Answer, fault: Fault) -> None:
    """The JSON of the answer, changed; of rows that go out in slices, those of the first."""
    if isinstance(answer.payload, str | bytes | None):
        answer.notes += (f"{fault.name} changes JSON, and the answer has none",)
        return
    rows = answer.rows
    if rows is not None:
        answer.hold(next(rows, []))
    open_parts(answer)
    answer.payload, missed = fault.change.applied(answer.payload)
    if rows is not None:
        answer.rows = _streamed(answer, rows)
    answer.notes += tuple(f"{fault.name} finds nothing at {each or '(the whole)'}" for each in missed)


def _streamed(answer: Answer, rows: Iterator[list[Any]]) -> Iterator[list[Any]] | None:
    """The rows that go out in slices after a change; none if there is no list any more for them to go into."""
    payload = answer.payload
    if isinstance(payload, dict) and isinstance(payload.get(answer.rows_key), list):
        payload[answer.rows_key] = payload.pop(answer.rows_key)  # the slices follow the last key
    elif not isinstance(payload, list):
        return None
    return itertools.chain([answer.held()], rows)


# An answer of the scenario's own ----------------------------------------------


def reply(world: AnyWorld, request: Request, job: Job | None, fault: Fault, said: Reply) -> Answer:
    """The answer that a fault gives, with everything filled in. Problem 500 for a header that would be none.

    `job` is the one that the call is about, or that it has made.
    """
    nth = itertools.count()

    def fill(name: Name) -> Any:  # noqa: ANN401 - JSON is any of six types
        if name.word in _DRAWN:
            key = (request.account, "answer", fault.key, world.ask(fault.name, "answer", request.account), next(nth))
            return _DRAWN[name.word](name.part, world.chance.bits(*key))
        return _said(_FILLED[name.word](world, request, job, name))

    headers = {
        key: _header(key, each.filled(fill) if isinstance(each, Text) else each) for key, each in said.headers.items()
    }
    payload = filled(said.body, fill)
    answer = Answer(said.status, payload, headers, quoted=said.json and isinstance(payload, str))
    if said.content_type is not None:
        answer.content_type = said.content_type
    return answer


def _said(value: Any) -> Any:  # noqa: ANN401
    """What a client said, as text that can be sent: bytes of a header that are no UTF-8 are not."""
    return _HALF.sub("\ufffd", value) if isinstance(value, str) else value


def _header(name: str, value: Any) -> str:  # noqa: ANN401
    text = "" if value is None else str(value)
    if not _ONE_LINE.fullmatch(text):
        raise Problem(500, f"what the scenario puts into the header {name} has control characters in it")
    return text


def _query(_world: AnyWorld, request: Request, _job: Job | None, name: Name) -> str | None:
    try:
        return request.query.get(name.part)
    except BadQuery:
        return None


def _body(_world: AnyWorld, request: Request, _job: Job | None, name: Name) -> Any:  # noqa: ANN401
    if isinstance(request.decoded, Exception):
        return None
    place = name.part if name.part.startswith("/") or not name.part else "/" + name.part.replace(".", "/")
    found = pointer.get(request.decoded, place)
    return None if found is pointer.ABSENT else found


def _of_job(told: Callable[[Job], Any]) -> Callable[[AnyWorld, Request, Job | None, Name], Any]:
    return lambda _world, _request, job, _name: told(job) if job else None


_FILLED: Mapping[str, Callable[[AnyWorld, Request, Job | None, Name], Any]] = {
    "request.method": lambda _w, request, _j, _n: request.method,
    "request.path": lambda _w, request, _j, _n: request.path,
    "request.query": _query,
    "request.header": lambda _w, request, _j, name: request.headers.get(name.part),
    "request.params": lambda _w, request, _j, name: request.params.get(name.part),
    "request.body": _body,
    "account": lambda _w, request, _j, _n: request.account,
    "sequence": lambda _w, request, _j, _n: request.sequence,
    "job.id": _of_job(lambda job: job.id),
    "job.state": _of_job(lambda job: job.state),
    "job.created": _of_job(lambda job: iso(job.created)),
    "now": lambda world, _r, _j, name: iso(world.now() + name.later),
    "now.unix": lambda world, _r, _j, _n: world.now() // SECOND,
}


def _uuid(_part: str, bits: int) -> str:
    """As version 4 has it."""
    digits = f"{bits & ~(0xF << 76) & ~(0x3 << 62) | 4 << 76 | 2 << 62:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


_DRAWN: Mapping[str, Callable[[str, int], Any]] = {"uuid": _uuid, "faker": fakes.drawn}

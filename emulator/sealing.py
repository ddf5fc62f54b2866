"""The way out: every answer is checked against its contract and encoded here, a vendor's and our own alike."""

import json
import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from emulator.contract.message import Part, Violation
from emulator.contract.openapi import Contract, Operation
from emulator.damage import NONE
from emulator.exchange import Answer
from emulator.heads import lines
from emulator.problem import Problem

log = logging.getLogger("emulator.sealing")


class ContractBroken(Exception):  # noqa: N818 - reads as what it says
    """A slice of a streamed answer breaks the contract; its head has gone out already."""


class Served(NamedTuple):
    """An answer, ready to go out, and what the journal wants to know of it."""

    answer: Answer
    operation: Operation | None
    contract: str = "kept"
    slices: Iterator[bytes] | None = None

    @property
    def takes_time(self) -> bool:
        """Whether it goes out later, in parts, or otherwise than it stands here."""
        return self.slices is not None or self.answer.latency > 0 or self.answer.damage is not NONE


def sealed(contract: Contract, answer: Answer, operation: Operation | None) -> Served:
    """Check and encode. An answer that breaks the contract is our mistake and does not leave."""
    rows = answer.rows
    if rows is not None:
        answer.hold(next(rows, []))
    found = None if answer.waived else _breaches(contract, answer, operation)
    if found:
        return _broken(operation, found[0], answer.blamed)
    try:
        answer.head = lines(answer.headers.items())
    except ValueError as error:
        return _broken(operation, Violation(("headers",), "", None, None, str(error)), answer.blamed)
    answer.body = orjson.dumps(answer.payload) if answer.quoted else encode(answer.payload)
    if answer.ending:
        answer.body += answer.ending
    slices = None if rows is None else _slices(contract, answer, operation, rows)
    return Served(answer, operation, f"waived by {answer.waived}" if answer.waived else "kept", slices)


def unchecked(answer: Answer, operation: Operation | None, contract: str = "kept") -> Served:
    """Encode what no contract declares: a problem of ours."""
    answer.body = encode(answer.payload)
    return Served(answer, operation, contract)


def _broken(operation: Operation | None, violation: Violation, blamed: tuple[str, ...]) -> Served:
    """A mistake of ours, unless rules of a scenario have changed what is said and say nothing of breaking it."""
    name = operation.id if operation else "(no operation)"
    place = violation.pointer or "/"
    if blamed:
        who = " and ".join(blamed)
        told = f"{who} breaks the contract at {place}: {violation.text}; `breaks_contract: true` allows it"
        log.warning("the answer of %s: %s", name, told)
    else:
        told = f"the emulator's answer breaks the contract at {place}"
        log.error("the answer of %s breaks the contract at %s: %s", name, place, violation.text)
    problem = Problem(500, told, operation=name, path=place).answer()
    problem.rules = blamed
    return unchecked(problem, operation, contract=f"broken at {place}")


def encode(payload: Any) -> bytes:  # noqa: ANN401 - JSON is any of six types
    """A payload as bytes: bytes, text and parts as they are, everything else as JSON, None as nothing."""
    if payload is None:
        return b""
    if isinstance(payload, bytes):
        return payload
    if isinstance(payload, str):
        return payload.encode()
    if isinstance(payload, Part):
        return payload.text
    try:
        return orjson.dumps(payload)
    except TypeError:  # a whole number of more than 64 bits, said by a client and said back
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _slices(
    contract: Contract, answer: Answer, operation: Operation | None, rows: Iterator[list[Any]]
) -> Iterator[bytes]:
    """The encoded answer, slice by slice, each checked before it leaves."""
    bare = isinstance(answer.payload, list)
    closing = b"]" if bare else b"]}"
    yield answer.body[: -len(closing)]
    sent = len(answer.payload if bare else answer.payload[answer.rows_key])
    for some in rows:
        answer.hold(some)
        if not answer.waived and _breaches(contract, answer, operation):
            raise ContractBroken(f"broken at row {sent}")
        yield (b"," if sent else b"") + orjson.dumps(some)[1:-1]
        sent += len(some)
    yield closing


def _breaches(contract: Contract, answer: Answer, operation: Operation | None) -> list[Violation]:
    media_type = answer.content_type.partition(";")[0]
    payload = _unchecked(answer) if type(answer.payload) is dict else answer.payload
    return contract.breaches(
        operation, answer.declared_as or answer.status, answer.headers, media_type, payload, answer.message
    )


def open_parts(answer: Answer) -> None:
    """Let the payload hold values where it held parts, for somebody who is to change them."""
    if isinstance(answer.payload, Part):
        answer.payload = orjson.loads(answer.payload.text)
    elif _unchecked(answer) is not answer.payload:
        answer.payload = orjson.loads(orjson.dumps(answer.payload))


def _unchecked(answer: Answer) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The payload without those of its rows that were checked when they were made."""
    payload = answer.payload
    rows = payload.get(answer.rows_key) if isinstance(payload, dict) else None
    if not isinstance(rows, list) or orjson.Fragment not in (kinds := set(map(type, rows))):
        return payload
    loose = [row for row in rows if type(row) is not orjson.Fragment] if len(kinds) > 1 else []
    return {**payload, answer.rows_key: loose}

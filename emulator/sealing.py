"""The way out: every answer is checked against its contract and encoded here, a vendor's and our own alike."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.contract.message import Violation
from emulator.contract.openapi import Contract, Operation
from emulator.exchange import Answer
from emulator.problem import Problem

log = logging.getLogger("emulator.sealing")


class ContractBroken(Exception):  # noqa: N818 - reads as what it says
    """A slice of a streamed answer breaks the contract; its head has gone out already."""


@dataclass(frozen=True, slots=True)
class Served:
    """An answer, ready to go out, and what the journal wants to know of it."""

    answer: Answer
    operation: Operation | None
    contract: str = "kept"
    slices: Iterator[bytes] | None = None


def sealed(contract: Contract, answer: Answer, operation: Operation | None) -> Served:
    """Check and encode. An answer that breaks the contract is our mistake and does not leave."""
    rows = answer.rows
    if rows is not None:
        _hold(answer, next(rows, []))
    found = _breaches(contract, answer, operation)
    if found:
        return _broken(operation, found[0])
    answer.body = encode(answer.payload) + answer.ending
    slices = None if rows is None else _slices(contract, answer, operation, rows)
    return Served(answer, operation, slices=slices)


def unchecked(answer: Answer, operation: Operation | None, contract: str = "kept") -> Served:
    """Encode what no contract declares: a problem of ours."""
    answer.body = encode(answer.payload)
    return Served(answer, operation, contract)


def _broken(operation: Operation | None, violation: Violation) -> Served:
    name = operation.id if operation else "(no operation)"
    place = violation.pointer or "/"
    log.error("the answer of %s breaks the contract at %s: %s", name, place, violation.text)
    problem = Problem(500, f"the emulator's answer breaks the contract at {place}", operation=name, path=place)
    return unchecked(problem.answer(), operation, contract=f"broken at {place}")


def encode(payload: Any) -> bytes:  # noqa: ANN401 - JSON is any of six types
    """A payload as bytes: bytes and text as they are, everything else as JSON, None as nothing."""
    if payload is None:
        return b""
    if isinstance(payload, bytes):
        return payload
    if isinstance(payload, str):
        return payload.encode()
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
        _hold(answer, some)
        if _breaches(contract, answer, operation):
            raise ContractBroken(f"broken at row {sent}")
        yield b"," + orjson.dumps(some)[1:-1]
        sent += len(some)
    yield closing


def _hold(answer: Answer, some: list[Any]) -> None:
    """Let a streamed answer hold these rows and no others."""
    if isinstance(answer.payload, list):
        answer.payload = some
    else:
        answer.payload[answer.rows_key] = some


def _breaches(contract: Contract, answer: Answer, operation: Operation | None) -> list[Violation]:
    media_type = answer.content_type.partition(";")[0]
    return contract.breaches(
        operation, answer.declared_as or answer.status, answer.headers, media_type, answer.payload, answer.message
    )

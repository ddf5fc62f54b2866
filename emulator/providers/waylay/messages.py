"""What a client says in a body, and how entities are told of: dates and addresses."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from emulator.clock import MILLISECOND, Instant, to_datetime
from emulator.contract.decoder import NotJson
from emulator.contract.message import Violation
from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.waylay.errors import refusal

BASE = "/resources/v1"


def body(request: Request, refuse: Callable[[Violation, Any], ApiError] = refusal) -> Any:  # noqa: ANN401
    """The body, as the contract of its operation has it. ApiError not-json, or what `refuse` says."""
    assert request.operation
    assert request.operation.body
    try:
        said = request.json
    except NotJson as error:
        raise ApiError("not-json", reason=error.reason) from None
    violations = request.operation.body.violations(said)
    if violations:
        raise refuse(violations[0], said)
    return said


def uri(request: Request, kind: str, entity_id: str) -> str:
    """Where an entity can be fetched, from the root: as the vendor has it, and with the namespace's prefix."""
    return f"{urlsplit(request.base).path}{BASE}/{kind}/{quote(entity_id, safe='')}"


def timestamp(at: Instant) -> str:
    """`2020-04-27T09:54:44.051Z`."""
    return to_datetime(at - at % MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Bodies: what a client says, and which parameter is wrong. Every call is a POST with a JSON object."""

from collections.abc import Callable
from typing import Any

from emulator.clock import Instant, to_datetime
from emulator.contract.decoder import NotJson
from emulator.exchange import Request
from emulator.provider import ApiError

Said = dict[str, Any]

JOB_KEYS: dict[str, tuple[type, ...]] = {"namespace": (str,), "action": (str,), "params": (dict, list)}
MOST_JOBS = 200

CHECKS: tuple[tuple[Callable[[Said], bool], int, str], ...] = (
    (lambda said: said.get("jobs") is None, 23017, "jobs"),
    (lambda said: said.get("callbackUrl") is None, 23017, "callbackUrl"),
    (lambda said: not isinstance(said["jobs"], list), 24092, ""),
    (lambda said: not said["jobs"], 24093, ""),
    (lambda said: len(said["jobs"]) > MOST_JOBS, 24448, ""),
    (lambda said: any(each in ({}, [], None, "") for each in said["jobs"]), 24093, ""),
    (lambda said: any(_misshapen(each) for each in said["jobs"]), 24092, ""),
    (lambda said: any("" in (each["namespace"], each["action"]) for each in said["jobs"]), 24093, ""),
    (lambda _said: True, 23016, "callbackUrl"),
)
"""What may be wrong with a batch, and which parameter. The order is a choice; what is left at its end is the URL."""


def read(request: Request) -> Said:
    """The body; clients that have nothing to say send none, or `[]`. ApiError 400."""
    try:
        said = request.json if request.body else {}
    except NotJson:
        raise ApiError(400) from None
    if not isinstance(said, dict) and said != []:
        raise ApiError(400)
    return said or {}


def batch(request: Request) -> Said:
    """`{"jobs": [...], "callbackUrl": ...}`. ApiError 23016, 23017, 24092, 24093, 24448."""
    said = read(request)
    if not _kept(request, said):
        raise next(ApiError(code, name=name) for wrong, code, name in CHECKS if wrong(said))
    return said


def async_id(request: Request) -> str:
    """`{"async": ...}`. ApiError 23016, 23017."""
    said = read(request)
    if not _kept(request, said):
        raise ApiError(23017 if said.get("async") is None else 23016, name="async")
    return str(said["async"])


def timestamp(at: Instant) -> str:
    """`2026-05-01 10:20:30 UTC`."""
    return f"{to_datetime(at):%Y-%m-%d %H:%M:%S} UTC"


def _kept(request: Request, said: Said) -> bool:
    """Whether the body is as the contract of its operation has it."""
    assert request.operation
    assert request.operation.body
    return request.operation.body.allows(said)


def _misshapen(job: Any) -> bool:  # noqa: ANN401 - JSON is any of six types
    """Not an object with the three keys. `[]` is how PHP says that there are no parameters."""
    if not isinstance(job, dict) or not all(isinstance(job.get(key), types) for key, types in JOB_KEYS.items()):
        return True
    return isinstance(job["params"], list) and bool(job["params"])

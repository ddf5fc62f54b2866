"""Creating the request. https://developer.ivvy.com/getting-started/creating-the-request/signing-the-request

    POST /api/1.0/batch?action=run
    Content-MD5: 68c0e77d3b53a27b92a1b98eb58e612e
    Content-Type: application/json
    IVVY-Date: 2026-05-01 10:20:30
    X-Api-Authorization: IWS {key}:{signature}

With no keys in the scenario every well-formed request is taken, for its signature cannot be judged.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from emulator.clock import Instant, to_instant, wall
from emulator.exchange import Headers, Request
from emulator.provider import ApiError
from emulator.providers.ivvy.settings import IvvyWorld

ACCOUNT = "default"
"""The account of keys that the scenario does not list."""

API_VERSION = "1.0"

STATES: dict[str, int | None] = {"active": None, "revoked": 463, "expired": 462}
"""What may have become of a key, and the error it gets then."""

_AUTHORIZATION = re.compile(r"IWS ([^\s:]+):([0-9a-fA-F]{40})")

# The signature ----------------------------------------------------------------


def string_to_sign(request: Request) -> str:
    """All that the signature is about, in lower case."""
    headers = request.headers
    parts = (
        "POST",
        _digest(request.body),
        headers.get("Content-Type", ""),
        "" if "IVVY-Date" in headers else headers.get("Date", ""),
        request.target,
        API_VERSION,
        _ivvy_headers(headers),
    )
    return "".join(parts).lower()


def _ivvy_headers(headers: Headers) -> str:
    """`ivvyappname=held out&ivvydate=2026-05-01 10:20:30`: those that begin with IVVY, by name."""
    named = [(name.lower(), value) for name, value in headers.items() if name.lower().startswith("ivvy")]
    plain = sorted((name.replace("-", "").replace("_", ""), value) for name, value in named)
    return "&".join(f"{name}={value}" for name, value in plain)


def signature(secret: str, text: str) -> str:
    """Hexadecimal HMAC-SHA1."""
    return hmac.digest(secret.encode(), text.encode(errors="surrogateescape"), "sha1").hex()


def _digest(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()


# Authorization ------------------------------------------------------------------


def authorize(world: IvvyWorld, request: Request) -> str:
    """The account that asks. ApiError 401, 462, 463."""
    said = _AUTHORIZATION.fullmatch(_only(request.headers, "X-Api-Authorization"))
    if not said or _only(request.headers, "Content-MD5").lower() != _digest(request.body):
        raise ApiError(401)
    listed = {each["key"]: each for each in world.declared if "key" in each}
    if not listed:
        return ACCOUNT
    if said[1] not in listed:
        raise ApiError(401)
    return _account(listed[said[1]], said[2], request)


def key(headers: Headers) -> str | None:
    """The key that a request is signed by, if it says so in the vendor's form."""
    said = _AUTHORIZATION.fullmatch(_only(headers, "X-Api-Authorization"))
    return said and said[1]


def _account(holder: Mapping[str, Any], signed: str, request: Request) -> str:
    """The account of a listed key. Without a secret, any signature is right."""
    secret = holder.get("secret")
    if secret is not None and not hmac.compare_digest(signature(secret, string_to_sign(request)), signed.lower()):
        raise ApiError(401)
    refused = STATES[holder.get("state", "active")]
    if refused is not None:
        raise ApiError(refused)
    return str(holder.get("account", holder["key"]))


def _only(headers: Headers, name: str) -> str:
    """The value of a header that stands there once; else nothing."""
    values = headers.getall(name, [])
    return values[0] if len(values) == 1 else ""


# The date -----------------------------------------------------------------------

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = r"(?P<h>[0-9]{2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})"

IVVY_DATE = re.compile(rf"(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}}) {_TIME}( UTC)?")
"""`2026-05-01 10:20:30`, with or without ` UTC`."""

DATE = re.compile(
    rf"[A-Z][a-z]{{2}}, (?P<day>[0-9]{{1,2}}) (?P<month>{'|'.join(_MONTHS)}) (?P<year>[0-9]{{4}}) {_TIME} (UTC|GMT)"
)
"""`Thu, 12 Apr 2012 07:17:06 UTC`, or `GMT`."""


def check_date(world: IvvyWorld, request: Request) -> None:
    """ApiError 23005 if the request is too old or too new, or has no date that can be read."""
    within = world.settings.stale_after
    if within is None:
        return
    said = _date(request.headers)
    clocks = {"clock": (world.now,), "wall": (wall,), "either": (world.now, wall)}[world.settings.stale_against]
    if said is None or all(abs(clock() - said) > within for clock in clocks):
        raise ApiError(23005)


def _date(headers: Headers) -> Instant | None:
    """IVVY-Date if it is there, else Date."""
    name, form = ("IVVY-Date", IVVY_DATE) if "IVVY-Date" in headers else ("Date", DATE)
    found = form.fullmatch(_only(headers, name))
    if not found:
        return None
    month = found["month"]
    number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
    year, day, hour, minute, second = (int(found[part]) for part in ("year", "day", "h", "m", "s"))
    try:
        return to_instant(datetime(year, number, day, hour, minute, second, tzinfo=UTC))
    except ValueError:
        return None

"""General information. https://dev.kladana.com/doc/api/remap/1.2/#general-information

Dates, metadata, ids, authorization, request headers: what every page of the vendor's takes for granted.
"""

import base64
import binascii
from datetime import timedelta, timezone
from typing import Any
from urllib.parse import unquote_plus

from emulator.chance import Chance, Key
from emulator.clock import MILLISECOND, Instant, to_datetime
from emulator.contract.openapi import Operation
from emulator.exchange import JSON, Request
from emulator.provider import ApiError
from emulator.providers.kladana.settings import KladanaWorld

BASE = "/api/remap/1.2"
ACCOUNT = "default"
"""The account of credentials that no scenario lists."""

# Dates ----------------------------------------------------------------------

MOSCOW = timezone(timedelta(hours=3))


def date_time(at: Instant) -> str:
    """`YYYY-MM-DD HH:mm:ss.mmm` in Moscow time."""
    return to_datetime(at - at % MILLISECOND).astimezone(MOSCOW).isoformat(" ", "milliseconds")[:23]


# Ids ------------------------------------------------------------------------

_GREGORIAN = 0x01B21DD213814000
"""100 ns ticks from 1582-10-15, where version 1 UUIDs begin, to 1970-01-01."""


def uuid_at(at: Instant, bits: int) -> str:
    """A UUID that looks like version 1: the instant in its time fields, the rest from `bits`."""
    ticks = at * 10 + _GREGORIAN
    low, mid, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF
    node = bits & 0xFFFFFFFFFFFF
    return f"{low:08x}-{mid:04x}-1{high:03x}-{0x0A80 + (bits >> 48 & 0x7F):04x}-{node:012x}"


def instant_of(uuid: str) -> Instant:
    """The instant in the time fields of what `uuid_at` made."""
    low, mid, high = uuid.split("-")[:3]
    return (int(high[1:] + mid + low, 16) - _GREGORIAN) // 10


def object_id(chance: Chance, *key: Key) -> str:
    """The id of an object that has been there for ever: the same whenever it is asked for."""
    bits = chance.bits("object", *key)
    return uuid_at(1_450_000_000_000_000 + (bits >> 64) % 300_000_000_000_000, bits)


# Metadata -------------------------------------------------------------------


def url(request: Request, path: str) -> str:
    """The absolute URL of a path of the API, at the host the client used."""
    return f"{request.base}{BASE}{path}"


def requested(request: Request) -> str:
    """The URL of a request: its query decoded, no slash at the end of its path."""
    address = request.base + request.path.rstrip("/")
    return f"{address}?{unquote_plus(request.query_string)}" if request.query_string else address


def meta(request: Request, kind: str, path: str, **more: str) -> dict[str, str]:
    """A reference to an object of an entity type."""
    return {
        "href": url(request, path),
        "metadataHref": url(request, f"/entity/{kind}/metadata"),
        "type": kind,
        "mediaType": JSON,
        **more,
    }


def context(request: Request) -> dict[str, Any]:
    """Who asks, as every list but the stock reports' says it."""
    return {"employee": {"meta": meta(request, "employee", "/context/employee")}}


def owner(world: KladanaWorld, request: Request, account: str) -> dict[str, Any]:
    """The employee that an account's credentials belong to."""
    employee = object_id(world.chance, "employee", account)
    in_ui = f"{world.settings.ui}#employee/edit?id={employee}"
    return {"meta": meta(request, "employee", f"/entity/employee/{employee}", uuidHref=in_ui)}


# Authorization and headers ---------------------------------------------------


def admit(world: KladanaWorld, request: Request, operation: Operation | None) -> None:
    """Authorization first, then headers; ApiError 1056 or 1062."""
    request.account = ACCOUNT
    if operation is not None and not operation.secured:
        return
    if not _credentials(request.headers.get("Authorization", "")):
        raise ApiError(1056)
    if not _acceptable(request.headers.get("Accept"), bare=world.settings.bare_json_accepted):
        raise ApiError(1062)


def _credentials(header: str) -> bool:
    """Whether a header holds credentials of a form that the vendor takes: a login and password, or a token."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return bool(value.strip())
    if scheme.lower() != "basic":
        return False
    try:
        login, colon, _ = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return bool(login and colon)


def _acceptable(header: str | None, *, bare: bool) -> bool:
    """Whether the vendor takes this Accept: nothing, a list with `*/*`, or JSON in UTF-8."""
    if header is None:
        return True
    for each in header.lower().split(","):
        media_type, _, parameters = each.replace(" ", "").partition(";")
        if media_type == "*/*" or (media_type == JSON and (bare or "charset=utf-8" in parameters.split(";"))):
            return True
    return False

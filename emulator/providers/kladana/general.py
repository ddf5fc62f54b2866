"""General information. https://dev.kladana.com/doc/api/remap/1.2/#general-information

Dates, metadata, ids, request headers: what every page of the vendor's takes for granted.
"""

import re
from datetime import timedelta, timezone
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from emulator.chance import Chance, Key
from emulator.clock import MILLISECOND, Instant, to_datetime
from emulator.exchange import JSON, Request
from emulator.provider import ApiError
from emulator.providers.kladana.settings import KladanaWorld
from emulator.providers.kladana.users import User

BASE = "/api/remap/1.2"
STORAGE = "/batch-prod"
"""Where files are, on the vendor's storage host."""

# Dates ----------------------------------------------------------------------

MOSCOW = timezone(timedelta(hours=3))


def date_time(at: Instant, *, milliseconds: bool = True) -> str:
    """`YYYY-MM-DD HH:mm:ss.mmm` in Moscow time."""
    text = to_datetime(at - at % MILLISECOND).astimezone(MOSCOW).isoformat(" ", "milliseconds")
    return text[: 23 if milliseconds else 19]


# Ids ------------------------------------------------------------------------

_GREGORIAN = 0x01B21DD213814000
"""100 ns ticks from 1582-10-15, where version 1 UUIDs begin, to 1970-01-01."""


def uuid_at(at: Instant, bits: int) -> str:
    """A UUID that looks like version 1: the instant in its time fields, the rest from `bits`."""
    ticks = at * 10 + _GREGORIAN
    low, mid, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF
    clock, node = 0x0A80 + (bits >> 48 & 0x7F), bits & 0xFFFFFFFFFFFF
    return "%08x-%04x-1%03x-%04x-%012x" % (low, mid, high, clock, node)  # noqa: UP031 - an f-string takes half as long again


def instant_of(uuid: str) -> Instant:
    """The instant in the time fields of what `uuid_at` made."""
    low, mid, high = uuid.split("-")[:3]
    return (int(high[1:] + mid + low, 16) - _GREGORIAN) // 10


@lru_cache(maxsize=4096)
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


def owner(world: KladanaWorld, request: Request, user: User) -> dict[str, Any]:
    """The employee or the application that made something."""
    kind = "application" if user.application else "employee"
    its_id = object_id(world.chance, kind, user.account, user.name)
    in_ui = {} if user.application else {"uuidHref": f"{world.settings.ui}#employee/edit?id={its_id}"}
    return {"meta": meta(request, kind, f"/entity/{kind}/{its_id}", **in_ui)}


# Request headers --------------------------------------------------------------

NO_GZIP = 415
"""Not one of the vendor's codes: the answer is a bare 415."""


def check_headers(world: KladanaWorld, request: Request) -> None:
    """What a request must offer to take. ApiError 1062, or NO_GZIP where gzip is demanded and not offered."""
    if world.settings.gzip_demanded and not takes_gzip(request):
        raise ApiError(NO_GZIP)
    if not _acceptable(request.headers.get("Accept"), bare=world.settings.bare_json_accepted):
        raise ApiError(1062)


def takes_gzip(request: Request) -> bool:
    """Whether the client offers to take an answer that is packed."""
    return _gzip_among(request.headers.get("Accept-Encoding", ""))


@lru_cache(maxsize=256)
def _gzip_among(codings: str) -> bool:
    offered = codings.lower().replace(" ", "").split(",")
    return any(each.partition(";")[0] in ("gzip", "*") and not _REFUSED.search(each) for each in offered)


_REFUSED = re.compile(r";q=0(\.0*)?$")


@lru_cache(maxsize=256)
def _acceptable(header: str | None, *, bare: bool) -> bool:
    """Whether the vendor takes this Accept: nothing, a list with `*/*`, or JSON in UTF-8."""
    if header is None:
        return True
    for each in header.lower().split(","):
        media_type, _, parameters = each.replace(" ", "").partition(";")
        if media_type == "*/*" or (media_type == JSON and (bare or "charset=utf-8" in parameters.split(";"))):
            return True
    return False

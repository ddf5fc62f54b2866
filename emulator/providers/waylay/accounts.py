"""Credentials. https://docs.waylay.io/#/api/?id=authentication

The API describes Basic with an API key and secret; the vendor's own Python client swaps those for a JWT and sends
Bearer. Whether any of it is right is not checked: only that it is there.
"""

import base64
import hmac
import re
from typing import Any

import orjson

from emulator.chance import Chance, Key
from emulator.clock import SECOND, wall
from emulator.contract.decoder import decode
from emulator.contract.openapi import Operation
from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.waylay.messages import body
from emulator.providers.waylay.settings import WaylayWorld

ACCOUNT = "default"
"""The account of credentials that no scenario lists."""

GRANTS: dict[str, tuple[str, str] | tuple[str]] = {
    "client_credentials": ("clientId", "clientSecret"),
    "application_credentials": ("applicationId", "applicationSecret"),
    "refresh_token": ("token",),
}
"""What each kind of token request must bring."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SUBJECT = "users/"


def uuid(chance: Chance, *key: Key) -> str:
    """A lower-case version 4 UUID."""
    digits = f"{chance.bits(*key) & ~(0xF << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# Authorization --------------------------------------------------------------


def admit(world: WaylayWorld, request: Request, operation: Operation | None) -> None:
    """Basic or Bearer, of any value; ApiError unauthorized without."""
    request.account = ACCOUNT
    secured = operation is None or operation.secured
    if secured and world.settings.authentication == "required" and not _credentials(request):
        raise ApiError("unauthorized")


def user(world: WaylayWorld, request: Request) -> str:
    """Who asks: the subject of a JWT, or else the one user there is."""
    scheme, value = _credentials(request) or ("", "")
    subject = _claims(value).get("sub") if scheme == "bearer" else None
    named = subject.removeprefix(_SUBJECT) if isinstance(subject, str) else ""
    return named if _UUID.fullmatch(named) else the_user(world)


def the_user(world: WaylayWorld) -> str:
    """The one user there is."""
    return uuid(world.chance, "user")


def _credentials(request: Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    known = scheme.lower() in ("basic", "bearer") and value.strip()
    return (scheme.lower(), value.strip()) if known else None


def _claims(token: str) -> dict[str, Any]:
    """What a JWT says, its signature unread; nothing if it is none."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return {}
    try:
        claims = decode(base64.urlsafe_b64decode(parts[1] + "=="))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


# Tokens ---------------------------------------------------------------------


def create_token(world: WaylayWorld, request: Request) -> Answer:
    """200 with a JWT. ApiError bad-request, validation."""
    grant = request.query.get("grant_type", "")
    if grant not in GRANTS:
        raise ApiError("bad-request", text=f"'grant_type' must be one of {', '.join(GRANTS)}")
    said = body(request)
    for name in GRANTS[grant]:
        if name not in said:
            raise ApiError("validation", place=f"/{name}", text=f"Property {name} missing.")
    token = _jwt(world, request.query.get("tenant", world.settings.tenant))
    renewal = {"refresh_token": token} if said.get("renewal") else {}
    return Answer(200, {"token": token, **renewal})


def _jwt(world: WaylayWorld, tenant: str) -> str:
    """Valid by the virtual clock and by the wall clock, whichever the client goes by."""
    latest = max(world.now(), wall()) + world.settings.tokens_live
    claims = {
        "sub": _SUBJECT + the_user(world),
        "tenant": tenant,
        "domain": world.settings.domain,
        "iat": min(world.now(), wall()) // SECOND,
        "exp": latest // SECOND,
        "groups": [],
        "licenses": [],
        "permissions": [],
    }
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_base64url(hmac.digest(world.secret, signed.encode(), 'sha256'))}"


def _part(value: dict[str, Any]) -> str:
    return _base64url(orjson.dumps(value))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# Users ----------------------------------------------------------------------


def get_me(world: WaylayWorld, request: Request) -> Answer:
    """Who asks. 401 without credentials whatever the settings: by that the client knows a gateway."""
    if not _credentials(request):
        raise ApiError("unauthorized")
    return Answer(200, {"id": user(world, request)})

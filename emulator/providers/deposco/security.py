"""Authentication, scopes, and the limits of the gateway.

"No authorization required", say the pages of both calls, and yet they declare 401 and 403. So nothing is asked of a
client until a scenario lists tokens; from then on both calls want `Authorization: Bearer` with one of them.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.openapi import Operation
from emulator.exchange import Request
from emulator.limit import Window
from emulator.provider import ApiError
from emulator.providers.deposco.entities import KINDS
from emulator.providers.deposco.settings import DeposcoWorld

ACCOUNT = "default"
"""The account where no scenario lists any."""

SCOPES = {name: kind.path.rpartition("/")[2] + "/write" for name, kind in KINDS.items()} | {"Kit": "kits/write"}
"""The scope that an import of each type wants. The scopes are documented; which of them an import wants is inferred."""


def admit(world: DeposcoWorld, request: Request, _operation: Operation | None) -> None:
    """Size, token, rate: the gateway stands before all. ApiError too-large, unauthorized, rate-limited."""
    if request.oversize or len(request.body) >= world.settings.body_limit:
        request.account = ACCOUNT
        raise ApiError("too-large")
    request.user = _authenticated(world, request)
    request.account = request.user.get("account", ACCOUNT)
    _spend(world, request.account)


def _authenticated(world: DeposcoWorld, request: Request) -> Mapping[str, Any]:
    """The entry of the scenario whose token the request carries; an empty one where it lists none."""
    holders = {each["token"]: each for each in world.declared if "token" in each}
    if not holders:
        return {}
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token.strip() not in holders:
        raise ApiError("unauthorized")
    return holders[token.strip()]


def _spend(world: DeposcoWorld, account: str) -> None:
    settings = world.settings
    window = world.objects.windows.setdefault(account, Window())
    if settings.rate_limited and not window.spend(world.clock, 1, settings.rate_limit, settings.rate_interval):
        raise ApiError("rate-limited")


def check_scope(request: Request, entity_type: str) -> None:
    """ApiError forbidden, if the token is listed with scopes and lacks the one of this type."""
    scope = SCOPES[entity_type]
    if scope not in request.user.get("scopes", (scope,)):
        raise ApiError("forbidden", text=f"The scope {scope} is required")

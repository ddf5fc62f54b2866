"""Tokens, and who is who. https://rest-docs.synapse.org/rest/index.html

A token that no scenario lists is refused, as the vendor does. Without a token nobody is let in, unless the setting
`anonymous` lets everybody be the one user who has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.contract import openapi
from emulator.exchange import Headers, Request
from emulator.provider import ApiError
from emulator.world import World

SCOPES = ("authorize", "download", "modify", "offline_access", "openid", "view")

USER_SCHEMA: dict[str, dict[str, Any]] = {
    "token": {"type": "string", "minLength": 1, "description": "A personal access token."},
    "user": {"type": "integer", "minimum": 1, "description": "The ID of its user; 3300001 unless said."},
    "name": {"type": "string", "minLength": 1, "description": "The user's name; `user` and the ID unless said."},
    "administrator": {"type": "boolean", "description": "Whether the user may see and stop all jobs."},
    "scopes": {
        "type": "array",
        "items": {"enum": [*SCOPES]},
        "description": "What the token is good for; all unless said.",
    },
    "state": {"enum": ["active", "expired", "revoked"], "description": "What has become of the token."},
    "terms_signed": {
        "type": "boolean",
        "description": "Whether the terms of use are signed; true unless said.",
    },
}


@dataclass(frozen=True, slots=True)
class User:
    """Who asks, and what the token is good for."""

    id: int
    name: str
    administrator: bool = False
    scopes: frozenset[str] = frozenset(SCOPES)
    state: str = "active"
    terms_signed: bool = True

    @property
    def anonymous(self) -> bool:
        """Whether it is the user without a token."""
        return self.id == ANONYMOUS.id


ANONYMOUS = User(273950, "anonymous")
FIRST = 3300001
"""The user of a token of which nobody says whose it is."""


@dataclass
class Directory:
    """Who is who: the tokens that the scenario lists."""

    digest: str = ""
    tokens: Mapping[str, User] = field(default_factory=dict)

    def read(self, digest: str, accounts: tuple[Mapping[str, Any], ...]) -> None:
        """Take over the users of a scenario."""
        self.digest = digest
        self.tokens = {each["token"]: _user(each) for each in accounts if "token" in each}


def _user(entry: Mapping[str, Any]) -> User:
    user = entry.get("user", FIRST)
    return User(
        id=user,
        name=entry.get("name", f"user{user}"),
        administrator=entry.get("administrator", False),
        scopes=frozenset(entry.get("scopes", SCOPES)),
        state=entry.get("state", "active"),
        terms_signed=entry.get("terms_signed", True),
    )


def user_of(world: World[Any, Any], request: Request) -> User | None:
    """Who asks; None without a token. ApiError bad-token, expired-token."""
    said = token(request.headers)
    if said is None:
        return ANONYMOUS if world.settings.anonymous else None
    directory: Directory = world.objects.directory
    if directory.digest != world.scenario.digest:
        directory.read(world.scenario.digest, world.declared)
    user = directory.tokens.get(said)
    if user is None or user.state == "revoked":
        raise ApiError("bad-token")
    if user.state == "expired":
        raise ApiError("expired-token")
    return user


def token(headers: Headers) -> str | None:
    """`sessionToken` wins; another scheme than Bearer, in this case, is as good as none."""
    if said := headers.get("sessionToken"):
        return str(said)
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    return (scheme == "Bearer" and value.strip()) or None


# Scopes -----------------------------------------------------------------------


def _scopes() -> dict[str, frozenset[str]]:
    """By operation: the scopes that its contract wants."""
    document = openapi.load("synapse").document
    wanted: dict[str, frozenset[str]] = {}
    for item in document["paths"].values():
        for operation in item.values():
            security = operation.get("security", document["security"])
            wanted[operation["operationId"]] = frozenset(scope for each in security for scope in each["bearerAuth"])
    return wanted


WANTED = _scopes()


def check_scopes(operation: str, user: User) -> None:
    """ApiError no-scope, unless the token is good for it; of the anonymous user nothing is wanted."""
    lacking = WANTED[operation] - user.scopes
    if lacking and not user.anonymous:
        raise ApiError("no-scope", scopes=", ".join(sorted(lacking)))

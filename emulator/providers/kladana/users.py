"""Who is who: employees and applications of accounts, and the tokens issued to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ACCOUNT = "default"

USER_SCHEMA: dict[str, dict[str, Any]] = {
    "account": {"type": "string", "minLength": 1, "description": "The account; its users see each other's tasks."},
    "login": {"type": "string", "pattern": "^[^@:]+@[^@:]+$", "description": "For Basic: name@company."},
    "password": {"type": "string", "description": "For Basic; any, if none is given."},
    "token": {"type": "string", "minLength": 1, "description": "For Bearer."},
    "application": {"type": "boolean", "description": "Whether it is an application, not an employee."},
    "administrator": {"type": "boolean", "description": "Whether it may work with webhooks; true unless said."},
}


class User(NamedTuple):
    """An employee or an application of an account."""

    account: str = ACCOUNT
    name: str = ""
    password: str | None = None
    application: bool = False
    administrator: bool = True


NOBODY_IN_PARTICULAR = User()


@dataclass
class Directory:
    """Who is who: the users that the scenario lists, and the tokens issued here."""

    digest: str = ""
    logins: Mapping[str, User] = field(default_factory=dict)
    tokens: Mapping[str, User] = field(default_factory=dict)
    issued: dict[str, User] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    handed_out: int = 0

    def read(self, digest: str, accounts: tuple[Mapping[str, Any], ...]) -> None:
        """Take over the users of a scenario."""
        users = [(each, _user(n, each)) for n, each in enumerate(accounts)]
        self.digest = digest
        self.logins = {each["login"]: user for each, user in users if "login" in each}
        self.tokens = {each["token"]: user for each, user in users if "token" in each}


def _user(n: int, entry: Mapping[str, Any]) -> User:
    return User(
        account=entry.get("account", ACCOUNT),
        name=entry.get("login") or f"user {n}",
        password=entry.get("password"),
        application=entry.get("application", False),
        administrator=entry.get("administrator", True),
    )

"""Where an address leads: to a namespace, and in it to the operations of an API.

That depends on the address alone, and clients ask for the same ones again and again: it is found once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from emulator.admin import Admin
from emulator.contract.openapi import Operation
from emulator.contract.router import Match, Router
from emulator.namespace import PREFIX
from emulator.provider import AnyProvider

KEPT, LONGEST = 1024, 512
"""So many addresses of at most so many characters are kept with what they lead to."""


@dataclass(frozen=True, slots=True)
class Route:
    """What path and query lead to."""

    namespace: str | None
    """None: no prefix says."""
    prefix: str
    path: str
    """Below the prefix."""
    query_string: str
    match: Match | None
    owner: str | None
    """The API whose path it is, or `admin`."""
    is_file: bool
    """Whether it is a path that the vendor has on its storage's host."""

    def operation(self, method: str) -> Operation | None:
        """What is asked for there by that method."""
        return self.match.operations.get(method) if self.match else None


class Routes:
    """The routes of all APIs, and of our own."""

    def __init__(self, admin: Admin, providers: Mapping[str, AnyProvider]) -> None:
        contracts = [admin.contract, *(each.contract for each in providers.values())]
        self._providers = providers
        self._router = Router(operation for each in contracts for operation in each.operations.values())
        self._kept = lru_cache(KEPT)(self._found)
        self.nearest = self._router.nearest

    def to(self, address: str) -> Route:
        """The route to path and query as they were sent."""
        return self._kept(address) if len(address) <= LONGEST else self._found(address)

    def _found(self, address: str) -> Route:
        path, _, query_string = address.partition("?")
        name, prefix = None, ""
        if path.startswith(PREFIX):
            name, slash, rest = path[len(PREFIX) :].partition("/")
            prefix, path = PREFIX + name, slash + rest or "/"
        match = self._router.match(path, query_string)
        owner = self._owner(path, match)
        return Route(name, prefix, path, query_string, match, owner, self._is_file(owner, path))

    def _owner(self, path: str, match: Match | None) -> str | None:
        if match:
            return next(iter(match.operations.values())).api
        if _under(path, "/__admin"):
            return "admin"
        for provider in self._providers.values():
            if any(_under(path, mount) for mount in provider.mounts):
                return provider.name
        return None

    def _is_file(self, owner: str | None, path: str) -> bool:
        provider = self._providers.get(owner or "")
        return provider is not None and any(_under(path, mount) for mount in provider.storage)


def _under(path: str, mount: str) -> bool:
    """Whether a path begins with the segments of `mount`, each of which may be a shell pattern."""
    return fnmatchcase("/".join(path.split("/")[: mount.count("/") + 1]), mount)

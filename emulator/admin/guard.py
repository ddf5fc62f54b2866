"""Who may use `/__admin`: nobody that a browser was lured into being.

On loopback the Host must be one of ours, or a page that rebinds its name to 127.0.0.1 could steer the emulator. A
valid token replaces that check; beyond loopback it is demanded. A browser's cross-site request is refused always.
"""

import hmac
from dataclasses import dataclass

from emulator.exchange import JSON, Request
from emulator.problem import Problem

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
OPEN_TO_ALL = frozenset({"getHealth", "getReady"})
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Guard:
    """The rules of one server. `token` None: whoever reaches the port may ask, if the Host is right."""

    token: str | None = None
    hosts: frozenset[str] = LOOPBACK

    def check(self, request: Request, operation: str) -> None:
        """Problem 401, 403, 415 or 421 if the request may not be served."""
        self._refuse_cross_site(request)
        if operation in OPEN_TO_ALL:
            return
        if self.token is not None:
            self._demand_token(request, self.token)
        elif _host(request.headers.get("Host", "")) not in self.hosts:
            raise Problem(421, "the admin API answers to its own host name only")
        if request.body and request.headers.get("Content-Type", "").partition(";")[0].strip() != JSON:
            raise Problem(415, f"the admin API takes {JSON} only")

    def _demand_token(self, request: Request, token: str) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())
        if scheme.lower() != "bearer" or not same:
            raise Problem(401, "the admin API wants its token: Authorization: Bearer ...")

    def _refuse_cross_site(self, request: Request) -> None:
        site = request.headers.get("Sec-Fetch-Site", "none")
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin.partition("://")[2] != request.headers.get("Host")
        if request.method in _UNSAFE and (site not in ("none", "same-origin") or foreign):
            raise Problem(403, "the admin API takes no cross-site requests")


def _host(authority: str) -> str:
    """The host of `host:port`, lower case."""
    host, colon, port = authority.rpartition(":")
    return (host if colon and port.isdigit() else authority).lower()

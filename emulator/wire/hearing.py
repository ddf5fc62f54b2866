"""What of a request its bytes alone decide: where it leads, whose it is, in which namespace, how to answer it.

Whoever polls says the same again and again: it is read once.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from aiohttp import HttpVersion, web

from emulator.admin import Admin
from emulator.admin.guard import OPEN_TO_ALL
from emulator.contract.router import Match
from emulator.exchange import Request
from emulator.journal import said
from emulator.namespace import DEFAULT, prefix_of
from emulator.problem import Problem
from emulator.provider import AnyProvider
from emulator.wire import incoming as read
from emulator.wire.ports import Ports
from emulator.wire.routes import Route, Routes


class Manner(NamedTuple):
    """How a client is to be answered."""

    version: HttpVersion
    bare: bool
    """Whether no body follows any head, as after HEAD."""
    lasting: bool
    """Whether the connection may go on."""


def manner(incoming: web.BaseRequest) -> Manner:
    """How to answer a request, as things stand now: what was not read of its body must not follow."""
    lasting = bool(incoming.keep_alive) and incoming.content.is_eof() and _ends(incoming)
    return Manner(incoming.version, incoming.method == "HEAD", lasting)


def _ends(incoming: web.BaseRequest) -> bool:
    """Whether all agree where it ends: an empty coding is none to aiohttp, while others see a body to come."""
    return incoming.headers.get("Transfer-Encoding", "chunked").strip() != ""


class Heard(NamedTuple):
    """A request that has been read. Nobody changes it; each exchange has a `Request.again` of its own."""

    request: Request
    head: str
    """Its headers as a journal may keep them."""
    route: Route
    owner: str | None
    """The API that it is about, or `admin`; None: its port serves nothing there."""
    provider: AnyProvider | None
    namespace: str
    preferred: str | None
    """The scenario that it asks for."""
    manner: Manner


class Hearing:
    """Makes sense of requests."""

    def __init__(
        self,
        admin: Admin,
        providers: Mapping[str, AnyProvider],
        *,
        trust_proxy: bool = False,
        credentials: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`credentials` are those that choose a namespace where neither prefix nor header does."""
        self.providers = providers
        self._trust_proxy = trust_proxy
        self._credentials = credentials
        self._routes = Routes(admin, providers)
        self.ports = Ports()
        self.nearest = self._routes.nearest

    def route(self, incoming: web.BaseRequest) -> Route:
        """Where it leads. Problem 501."""
        return self._routes.to(read.address(incoming))

    def heard(self, incoming: web.BaseRequest, route: Route, body: bytes, *, oversize: bool = False) -> Heard:
        """All of it. Problem 404."""
        owner = self._served_there(incoming, route)
        name = route.namespace
        if name is None:
            name = incoming.headers.get(read.NAMESPACE_HEADER) or self._by_credential(incoming, route.owner)
        scheme, authority = read.origin(incoming, trust_proxy=self._trust_proxy)
        at_storage = read.at_port(authority, self.ports.storage)  # links to it are followed as they are
        request = Request(
            incoming.method,
            route.path,
            route.query_string,
            incoming.headers,
            body,
            f"{scheme}://{authority}{route.prefix}",
            storage=f"{scheme}://{at_storage}{route.prefix or prefix_of(name)}",
            oversize=oversize,
        )
        provider = self.providers.get(owner or "")
        preferred = read.preferred(incoming)
        return Heard(request, said(incoming.headers), route, owner, provider, name, preferred, manner(incoming))

    def _by_credential(self, incoming: web.BaseRequest, api: str | None) -> str:
        """The namespace that whoever asks has been given; `default` if none."""
        provider = self.providers.get(api or "") if self._credentials else None
        told = provider.credential(incoming.headers) if provider else None
        return self._credentials.get(told or "", DEFAULT)

    def _served_there(self, incoming: web.BaseRequest, route: Route) -> str | None:
        """Whose a request is, if its port serves that; else None. Problem 404 where the admin API is elsewhere."""
        kind, owner = self.ports.kind(incoming), route.owner
        if kind == "storage":
            return owner if route.is_file else None
        if kind == "admin":
            if owner != "admin":
                raise Problem(404, "this port serves the admin API and nothing else")
            return owner
        if owner == "admin" and self.ports.admin is not None and not (route.match and _open_to_all(route.match)):
            raise Problem(404, "the admin API has a port of its own here: the one that --admin-port has named")
        return owner


def _open_to_all(match: Match) -> bool:
    return any(each.id in OPEN_TO_ALL for each in match.operations.values())

"""One function between aiohttp and everything else: request in, answer out."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Any

from aiohttp import web

from emulator.admin import Admin
from emulator.admin.guard import OPEN_TO_ALL
from emulator.clock import SECOND, Instant, monotonic
from emulator.contract.router import Match
from emulator.courier import Courier
from emulator.exchange import Answer, Pieces, Request
from emulator.journal import record
from emulator.namespace import DEFAULT, Namespace
from emulator.namespaces import Namespaces, NamespacesFull, UnknownNamespace
from emulator.problem import Problem
from emulator.provider import BODY_LIMIT, AnyProvider
from emulator.scenario.library import Library, UnknownScenario
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.story import Scenario
from emulator.sealing import ContractBroken, Served
from emulator.wire import incoming as read
from emulator.wire.acting import UNSEEN, retold, script
from emulator.wire.outgoing import Sender
from emulator.wire.ports import Ports
from emulator.wire.reply import PIECE, Written, reset, write, write_at_once
from emulator.wire.routes import Route, Routes
from emulator.wire.stage import Stage, whole
from emulator.world import Preference

log = logging.getLogger("emulator.wire")

LONG_BODY = 256 * 2**10
"""A longer one is read as JSON beside the event loop, so that others are served meanwhile."""
LATENCY_LIMIT = 60 * SECOND


class Visit:
    """An exchange with a provider that is under way, and counts as such until `end`."""

    __slots__ = ("ended", "incoming", "namespace", "provider", "request", "route", "world")

    def __init__(
        self, incoming: web.BaseRequest, route: Route, request: Request, namespace: Namespace, provider: AnyProvider
    ) -> None:
        self.incoming, self.route, self.request = incoming, route, request
        self.namespace, self.provider = namespace, provider
        self.world = namespace.world(provider.name)
        self.ended = namespace.ended  # is set when the namespace is reset
        namespace.guests += 1

    def end(self) -> None:
        """Its answer has gone out, or never will."""
        self.namespace.guests -= 1
        if self.request.holds:
            self.world.end(*self.request.holds)


class Shell:
    """What stands between aiohttp and everything else: one function, request in, answer out."""

    def __init__(  # noqa: PLR0913 - all that an exchange may need
        self,
        namespaces: Namespaces,
        providers: Iterable[AnyProvider],
        admin: Admin,
        courier: Courier,
        shelf: Library,
        *,
        debug_headers: bool = True,
        trust_proxy: bool = False,
        credentials: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`credentials` are those that choose a namespace where neither prefix nor header does."""
        self._credentials = credentials
        self._trust_proxy = trust_proxy
        self._namespaces = namespaces
        self._providers: Mapping[str, AnyProvider] = {each.name: each for each in providers}
        self._admin = admin
        self._courier = courier
        self._shelf = shelf
        self._sender = Sender(debug_headers)
        self.stage = Stage()
        self.ports = Ports()
        self._routes = Routes(admin, self._providers)
        self._reading = asyncio.Semaphore(1)  # each long body that is read takes turns from everybody

    async def serve(self, incoming: web.BaseRequest) -> Written:
        """The whole life of one exchange. No exception leaves but cancellation."""
        try:
            return await self._handle(incoming)
        except Exception as error:  # noqa: BLE001 - each is told of
            return await self._write(incoming, _told(incoming, error))

    def begin(self, incoming: web.BaseRequest) -> Coroutine[Any, Any, Written] | None:
        """`serve` without a body, as far as it goes without waiting: what is left of it, None if it is over."""
        try:
            return self._handle_at_once(incoming)
        except Exception as error:  # noqa: BLE001 - each is told of
            write_at_once(incoming, self._sender.reply(incoming, _told(incoming, error)))
            return None

    async def _handle(self, incoming: web.BaseRequest) -> Written:
        route, origin = self._routes.to(read.address(incoming)), read.origin(incoming, trust_proxy=self._trust_proxy)
        operation = route.match.operations.get(incoming.method) if route.match else None
        body, oversize = await read.body(incoming, (operation and operation.body_limit) or BODY_LIMIT)
        request = _request(incoming, route, origin, body, oversize=oversize)
        if operation and operation.body and len(body) > LONG_BODY:
            async with self._reading:
                await asyncio.to_thread(lambda: request.decoded)
        namespace = self._entered(incoming, route, origin, request)
        provider = self._providers.get(self._served_there(incoming, route) or "")
        if provider:
            visit = Visit(incoming, route, request, namespace, provider)
            return await self._follow(visit, self._converse(visit))
        namespace.guests += 1
        try:
            return await self._answer(incoming, namespace, route, request)
        finally:
            namespace.guests -= 1

    def _handle_at_once(self, incoming: web.BaseRequest) -> Coroutine[Any, Any, Written] | None:
        route, origin = self._routes.to(read.address(incoming)), read.origin(incoming, trust_proxy=self._trust_proxy)
        request = _request(incoming, route, origin)
        namespace = self._entered(incoming, route, origin, request)
        provider = self._providers.get(self._served_there(incoming, route) or "")
        if provider is None:
            return self.serve(incoming)
        visit = Visit(incoming, route, request, namespace, provider)
        served = self._converse(visit)
        if namespace.outbox.hurried or served.takes_time or len(served.answer.body) > PIECE:
            return self._follow(visit, served)
        try:
            write_at_once(incoming, self._sender.reply(incoming, served.answer, request.at))
        finally:
            visit.end()
        return None

    def _entered(self, incoming: web.BaseRequest, route: Route, origin: tuple[str, str], request: Request) -> Namespace:
        """The namespace that it is about. Problem 404, 503."""
        name = route.namespace
        if name is None:
            name = incoming.headers.get(read.NAMESPACE_HEADER) or self._by_credential(incoming, route.owner)
        namespace = self._namespace(name)
        scheme, authority = origin
        at_storage = read.at_port(authority, self.ports.storage)  # links to it are followed as they are
        request.storage = f"{scheme}://{at_storage}{route.prefix or namespace.prefix}"
        return namespace

    async def _answer(self, incoming: web.BaseRequest, namespace: Namespace, route: Route, request: Request) -> Written:
        """What no vendor answers: our own API, or nobody."""
        if self._served_there(incoming, route) is None:
            nowhere = self._nowhere(namespace, request)
            return await self._write(incoming, nowhere.answer(), namespace.clock.now())
        answer = await self._admin.serve(namespace, request, route.match)
        self._courier.send(namespace)
        if answer.pieces is None:
            return await self._write(incoming, answer, namespace.clock.now())
        async with aclosing(answer.pieces) as pieces:
            return await self._write(incoming, answer, namespace.clock.now(), pieces)

    def _converse(self, visit: Visit) -> Served:
        """An exchange with a provider, and what falls due by it."""
        try:
            served = self._exchange(visit)
            self._courier.send(visit.namespace)
        except BaseException:
            visit.end()
            raise
        return served

    async def _follow(self, visit: Visit, served: Served) -> Written:
        """The time that its answer takes on the wire."""
        try:
            if visit.namespace.outbox.hurried:
                await self._hurry(visit.namespace)
            if served.answer.latency:
                await self.stage.wait(visit.incoming, visit.ended, min(served.answer.latency, LATENCY_LIMIT))
            return await self._send(visit, served)
        finally:
            visit.end()

    async def _hurry(self, namespace: Namespace) -> None:
        """What is owed before the answer goes out, is made."""
        namespace.outbox.hurried = False
        await self._courier.settle(namespace.outbox)

    def _preference(self, incoming: web.BaseRequest, api: str) -> Preference:
        """The scenario that the client asks for, looked up only if it comes to a submission. Problem 400 then."""
        name = read.preferred(incoming)

        def look_up() -> Scenario:
            try:
                scenario = self._shelf.find(name or "", files=False)
            except (UnknownScenario, ScenarioError) as error:
                raise Problem(400, f"Prefer: {error}") from None
            if scenario.api != api:
                raise Problem(400, f"Prefer: {scenario.name} is about {scenario.api}, not about {api}")
            return scenario

        return look_up if name else None

    def _exchange(self, visit: Visit) -> Served:
        """One instant: stamp, catch up, handle, write down."""
        namespace, request, provider = visit.namespace, visit.request, visit.provider
        request.sequence, request.at = namespace.stamp(steps=not visit.route.is_file)
        began = monotonic()
        preference = self._preference(visit.incoming, provider.name) if "Prefer" in request.headers else None
        served = provider.serve(visit.world, request, visit.route.match, preference)
        request.at = namespace.clock.now()  # a clock that skips may have gone to the next event of a job
        operation = served.operation
        namespace.journal.write(
            record(
                request,
                served.answer,
                api=provider.name,
                operation=operation.id if operation else None,
                secret=operation.secret if operation else False,
                contract=served.contract,
                wall_us=monotonic() - began,
            )
        )
        return served

    async def _send(self, visit: Visit, served: Served) -> Written:
        try:
            if served.answer.damage:
                return await self._act_out(visit, served)
            return await self._write(visit.incoming, served.answer, visit.request.at, served.slices)
        except ContractBroken as broken:
            visit.namespace.journal.amend(visit.request.sequence, str(broken))
            log.error("the answer of %s is %s", visit.request.target, broken)  # noqa: TRY400 - it says where, more than a stack
            return reset(visit.incoming)

    async def _act_out(self, visit: Visit, served: Served) -> Written:
        """An answer with which something goes wrong on its way."""
        incoming, request, damage = visit.incoming, visit.request, served.answer.damage
        reply = self._sender.reply(incoming, served.answer, request.at, served.slices)
        if not (damage.fault or damage.dribble or damage.bandwidth):
            return await write(incoming, retold(reply, damage))
        body = b"" if damage.fault in UNSEEN else await whole(reply.body)
        target, bare = request.base + request.target, request.method == "HEAD"
        told = script(incoming.version, reply, body, damage, target=target, nth=request.sequence, bare=bare)
        return await self.stage.perform(incoming, visit.ended, told)

    async def _write(
        self,
        incoming: web.BaseRequest,
        answer: Answer,
        at: Instant | None = None,
        parts: Iterator[bytes] | Pieces | None = None,
    ) -> Written:
        return await write(incoming, self._sender.reply(incoming, answer, at, parts))

    def _namespace(self, name: str) -> Namespace:
        """Problem 404, 503."""
        try:
            return self._namespaces.get(name)
        except ValueError as error:
            raise Problem(404, str(error)) from None
        except UnknownNamespace as unknown:
            raise Problem(404, str(unknown), candidates=[unknown.nearest] if unknown.nearest else []) from None
        except NamespacesFull as full:
            raise Problem(503, str(full)) from None

    def _by_credential(self, incoming: web.BaseRequest, api: str | None) -> str:
        """The namespace that whoever asks has been given; `default` if none."""
        provider = self._providers.get(api or "") if self._credentials else None
        said = provider.credential(incoming.headers) if provider else None
        return self._credentials.get(said or "", DEFAULT)

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

    def _nowhere(self, namespace: Namespace, request: Request) -> Problem:
        scenarios = {api: each.name for api, each in namespace.scenarios.items()}
        nearest = self._routes.nearest(request.path)
        detail = f"nothing is at {request.path}; the nearest route is {nearest}"
        return Problem(404, detail, nearest=nearest, scenarios=scenarios)


def _request(
    incoming: web.BaseRequest, route: Route, origin: tuple[str, str], body: bytes = b"", *, oversize: bool = False
) -> Request:
    """What was said, in plain values."""
    return Request(
        incoming.method,
        route.path,
        route.query_string,
        incoming.headers,
        body,
        f"{origin[0]}://{origin[1]}{route.prefix}",
        oversize=oversize,
    )


def _told(incoming: web.BaseRequest, error: Exception) -> Answer:
    """The answer where there is none of a vendor's."""
    if isinstance(error, Problem):
        return error.answer()
    if isinstance(error, ConnectionError | web.RequestPayloadError):
        return Problem(400, "the body did not arrive whole").answer()
    log.error("%s %s failed", incoming.method, incoming.raw_path, exc_info=error)
    return Problem(500, "the emulator made a mistake; its log says which").answer()


def _open_to_all(match: Match) -> bool:
    return any(each.id in OPEN_TO_ALL for each in match.operations.values())

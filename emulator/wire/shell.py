"""One function between aiohttp and everything else: request in, answer out."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import aclosing
from functools import partial

from aiohttp import web

from emulator.admin import Admin
from emulator.clock import SECOND, Instant, monotonic
from emulator.contract.openapi import Operation
from emulator.courier import Courier
from emulator.exchange import Answer, Pieces, Request
from emulator.journal import record
from emulator.namespace import AnyWorld, Namespace
from emulator.namespaces import Namespaces, NamespacesFull, UnknownNamespace
from emulator.problem import Problem
from emulator.provider import BODY_LIMIT
from emulator.scenario.library import Library, UnknownScenario
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.story import Scenario
from emulator.sealing import ContractBroken, Served
from emulator.wire import incoming as read
from emulator.wire.acting import UNSEEN, retold, script
from emulator.wire.hearing import Heard, Hearing, manner
from emulator.wire.outgoing import Sender
from emulator.wire.prompt import Rest, Send
from emulator.wire.reply import PIECE, Written, in_one_piece, reset, write
from emulator.wire.stage import Stage, whole
from emulator.wire.turns import Turns
from emulator.world import Preference

log = logging.getLogger("emulator.wire")

LONG_BODY = 256 * 2**10
"""A longer one is read as JSON beside the event loop, so that others are served meanwhile."""
LATENCY_LIMIT = 60 * SECOND


class Visit:
    """An exchange with a provider whose answer takes time: it counts as under way until `end`."""

    __slots__ = ("ended", "namespace", "request", "served", "world")

    def __init__(self, namespace: Namespace, world: AnyWorld, request: Request, served: Served) -> None:
        self.namespace, self.world, self.request, self.served = namespace, world, request, served
        self.ended = namespace.ended  # is set when the namespace is reset, and has other worlds then
        namespace.guests += 1

    def end(self) -> None:
        """Its answer has gone out, or never will."""
        self.namespace.guests -= 1
        let_go(self.world, self.request)


def let_go(world: AnyWorld, request: Request) -> None:
    """A call is no longer one of those under way."""
    if request.holds:
        world.end(*request.holds)


class Shell:
    """What stands between aiohttp and everything else: one function, request in, answer out."""

    def __init__(
        self,
        namespaces: Namespaces,
        hearing: Hearing,
        admin: Admin,
        courier: Courier,
        shelf: Library,
        *,
        debug_headers: bool = True,
    ) -> None:
        self.hearing = hearing
        self._namespaces = namespaces
        self._admin = admin
        self._courier = courier
        self._shelf = shelf
        self._sender = Sender(debug_headers)
        self.stage = Stage()
        self._turns = Turns()
        self._reading = asyncio.Semaphore(1)  # each long body that is read takes turns from everybody

    async def serve(self, incoming: web.BaseRequest) -> Written:
        """The whole life of one exchange. No exception leaves but cancellation."""
        try:
            return await self._handle(incoming)
        except Exception as error:  # noqa: BLE001 - each is told of
            return await self._write(incoming, _told(error, incoming.method, incoming.raw_path))

    def hear(self, incoming: web.BaseRequest) -> Heard | None:
        """A request that has arrived whole, for `begin`; None if `serve` is to answer it: our own API is."""
        try:
            route = self.hearing.route(incoming)
            if route.owner not in self.hearing.providers:
                return None
            body = read.body_at_once(incoming, _body_limit(route.operation(incoming.method)))
            heard = None if body is None else self.hearing.heard(incoming, route, body)
        except Problem:
            return None
        return heard if heard and heard.provider else None

    def begin(self, heard: Heard, send: Send) -> Rest | None:
        """`serve`, as far as it goes without waiting: what is left of it, None if it is over."""
        try:
            return self._begin(heard, send)
        except Exception as error:  # noqa: BLE001 - each is told of
            answer = _told(error, heard.request.method, heard.request.target)
            send(in_one_piece(heard.manner.version, self._sender.reply(heard.manner, answer)))
            return None

    def _begin(self, heard: Heard, send: Send) -> Rest | None:
        provider = heard.provider
        assert provider
        namespace, request = self._namespace(heard.namespace), heard.request.again()
        world = namespace.world(provider.name)
        try:
            served = self._converse(namespace, heard, world, request)
            if not (served.takes_time or namespace.outbox.hurried or len(served.answer.body) > PIECE):
                reply = self._sender.reply(heard.manner, served.answer, request.at)
                send(in_one_piece(heard.manner.version, reply))
                let_go(world, request)
                return None
        except BaseException:
            let_go(world, request)
            raise
        return partial(self._finish, Visit(namespace, world, request, served))

    async def _finish(self, visit: Visit, incoming: web.BaseRequest) -> Written:
        """What `begin` has left. No exception leaves but cancellation."""
        try:
            return await self._follow(visit, incoming)
        except Exception as error:  # noqa: BLE001 - each is told of
            return await self._write(incoming, _told(error, incoming.method, incoming.raw_path))

    async def _handle(self, incoming: web.BaseRequest) -> Written:
        route = self.hearing.route(incoming)
        operation = route.operation(incoming.method)
        body, oversize = await read.body(incoming, _body_limit(operation))
        await self._turns.take()
        heard = self.hearing.heard(incoming, route, body, oversize=oversize)
        provider, request = heard.provider, heard.request
        if operation and operation.body and len(body) > LONG_BODY:
            async with self._reading:
                await asyncio.to_thread(lambda: request.decoded)
        namespace = self._namespace(heard.namespace)
        if provider is None:
            return await self._answer(incoming, namespace, heard)
        world = namespace.world(provider.name)
        try:
            served = self._converse(namespace, heard, world, request)
        except BaseException:
            let_go(world, request)
            raise
        return await self._follow(Visit(namespace, world, request, served), incoming)

    async def _answer(self, incoming: web.BaseRequest, namespace: Namespace, heard: Heard) -> Written:
        """What no vendor answers: our own API, or nobody."""
        namespace.guests += 1
        try:
            if heard.owner is None:
                nowhere = self._nowhere(namespace, heard.request)
                return await self._write(incoming, nowhere.answer(), namespace.clock.now())
            answer = await self._admin.serve(namespace, heard.request, heard.route.match)
            self._courier.send(namespace)
            if answer.pieces is None:
                return await self._write(incoming, answer, namespace.clock.now())
            async with aclosing(answer.pieces) as pieces:
                return await self._write(incoming, answer, namespace.clock.now(), pieces)
        finally:
            namespace.guests -= 1

    def _converse(self, namespace: Namespace, heard: Heard, world: AnyWorld, request: Request) -> Served:
        """One instant: stamp, catch up, handle, write down; what falls due by it goes out."""
        assert heard.provider
        request.sequence, request.at = namespace.stamp(steps=not heard.route.is_file)
        began = monotonic()
        preference = self._preference(heard.preferred, world.api) if heard.preferred else None
        served = heard.provider.serve(world, request, heard.route.match, preference)
        if namespace.clock.skips:  # it may have gone to the next event of a job
            request.at = namespace.clock.now()
        wall_us = monotonic() - began
        operation = served.operation
        namespace.journal.write(
            record(
                request,
                served.answer,
                head=heard.head,
                api=world.api,
                operation=operation.id if operation else None,
                secret=operation.secret if operation else False,
                contract=served.contract,
                wall_us=wall_us,
            )
        )
        self._courier.send(namespace)
        return served

    def _preference(self, name: str, api: str) -> Preference:
        """The scenario that the client asks for, looked up only if it comes to a submission. Problem 400 then."""

        def look_up() -> Scenario:
            try:
                scenario = self._shelf.find(name, files=False)
            except (UnknownScenario, ScenarioError) as error:
                raise Problem(400, f"Prefer: {error}") from None
            if scenario.api != api:
                raise Problem(400, f"Prefer: {scenario.name} is about {scenario.api}, not about {api}")
            return scenario

        return look_up

    async def _follow(self, visit: Visit, incoming: web.BaseRequest) -> Written:
        """The time that its answer takes on the wire."""
        try:
            if visit.namespace.outbox.hurried:
                await self._hurry(visit.namespace)
            if visit.served.answer.latency:
                await self.stage.wait(incoming, visit.ended, min(visit.served.answer.latency, LATENCY_LIMIT))
            return await self._send(visit, incoming)
        finally:
            visit.end()

    async def _hurry(self, namespace: Namespace) -> None:
        """What is owed before the answer goes out, is made."""
        namespace.outbox.hurried = False
        await self._courier.settle(namespace.outbox)

    async def _send(self, visit: Visit, incoming: web.BaseRequest) -> Written:
        request, served = visit.request, visit.served
        try:
            if served.answer.damage:
                return await self._act_out(visit, incoming)
            return await self._write(incoming, served.answer, request.at, served.slices)
        except ContractBroken as broken:
            visit.namespace.journal.amend(request.sequence, str(broken))
            log.error("the answer of %s is %s", request.target, broken)  # noqa: TRY400 - it says where, more than a stack
            return reset(incoming)

    async def _act_out(self, visit: Visit, incoming: web.BaseRequest) -> Written:
        """An answer with which something goes wrong on its way."""
        request, served, damage = visit.request, visit.served, visit.served.answer.damage
        reply = self._sender.reply(manner(incoming), served.answer, request.at, served.slices)
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
        return await write(incoming, self._sender.reply(manner(incoming), answer, at, parts))

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

    def _nowhere(self, namespace: Namespace, request: Request) -> Problem:
        scenarios = {api: each.name for api, each in namespace.scenarios.items()}
        nearest = self.hearing.nearest(request.path)
        detail = f"nothing is at {request.path}; the nearest route is {nearest}"
        return Problem(404, detail, nearest=nearest, scenarios=scenarios)


def _body_limit(operation: Operation | None) -> int:
    return (operation and operation.body_limit) or BODY_LIMIT


def _told(error: Exception, method: str, target: str) -> Answer:
    """The answer where there is none of a vendor's."""
    if isinstance(error, Problem):
        return error.answer()
    if isinstance(error, ConnectionError | web.RequestPayloadError):
        return Problem(400, "the body did not arrive whole").answer()
    log.error("%s %s failed", method, target, exc_info=error)
    return Problem(500, "the emulator made a mistake; its log says which").answer()

"""One function between aiohttp and everything else: request in, answer out."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from aiohttp import web

from emulator.admin import Admin
from emulator.clock import SECOND, monotonic
from emulator.contract.router import Match, Router
from emulator.courier import Courier
from emulator.exchange import Request
from emulator.journal import record
from emulator.namespace import NAME, Namespace, Namespaces, NamespacesFull
from emulator.problem import Problem
from emulator.provider import BODY_LIMIT, AnyProvider
from emulator.scenario.library import Library, UnknownScenario
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.story import Scenario
from emulator.sealing import ContractBroken, Served
from emulator.wire import incoming as read
from emulator.wire.outgoing import Sender, delay, reset
from emulator.world import Preference

log = logging.getLogger("emulator.wire")

LONG_BODY = 256 * 2**10
"""A longer one is read as JSON beside the event loop, so that others are served meanwhile."""
LATENCY_LIMIT = 60 * SECOND


class Shell:
    """What stands between aiohttp and everything else: one function, request in, answer out."""

    def __init__(
        self,
        namespaces: Namespaces,
        providers: Iterable[AnyProvider],
        admin: Admin,
        courier: Courier,
        shelf: Library,
        *,
        debug_headers: bool = True,
    ) -> None:
        self._namespaces = namespaces
        self._providers: Mapping[str, AnyProvider] = {each.name: each for each in providers}
        self._admin = admin
        self._courier = courier
        self._shelf = shelf
        self._sender = Sender(debug_headers)
        self.storage_port: int | None = None
        contracts = [admin.contract, *(each.contract for each in self._providers.values())]
        self._reading = asyncio.Semaphore(1)  # each long body that is read takes turns from everybody
        self._router = Router(operation for each in contracts for operation in each.operations.values())

    async def serve(self, incoming: web.Request) -> web.StreamResponse:
        """The whole life of one exchange. No exception leaves but cancellation."""
        try:
            return await self._handle(incoming)
        except Problem as problem:
            return self._sender.plain(problem.answer())
        except (ConnectionError, web.RequestPayloadError):
            return self._sender.plain(Problem(400, "the body did not arrive whole").answer())
        except Exception:
            log.exception("%s %s failed", incoming.method, incoming.raw_path)
            return self._sender.plain(Problem(500, "the emulator made a mistake; its log says which").answer())

    async def _handle(self, incoming: web.Request) -> web.StreamResponse:
        target, authority = read.target(incoming), read.authority(incoming)
        match = self._router.match(target.path, target.query_string)
        operation = match.operations.get(incoming.method) if match else None
        body, oversize = await read.body(incoming, (operation and operation.body_limit) or BODY_LIMIT)
        namespace = self._namespace(target.namespace)
        request = Request(
            method=incoming.method,
            path=target.path,
            query_string=target.query_string,
            headers=incoming.headers,
            body=body,
            oversize=oversize,
            base=f"{incoming.scheme}://{authority}{target.prefix}",
            storage=f"{incoming.scheme}://{read.at_port(authority, self.storage_port)}{target.prefix}",
        )
        if operation and operation.body and len(body) > LONG_BODY:
            async with self._reading:
                await asyncio.to_thread(lambda: request.decoded)
        api = self._owner(target.path, match)
        if self._at_storage(incoming) and not self._is_file(api, target.path):
            api = None
        if api == "admin":
            answer = await self._admin.serve(namespace, request, match)
            self._courier.send(namespace)
            return self._sender.plain(answer, namespace.clock.now())
        if api is None:
            return self._sender.plain(self._nowhere(namespace, request).answer(), namespace.clock.now())
        provider = self._providers[api]
        return await self._converse(incoming, namespace, provider, request, match)

    async def _converse(
        self, incoming: web.Request, namespace: Namespace, provider: AnyProvider, request: Request, match: Match | None
    ) -> web.StreamResponse:
        """An exchange with a provider, and the time its answer takes on the wire."""
        world = namespace.world(provider.name)
        try:
            served = self._exchange(namespace, provider, request, match, self._preference(incoming, provider.name))
            self._courier.send(namespace)
            return await self._send(incoming, namespace, request, served)
        finally:
            world.end(*request.holds)

    def _preference(self, incoming: web.Request, api: str) -> Preference:
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

    def _exchange(
        self,
        namespace: Namespace,
        provider: AnyProvider,
        request: Request,
        match: Match | None,
        preference: Preference,
    ) -> Served:
        """One instant: stamp, catch up, handle, write down."""
        request.sequence, request.at = namespace.stamp()
        began = monotonic()
        served = provider.serve(namespace.world(provider.name), request, match, preference)
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

    async def _send(
        self, incoming: web.Request, namespace: Namespace, request: Request, served: Served
    ) -> web.StreamResponse:
        answer = served.answer
        if answer.latency:
            await delay(namespace, min(answer.latency, LATENCY_LIMIT))
        if answer.fault == "CONNECTION_RESET_BY_PEER":
            return reset(incoming)
        if served.slices is None:
            return self._sender.plain(answer, request.at)
        try:
            return await self._sender.stream(incoming, answer, served.slices, request.at)
        except ContractBroken as broken:
            namespace.journal.amend(request.sequence, str(broken))
            log.error("the answer of %s is %s", request.target, broken)  # noqa: TRY400 - it says where, more than a stack
            return reset(incoming)

    def _namespace(self, name: str) -> Namespace:
        if not NAME.fullmatch(name):
            raise Problem(404, f"no namespace can be named {name!r}: {NAME.pattern}")
        try:
            return self._namespaces.get(name)
        except NamespacesFull:
            detail = f"there are {self._namespaces.limit} namespaces already: drop one"
            raise Problem(503, detail) from None

    def _at_storage(self, incoming: web.Request) -> bool:
        if self.storage_port is None or incoming.transport is None:
            return False
        return bool(incoming.transport.get_extra_info("sockname")[1] == self.storage_port)

    def _is_file(self, api: str | None, path: str) -> bool:
        """Whether a path is one that the vendor has on its storage's host."""
        provider = self._providers.get(api or "")
        return provider is not None and any(_under(path, mount) for mount in provider.storage)

    def _owner(self, path: str, match: Match | None) -> str | None:
        if match:
            return next(iter(match.operations.values())).api
        if _under(path, "/__admin"):
            return "admin"
        for provider in self._providers.values():
            if any(_under(path, mount) for mount in provider.mounts):
                return provider.name
        return None

    def _nowhere(self, namespace: Namespace, request: Request) -> Problem:
        scenarios = {api: each.name for api, each in namespace.scenarios.items()}
        nearest = self._router.nearest(request.path)
        detail = f"nothing is at {request.path}; the nearest route is {nearest}"
        return Problem(404, detail, nearest=nearest, scenarios=scenarios)


def _under(path: str, mount: str) -> bool:
    """Whether a path begins with the segments of `mount`, each of which may be a shell pattern."""
    return fnmatchcase("/".join(path.split("/")[: mount.count("/") + 1]), mount)

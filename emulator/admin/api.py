"""The dispatch of `/__admin`: guard, contract, handler, and the contract again on the way out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.admin.audience import Audience
from emulator.admin.guard import Guard
from emulator.contract import openapi
from emulator.contract.decoder import NotJson
from emulator.contract.message import Violation
from emulator.contract.openapi import Operation
from emulator.contract.router import Match
from emulator.exchange import Answer, BadQuery, Request
from emulator.namespace import Namespace
from emulator.namespaces import Namespaces
from emulator.problem import Problem
from emulator.scenario.library import Library
from emulator.sealing import sealed


@dataclass(frozen=True, slots=True)
class Call:
    """One call: of which namespace of which server, what was asked, and the decoded body (None where there is none)."""

    namespaces: Namespaces
    library: Library
    audience: Audience
    namespace: Namespace
    request: Request
    body: Any


Handler = Callable[[Call], Awaitable[Answer]]


class Admin:
    """The admin API of one server."""

    def __init__(self, namespaces: Namespaces, library: Library, guard: Guard, handlers: Mapping[str, Handler]) -> None:
        self.contract = openapi.load("admin")
        self.handlers = handlers
        self.audience = Audience()
        self._namespaces = namespaces
        self._library = library
        self._guard = guard

    async def serve(self, namespace: Namespace, request: Request, match: Match | None) -> Answer:
        """The answer, checked; mistakes of the client's as problem+json."""
        try:
            operation = _operation(request, match)
            request.params = match.params if match else {}
            self._guard.check(request, operation.id)
            call = Call(self._namespaces, self._library, self.audience, namespace, request, _body(request, operation))
            answer = await self.handlers[operation.id](call)
        except Problem as problem:
            return problem.answer()
        except BadQuery:
            return Problem(400, "the query is not UTF-8").answer()
        return sealed(self.contract, answer, operation).answer


def _operation(request: Request, match: Match | None) -> Operation:
    if match is None:
        raise Problem(404, f"the admin API has nothing at {request.path}")
    operation = match.operations.get(request.method)
    if operation is None:
        allowed = ", ".join(sorted(match.operations))
        raise Problem(405, f"{request.path} takes {allowed}, not {request.method}")
    return operation


def _body(request: Request, operation: Operation) -> Any:  # noqa: ANN401 - JSON is any of six types
    if request.oversize:
        raise Problem(413, "the body is too large")
    if operation.body is None:
        return None
    try:
        body = request.json if request.body else {}
    except NotJson as error:
        raise Problem(400, f"the body is not JSON: {error.reason}") from None
    violations = operation.body.violations(body)
    if violations:
        told = [{"pointer": each.pointer, "detail": each.text} for each in violations]
        raise Problem(422, _sentence(violations[0]), violations=told)
    return body


def _sentence(violation: Violation) -> str:
    return f"{violation.pointer or 'the body'}: {violation.text}"

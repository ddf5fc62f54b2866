"""The verbs a provider is written with.

A provider is one vendor's API: its contract, its lifecycle, its error table, and one function per operation. The
functions are synchronous, `(World, Request) -> Answer`, and named by `operationId`: paths, methods and messages stand
in the contract alone. What they answer is checked here before it leaves.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic

import orjson

from emulator import engine
from emulator.contract import openapi
from emulator.contract.message import Violation
from emulator.contract.openapi import Contract, Operation, Parameter
from emulator.contract.router import Match
from emulator.exchange import Answer, BadQuery, Request
from emulator.job import Job
from emulator.problem import Problem
from emulator.scenario.story import Fault
from emulator.scenario.vocabulary import Vocabulary
from emulator.world import Hooks, Objects, Preference, Settings, World

log = logging.getLogger("emulator.provider")

Handler = Callable[[World[Settings, Objects], Request], Answer]

BODY_LIMIT = 10_000_000


class ApiError(Exception):
    """An entry of the vendor's error table. `values` fill the places its text leaves open."""

    def __init__(self, code: int | str, status: int | None = None, **values: Any) -> None:  # noqa: ANN401 - texts
        super().__init__(code)
        self.code = code
        self.status = status
        self.values = values


class ContractBroken(Exception):  # noqa: N818 - reads as what it says
    """A slice of a streamed answer breaks the contract; its head has gone out already."""


@dataclass(frozen=True)
class Refusals:
    """How the vendor words what is wrong before any operation is reached."""

    unknown_path: Callable[[Request], ApiError]
    wrong_method: Callable[[Request], ApiError]
    too_large: Callable[[Request], ApiError]
    bad_query: Callable[[Request], ApiError]
    bad_parameter: Callable[[Request, Parameter, str | None], ApiError | None] = lambda _r, _p, _v: None
    """For a parameter that breaks the contract (None: that is missing). None lets it pass."""


@dataclass(frozen=True, slots=True)
class Served:
    """An answer, ready to go out, and what the journal wants to know of it."""

    answer: Answer
    operation: Operation | None
    contract: str = "kept"
    slices: Iterator[bytes] | None = None


class Provider(Generic[Settings, Objects]):
    """One vendor's API."""

    def __init__(  # noqa: PLR0913 - all that a vendor is made of
        self,
        name: str,
        *,
        title: str,
        mounts: tuple[str, ...],
        storage: tuple[str, ...] = (),
        hooks: Hooks[Settings, Objects],
        errors: frozenset[int | str],
        refusals: Refusals,
        handlers: Mapping[str, Handler[Settings, Objects]] = MappingProxyType({}),
        word: Callable[[World[Settings, Objects], Request, ApiError], Answer],
        admit: Callable[[World[Settings, Objects], Request, Operation | None], None],
        finish: Callable[[World[Settings, Objects], Request, Answer], None] = lambda _w, _r, _a: None,
        settings: type[Settings],
        when: Mapping[str, Mapping[str, Any]],
        result: Mapping[str, Mapping[str, Any]],
        account: Mapping[str, Mapping[str, Any]],
        heads: bool = False,
        nonsense: Callable[[Any], Iterable[tuple[tuple[str | int, ...], str]]] = lambda _rule: (),
    ) -> None:
        self.name = name
        self.title = title
        self.mounts = mounts
        self.storage = storage  # those of the mounts that the vendor has on a host of its own
        self.hooks = hooks
        self.contract: Contract = openapi.load(name)
        self.handlers: dict[str, Handler[Settings, Objects]] = dict(handlers)
        self._refusals = refusals
        self._heads = heads  # whether HEAD works where GET does
        self._word = word
        self._admit = admit
        self._finish = finish
        self.vocabulary = Vocabulary(
            api=name,
            lifecycle=hooks.lifecycle,
            operations=frozenset(self.contract.operations),
            errors=errors,
            settings=settings,
            when=when,
            result=result,
            account=account,
            nonsense=nonsense,
        )

    def operation(self, name: str) -> Callable[[Handler[Settings, Objects]], Handler[Settings, Objects]]:
        """Mark the function that serves the operation of this `operationId`."""

        def register(handler: Handler[Settings, Objects]) -> Handler[Settings, Objects]:
            if name in self.handlers:
                raise ValueError(f"{self.name}: {name} is served by a function already")
            self.handlers[name] = handler
            return handler

        return register

    def serve(
        self,
        world: World[Settings, Objects],
        request: Request,
        match: Match | None,
        preference: Preference = None,
    ) -> Served:
        """The answer to `request`, worded by the vendor and checked against the contract."""
        world.prefer(preference)
        request.operation = operation = self._operation(request, match)
        request.params = match.params if match else {}
        faults: list[Fault] = []
        try:
            answer = self._answer(world, request, match, operation, faults)
        except ApiError as error:
            answer = self._word(world, request, error)
        except Problem as problem:
            return _plain(problem.answer(), operation)
        except BadQuery:
            answer = self._word(world, request, self._refusals.bad_query(request))
        answer.scenario = world.followed
        _note(answer, faults, world, request)
        self._finish(world, request, answer)
        return self._sealed(answer, operation)

    def _operation(self, request: Request, match: Match | None) -> Operation | None:
        """What the request asks for; the wire leaves the body out of what HEAD is answered."""
        method = "GET" if request.method == "HEAD" and self._heads else request.method
        return match.operations.get(method) if match else None

    def _answer(
        self,
        world: World[Settings, Objects],
        request: Request,
        match: Match | None,
        operation: Operation | None,
        faults: list[Fault],
    ) -> Answer:
        self._admit(world, request, operation)
        if request.oversize:
            raise self._refusals.too_large(request)
        if match is None:
            raise self._refusals.unknown_path(request)
        if operation is None:
            raise self._refusals.wrong_method(request)
        self._check_parameters(operation, request)
        faults.extend(_faults(world, operation, request))
        for fault in faults:
            if fault.error is not None:
                raise api_error(fault.error)
        return self.handlers[operation.id](world, request)

    def _check_parameters(self, operation: Operation, request: Request) -> None:
        for parameter in operation.parameters:
            values = _values(parameter, request) or ([None] if parameter.required else [])
            for value in values:
                if value is None or not parameter.allows(value):
                    refusal = self._refusals.bad_parameter(request, parameter, value)
                    if refusal:
                        raise refusal

    def _sealed(self, answer: Answer, operation: Operation | None) -> Served:
        """Check and encode. An answer that breaks the contract is our mistake and does not leave."""
        rows = answer.rows
        if rows is not None:
            _hold(answer, next(rows, []))
        found = self._breaches(answer, operation)
        if found:
            return _broken(operation, found[0])
        answer.body = encode(answer.payload) + answer.ending
        slices = None if rows is None else self._slices(answer, operation, rows)
        return Served(answer, operation, slices=slices)

    def _slices(self, answer: Answer, operation: Operation | None, rows: Iterator[list[Any]]) -> Iterator[bytes]:
        """The encoded answer, slice by slice, each checked before it leaves."""
        bare = isinstance(answer.payload, list)
        closing = b"]" if bare else b"]}"
        yield answer.body[: -len(closing)]
        sent = len(answer.payload if bare else answer.payload[answer.rows_key])
        for some in rows:
            _hold(answer, some)
            if self._breaches(answer, operation):
                raise ContractBroken(f"broken at row {sent}")
            yield b"," + orjson.dumps(some)[1:-1]
            sent += len(some)
        yield closing

    def _breaches(self, answer: Answer, operation: Operation | None) -> list[Violation]:
        media_type = answer.content_type.partition(";")[0]
        return self.contract.breaches(
            operation, answer.declared_as or answer.status, answer.headers, media_type, answer.payload, answer.message
        )


AnyProvider = Provider[Any, Any]


def _hold(answer: Answer, some: list[Any]) -> None:
    """Let a streamed answer hold these rows and no others."""
    if isinstance(answer.payload, list):
        answer.payload = some
    else:
        answer.payload[answer.rows_key] = some


def encode(payload: Any) -> bytes:  # noqa: ANN401 - JSON is any of six types
    """A payload as bytes: bytes and text as they are, everything else as JSON, None as nothing."""
    if payload is None:
        return b""
    if isinstance(payload, bytes):
        return payload
    if isinstance(payload, str):
        return payload.encode()
    try:
        return orjson.dumps(payload)
    except TypeError:  # a whole number of more than 64 bits, said by a client and said back
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def api_error(entry: Mapping[str, Any]) -> ApiError:
    """The error that a scenario names: {"code": ..., "status": ..., ...}."""
    values = {key: value for key, value in entry.items() if key not in ("code", "status")}
    return ApiError(entry["code"], entry.get("status"), **values)


def find(world: World[Any, Any], job_id: str, missing: ApiError) -> Job:
    """The job of that id; `missing` is raised if there is none."""
    job = engine.find(world, job_id)
    if job is None:
        raise missing
    return job


def _values(parameter: Parameter, request: Request) -> Sequence[str | None]:
    """What a request says for a parameter; as often as it says it."""
    if parameter.place == "path":
        return [request.params[parameter.name]]
    if parameter.place == "query":
        return request.query.getall(parameter.name, [])
    return request.headers.getall(parameter.name, [])


def _faults(world: World[Any, Any], operation: Operation, request: Request) -> Iterator[Fault]:
    """The faults of the scenario that are due on this call; each counts it."""
    for fault in world.scenario.faults:
        if fault.operation == operation.id:
            per = fault.per or ("job" if operation.job else "namespace")
            scope = {"job": request.params.get(operation.job or "", ""), "account": request.account}.get(per, "")
            if world.ask(fault.name, scope) in fault.calls:
                world.hit(fault.name)
                yield fault


def _note(answer: Answer, faults: list[Fault], world: World[Any, Any], request: Request) -> None:
    """Note on the answer what is to go wrong with it; `wire` acts it out."""
    for fault in faults:
        answer.rule = fault.name
        answer.fault = fault.fault or answer.fault
        if fault.latency is not None:
            nth = world.ask(fault.name, "latency", request.account)
            unit = world.chance.unit(request.account, "latency", fault.name, nth)
            answer.latency += fault.latency.quantile(unit)


def _plain(answer: Answer, operation: Operation | None, contract: str = "kept") -> Served:
    answer.body = encode(answer.payload)
    return Served(answer, operation, contract)


def _broken(operation: Operation | None, violation: Violation) -> Served:
    name = operation.id if operation else "(no operation)"
    place = violation.pointer or "/"
    log.error("the answer of %s breaks the contract at %s: %s", name, place, violation.text)
    problem = Problem(500, f"the emulator's answer breaks the contract at {place}", operation=name, path=place)
    return _plain(problem.answer(), operation, contract=f"broken at {place}")

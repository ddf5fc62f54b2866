"""The verbs a provider is written with.

A provider is one vendor's API: its contract, its lifecycle, its error table, and one function per operation. The
functions are synchronous, `(World, Request) -> Answer`, and named by `operationId`: paths, methods and messages stand
in the contract alone. What they answer is checked here before it leaves.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic

from emulator import engine
from emulator.contract import openapi
from emulator.contract.openapi import Contract, Operation, Parameter
from emulator.contract.router import Match
from emulator.exchange import Answer, BadQuery, Request
from emulator.job import Job
from emulator.problem import Problem
from emulator.scenario.story import Fault
from emulator.scenario.vocabulary import Vocabulary
from emulator.sealing import Served, sealed, unchecked
from emulator.world import Hooks, Objects, Preference, Settings, World

Handler = Callable[[World[Settings, Objects], Request], Answer]

BODY_LIMIT = 10_000_000


class ApiError(Exception):
    """An entry of the vendor's error table. `values` fill the places its text leaves open."""

    def __init__(self, code: int | str, status: int | None = None, **values: Any) -> None:  # noqa: ANN401 - texts
        super().__init__(code)
        self.code = code
        self.status = status
        self.values = values


@dataclass(frozen=True)
class Refusals:
    """How the vendor words what is wrong before any operation is reached."""

    unknown_path: Callable[[Request], ApiError]
    wrong_method: Callable[[Request], ApiError]
    too_large: Callable[[Request], ApiError]
    bad_query: Callable[[Request], ApiError]
    bad_parameter: Callable[[Request, Parameter, str | None], ApiError | None] = lambda _r, _p, _v: None
    """For a parameter that breaks the contract (None: that is missing). None lets it pass."""


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
            return unchecked(problem.answer(), operation)
        except BadQuery:
            answer = self._word(world, request, self._refusals.bad_query(request))
        answer.scenario = world.followed
        _note(answer, faults, world, request)
        self._finish(world, request, answer)
        return sealed(self.contract, answer, operation)

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


AnyProvider = Provider[Any, Any]


def together(*tables: Mapping[str, Handler[Settings, Objects]]) -> dict[str, Handler[Settings, Objects]]:
    """One table of handlers out of several; ValueError if two of them serve the same operation."""
    merged: dict[str, Handler[Settings, Objects]] = {}
    for table in tables:
        if twice := merged.keys() & table.keys():
            raise ValueError(f"served twice: {', '.join(sorted(twice))}")
        merged |= table
    return merged


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

"""The verbs a provider is written with.

A provider is one vendor's API: its contract, its lifecycle, its error table, and one function per operation. The
functions are synchronous, `(World, Request) -> Answer`, and named by `operationId`: paths, methods and messages stand
in the contract alone. What they answer is checked here before it leaves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic

from emulator import engine, misfortune, throttle
from emulator.clock import SECOND
from emulator.contract import openapi
from emulator.contract.openapi import Contract, Operation, Parameter
from emulator.contract.router import Match
from emulator.exchange import Answer, BadQuery, Headers, Request, presented
from emulator.job import Job
from emulator.lane import TooManyJobs
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
        callbacks: bool = False,
        credential: Callable[[Headers], str | None] = presented,
        nonsense: Callable[[Any], Iterable[tuple[tuple[str | int, ...], str]]] = lambda _rule: (),
    ) -> None:
        self.name = name
        self.title = title
        self.mounts = mounts
        self.storage = storage  # those of the mounts that the vendor has on a host of its own
        self.hooks = hooks
        self.contract: Contract = openapi.load(name)
        self.handlers: dict[str, Handler[Settings, Objects]] = dict(handlers)
        self.credential = credential  # what requests carry by which people are told apart
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
            of_jobs=frozenset(each.id for each in self.contract.operations.values() if each.job),
            callbacks=callbacks,
            breaches=self._breaches,
            nonsense=nonsense,
        )

    def _breaches(self, operation: str, status: int, media_type: str, payload: object) -> Iterable[str]:
        """How an answer that a scenario gives breaks the contract."""
        response = self.contract.operations[operation].responses.get(status)
        if response is None:
            yield f"it declares no status {status}"
        elif payload is not None and not response.bare and not isinstance(payload, bytes):
            message = response.content.get(media_type.partition(";")[0])
            if message is None:
                yield f"it declares no {media_type} with {status}"
            elif not message.allows(payload):
                yield from (f"{each.pointer or '/'}: {each.text}" for each in message.violations(payload)[:1])

    def serve(
        self,
        world: World[Settings, Objects],
        request: Request,
        match: Match | None,
        preference: Preference = None,
    ) -> Served:
        """The answer to `request`, worded by the vendor and checked against the contract."""
        request.operation = operation = self._operation(request, match)
        world.hear(request, operation.id if operation else None, preference)
        request.params = match.params if match else {}
        faults: list[Fault] = []
        try:
            answer = self._answer(world, request, match, operation, faults)
        except ApiError as error:
            answer = self._word(world, request, error)
        except (Problem, TooManyJobs) as told:
            answer = _problem(told).answer()
            answer.rules = tuple(world.acted)
            return unchecked(answer, operation)
        except BadQuery:
            answer = self._word(world, request, self._refusals.bad_query(request))
        if world.followed is not None:
            answer.scenario = world.followed
        answer.job = answer.job or _named(world, request, operation)
        if faults:
            misfortune.note(answer, faults, world, request)
        if world.acted:
            answer.rules = tuple(world.acted)
        if answer.status == misfortune.NOTHING_SAID:
            return unchecked(answer, operation, contract=f"waived by {faults[-1].name}")
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
        self._check_parameters(operation, request, match.sound)
        if world.scenario.limits and (beyond := throttle.exceeded(world, operation, request)):
            return self._beyond(world, request, beyond)
        if world.clock.skips:  # it may have left a window that is spent
            request.at = world.now()
        if world.scenario.faults:
            faults.extend(misfortune.due(world, operation, request))
            if faults:
                return self._befallen(world, request, operation, faults)
        return self.handlers[operation.id](world, request)

    def _beyond(self, world: World[Settings, Objects], request: Request, beyond: throttle.Exceeded) -> Answer:
        """The refusal of a call that is beyond a limit of the scenario's."""
        answer = self._word(world, request, api_error(beyond.limit.error))
        if beyond.limit.retry_after and beyond.wait:
            answer.headers["Retry-After"] = str(world.clock.told(beyond.wait, SECOND))
        return answer

    def _befallen(
        self, world: World[Settings, Objects], request: Request, operation: Operation, faults: Sequence[Fault]
    ) -> Answer:
        """The answer to a call that faults act on: it may not be made at all, or what it comes to be lost."""
        instead = next((each for each in faults if each.error is not None or each.answer is not None), None)
        made = Answer(misfortune.NOTHING_SAID)
        if all(each.effect == "after" for each in faults):
            try:
                made = self.handlers[operation.id](world, request)
            except ApiError:
                if instead is None:
                    raise
        if instead is None:
            return made
        if instead.answer is not None:
            job = world.jobs.get(made.job or _named(world, request, operation) or "")
            answer = misfortune.reply(world, request, job, instead, instead.answer)
        else:
            answer = self._word(world, request, api_error(instead.error or {}))
        answer.job = made.job
        return answer

    def _check_parameters(self, operation: Operation, request: Request, sound: set[str]) -> None:
        """Those that the address tells need be checked only once for each address."""
        known = operation.id in sound
        for parameter in operation.beside if known else operation.parameters:
            values = _values(parameter, request) or ([None] if parameter.required else [])
            for value in values:
                if value is None or not parameter.allows(value):
                    refusal = self._refusals.bad_parameter(request, parameter, value)
                    if refusal:
                        raise refusal
        if not known:
            sound.add(operation.id)


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


def _problem(told: Problem | TooManyJobs) -> Problem:
    """What is no vendor's to say: none documents how many jobs are too many in all."""
    if isinstance(told, Problem):
        return told
    return Problem(503, f"there are {told.limit} jobs already: reset or drop a namespace, or see --max-jobs")


def _named(world: World[Any, Any], request: Request, operation: Operation | None) -> str | None:
    """The id of the job that a call asks for, if there is one; so a refusal is known to be about it too."""
    said = operation and operation.job and request.params.get(operation.job)
    return said if said in world.jobs else None


def _values(parameter: Parameter, request: Request) -> Sequence[str | None]:
    """What a request says for a parameter; as often as it says it."""
    if parameter.place == "path":
        return [request.params[parameter.name]]
    if parameter.place == "query":
        return request.query.getall(parameter.name, [])
    return request.headers.getall(parameter.name, [])

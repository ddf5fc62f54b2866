"""Namespaces: which there are, how to make one, make it anew, and drop it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.admin import scenarios
from emulator.admin.api import Call, Handler
from emulator.admin.clocks import running, wished
from emulator.exchange import Answer
from emulator.namespace import Namespace
from emulator.namespaces import NamespacesFull
from emulator.origin import ScenarioConflict, agree, cast
from emulator.problem import Problem
from emulator.scenario.story import Scenario


async def reset(call: Call) -> Answer:
    """The namespace as it was when it was made."""
    await call.namespace.start_over()
    return Answer(204)


async def list_namespaces(call: Call) -> Answer:
    """Every namespace there is."""
    return Answer(200, {"namespaces": [told(each) for each in call.namespaces]})


async def put_namespace(call: Call) -> Answer:
    """Make a namespace with its own seed, clock and scenarios."""
    name, wanted = call.request.params["name"], call.body
    chosen = await asyncio.to_thread(_chosen, call, wanted) if wanted.get("scenarios") else _chosen(call, wanted)
    base = call.namespaces.origin
    origin = replace(
        base,
        scenarios=chosen,
        seed=wanted.get("seed", base.seed),
        clock=wished(wanted["clock"]) if "clock" in wanted else base.clock,
    )
    check_new(call, name)
    try:
        made = call.namespaces.make(name, origin, declared=True)
    except NamespacesFull as full:
        raise Problem(503, str(full)) from None
    return Answer(201, told(made))


async def drop_namespace(call: Call) -> Answer:
    """Forget a namespace and all that is in it."""
    if not await call.namespaces.drop(call.request.params["name"]):
        raise Problem(404, f"there is no namespace {call.request.params['name']!r}")
    return Answer(204)


def check_new(call: Call, name: str) -> None:
    """Problem 409 if there is a namespace of that name, 422 if none can have it."""
    if name in call.namespaces:
        raise Problem(409, f"there is a namespace {name!r} already: reset or drop it")
    try:
        call.namespaces.check(name)
    except ValueError as error:
        raise Problem(422, str(error)) from None


def told(namespace: Namespace) -> dict[str, Any]:
    """A namespace in short."""
    return {
        "name": namespace.name,
        "seed": namespace.seed,
        "clock": running(namespace.clock),
        "jobs": sum(len(world.jobs) for world in namespace.worlds.values()),
        "requests": len(namespace.journal),
        "scenarios": {api: each.name for api, each in namespace.scenarios.items()},
    }


def _chosen(call: Call, wanted: Mapping[str, Any]) -> dict[str, Scenario]:
    """Scenarios by API: those wished for, else as the server's flags have them. Problem 404, 409, 422.

    A clock and a seed that the wish itself names win over those of its scenarios.
    """
    try:
        asked = cast(scenarios.named(call.library, name) for name in wanted.get("scenarios", ()))
        chosen = {**call.namespaces.origin.scenarios, **asked}
        if "clock" in wanted:
            chosen = {api: replace(each, clock=None) for api, each in chosen.items()}
        if "seed" in wanted:
            chosen = {api: replace(each, seed=None) for api, each in chosen.items()}
        agree(chosen)
    except ScenarioConflict as conflict:
        raise Problem(409, str(conflict)) from None
    return chosen


HANDLERS: dict[str, Handler] = {
    "reset": reset,
    "listNamespaces": list_namespaces,
    "putNamespace": put_namespace,
    "dropNamespace": drop_namespace,
}

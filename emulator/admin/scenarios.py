"""Scenarios: which are in play, how often each rule has acted, and how to play another.

A scenario of hundreds of rules takes a moment to be read, so that is done in a thread: nobody else waits for it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from emulator.admin.api import Call, Handler
from emulator.exchange import Answer
from emulator.namespace import Namespace
from emulator.origin import ScenarioConflict
from emulator.problem import Problem
from emulator.scenario.library import Library, UnknownScenario
from emulator.scenario.mistakes import Mistake, ScenarioError
from emulator.scenario.story import Scenario


async def get_scenario(call: Call) -> Answer:
    """What is in play, API by API."""
    call.namespace.clock.catch_up()
    playing = [_playing(call, api) for api in sorted(call.namespace.origin.hooks)]
    return Answer(200, {"scenarios": playing})


async def put_scenario(call: Call) -> Answer:
    """Play a scenario from now on, by its name or as it is given, with settings beyond it."""
    scenario, settings = await asyncio.to_thread(_wanted, call.library, call.body)
    call.namespace.clock.catch_up()
    try:
        call.namespace.play(scenario, settings)
    except ScenarioConflict as conflict:
        raise Problem(409, str(conflict)) from None
    return Answer(200, _playing(call, scenario.api))


async def list_scenarios(call: Call) -> Answer:
    """All scenarios that have a name; of those that cannot be loaded, why."""
    listed = await asyncio.to_thread(lambda: [_listed(call.library, name) for name in call.library.names()])
    return Answer(200, {"scenarios": listed})


HANDLERS: dict[str, Handler] = {
    "getScenario": get_scenario,
    "putScenario": put_scenario,
    "listScenarios": list_scenarios,
}


def named(library: Library, name: str) -> Scenario:
    """The scenario of that name; Problem 404 with those that it may have meant, or 422 with its mistakes."""
    try:
        return library.find(name, files=False)
    except UnknownScenario as unknown:
        raise _unknown(unknown) from None
    except ScenarioError as error:
        raise _refused(error) from None


def _wanted(library: Library, wish: Mapping[str, Any]) -> tuple[Scenario, Mapping[str, Any]]:
    values = wish.get("set", {})
    try:
        return library.chosen(wish["name"], values) if "name" in wish else library.told(wish["yaml"], values)
    except UnknownScenario as unknown:
        raise _unknown(unknown) from None
    except ScenarioError as error:
        raise _refused(error) from None


def _unknown(unknown: UnknownScenario) -> Problem:
    return Problem(404, str(unknown), candidates=list(unknown.candidates))


def _refused(error: ScenarioError) -> Problem:
    return Problem(422, str(error.mistakes[0]), mistakes=[_mistake(each) for each in error.mistakes])


def _mistake(mistake: Mistake) -> dict[str, Any]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "path": mistake.where,
        "message": mistake.message,
        "suggestion": mistake.suggestion,
    }


def _listed(library: Library, name: str) -> dict[str, Any]:
    try:
        return {"name": name, "about": library.find(name, files=False).about}
    except ScenarioError as error:
        return {"name": name, "about": "", "mistakes": [_mistake(each) for each in error.mistakes]}


def _playing(call: Call, api: str) -> dict[str, Any]:
    scenario = call.namespace.scenario(api)
    return {
        "api": api,
        "name": scenario.name,
        "about": scenario.about,
        "digest": scenario.digest,
        "settings": call.library.written(api, scenario.settings),
        "rules": _rules(call.namespace, scenario),
    }


def _rules(namespace: Namespace, scenario: Scenario) -> list[dict[str, Any]]:
    """Each rule with how often it has acted. To look makes no world: what is in one depends on when it was made."""
    world = namespace.worlds.get(scenario.api)
    hits = world.hits if world else {}
    rules = (scenario.jobs, scenario.limits, scenario.faults, scenario.callbacks)
    return [{"name": each.name, "hits": hits.get(each.name, 0)} for some in rules for each in some]

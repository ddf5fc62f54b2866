"""How namespaces begin: the scenarios in play, which must go with one another, and all that these leave open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.job import nothing
from emulator.scenario.story import ClockSetting, Scenario
from emulator.scenario.vocabulary import Vocabulary
from emulator.world import Hooks


class ScenarioConflict(Exception):  # noqa: N818 - a state, not a mistake of the program
    """A scenario does not go with the others in play, or comes too late for the clock or the seed it wants."""


@dataclass(frozen=True)
class Origin:
    """How every namespace begins, unless it is made otherwise."""

    hooks: Mapping[str, Hooks[Any, Any]]
    defaults: Mapping[str, Scenario]
    """By API: the scenario that answers where the one in play says nothing."""
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    """By API: those in play."""
    seed: int = 0
    clock: ClockSetting = ClockSetting()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=nothing)
    """By API: settings that no scenario overrides."""
    words: Mapping[str, Vocabulary] = field(default_factory=nothing)
    """By API: what its scenarios may say, for those that come from elsewhere."""


def cast(scenarios: Iterable[Scenario]) -> dict[str, Scenario]:
    """Those that are to be played, by API; ScenarioConflict if two are about the same or want different clocks."""
    chosen: dict[str, Scenario] = {}
    for each in scenarios:
        other = chosen.setdefault(each.api, each)
        if other.digest != each.digest:
            raise ScenarioConflict(f"{other.name} and {each.name} are both about {each.api}")
    agree(chosen)
    return chosen


def agree(scenarios: Mapping[str, Scenario]) -> None:
    """ScenarioConflict if two of them want different clocks or seeds."""
    for attribute in ("clock", "seed"):
        told = {each.name: getattr(each, attribute) for each in scenarios.values()}
        wanted = {name: value for name, value in told.items() if value is not None}
        if len(set(wanted.values())) > 1:
            raise ScenarioConflict(f"{' and '.join(wanted)} want different settings of {attribute!r}")

"""A scenario in plain words: what `emulator show` says of it.

The words of its rules are in `wording`, those of single values in `phrases`, the drawing in `drawing`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from emulator.scenario import phrases, settings
from emulator.scenario.story import ClockSetting, Scenario, When
from emulator.scenario.vocabulary import Vocabulary
from emulator.scenario.wording import Texts, Wording


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that is not as by default, as a file would say it."""

    name: str
    value: Any
    default: Any
    about: str


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario in words: sentences, one for each thing that its file says."""

    name: str
    api: str
    about: str
    begins: tuple[str, ...]
    """Of the clock and the seed."""
    parameters: Mapping[str, Any]
    settings: tuple[Setting, ...]
    accounts: tuple[str, ...]
    jobs: tuple[str, ...]
    limits: tuple[str, ...]
    faults: tuple[str, ...]
    callbacks: tuple[str, ...]


def told(scenario: Scenario, words: Vocabulary, texts: Texts = MappingProxyType({})) -> Told:
    """The scenario in words. `texts` are shown beside error codes."""
    wording = Wording(words.lifecycle, texts)
    return Told(
        scenario.name,
        scenario.api,
        scenario.about,
        begins=tuple(_begins(scenario)),
        parameters=scenario.parameters,
        settings=tuple(changed(scenario, words)),
        accounts=tuple(phrases.sentence(phrases.value(each)) for each in scenario.accounts),
        jobs=(*(wording.job(rule, n) for n, rule in enumerate(scenario.jobs)), *_rest(scenario)),
        limits=tuple(map(wording.limit, scenario.limits)),
        faults=tuple(map(wording.fault, scenario.faults)),
        callbacks=tuple(map(wording.callback, scenario.callbacks)),
    )


def lines(telling: Told) -> Iterator[str]:
    """It as text for a terminal."""
    yield telling.name
    yield from ["", telling.about] if telling.about else []
    yield from ["", *telling.begins] if telling.begins else []
    for title, entries in sections(telling):
        yield from ["", title, *(f"  {n}. {each}" for n, each in enumerate(entries, 1))]


def sections(telling: Told) -> Iterator[tuple[str, list[str]]]:
    """What it says of each part that its file has: a title, and a sentence for each entry."""
    if telling.parameters:
        yield "Parameters", [f"{name}: {phrases.value(value)}." for name, value in telling.parameters.items()]
    if telling.settings:
        yield "Settings that differ from the default", [_setting(each) for each in telling.settings]
    for title in ("accounts", "jobs", "limits", "faults", "callbacks"):
        if sentences := getattr(telling, title):
            yield title.capitalize(), list(sentences)


def changed(scenario: Scenario, words: Vocabulary) -> Iterator[Setting]:
    """The settings that are not as by default."""
    known = settings.kinds(words.settings)
    for field in fields(words.settings):
        value = scenario.settings.get(field.name, field.default)
        if value != field.default:
            written = known[field.name].written
            yield Setting(field.name, written(value), written(field.default), field.metadata.get("description", ""))


def clock(setting: ClockSetting) -> str:
    """How time starts and runs."""
    paces: dict[float, str] = {0: "stands still until a test moves it", 1: "runs as the wall clock does"}
    pace = paces.get(setting.rate, f"runs {setting.rate:g} times as fast as the wall clock")
    if setting.step:
        pace = f"goes on by {phrases.duration(setting.step)} with each request, and not otherwise"
    if setting.skips:
        pace = "stands still until a poll would show nothing new, and goes to the job's next event then"
    start = "" if setting.start is None else f" starts at {phrases.instant(setting.start)} and"
    return f"The clock{start} {pace}."


def _begins(scenario: Scenario) -> Iterator[str]:
    if scenario.clock is not None:
        yield clock(scenario.clock)
    if scenario.seed is not None:
        yield f"All chance is drawn from the seed {scenario.seed}."


def _rest(scenario: Scenario) -> Iterator[str]:
    """Of submissions that no rule takes."""
    default = f"{scenario.api}/default"
    if scenario.name != default and not any(rule.when == When() for rule in scenario.jobs):
        yield f"Every {'other ' if scenario.jobs else ''}submission: as {default} has it."


def _setting(setting: Setting) -> str:
    about = f" {setting.about}" if setting.about else ""
    return f"{setting.name}: {phrases.value(setting.value)} instead of {phrases.value(setting.default)}.{about}"

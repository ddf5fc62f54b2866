"""A scenario file -> a `Scenario`, or every mistake in it at once."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from emulator.chance import Distribution, Fixed, LogNormal, Uniform
from emulator.clock import Duration
from emulator.job import AT_ONCE, NOTHING, Polls, Release, Step, Wait
from emulator.scenario import fit, grammar, measures, settings
from emulator.scenario.mistakes import Finding, Mistake, ScenarioError
from emulator.scenario.reader import Document, read
from emulator.scenario.schema import DURATION_REF, EXTENSION, SIZE_REF
from emulator.scenario.sense import Sound, nonsense
from emulator.scenario.story import ClockSetting, Fault, JobRule, Scenario, When
from emulator.scenario.vocabulary import Vocabulary

_RATES = {"real": 1.0, "frozen": 0.0}


def load(data: bytes, file: str, name: str, vocabularies: Mapping[str, Vocabulary]) -> Scenario:
    """The story in a file; ScenarioError with all its mistakes. `file` is for messages, `name` for journals."""
    return tell(read(data, file), file, name, vocabularies)


def tell(document: Document, file: str, name: str, vocabularies: Mapping[str, Vocabulary]) -> Scenario:
    """The story in a document that has been read; ScenarioError with all its mistakes."""
    findings = _findings(document, vocabularies)
    if findings:
        raise ScenarioError(_placed(each, document, file) for each in findings)
    return _scenario(document.value, name, vocabularies[document.value["api"]])


def digest(value: object) -> str:
    """SHA-256 of what a file says: not of its layout, its `about` or its extensions."""
    if isinstance(value, dict):
        value = {key: each for key, each in value.items() if key != "about" and not key.startswith(EXTENSION)}
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _findings(document: Document, vocabularies: Mapping[str, Vocabulary]) -> list[Finding]:
    known = {each.path for each in document.findings}
    misfits, complete = fit.misfits(document.value, vocabularies)
    findings = [*document.findings, *(each for each in misfits if each.path not in known)]
    if complete:  # else there are parts whose form nobody vouches for
        story = Sound(document.value, [each.path for each in findings])
        api = story.get(("api",))
        findings += nonsense(story, vocabularies.get(api) if isinstance(api, str) else None)
    return findings


def _placed(finding: Finding, document: Document, file: str) -> Mistake:
    line, column = document.position(finding.path, key=finding.at_key)
    return Mistake(file, line, column, finding.path, finding.message, finding.suggestion)


def _scenario(value: Mapping[str, Any], name: str, words: Vocabulary) -> Scenario:
    progression = value.get("progression", "time")
    return Scenario(
        name=name,
        api=words.api,
        about=value.get("about", ""),
        digest=digest(value),
        jobs=tuple(
            _job(rule, f"{name} jobs[{index}]", progression, words) for index, rule in enumerate(value.get("jobs", ()))
        ),
        faults=tuple(_fault(rule, f"{name} faults[{index}]") for index, rule in enumerate(value.get("faults", ()))),
        settings=settings.python(words.settings, value.get("settings", {})),
        accounts=tuple(_measured(account, words.account) for account in value.get("accounts", ())),
        clock=_clock(value["clock"]) if "clock" in value else None,
        seed=_whole(value.get("seed")),
    )


def _job(rule: Mapping[str, Any], name: str, progression: str, words: Vocabulary) -> JobRule:
    return JobRule(
        name=name,
        when=_when(rule.get("when", {}), words),
        steps=tuple(_step(step, progression) for step in rule["steps"]),
        result=_measured(rule.get("result", {}), words.result),
    )


def _when(when: Mapping[str, Any], words: Vocabulary) -> When:
    about = {key: value for key, value in when.items() if key not in grammar.NTH}
    return When(
        about=_measured(about, words.when),
        nth=measures.ordinals(when.get("nth"), when.get("every")),
        per=when.get("per", "namespace"),
    )


def _step(step: Mapping[str, Any], progression: str) -> Step:
    return Step(
        state=step["state"],
        after=_paced(_wait(step.get("after", 0)), progression),
        progress=_whole(step.get("progress")),
        error=_error(step.get("error")),
    )


def _wait(after: Any) -> Wait:  # noqa: ANN401 - any of the shapes of `grammar.WAIT`
    if after == "release":
        return Release()
    if isinstance(after, dict) and "polls" in after:
        return Polls(int(after["polls"]))
    return _distribution(after)


def _paced(wait: Wait, progression: str) -> Wait:
    if wait == AT_ONCE or progression == "immediate":
        return AT_ONCE
    return Release() if progression == "manual" else wait


def _distribution(given: Any) -> Distribution:  # noqa: ANN401 - any of the shapes of `grammar.LATENCY`
    if not isinstance(given, dict):
        return Fixed(measures.microseconds(given))
    ((shape, parts),) = given.items()
    if shape == "fixed":
        return Fixed(measures.microseconds(parts))
    if shape == "uniform":
        return Uniform(*_durations(parts))
    return LogNormal(*_durations([parts["median"], parts["p99"]]))


def _durations(texts: Iterable[str | int]) -> list[Duration]:
    return [measures.microseconds(text) for text in texts]


def _error(error: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - a code, or a mapping with one
    if error is None:
        return None
    return MappingProxyType(dict(error) if isinstance(error, dict) else {"code": error})


def _fault(rule: Mapping[str, Any], name: str) -> Fault:
    return Fault(
        name=name,
        operation=rule["operation"],
        calls=measures.ordinals(rule.get("calls"), rule.get("every")),
        per=rule.get("per"),
        latency=_distribution(rule["latency"]) if "latency" in rule else None,
        error=_error(rule.get("error")),
        fault=rule.get("fault"),
    )


def _clock(clock: Mapping[str, Any]) -> ClockSetting:
    rate = clock.get("rate", _RATES[clock.get("mode", "real")])
    return ClockSetting(rate, measures.instant(clock["start"]) if "start" in clock else None)


def _measured(values: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Frozen, and where the vocabulary asks for durations and sizes, those as ints."""
    return (
        MappingProxyType({key: _read(value, schemas.get(key)) for key, value in values.items()}) if values else NOTHING
    )


def _read(value: Any, asked: object) -> Any:  # noqa: ANN401
    if asked == DURATION_REF:
        return measures.microseconds(value)
    if asked == SIZE_REF:
        return measures.octets(value)
    return _frozen(value)


def _frozen(value: Any) -> Any:  # noqa: ANN401 - JSON in, the same without its setters out
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _whole(number: float | None) -> int | None:
    """JSON Schema takes 4.0 for an integer."""
    return None if number is None else int(number)

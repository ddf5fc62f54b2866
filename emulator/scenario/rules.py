"""The rules of a file that has no mistakes, as values."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from emulator.chance import Distribution, Fixed, LogNormal, Uniform
from emulator.clock import Duration
from emulator.damage import Damage, Dribble
from emulator.job import AT_ONCE, NOTHING, Polls, Release, Step, Wait
from emulator.pointer import Change
from emulator.scenario import fakes, measures
from emulator.scenario.condition import Condition, Pattern, Place, Test
from emulator.scenario.schema import DURATION_REF, SIZE_REF
from emulator.scenario.story import CallbackRule, Edge, Fault, JobRule, Limit, Per, Reply, Span, When
from emulator.scenario.template import left_open, template
from emulator.scenario.vocabulary import Vocabulary

Content = Callable[[str], bytes]
"""What a file beside the scenario holds."""

# Jobs -----------------------------------------------------------------------


def job(rule: Mapping[str, Any], name: str, key: str, progression: str, words: Vocabulary) -> JobRule:
    """One entry of `jobs`."""
    return JobRule(
        name=name,
        key=key,
        when=_submission(rule.get("when", {}), words),
        steps=tuple(_step(step, progression) for step in rule["steps"]),
        result=measured(rule.get("result", {}), words.result),
        repeat=rule.get("repeat", "last"),
    )


def _submission(when: Mapping[str, Any], words: Vocabulary) -> When:
    about = {key: value for key, value in when.items() if key in words.when}
    return _when(when, when.get("nth"), when, "namespace", measured(about, words.when))


def _step(step: Mapping[str, Any], progression: str) -> Step:
    return Step(
        state=step["state"],
        after=_paced(_wait(step.get("after", 0)), progression),
        progress=whole(step.get("progress")),
        error=_error(step.get("error")),
    )


def _wait(after: Any) -> Wait:  # noqa: ANN401 - any of the shapes of `forms.WAIT`
    if after == "release":
        return Release()
    if isinstance(after, dict) and "polls" in after:
        return Polls(int(after["polls"]))
    return _distribution(after)


def _paced(wait: Wait, progression: str) -> Wait:
    if wait == AT_ONCE or progression == "immediate":
        return AT_ONCE
    return Release() if progression == "manual" else wait


# Conditions -----------------------------------------------------------------


def _when(
    asked: Mapping[str, Any],
    calls: int | str | None,
    counted: Mapping[str, Any],
    per: Per,
    about: Mapping[str, Any] = NOTHING,
) -> When:
    return When(
        about=about,
        nth=measures.ordinals(calls, counted.get("every")),
        per=counted.get("per", per),
        operations=_named(counted.get("operation")),
        asked=tuple(_conditions(asked)),
        account=asked.get("account"),
        during=_span(asked["during"]) if "during" in asked else None,
        states=_named(asked.get("state")),
        chance=asked.get("chance", 1),
    )


def _named(named: str | list[str] | None) -> frozenset[str] | None:
    """One name or several."""
    return None if named is None else frozenset([named] if isinstance(named, str) else named)


def _conditions(asked: Mapping[str, Any]) -> Iterable[Condition]:
    for key, place in _WHOLE.items():
        if key in asked:
            yield Condition(place, "", _test(asked[key], _text))
    for key, place in _BY_NAME.items():
        read = _text if place != "body" else frozen
        for name, test in asked.get(key, {}).items():
            yield Condition(place, name, _test(test, read))


_WHOLE: Mapping[str, Place] = {"path": "path", "url": "path"}
_BY_NAME: Mapping[str, Place] = {"query": "query", "header": "header", "body": "body"}


def _test(given: Any, read: Callable[[Any], Any]) -> Test:  # noqa: ANN401 - a value, or a mapping of tests
    if not isinstance(given, dict):
        return Test(equals=read(given))
    values = {key: read(given[key]) for key in ("equals", "contains") if key in given}
    pattern = Pattern(given["matches"]) if "matches" in given else None
    return Test(**values, matches=pattern, exists=given.get("exists", True))


def _text(value: Any) -> str:  # noqa: ANN401 - a word that YAML took for something else
    return str(value).lower() if isinstance(value, bool) else str(value)


def _span(during: Mapping[str, Any]) -> Span:
    return Span(edge(during.get("from", 0)), edge(during["to"]) if "to" in during else None)


def edge(text: str | int) -> Edge:
    """`5m` after the beginning, or an instant; ValueError for what is neither."""
    if isinstance(text, str) and "T" in text:
        return Edge(measures.instant(text), absolute=True)
    return Edge(measures.microseconds(text), absolute=False)


# Faults ---------------------------------------------------------------------


def fault(rule: Mapping[str, Any], name: str, key: str, words: Vocabulary, content: Content) -> Fault:
    """One entry of `faults`."""
    operations = _named(rule.get("operation"))
    per: Per = "job" if operations and operations <= words.of_jobs else "namespace"
    instead = "error" in rule or "answer" in rule
    return Fault(
        name=name,
        key=key,
        when=_when(rule.get("when", {}), rule.get("calls"), rule, per),
        latency=_distribution(rule["latency"]) if "latency" in rule else None,
        error=_error(rule.get("error")),
        answer=_reply(rule["answer"], content) if "answer" in rule else None,
        change=_change(rule),
        damage=_damage(rule),
        effect=rule.get("effect", "before" if instead else "after"),
        breaks_contract=rule.get("breaks_contract", False),
    )


def _error(error: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - a code, or a mapping with one
    if error is None:
        return None
    return MappingProxyType(dict(error) if isinstance(error, dict) else {"code": error})


def _reply(answer: Mapping[str, Any], content: Content) -> Reply:
    body, headers = template(answer.get("body", answer.get("text"))), template(answer.get("headers", {}))
    if any(each.word == "faker" for part in (body, headers) for each in left_open(part)):
        fakes.faker()
    return Reply(
        status=int(answer.get("status", 200)),
        headers=headers,
        body=content(answer["file"]) if "file" in answer else body,
        content_type=answer.get("content_type", content_type(answer)),
        json="text" not in answer,
    )


_BY_SUFFIX = {"json": None, "csv": "text/csv", "txt": "text/plain", "html": "text/html", "xml": "application/xml"}


def content_type(answer: Mapping[str, Any]) -> str | None:
    """What the body is, if nothing is said of it; None is the vendor's JSON."""
    if "text" in answer:
        return "text/plain"
    suffix = answer.get("file", ".json").rpartition(".")[2].lower()
    return _BY_SUFFIX.get(suffix, "application/octet-stream")


def _damage(rule: Mapping[str, Any]) -> Damage:
    dribble, date = rule.get("chunked_dribble"), rule.get("date", {})
    return Damage(
        fault=rule.get("fault"),
        dribble=Dribble(int(dribble["chunks"]), measures.microseconds(dribble["over"])) if dribble else None,
        bandwidth=measures.octets(rule["bandwidth"]) if "bandwidth" in rule else None,
        headers=frozen(rule.get("headers", {})),
        date=measures.microseconds(date.get("ahead", 0)) - measures.microseconds(date.get("behind", 0)),
    )


def _change(rule: Mapping[str, Any]) -> Change:
    return Change(tuple(rule.get("remove", ())), dict(rule.get("replace", {})), dict(rule.get("set", {})))


# Limits ---------------------------------------------------------------------


def limit(rule: Mapping[str, Any], name: str, key: str) -> Limit:
    """One entry of `limits`."""
    return Limit(
        name=name,
        key=key,
        error=_error(rule["error"]) or NOTHING,
        when=_when(rule.get("when", {}), None, rule, "namespace"),
        requests=whole(rule.get("requests")),
        window=measures.microseconds(rule.get("window", 0)),
        burst=whole(rule.get("burst")),
        weights=frozen(rule.get("weights", {})),
        parallel=whole(rule.get("parallel")),
        body=measures.octets(rule["body"]) if "body" in rule else None,
        retry_after=rule.get("retry_after", True),
    )


# Callbacks ------------------------------------------------------------------


def callback(rule: Mapping[str, Any], name: str, key: str) -> CallbackRule:
    """One entry of `callbacks`."""
    return CallbackRule(
        name=name,
        key=key,
        when=_when(rule.get("when", {}), rule.get("calls"), rule, "namespace"),
        delay=_distribution(rule["delay"]) if "delay" in rule else None,
        copies=int(rule.get("copies", 1)),
        apart=measures.microseconds(rule.get("apart", 0)),
        retry=tuple(_durations(rule["retry"])) if "retry" in rule else None,
        before_answer=rule.get("before_answer", False),
        headers=frozen(rule.get("headers", {})),
        change=_change(rule),
        malformed=rule.get("malformed", False),
    )


# Values ---------------------------------------------------------------------


def _distribution(given: Any) -> Distribution:  # noqa: ANN401 - any of the shapes of `forms.LATENCY`
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


def measured(values: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Frozen, and where the vocabulary asks for durations and sizes, those as ints."""
    return (
        MappingProxyType({key: _read(value, schemas.get(key)) for key, value in values.items()}) if values else NOTHING
    )


def _read(value: Any, asked: object) -> Any:  # noqa: ANN401
    if asked == DURATION_REF:
        return measures.microseconds(value)
    if asked == SIZE_REF:
        return measures.octets(value)
    return frozen(value)


def frozen(value: Any) -> Any:  # noqa: ANN401 - JSON in, the same without its setters out
    """A JSON value that nobody can change."""
    if isinstance(value, dict):
        return MappingProxyType({key: frozen(each) for key, each in value.items()})
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def whole(number: float | None) -> int | None:
    """JSON Schema takes 4.0 for an integer."""
    return None if number is None else int(number)

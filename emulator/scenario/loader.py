"""A scenario file -> a `Scenario`, or every mistake in it at once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

from emulator.contract.decoder import NotJson, decode
from emulator.job import NOTHING
from emulator.scenario import parameters, rules, settings
from emulator.scenario.mistakes import Finding, Mistake, Path, ScenarioError, shown
from emulator.scenario.pace import clock_setting
from emulator.scenario.reader import Document, read
from emulator.scenario.schema import EXTENSION, fits
from emulator.scenario.sense import Sound, nonsense
from emulator.scenario.story import Scenario, thawed
from emulator.scenario.vocabulary import Vocabulary


class Surroundings(Protocol):
    """What a file may refer to."""

    def base(self, name: str, values: Mapping[str, Any], /) -> Scenario:
        """The scenario that it extends, with these values for its parameters; ValueError."""

    def content(self, name: str, /) -> bytes:
        """A file beside it, or below; ValueError."""


class Nowhere:
    """The surroundings of a text that is no file."""

    def base(self, name: str, _values: Mapping[str, Any], /) -> Scenario:
        """There is none."""
        raise ValueError(f"expected nothing to extend: this text has no library around it, got {shown(name)}")

    def content(self, name: str, /) -> bytes:
        """There is none."""
        raise ValueError(f"expected no file: this text has none beside it, got {shown(name)}")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a file stands: `file` is for messages, `name` for journals."""

    file: str
    name: str
    surroundings: Surroundings = Nowhere()
    api: str | None = None
    """Whose API it is to be about, where that is settled."""


def load(
    data: bytes, placed: Placed, vocabularies: Mapping[str, Vocabulary], given: Mapping[str, Any] = NOTHING
) -> Scenario:
    """The story in a file, with `given` for its parameters; ScenarioError with all its mistakes."""
    return tell(read(data, placed.file), placed, vocabularies, given)


def tell(
    document: Document, placed: Placed, vocabularies: Mapping[str, Vocabulary], given: Mapping[str, Any] = NOTHING
) -> Scenario:
    """The story in a document that has been read; ScenarioError with all its mistakes."""
    document = parameters.filled(document, given)
    told = _Told(document, placed.surroundings)
    findings = _findings(told, placed, vocabularies, given)
    if findings:
        raise ScenarioError(_at(each, document, placed.file) for each in findings)
    own = _scenario(told, placed.name, vocabularies[document.value["api"]], given)
    return own if told.base is None else _extended(own, told.base)


def digest(value: object) -> str:
    """SHA-256 of what a file says: not of its layout, its `about` or its extensions."""
    if isinstance(value, dict):
        value = {key: each for key, each in value.items() if key != "about" and not key.startswith(EXTENSION)}
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class _Told:
    """A document with what it refers to: each looked up once."""

    def __init__(self, document: Document, surroundings: Surroundings) -> None:
        self.document = document
        self.value: Any = document.value
        self.base: Scenario | None = None
        self.files: dict[str, bytes] = {}
        self._surroundings = surroundings

    def look_up(self, story: Sound, words: Vocabulary | None) -> Iterator[Finding]:
        """What is wrong with what it refers to."""
        if (extends := story.get(("extends",))) is not None:
            yield from self._look_up_base(extends, words)
        for rule in story.each(("faults",)):
            if (name := story.get((*rule, "answer", "file"))) is not None:
                yield from self._look_up_file((*rule, "answer", "file"), name)

    def _look_up_base(self, extends: Any, words: Vocabulary | None) -> Iterator[Finding]:  # noqa: ANN401
        name, values = (extends["name"], extends.get("set", {})) if isinstance(extends, dict) else (extends, {})
        path: Path = ("extends", "name") if isinstance(extends, dict) else ("extends",)
        try:
            self.base = self._surroundings.base(name, values)
        except ValueError as error:
            yield Finding(path, str(error))
            return
        if words and self.base.api != words.api:
            yield Finding(
                path, f"expected a scenario of {words.api}, got {self.base.name}, which is of {self.base.api}"
            )

    def _look_up_file(self, path: Path, name: str) -> Iterator[Finding]:
        try:
            self.files[name] = self._surroundings.content(name)
        except ValueError as error:
            yield Finding(path, str(error))

    def content(self, name: str) -> Any:  # noqa: ANN401 - JSON, or bytes
        """What an answer takes from that file."""
        data = self.files[name]
        return rules.frozen(decode(data)) if name.lower().endswith(".json") else data


def _findings(
    told: _Told, placed: Placed, vocabularies: Mapping[str, Vocabulary], given: Mapping[str, Any]
) -> list[Finding]:
    document = told.document
    known = {each.path for each in document.findings}
    meant = vocabularies if placed.api is None else {placed.api: vocabularies[placed.api]}
    misfits, complete = _misfits(document.value, vocabularies, meant)
    findings = [*document.findings, *(each for each in misfits if each.path not in known)]
    findings += [Finding(("parameters",), text) for text in parameters.unlike(given, parameters.defaults(told.value))]
    if complete:  # else there are parts whose form nobody vouches for
        story = Sound(document.value, [each.path for each in findings])
        api = story.get(("api",))
        words = meant.get(api) if isinstance(api, str) else None
        findings += nonsense(story, words)
        findings += told.look_up(story, words)
        if not findings and words:
            findings += _breaches(told, words)
    return findings


def _misfits(
    value: Any,  # noqa: ANN401 - whatever a file says
    vocabularies: Mapping[str, Vocabulary],
    meant: Mapping[str, Vocabulary],
) -> tuple[list[Finding], bool]:
    """What the schema has to say against a value, and whether that is all."""
    if fits(value, vocabularies) and value["api"] in meant:  # one schema for all: it takes room and time to compile
        return [], True
    from emulator.scenario import fit  # noqa: PLC0415 - it takes long to load, and only mistakes need it

    return fit.misfits(value, meant)


def _breaches(told: _Told, words: Vocabulary) -> Iterator[Finding]:
    """Answers that break the vendor's contract, where no rule says that they are to; open ones are checked later."""
    for place, rule in enumerate(told.value.get("faults", ())):
        answer = rule.get("answer")
        if answer is None:
            continue
        path: Path = ("faults", place, "answer")
        try:
            body = told.content(answer["file"]) if "file" in answer else answer.get("body", answer.get("text"))
        except NotJson as error:
            yield Finding((*path, "file"), f"expected JSON in {answer['file']}, got text that is none: {error.reason}")
            continue
        if rule.get("breaks_contract") or "operation" not in rule or "${" in json.dumps(answer):
            continue
        said_as = answer.get("content_type", rules.content_type(answer)) or "application/json"
        for operation in [rule["operation"]] if isinstance(rule["operation"], str) else rule["operation"]:
            for text in words.breaches(operation, int(answer.get("status", 200)), said_as, thawed(body)):
                yield Finding(path, f"expected what {operation} may answer, or `breaks_contract: true`: {text}")


def _at(finding: Finding, document: Document, file: str) -> Mistake:
    line, column = document.position(finding.path, key=finding.at_key)
    return Mistake(file, line, column, finding.path, finding.message, finding.suggestion)


def _scenario(told: _Told, name: str, words: Vocabulary, given: Mapping[str, Any]) -> Scenario:
    value = told.value
    progression = value.get("progression", "time")
    files = {each: sha256(data).hexdigest() for each, data in told.files.items()}
    return Scenario(
        name=name,
        api=words.api,
        about=value.get("about", ""),
        digest=digest({**value, "files": files} if files else value),
        jobs=tuple(
            rules.job(rule, *_called(name, "jobs", place), progression, words)
            for place, rule in enumerate(value.get("jobs", ()))
        ),
        limits=tuple(
            rules.limit(rule, *_called(name, "limits", place)) for place, rule in enumerate(value.get("limits", ()))
        ),
        faults=tuple(
            rules.fault(rule, *_called(name, "faults", place), words, told.content)
            for place, rule in enumerate(value.get("faults", ()))
        ),
        callbacks=tuple(
            rules.callback(rule, *_called(name, "callbacks", place))
            for place, rule in enumerate(value.get("callbacks", ()))
        ),
        settings=settings.python(words.settings, value.get("settings", {})),
        accounts=tuple(rules.measured(account, words.account) for account in value.get("accounts", ())),
        parameters={**parameters.defaults(value), **given},
        clock=clock_setting(value["clock"]) if "clock" in value else None,
        seed=rules.whole(value.get("seed")),
    )


def _called(name: str, section: str, place: int) -> tuple[str, str]:
    """The name of a rule and its key."""
    return f"{name} {section}[{place}]", f"{section}[{place}]"


def _extended(own: Scenario, base: Scenario) -> Scenario:
    """Both: the rules of `own` first, and what it does not say as `base` has it."""
    return replace(
        own,
        about=own.about or base.about,
        digest=sha256(f"{own.digest} extends {base.digest}".encode()).hexdigest(),
        jobs=own.jobs + tuple(replace(each, key=f"extends {each.key}") for each in base.jobs),
        limits=own.limits + tuple(replace(each, key=f"extends {each.key}") for each in base.limits),
        faults=own.faults + tuple(replace(each, key=f"extends {each.key}") for each in base.faults),
        callbacks=own.callbacks + tuple(replace(each, key=f"extends {each.key}") for each in base.callbacks),
        settings={**base.settings, **own.settings},
        accounts=own.accounts or base.accounts,
        clock=own.clock if own.clock is not None else base.clock,
        seed=own.seed if own.seed is not None else base.seed,
    )

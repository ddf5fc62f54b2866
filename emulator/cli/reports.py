"""What is wrong with scenarios, in the forms that `validate` prints: text, JSON, SARIF 2.1.0."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from emulator import __version__
from emulator.scenario.library import UnknownScenario
from emulator.scenario.mistakes import Mistake

Wrong = Mistake | UnknownScenario
"""A mistake in a file, or a name that no scenario has."""

Form = Callable[[Sequence[Wrong]], str]


class Rule(NamedTuple):
    """A kind of mistake, as SARIF has it."""

    id: str
    about: str


UNREADABLE = Rule("unreadable-file", "The file is not YAML, or not one mapping of it.")
MISSPELT = Rule("misspelt-word", "A key or a value is not one that may stand here, but looks like one that may.")
MISTAKE = Rule("mistake", "A key or a value may not stand here, or one is missing.")
UNKNOWN = Rule("unknown-scenario", "No scenario has this name.")
RULES = (UNREADABLE, MISSPELT, MISTAKE, UNKNOWN)


def as_text(wrong: Sequence[Wrong]) -> str:
    """A line for each, as compilers write them."""
    return "\n".join(map(str, wrong))


def as_json(wrong: Sequence[Wrong]) -> str:
    """One list of objects."""
    return _dumped([_told(each) for each in wrong])


def as_sarif(wrong: Sequence[Wrong]) -> str:
    """One log with one run, as code hosts and editors read it."""
    driver = {"name": "emulator", "version": __version__, "rules": [_rule(each) for each in RULES]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": [_result(each) for each in wrong]}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return _dumped({"$schema": schema, "version": "2.1.0", "runs": [run]})


FORMS: Mapping[str, Form] = {"text": as_text, "json": as_json, "sarif": as_sarif}


def _dumped(document: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps(document, ensure_ascii=False, indent=1)


def _told(wrong: Wrong) -> dict[str, Any]:
    """As /__admin tells it. A name that no scenario has stands in no file."""
    if isinstance(wrong, Mistake):
        return wrong.told()
    nowhere = {"file": None, "line": None, "column": None, "path": None}
    return {**nowhere, "message": str(wrong), "suggestion": next(iter(wrong.candidates), None)}


def _rule(rule: Rule) -> dict[str, Any]:
    return {"id": rule.id, "shortDescription": {"text": rule.about}, "defaultConfiguration": {"level": "error"}}


def _result(wrong: Wrong) -> dict[str, Any]:
    rule = rule_of(wrong)
    result: dict[str, Any] = {"ruleId": rule.id, "ruleIndex": RULES.index(rule), "level": "error"}
    if isinstance(wrong, UnknownScenario):
        return {**result, "message": _message(str(wrong))}
    region = {"startLine": wrong.line, "startColumn": wrong.column}
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(wrong.file)}, "region": region}}
    if wrong.path:
        place["logicalLocations"] = [{"fullyQualifiedName": wrong.where}]
    text = str(wrong).removeprefix(f"{wrong.file}:{wrong.line}:{wrong.column}: ")
    return {**result, "message": _message(text), "locations": [place]}


def _message(text: str) -> dict[str, str]:
    """To SARIF, what stands in single braces is a place to be filled."""
    return {"text": text.replace("{", "{{").replace("}", "}}")}


def rule_of(wrong: Wrong) -> Rule:
    """Which kind of mistake it is."""
    if isinstance(wrong, UnknownScenario):
        return UNKNOWN
    if not wrong.path:
        return UNREADABLE
    return MISTAKE if wrong.suggestion is None else MISSPELT


def _uri(file: str) -> str:
    """A file as SARIF names it: absolute with its scheme, relative to where the verb was run without one."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())

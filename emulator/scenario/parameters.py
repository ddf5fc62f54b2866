"""What a scenario file leaves open: `${parameters.rows}` stands for a value that whoever plays the file may choose."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from emulator.scenario.forms import PARAMETER_NAME
from emulator.scenario.mistakes import Finding, Path, Position, listed, nearest, shown
from emulator.scenario.reader import Document

PLACE = re.compile(rf"\$\{{parameters\.({PARAMETER_NAME})\}}")

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def defaults(value: object) -> dict[str, Any]:
    """The parameters that a file declares, with their defaults; whatever is not one is left to the schema."""
    declared = value.get("parameters") if isinstance(value, dict) else None
    if not isinstance(declared, dict):
        return {}
    return {name: each for name, each in declared.items() if type(each) in _WORDS}


def unlike(given: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the values that are given: names that are not declared, other types than the default's."""
    for name, value in given.items():
        default = declared.get(name)
        fits = type(value) is type(default) or (type(default) is float and type(value) is int)
        if name not in declared:
            yield f"expected one of the parameters {listed(declared, 'or') or '(there are none)'}, got {shown(name)}"
        elif not fits:
            yield f"expected {_WORDS[type(default)]} for the parameter {name}, got {shown(value)}"


def filled(document: Document, given: Mapping[str, Any]) -> Document:
    """The document with its parameters put in; those that nobody has declared are among its findings then."""
    values = {**defaults(document.value), **given}
    findings: list[Finding] = []
    if not isinstance(document.value, dict) or not _speaks_of_any(document.value):
        return document
    told = {
        key: each if key == "parameters" else _put(each, (key,), values, findings)
        for key, each in document.value.items()
    }
    positions = document.positions | dict(_declared(document, given))
    return replace(document, value=told, positions=positions, findings=(*document.findings, *findings))


def _declared(document: Document, given: Mapping[str, Any]) -> Iterator[tuple[Path, Position]]:
    """What a default stands for alone stands where it is declared: a mistake in it is told there."""
    for path, name in _alone(document.value, ()):
        position = document.positions.get(("parameters", name))
        if position and name not in given and path[0] != "parameters":
            yield path, position


def _alone(value: Any, path: Path) -> Iterator[tuple[Path, str]]:  # noqa: ANN401
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _alone(each, (*path, key))
    elif isinstance(value, str) and (place := PLACE.fullmatch(value)):
        yield path, place.group(1)


def _speaks_of_any(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_speaks_of_any, value.values()))
    if isinstance(value, list):
        return any(map(_speaks_of_any, value))
    return isinstance(value, str) and "${parameters." in value


def _put(value: Any, path: Path, values: Mapping[str, Any], findings: list[Finding]) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _put(each, (*path, key), values, findings) for key, each in value.items()}
    if isinstance(value, list):
        return [_put(each, (*path, place), values, findings) for place, each in enumerate(value)]
    if not isinstance(value, str):
        return value
    for name in PLACE.findall(value):
        if name not in values:
            known = f"expected one of the parameters {listed(values, 'or')}" if values else "expected no parameter"
            findings.append(Finding(path, f"{known}, got {shown(name)}", nearest(name, values)))
            return value
    whole = PLACE.fullmatch(value)
    return values[whole.group(1)] if whole else PLACE.sub(lambda place: _text(values[place.group(1)]), value)


def _text(value: Any) -> str:  # noqa: ANN401
    return str(value).lower() if isinstance(value, bool) else str(value)

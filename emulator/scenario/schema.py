"""The JSON Schema of scenario files (draft-07, as editors read it): the grammar and each API's words."""

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.job import END
from emulator.scenario import grammar, settings
from emulator.scenario.vocabulary import Vocabulary

EXTENSION = "x-"
"""Keys at the top that begin so are the author's own."""

DURATION_REF = {"$ref": "#/definitions/duration"}
SIZE_REF = {"$ref": "#/definitions/size"}
"""For a vocabulary's `when`, `result` and `account`: a value that arrives as microseconds, or as bytes."""


def schema(vocabularies: Mapping[str, Vocabulary]) -> dict[str, Any]:
    """The schema of all files that are about one of these APIs, as plain JSON values."""
    file = grammar.closed(grammar.top(sorted(vocabularies)), "version", "api")
    branches = [_branch(vocabularies[api]) for api in sorted(vocabularies)]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Scenario",
        "description": "A story about asynchronous jobs, told before it happens.",
        "examples": [{"version": 1, "api": api} for api in sorted(vocabularies)[:1]],
        **file,
        "patternProperties": {f"^{EXTENSION}": _EXTENSION},
        **({"allOf": branches} if branches else {}),
        "definitions": {
            "duration": grammar.duration("duration", "How long.", "5s"),
            "size": grammar.said("size", "How much.", "10MB", grammar.SIZE),
        },
    }


_EXTENSION = grammar.said("extension", "The author's own: a place for anchors. Ignored.", {})


def _branch(words: Vocabulary) -> dict[str, Any]:
    """What is narrower in files about one API. Types are the grammar's business, so mistakes show once."""
    chosen = {"properties": {"api": {"const": words.api}}, "required": ["api"]}
    narrower = {
        "settings": _only(settings.properties(words.settings)),
        "accounts": {"items": _only(words.account)},
        "jobs": {"items": {"properties": _job(words)}},
        "faults": {"items": {"properties": _fault(words)}},
    }
    return {"if": chosen, "then": {"properties": _plain(narrower)}}


def _job(words: Vocabulary) -> dict[str, Any]:
    states = [*words.lifecycle.follows, END]
    step = {"properties": {"state": {"enum": states}, "error": _error(words)}}
    return {
        "when": _only({**words.when, **{key: {} for key in grammar.NTH}}),
        "steps": {"items": step},
        "result": _only(words.result),
    }


def _fault(words: Vocabulary) -> dict[str, Any]:
    return {"operation": {"enum": sorted(words.operations)}, "error": _error(words)}


def _error(words: Vocabulary) -> dict[str, Any]:
    codes = {"enum": in_order(words.errors)}
    return {"if": {"type": "object"}, "then": {"properties": {"code": codes}}, "else": codes}


def in_order(codes: Iterable[int | str]) -> list[int | str]:
    """Error codes sorted, numbers first."""
    return sorted(codes, key=lambda code: (isinstance(code, str), code))


def _only(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"properties": dict(properties), "additionalProperties": False}


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """As json.dumps takes it: no mapping proxies, no tuples, no sets."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value

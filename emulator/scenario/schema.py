"""The JSON Schema of scenario files (draft-07, as editors read it): the grammar and each API's words."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

from emulator.job import END
from emulator.scenario import forms, grammar, settings
from emulator.scenario.asking import ASKED
from emulator.scenario.vocabulary import Vocabulary

EXTENSION = "x-"
"""Keys at the top that begin so are the author's own."""

DURATION_REF = {"$ref": "#/definitions/duration"}
SIZE_REF = {"$ref": "#/definitions/size"}
"""For a vocabulary's `when`, `result` and `account`: a value that arrives as microseconds, or as bytes."""


def schema(vocabularies: Mapping[str, Vocabulary]) -> dict[str, Any]:
    """The schema of all files that are about one of these APIs, as plain JSON values."""
    file = forms.closed(grammar.top(sorted(vocabularies)), "version", "api")
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
            "duration": forms.duration("duration", "How long.", "5s"),
            "size": forms.said("size", "How much.", "10MB", forms.SIZE),
        },
    }


def for_editors(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same schema, but that a parameter may stand where a number, a choice or a text of some form is asked."""
    if isinstance(value, list):
        return [for_editors(each) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {key: each if key in _VALUES else for_editors(each) for key, each in value.items()}
    narrow = inner.get("type") not in (None, "object", "array", "string") or any(key in inner for key in _NARROWING)
    if not narrow or "const" in inner or "properties" in inner:
        return inner
    words = {key: inner.pop(key) for key in ("title", "description", "examples", "default") if key in inner}
    return {**words, "if": _PARAMETER, "then": {}, "else": inner}


_VALUES = frozenset({"enum", "examples", "default", "const", "required"})
_NARROWING = ("enum", "pattern", "format")
_PARAMETER = {"type": "string", "pattern": r"\$\{parameters\."}

_EXTENSION = forms.said("extension", "The author's own: a place for anchors. Ignored.", {})


def _branch(words: Vocabulary) -> dict[str, Any]:
    """What is narrower in files about one API. Types are the grammar's business, so mistakes show once."""
    chosen = {"properties": {"api": {"const": words.api}}, "required": ["api"]}
    narrower = {
        "settings": _only(settings.properties(words.settings)),
        "accounts": {"items": _only(words.account)},
        "jobs": {"items": {"properties": _job(words)}},
        "limits": {"items": {"properties": _limit(words)}},
        "faults": {"items": {"properties": _fault(words)}},
    }
    return {"if": chosen, "then": {"properties": _plain(narrower)}}


def _job(words: Vocabulary) -> dict[str, Any]:
    states = [*words.lifecycle.follows, END]
    step = {"properties": {"state": {"enum": states}, "error": _error(words)}}
    shared: dict[str, Any] = {key: {} for key in (*grammar.NTH, *ASKED)}
    return {
        "when": _only({**words.when, **shared, "operation": _operation(words)}),
        "steps": {"items": step},
        "result": _only(words.result),
    }


def _fault(words: Vocabulary) -> dict[str, Any]:
    state = {"properties": {"state": _one_or_several({"enum": list(words.lifecycle.follows)})}}
    return {"operation": _operation(words), "when": state, "error": _error(words)}


def _limit(words: Vocabulary) -> dict[str, Any]:
    named: dict[str, Any] = {name: {} for name in sorted(words.operations)}
    return {"operation": _operation(words), "error": _error(words), "weights": _only(named)}


def _operation(words: Vocabulary) -> dict[str, Any]:
    return _one_or_several({"enum": sorted(words.operations)})


def _one_or_several(names: Mapping[str, Any]) -> dict[str, Any]:
    return {"if": {"type": "array"}, "then": {"items": names}, "else": names}


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


class Words:
    """Vocabularies as a key of a cache: the same if they are the same objects, which the key keeps alive."""

    def __init__(self, vocabularies: Mapping[str, Vocabulary]) -> None:
        self.vocabularies = dict(vocabularies)
        self._identity = tuple(sorted((api, id(words)) for api, words in vocabularies.items()))

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and self._identity == other._identity


@lru_cache(maxsize=32)
def _decider(words: Words) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(
        schema(words.vocabularies), validate_formats=True, pattern_options=jsonschema_rs.RegexOptions(), offline=True
    )


def fits(value: object, vocabularies: Mapping[str, Vocabulary]) -> bool:
    """Whether a file's value is as the schema has it; `fit` says why not."""
    return _decider(Words(vocabularies)).is_valid(value)

"""Values against the JSON Schema: each mistake in words, about the one branch that was meant."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from jsonschema import Draft7Validator, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend

from emulator.scenario import measures
from emulator.scenario.mistakes import Finding, Path, listed, nearest, shown
from emulator.scenario.schema import Words, schema
from emulator.scenario.vocabulary import Vocabulary

Error = Any
"""A jsonschema.ValidationError, whose fields are typed as perhaps unset; not by a validator."""

MOST = 200
"""Findings about one file: who makes more has given us the wrong file."""

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def misfits(value: object, vocabularies: Mapping[str, Vocabulary]) -> tuple[list[Finding], bool]:
    """What the schema has to say against `value`, the first `MOST` of it, and whether that is all."""
    errors = _validator(Words(vocabularies)).iter_errors(value)
    findings = list(islice(chain.from_iterable(map(_explained, errors)), MOST))
    return _without_noise(findings), len(findings) < MOST


@lru_cache(maxsize=32)
def _validator(words: Words) -> Any:  # noqa: ANN401 - jsonschema's own protocol
    checked: Any = extend(Draft7Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return checked(schema(words.vocabularies), format_checker=Draft7Validator.FORMAT_CHECKER)


def _pattern(_: object, pattern: str, value: object, __: object) -> Iterator[ValidationError]:
    """As ECMA has it, where `$` is the end and not the newline before it."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield ValidationError(f"expected text like {pattern}")


def _without_noise(findings: Iterable[Finding]) -> list[Finding]:
    """Each only once; where the type is wrong or a key misspelt, nothing else about that value."""
    unique = list(dict.fromkeys(findings))
    mistyped = {each.path: each for each in reversed(unique) if isinstance(each, _WrongType)}
    misspelt = {each.path[:-1] for each in unique if each.at_key and each.suggestion is not None}
    return [
        each
        for each in unique
        if each.at_key
        or (mistyped.get(each.path, each) is each and not (isinstance(each, _Incomplete) and each.path in misspelt))
    ]


class _WrongType(Finding):
    __slots__ = ()


class _Incomplete(Finding):
    """Of a mapping as a whole: what a misspelt key of it may have been to complete."""

    __slots__ = ()


def _explained(error: Error) -> Iterator[Finding]:
    if error.context and "errorMessage" not in error.schema:
        meant = [each for each in error.context if each.validator != "type" or each.path] or error.context
        yield from _explained(best_match(meant))
        return
    path = tuple(error.absolute_path)
    explain = _EXPLAINED.get(error.validator, _otherwise)
    yield from explain(path, error)


def _wrong_type(path: Path, error: Error) -> Iterator[Finding]:
    types = error.validator_value
    words = " or ".join(_TYPES[name] for name in ([types] if isinstance(types, str) else types))
    suggestion = _suggested(error)
    if types == "string" and isinstance(error.instance, int | float) and "errorMessage" not in error.schema:
        suggestion = shown(error.instance)
    yield _WrongType(path, _said(error, f"expected {words}"), suggestion)


def _not_a_choice(path: Path, error: Error) -> Iterator[Finding]:
    choices = error.validator_value
    message = _said(
        error,
        f"expected one of {listed(choices, 'or')}" if len(choices) != 1 else f"expected {shown(choices[0])}",
    )
    value = error.instance
    yield Finding(path, message, nearest(value, choices) if isinstance(value, str | int) else None)


def _missing_keys(path: Path, error: Error) -> Iterator[Finding]:
    """Those that are not there. One that is there in a misspelt form is told as that, and it is enough."""
    known = error.schema.get("properties", ())
    misspelt = [nearest(key, known) for key in _strangers(error)]
    for key in error.validator_value:
        if key not in error.instance and key not in misspelt:
            yield Finding(path, f"expected the key {shown(key)}, got {shown(error.instance)}")


def _unknown_keys(path: Path, error: Error) -> Iterator[Finding]:
    known = list(error.schema.get("properties", ()))
    expected = f"expected one of the keys {listed(known, 'or')}" if known else "expected no keys"
    for key in _strangers(error):
        yield Finding((*path, key), f"{expected}, got {shown(key)}", nearest(key, known), at_key=True)


def _strangers(error: Error) -> list[str]:
    """The keys that may not stand there."""
    if error.schema.get("additionalProperties") is not False:
        return []
    known, patterns = error.schema.get("properties", ()), error.schema.get("patternProperties", ())
    return [key for key in error.instance if key not in known and not any(re.search(each, key) for each in patterns)]


def _otherwise(path: Path, error: Error) -> Iterator[Finding]:
    words = _BOUNDS.get(str(error.validator))
    expected = f"expected {words.format(error.validator_value)}" if words else _in_its_own_words(error)
    kind = _Incomplete if isinstance(error.instance, dict) else Finding
    yield kind(path, _said(error, expected), _suggested(error))


def _in_its_own_words(error: Error) -> str:
    """What a vocabulary asks beyond the keywords we have words for."""
    return f"expected a value that satisfies {error.validator} {shown(error.validator_value)}"


def _said(error: Error, expected: str) -> str:
    return f"{error.schema.get('errorMessage', expected)}, got {shown(error.instance)}"


def _suggested(error: Error) -> str | None:
    of_duration = measures.DURATION in error.schema.get("pattern", "")
    return measures.likely_duration(error.instance) if of_duration else None


_EXPLAINED: Mapping[Any, Callable[[Path, Error], Iterator[Finding]]] = {
    "type": _wrong_type,
    "enum": _not_a_choice,
    "required": _missing_keys,
    "additionalProperties": _unknown_keys,
}

_BOUNDS = {
    "const": "{!r}",
    "pattern": "text like {}",
    "format": "text in the format {}",
    "minimum": "a number of at least {}",
    "maximum": "a number of at most {}",
    "exclusiveMinimum": "a number above {}",
    "exclusiveMaximum": "a number below {}",
    "minLength": "text of at least {} characters",
    "maxLength": "text of at most {} characters",
    "minItems": "a list of at least {}",
    "maxItems": "a list of at most {}",
    "minProperties": "a mapping of at least {} keys",
    "maxProperties": "a mapping of at most {} keys",
}

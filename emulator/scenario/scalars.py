"""Plain scalars as YAML 1.2 reads them: the core schema, less what JSON cannot say.

YAML 1.1, which PyYAML speaks, makes a boolean of `on`, ninety of `1:30`, eight of `010` and a date of
`2026-03-01`. Editors speak 1.2, so here they are a string, a string, ten and a string.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from emulator.scenario.mistakes import shown

Scalar = str | int | float | bool | None
Number = TypeVar("Number", int, float)

_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_IN_JSON = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")

_LONGEST_NUMBER = 40  # characters; Python itself takes its time over thousands
_BIGGEST = 2**63

_CORE = "tag:yaml.org,2002:"


def plain(text: str) -> Scalar:
    """What an unquoted scalar means; ValueError when it is a number we cannot hold."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.match(text):
        return _whole(text)
    if _FLOAT.match(text) or _NOT_IN_JSON.match(text):
        return _fraction(text)
    return text


def tagged(tag: str, text: str) -> Scalar:
    """What a scalar with an explicit tag means; ValueError when the tag is not a core one or does not fit."""
    if tag == f"{_CORE}str":
        return text
    kinds = _KINDS.get(tag)
    if kinds is None:
        raise ValueError(f"expected one of the tags !!str, !!int, !!float, !!bool and !!null, got {shown(tag)}")
    value = plain(text)
    if type(value) not in kinds:
        raise ValueError(f"expected what its tag says, {shown(tag.removeprefix(_CORE))}, got {shown(text)}")
    return float(text) if tag == f"{_CORE}float" else value


_KINDS: Mapping[str, tuple[type, ...]] = {
    f"{_CORE}int": (int,),
    f"{_CORE}float": (float, int),
    f"{_CORE}bool": (bool,),
    f"{_CORE}null": (type(None),),
}

COLLECTION_TAGS = frozenset({None, f"{_CORE}map", f"{_CORE}seq"})


def _whole(text: str) -> int:
    value = _bounded(text, int)
    if abs(value) >= _BIGGEST:
        raise ValueError(f"expected a whole number that fits in 64 bits, got {_digits(text)}")
    return value


def _fraction(text: str) -> float:
    value = math.inf if _NOT_IN_JSON.match(text) else _bounded(text, float)
    if not math.isfinite(value):
        raise ValueError(f"expected a number that JSON can say, got {_digits(text)}")
    return value


def _bounded(text: str, read: Callable[[str], Number]) -> Number:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"expected a number of at most {_LONGEST_NUMBER} characters, got {_digits(text)}")
    return read(text)


def _digits(text: str) -> str:
    return text if len(text) <= _LONGEST_NUMBER else f"{text[:_LONGEST_NUMBER]}..."

"""The one JSON decoder. What it lets through means the same to everybody who reads it.

Refused: anything but UTF-8, NaN and the infinities (also as 1e400), a key named twice in one object, half of a
surrogate pair, nesting beyond `DEPTH`, integers beyond `DIGITS` digits.
"""

import json
import re
from collections import Counter
from itertools import accumulate
from typing import Any, Never

DEPTH = 200
DIGITS = 400

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_SLICE = 64 * 2**10
"""Bytes that are looked at in one go: whoever reads a long body in a thread gives way to others in between."""
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(each for each in range(256) if each not in _STEPS)


class NotJson(ValueError):  # noqa: N818 - reads as what it says: the body is not JSON
    """The text is not JSON; `line` and `column` tell where, from 1, when that is known."""

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column

    def anew(self) -> "NotJson":
        """The same before it is raised: afterwards it holds whoever was called then, who may hold it."""
        return NotJson(self.reason, self.line, self.column)


def decode(data: bytes) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The value that `data` (UTF-8) stands for; NotJson if there is none."""
    if _too_deep(data):
        raise NotJson(f"nested deeper than {DEPTH}")
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.lineno, error.colno) from None
    if _HALF.search(data):
        _refuse_surrogates(value)
    return value


def _too_deep(data: bytes) -> bool:
    if data.count(b"[") + data.count(b"{") <= DEPTH:
        return False
    data = data.replace(rb"\\", b"").replace(rb"\"", b"")  # now each quote begins a string or ends it
    depth = within = 0
    for start in range(0, len(data), _SLICE):
        pieces = data[start : start + _SLICE].split(b'"')
        brackets = b"".join(pieces[within::2]).translate(None, _NO_BRACKETS)
        depths = list(accumulate(map(_STEPS.__getitem__, brackets), initial=depth))
        if max(depths) > DEPTH:
            return True
        depth, within = depths[-1], (within + len(pieces) - 1) % 2
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise NotJson(f"the key {json.dumps(twice)} stands twice in one object")
    return found


def _constant(name: str) -> Never:
    raise NotJson(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NotJson("a number is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise NotJson(f"a number has more than {DIGITS} digits")
    return int(text)


def _refuse_surrogates(value: Any) -> None:  # noqa: ANN401 - JSON is any of six types
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson("half of a surrogate pair") from None


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_constant, parse_float=_finite, parse_int=_integer
)

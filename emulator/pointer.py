"""JSON Pointers, RFC 6901: where in a JSON value something stands, and how to change what stands there."""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

FORM = "^(/([^~/]|~[01])*)*$"
"""What a pointer looks like; the empty one is the whole value."""

ABSENT: Any = object()
"""There is nothing."""

_INDEX = re.compile("0|[1-9][0-9]{0,9}")


def parts(pointer: str) -> list[str]:
    """`/rows/0/a~1b` as ["rows", "0", "a/b"]."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def get(value: Any, pointer: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """What stands there; ABSENT if nothing does."""
    for part in parts(pointer):
        value = _step(value, part)
    return value


def _step(value: Any, part: str) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return value.get(part, ABSENT)
    if isinstance(value, list | tuple) and _INDEX.fullmatch(part) and int(part) < len(value):
        return value[int(part)]
    return ABSENT


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a JSON value, by pointer: removed, then replaced, then set."""

    remove: tuple[str, ...] = ()
    replace: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Only where something stands already."""
    set: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Put there, whatever stood there; `-` is behind the end of a list."""

    def __bool__(self) -> bool:
        return bool(self.remove or self.replace or self.set)

    def applied(self, value: Any) -> tuple[Any, list[str]]:  # noqa: ANN401 - JSON is any of six types
        """The value changed, the given one left as it is; and the pointers that led nowhere."""
        value = copy.deepcopy(value)
        missed = []
        for pointer in self.remove:
            value, done = _removed(value, pointer)
            missed += [] if done else [pointer]
        for pointer, new in self.replace.items():
            there = get(value, pointer) is not ABSENT
            value, done = _put(value, pointer, new) if there else (value, False)
            missed += [] if done else [pointer]
        for pointer, new in self.set.items():
            value, done = _put(value, pointer, new)
            missed += [] if done else [pointer]
        return value, missed


def _removed(value: Any, pointer: str) -> tuple[Any, bool]:  # noqa: ANN401
    *above, last = parts(pointer) or [""]
    holder = _holder(value, above)
    if not pointer or _step(holder, last) is ABSENT:
        return value, False
    del holder[int(last) if isinstance(holder, list) else last]
    return value, True


def _put(value: Any, pointer: str, new: Any) -> tuple[Any, bool]:  # noqa: ANN401
    if not pointer:
        return new, True
    *above, last = parts(pointer)
    holder = _holder(value, above)
    if isinstance(holder, dict):
        holder[last] = new
    elif isinstance(holder, list) and last in ("-", str(len(holder))):
        holder.append(new)
    elif isinstance(holder, list) and _step(holder, last) is not ABSENT:
        holder[int(last)] = new
    else:
        return value, False
    return value, True


def _holder(value: Any, above: list[str]) -> Any:  # noqa: ANN401
    for part in above:
        value = _step(value, part)
    return value

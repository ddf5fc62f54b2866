"""Whether a value is of an annotated type. Only what state is annotated with is understood; the rest is our mistake."""

import types
from collections import Counter, deque
from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from typing import Any, Literal, NewType, Union, get_args, get_origin

from emulator.pointer import ABSENT
from emulator.scenario.template import Text
from emulator.snapshot.types import INSTEAD

Seen = set[tuple[int, int]]
"""(check, container) that have been looked at: what is shared is looked at once."""
Fits = Callable[[Any, Seen], bool]

_JSON = (str, int, bool, float, types.NoneType, bytes, Text)
_FROZEN = (dict, types.MappingProxyType)


@cache
def fitting(hint: Any) -> Fits:  # noqa: ANN401 - an annotation
    """The check of an annotation. TypeError for one that state is not made of."""
    hint = INSTEAD.get(hint, hint)
    if isinstance(hint, NewType):
        return fitting(hint.__supertype__)
    origin = get_origin(hint)
    if hint is Any:
        return _json
    if hint is object:
        return lambda _value, _seen: True
    if origin is Literal:
        return _literal(get_args(hint))
    if origin in (Union, types.UnionType):
        return _either(tuple(map(fitting, get_args(hint))))
    if origin is not None:
        return _container(origin, get_args(hint))
    return _plain(hint)


def _plain(hint: Any) -> Fits:  # noqa: ANN401
    if hint is float:
        return lambda value, _seen: type(value) is int or (type(value) is float and isfinite(value))
    kind = types.NoneType if hint is None else hint
    if not isinstance(kind, type):
        raise TypeError(f"state is not made of {hint}")
    return lambda value, _seen: type(value) is kind


def _literal(values: tuple[Any, ...]) -> Fits:
    return lambda value, _seen: type(value) in (str, int) and value in values


def _either(some: tuple[Fits, ...]) -> Fits:
    return lambda value, seen: any(fits(value, seen) for fits in some)


def _container(origin: Any, hints: tuple[Any, ...]) -> Fits:  # noqa: ANN401
    if origin is tuple and hints[-1:] != (...,):
        return _of_each(tuple(map(fitting, hints)))
    kinds = (tuple,) if origin is tuple else _FROZEN if origin is Mapping else (origin,)
    if kinds[0] not in (tuple, list, set, frozenset, deque, dict, Counter):
        raise TypeError(f"state is not made of {origin}")
    each = fitting(hints[0])
    of = fitting(int) if origin is Counter else fitting(hints[1]) if kinds[0] is dict else None

    def fits(value: Any, seen: Seen) -> bool:  # noqa: ANN401
        if type(value) not in kinds:
            return False
        mark = id(fits), id(value)
        if mark in seen:
            return True
        seen.add(mark)
        return all(each(one, seen) for one in value) and (of is None or all(of(one, seen) for one in value.values()))

    return fits


def _of_each(some: tuple[Fits, ...]) -> Fits:
    def fits(value: Any, seen: Seen) -> bool:  # noqa: ANN401
        if type(value) is not tuple or len(value) != len(some):
            return False
        return all(fits(one, seen) for fits, one in zip(some, value, strict=True))

    return fits


def _json(value: Any, seen: Seen) -> bool:  # noqa: ANN401
    """JSON, thawed or frozen, with what templates leave open in it."""
    kind = type(value)
    if kind in _JSON or value is ABSENT:
        return True
    mark = 0, id(value)
    if mark in seen:
        return True
    seen.add(mark)
    if kind in _FROZEN:
        return all(type(key) is str for key in value) and all(_json(one, seen) for one in value.values())
    return kind in (list, tuple) and all(_json(one, seen) for one in value)

"""The types that a document may hold: a closed list. A class is named by a document, and found here or not at all.

They are found from a few roots by their annotations, so that what a dataclass says of its fields is all that is said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, NewType, get_args, get_type_hints

from emulator.callback import Delivery
from emulator.chance import Distribution, Fixed, LogNormal, Uniform
from emulator.clock import Instant
from emulator.job import Job, Moment, Step
from emulator.journal import Exchange
from emulator.lane import Lane
from emulator.limit import Bucket, Window
from emulator.scenario.condition import Pattern
from emulator.scenario.story import JobRule, Scenario
from emulator.scenario.template import Text
from emulator.world import Account, Data, Due

Hints = Mapping[str, Any]

PLAIN: Mapping[type, Hints] = {
    Job: {
        "id": str,
        "account": str,
        "ordinal": int,
        "request": object,  # what the API says that it is
        "rule": JobRule,
        "plan": tuple[Step, ...],
        "next_step": int,
        "polls": int,
        "wait_over": bool,
        "moments": list[Moment],
        "outcome": object,  # the same
    },
    Lane: {
        "line": list[tuple[int, Job]],
        "waiting": int,
        "running": int,
        "waiting_limit": int | None,
        "running_limit": int | None,
    },
    Window: {"ends": Instant, "spent": int, "refused": bool},
    Bucket: {"at": Instant | None, "level": int, "refused": bool},
}
"""Classes without annotations, and what they hold that is data."""

TEXTS: tuple[type[Any], ...] = (Pattern, Text)
"""Classes that are made of their `text`."""

INSTEAD: Mapping[Any, Any] = {Distribution: Fixed | Uniform | LogNormal}
"""For a protocol: those who keep to it."""

ROOTS = (Scenario, Job, Account, Bucket, Due, Delivery, Exchange)
"""Whatever a namespace holds is one of these, or is reached from one, or is an API's own."""


class Kind(NamedTuple):
    """One class."""

    name: str
    made_of: type[Any]
    hints: Hints
    """By field, in the order in which they are written."""

    @property
    def is_tuple(self) -> bool:
        """Whether it is one of named values."""
        return issubclass(self.made_of, tuple)

    def values(self, each: Any) -> tuple[Any, ...]:  # noqa: ANN401 - an instance
        """What an instance holds, in that order."""
        return _getter(tuple(self.hints))(each)


@cache
def closed(apis: frozenset[Data]) -> Mapping[type, Kind]:
    """Those that a namespace of these APIs may hold."""
    return _kinds((*ROOTS, *(hint for data in apis for hint in data)))


@cache
def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda each: tuple(getattr(each, name) for name in names)


def _kinds(roots: Iterable[Any]) -> Mapping[type, Kind]:
    found: dict[type, Kind] = {}
    ahead = list(roots)
    while ahead:
        for each in _classes(ahead.pop()):
            if each not in found:
                found[each] = kind = Kind(_name(each), each, _hints(each))
                ahead += kind.hints.values()
    return found


def _classes(hint: Any) -> Iterator[type]:  # noqa: ANN401 - an annotation
    """Those that an annotation names, however deep."""
    hint = INSTEAD.get(hint, hint) if not isinstance(hint, list) else hint
    if isinstance(hint, NewType):
        return
    if isinstance(hint, type) and (hint in PLAIN or is_dataclass(hint) or hasattr(hint, "_fields")):
        yield hint
    for each in get_args(hint):
        yield from _classes(each)


def _hints(each: type) -> Hints:
    if each in PLAIN:
        return PLAIN[each]
    told = get_type_hints(each)
    names = [field.name for field in fields(each)] if is_dataclass(each) else each._fields  # type: ignore[attr-defined]
    return {name: told[name] for name in names}


def _name(each: type) -> str:
    """`Job`, or `kladana.Submission`: what is an API's carries its name."""
    _, part, *rest = each.__module__.split(".")
    return f"{rest[0]}.{each.__name__}" if part == "providers" else each.__name__

"""Method and path to operation. A trailing slash makes no difference; an encoded slash stays in its segment.

A path may name a query, as in `/batch?action=run`: several operations share one address then, and what the query says
chooses among them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from heapq import nlargest
from itertools import pairwise
from urllib.parse import parse_qs, parse_qsl, unquote

from emulator.contract.openapi import Operation

_COMPARED, _LIKELY = 256, 8
"""So many characters of a path that leads nowhere are compared, closely with so many routes."""
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """What path and query lead to: the operations there by method, and the path's parameters."""

    operations: Mapping[str, Operation]
    params: Mapping[str, str]
    sound: set[str] = field(default_factory=set)
    """The operations whose parameters in path and query have been found to be as the contract has them."""


class _Place:
    """The operations at one path: by what the query must say, and by method."""

    def __init__(self) -> None:
        self._choices: dict[tuple[tuple[str, str], ...], dict[str, Operation]] = {}

    def add(self, query: str, operation: Operation) -> None:
        self._choices.setdefault(tuple(parse_qsl(query)), {})[operation.method] = operation
        self._choices = dict(sorted(self._choices.items(), key=lambda each: -len(each[0])))

    def chosen(self, query_string: str) -> Mapping[str, Operation]:
        """Those whose values the query says, and says no other for; the more they name, the sooner."""
        said: Mapping[str, list[str]] | None = None
        for named, operations in self._choices.items():
            if not named:
                return operations
            if said is None:
                said = parse_qs(query_string, keep_blank_values=True, errors="replace")
            if all(set(said.get(name, ())) == {value} for name, value in named):
                return operations
        return {}


@dataclass(slots=True)
class _Template:
    pattern: re.Pattern[str]
    place: _Place = field(default_factory=_Place)


class Router:
    """Paths without parameters are looked up; others by first segments, and tried, the more fixed ones the sooner."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._fixed: dict[str, _Place] = {}
        templates: dict[str, _Template] = {}
        addresses = ((path, each) for each in operations for path in (each.path, *each.aliases))
        for address, operation in addresses:
            path, _, query = address.partition("?")
            path = path.rstrip("/") or "/"
            if "{" in path:
                place = templates.setdefault(path, _Template(_pattern(path, operation))).place
            else:
                place = self._fixed.setdefault(path, _Place())
            place.add(query, operation)
        ordered = sorted(templates, key=_fixedness)
        self._templates = {
            first: [templates[path] for path in ordered if _first(path) in (first, None)]
            for first in {None, *map(_first, ordered)}
        }
        self._paths = (*self._fixed, *templates)

    def match(self, path: str, query_string: str = "") -> Match | None:
        """Both are percent-encoded, as they were sent; the parameters in the path come out decoded."""
        path = path.rstrip("/") or "/"
        if place := self._fixed.get(path):
            return _match(place.chosen(query_string), {})
        for template in self._templates.get(_first(path)) or self._templates[None]:
            if hit := template.pattern.fullmatch(path):
                params = {k: unquote(v) for k, v in hit.groupdict().items()}
                return _match(template.place.chosen(query_string), params)
        return None

    def nearest(self, path: str) -> str | None:
        """The route that looks most like `path`: of those that share most pairs of letters with it."""
        pairs = _pairs(path[:_COMPARED])
        alike = {each: len(pairs & theirs) / (len(pairs) + len(theirs)) for each, theirs in self._letters.items()}
        likely = nlargest(_LIKELY, alike, key=alike.__getitem__)
        return next(iter(get_close_matches(path[:_COMPARED], likely, 1, 0)), None)

    @cached_property
    def _letters(self) -> Mapping[str, frozenset[str]]:
        return {path: _pairs(path) for path in self._paths}


def _pairs(path: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(f"^{path}$")))


def _match(operations: Mapping[str, Operation], params: Mapping[str, str]) -> Match | None:
    return Match(operations, params) if operations else None


def _pattern(path: str, operation: Operation) -> re.Pattern[str]:
    tails = {parameter.name for parameter in operation.parameters if parameter.tail}
    parts = _PARAMETER.split(path)
    for n in range(1, len(parts), 2):
        parts[n] = f"(?P<{parts[n]}>{'.+' if parts[n] in tails else '[^/]+'})"
    parts[::2] = map(re.escape, parts[::2])
    return re.compile("".join(parts))


def _first(path: str) -> str | None:
    """The first segment, by which templates are looked up; None if it is a parameter."""
    first = path[1:].partition("/")[0]
    return None if "{" in first else first


def _fixedness(path: str) -> tuple[int, int]:
    segments = path.split("/")
    return (-sum("{" not in segment for segment in segments), -len(segments))

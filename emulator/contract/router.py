"""Method and path to operation. A trailing slash makes no difference; an encoded slash stays in its segment."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import unquote

from emulator.contract.openapi import Operation

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """What a path leads to: the operations there by method, and the path's parameters."""

    operations: Mapping[str, Operation]
    params: Mapping[str, str]


@dataclass(slots=True)
class _Template:
    pattern: re.Pattern[str]
    operations: dict[str, Operation] = field(default_factory=dict)


class Router:
    """Paths without parameters are looked up; the others are tried, the more fixed segments the sooner."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._fixed: dict[str, dict[str, Operation]] = {}
        templates: dict[str, _Template] = {}
        for operation in operations:
            path = operation.path.rstrip("/") or "/"
            if "{" in path:
                template = templates.setdefault(path, _Template(_pattern(path, operation)))
                template.operations[operation.method] = operation
            else:
                self._fixed.setdefault(path, {})[operation.method] = operation
        self._templates = [templates[path] for path in sorted(templates, key=_fixedness)]
        self._paths = [*self._fixed, *templates]

    def match(self, path: str) -> Match | None:
        """`path` is percent-encoded, as it was sent; the parameters come out decoded."""
        path = path.rstrip("/") or "/"
        if found := self._fixed.get(path):
            return Match(found, {})
        for template in self._templates:
            if hit := template.pattern.fullmatch(path):
                return Match(template.operations, {k: unquote(v) for k, v in hit.groupdict().items()})
        return None

    def nearest(self, path: str) -> str | None:
        """The route that looks most like `path`."""
        return next(iter(get_close_matches(path, self._paths, 1, 0)), None)


def _pattern(path: str, operation: Operation) -> re.Pattern[str]:
    tails = {parameter.name for parameter in operation.parameters if parameter.tail}
    parts = _PARAMETER.split(path)
    for n in range(1, len(parts), 2):
        parts[n] = f"(?P<{parts[n]}>{'.+' if parts[n] in tails else '[^/]+'})"
    parts[::2] = map(re.escape, parts[::2])
    return re.compile("".join(parts))


def _fixedness(path: str) -> tuple[int, int]:
    segments = path.split("/")
    return (-sum("{" not in segment for segment in segments), -len(segments))

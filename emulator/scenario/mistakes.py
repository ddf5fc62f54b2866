"""What is wrong with a scenario, and where.

slow.yaml:8:16: jobs[0].steps[1].state: expected one of ..., got 'runing' (did you mean 'running'?)
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]
"""Where a value stands in its document: `("jobs", 0, "steps", 1, "state")`."""

Position = tuple[int, int]
"""(line, column), both from 1."""

_BARE_KEY = re.compile(r"[\w-]+\Z")
_SHOWN = 60  # characters of a value that a message repeats
_COMPARED = 100  # a longer word is no slip of the pen
_CUTOFF = 0.6
_LISTED = 16  # choices that a message names
_BY_NAME = {True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong."""

    file: str
    line: int
    column: int
    path: Path
    message: str
    suggestion: str | int | None = None

    @property
    def where(self) -> str:
        """The path as people write it: `jobs[0].steps[1].state`; empty for the document itself."""
        return dotted(self.path)

    def told(self) -> dict[str, Any]:
        """It as JSON."""
        place = {"file": self.file, "line": self.line, "column": self.column, "path": self.where}
        return {**place, "message": self.message, "suggestion": self.suggestion}

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: "
        hint = "" if self.suggestion is None else f" (did you mean {self.suggestion!r}?)"
        return place + (f"{self.where}: " if self.path else "") + self.message + hint


class ScenarioError(Exception):
    """A scenario that cannot be loaded, with every mistake in it, from the top of the file downwards."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda each: (each.line, each.column)))
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake before anybody has looked up where in the file it stands."""

    path: Path
    message: str
    suggestion: str | int | None = None
    at_key: bool = False
    """The key is wrong, not its value."""


def dotted(path: Path) -> str:
    """`("jobs", 0, "odd key")` as `jobs[0]['odd key']`."""
    return "".join(map(_part, path)).removeprefix(".")


def _part(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _BARE_KEY.match(part) and len(part) <= _SHOWN else f"[{shown(part)}]"


def shown(value: Any) -> str:  # noqa: ANN401 - whatever a file may hold
    """A value as a message names it, on one line and not longer than a line can bear."""
    if isinstance(value, bool):
        return _BY_NAME[value]
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"a mapping of {listed(value)}" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"{value[:_SHOWN]!r}..."
    return repr(value)


def listed(choices: Iterable[Any], last: str = "and") -> str:
    """`'a', 'b' or 'c'`, the first dozen of them."""
    words = [shown(choice) for choice in choices]
    if len(words) > _LISTED:
        return f"{', '.join(words[:_LISTED])} {last} {len(words) - _LISTED} more"
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def nearest(word: Any, choices: Iterable[Any]) -> Any:  # noqa: ANN401 - one of the choices
    """The choice that looks most like `word`, whatever its case; None when none does."""
    by_text = {str(choice).lower(): choice for choice in choices if choice is not None}
    text = str(word).lower()
    near = get_close_matches(text, by_text, n=1, cutoff=_CUTOFF) if len(text) <= _COMPARED else []
    return by_text[near[0]] if near else None

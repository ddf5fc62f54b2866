"""The parts of a file in which no mistake has been found yet."""

from collections.abc import Iterable
from typing import Any

from emulator.scenario import grammar
from emulator.scenario.mistakes import Path


class Sound:
    """The parts of a value in which no mistake has been found yet."""

    def __init__(self, value: object, mistaken: Iterable[Path]) -> None:
        self._value = value
        self._tainted = {path[:length] for path in mistaken for length in range(len(path) + 1)}

    def get(self, path: Path) -> Any:  # noqa: ANN401 - whatever the file holds there
        """The value at `path`; None when there is none, or it has a mistake in it."""
        return None if path in self._tainted else self._raw(path)

    def each(self, path: Path, most: int = grammar.MOST_RULES) -> list[Path]:
        """The paths of the entries of the list at `path`, mistaken ones too; none when it is not a list."""
        value = self._raw(path)
        return [(*path, index) for index in range(min(len(value), most))] if isinstance(value, list) else []

    def keys(self, path: Path) -> list[str]:
        """The keys of the mapping at `path`, mistaken ones too; none when it is not a mapping."""
        value = self._raw(path)
        return list(value) if isinstance(value, dict) else []

    def holds(self, path: Path) -> bool:
        """Whether the file says anything at `path`, mistaken or not."""
        return path[-1] in self.keys(path[:-1])

    def _raw(self, path: Path) -> Any:  # noqa: ANN401
        value = self._value
        for part in path:
            if isinstance(part, str):
                value = value.get(part) if isinstance(value, dict) else None
            else:
                value = value[part] if isinstance(value, list) and part < len(value) else None
        return value

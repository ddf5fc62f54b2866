"""What a scenario file refers to: the scenario that it extends, and files beside it.

A file is read when the scenario is loaded, never when a request is answered, and only from the scenario's own
directory or below: links that lead out of it lead nowhere.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from emulator.scenario.mistakes import ScenarioError, shown
from emulator.scenario.story import Scenario

LARGEST = 10_000_000
"""Bytes of a file that is an answer's body."""
LONGEST_CHAIN = 10

_UNHURRIED = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Shelves(Protocol):
    """Where scenarios are found by name."""

    def extending(self, name: str, chain: tuple[str, ...], *, files: bool, given: Mapping[str, Any]) -> Scenario:
        """One that those of `chain` extend. LookupError, ScenarioError, ValueError if it is one of them."""


class Folder:
    """The directory of a scenario file; None where a scenario is no file."""

    def __init__(self, shelves: Shelves, root: Path | None, chain: tuple[str, ...] = ()) -> None:
        self._shelves = shelves
        self._root = root
        self._chain = chain
        self._files: dict[str, bytes] = {}
        self._bases: list[tuple[str, Mapping[str, Any], str]] = []

    def base(self, name: str, values: Mapping[str, Any]) -> Scenario:
        """The scenario that is extended: a file beside this one, or else one by its name. ValueError."""
        found = self._extended(name, values)
        self._bases.append((name, values, found.digest))
        return found

    def _extended(self, name: str, values: Mapping[str, Any]) -> Scenario:
        file = self._root / name if self._root and name.endswith((".yaml", ".yml")) else None
        if len(self._chain) >= LONGEST_CHAIN:
            raise ValueError(f"expected at most {LONGEST_CHAIN} scenarios that extend each other, got one more: {name}")
        try:
            return self._shelves.extending(
                str(file) if file else name, self._chain, files=file is not None, given=values
            )
        except ScenarioError as error:
            raise ValueError(f"expected a scenario without mistakes, got one with {error.mistakes[0]}") from None
        except LookupError as error:
            raise ValueError(f"expected a scenario to extend: {error}") from None

    def content(self, name: str) -> bytes:
        """A file of this directory or below; ValueError for all that is not one."""
        if self._root is None:
            raise ValueError(f"expected no file: a scenario that is no file has none beside it, got {shown(name)}")
        self._files[name] = data = _read(self._root.resolve(), name)
        return data

    def unchanged(self) -> bool:
        """Whether everything that was looked up is still as it was."""
        try:
            files = all(self._root and _read(self._root.resolve(), name) == data for name, data in self._files.items())
            return files and all(self._extended(name, values).digest == known for name, values, known in self._bases)
        except ValueError:
            return False


def _read(root: Path, name: str) -> bytes:
    try:
        path = (root / name).resolve()
        descriptor = os.open(path, _UNHURRIED) if path.is_relative_to(root) else None
    except (OSError, RuntimeError, ValueError) as error:  # the last of a NUL
        reason = error.strerror if isinstance(error, OSError) else error
        raise ValueError(f"expected a file that can be read, got {shown(name)}: {reason}") from None
    if descriptor is None:
        raise ValueError(f"expected a file below the scenario's own directory, got {shown(name)}")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(f"expected a regular file, got {shown(name)}")
    with os.fdopen(descriptor, "rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"expected a file of at most {LARGEST} bytes, got {shown(name)}")
    return data

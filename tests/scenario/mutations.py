"""Seeded mistakes in shipped scenarios: one edit each, with the lines on which it may be told and what was meant."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.chance import Chance
from emulator.scenario.mistakes import Mistake
from emulator.scenario.reader import Document, read

SHELF = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(SHELF.glob("*/*.yaml"))

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ENUMS = frozenset({"state", "operation", "operations", "api", "mode", "progression", "fault", "per", "effect", "repeat",
                   "profile", "entity", "action", "entityType", "concreteType", "report"})  # fmt: skip
BAD_DURATIONS = {"5 minutes": "5m", "10sec": "10s", "2 hours": "2h", "250 ms": "250ms", "5x": None, "1.5s": None}
DURATION = re.compile(r"([0-9]+(ms|s|m|h|d))+")


@dataclass(frozen=True)
class Mutant:
    """A file with one mistake in it."""

    kind: str
    file: str
    text: str
    lines: tuple[int, ...]
    """Where it may be told: the edited line; for some mistakes another one is as good."""
    meant: str | int | None = None
    """The word that stood there, if it was misspelt."""

    def told_rightly(self, mistakes: tuple[Mistake, ...]) -> bool:
        """Whether the first mistake is told on the right line."""
        return mistakes[0].line in self.lines

    def suggested_rightly(self, mistakes: tuple[Mistake, ...]) -> bool:
        """Whether a mistake on the right line suggests the word that was meant."""
        return any(each.suggestion == self.meant and each.line in self.lines for each in mistakes)


@dataclass(frozen=True)
class Page:
    """A file that is fine, and draws about it."""

    name: str
    text: str
    document: Document
    chance: Chance
    turn: int

    def any(self, purpose: str, among: list[Any]) -> Any:
        """One of them; None if there are none."""
        return among[self.chance.below(len(among), purpose, self.turn)] if among else None

    def at(self, position: tuple[int, int]) -> int:
        """The place in the text of (line, column)."""
        lines = self.text.splitlines(keepends=True)
        return sum(map(len, lines[: position[0] - 1])) + position[1] - 1

    def replaced(self, position: tuple[int, int], old: str, new: str) -> str | None:
        """The text with `new` where `old` stands at `position`; None if that stands there otherwise."""
        at = self.at(position)
        if not self.text.startswith(old, at):
            return None
        return self.text[:at] + new + self.text[at + len(old) :]

    def values(self, wanted: Callable[[tuple[Any, ...], Any], bool]) -> list[tuple[tuple[Any, ...], Any]]:
        """The paths and scalars that are wanted."""
        return [(path, value) for path, value in scalars(self.document.value) if wanted(path, value)]


def scalars(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each scalar with its path."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from scalars(each, (*path, key))
    else:
        yield path, value


def misspelt(page: Page, word: str) -> str:
    """The word with one slip of the pen."""
    at = page.chance.below(len(word), "where", page.turn)
    letter = LETTERS[page.chance.below(len(LETTERS), "letter", page.turn)]
    slips = [
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        word[:at] + letter + word[at:],
    ]
    return page.any("slip", [each for each in slips if each != word and each])


Edit = Callable[[Page], "tuple[str | None, tuple[int, ...], Any] | None"]
"""The text with the mistake, the lines on which it may be told, what was meant; None where the file has no place."""


def misspelt_key(page: Page) -> Any:
    """A key with a slip in it."""
    path = page.any("key", [path for path in page.document.keys if len(path[-1]) > 2 and path[0] != "parameters"])
    at = page.document.keys[path]
    return page.replaced(at, path[-1], misspelt(page, path[-1])), (at[0],), path[-1]


def misspelt_value(page: Page) -> Any:
    """A state, an operation or another word of a closed list with a slip in it."""
    found = page.any("value", page.values(lambda path, value: path[-1] in ENUMS and _word(value)))
    if found is None:
        return None
    path, value = found
    at = page.document.positions[path]
    return page.replaced(at, value, misspelt(page, value)), (at[0],), value


def _word(value: Any) -> bool:
    return isinstance(value, str) and "${" not in value


def wrong_type(page: Page) -> Any:
    """A list or text where a number is wanted, a mapping where a text is."""
    found = page.any("typed", page.values(lambda _path, value: isinstance(value, str | int)))
    path, value = found
    old = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    new = page.any("type", ["[1]", "{a: 1}"] if isinstance(value, str) else ["many", "[1]", "{a: 1}"])
    at = page.document.positions[path]
    return page.replaced(at, old, new), (at[0],), None


def missing_key(page: Page) -> Any:
    """One of the keys that must be there is not."""
    needed = {"version", "api", "state", "steps", "operation", "code"}
    found = page.any("missing", [path for path in page.document.keys if path[-1] in needed and path[0] != "parameters"])
    at, begin = page.document.keys[found], page.at(page.document.keys[found])
    rest = page.text[begin:]
    flow = re.match(r"[A-Za-z]+: [^][{},\n#]+?(, |(?=[}\]]))", rest)
    block = re.match(r"[a-z]+: [^\n]*\n", rest)
    cut = flow if flow and not rest[: flow.end()].count("\n") else block if len(found) == 1 else None
    if cut is None:
        return None
    around = page.document.positions[found[:-1]][0]
    return page.text[:begin] + rest[cut.end() :], (around, at[0]), None


def wrong_indentation(page: Page) -> Any:
    """A line that stands a little too far to the right or to the left."""
    lines = page.text.splitlines(keepends=True)
    places = [n for n, line in enumerate(lines) if n and line.strip() and line[0] != "#"]
    n = page.any("indented", places)
    indent = len(lines[n]) - len(lines[n].lstrip(" "))
    by = page.any("by", [1, 2, 3] + ([-1] if indent else []))
    content = indent + 2 * lines[n].lstrip().startswith("- ")
    beside = next((m for m in range(n + 1, len(lines)) if not lines[m].startswith(" " * (content + 1))), n + 1)
    lines[n] = " " * (indent + by) + lines[n].lstrip(" ")
    return "".join(lines), (n + 1, n + 2, beside + 1), None


def duplicate_key(page: Page) -> Any:
    """A key that is there already, said again in the same mapping."""
    lines = page.text.splitlines(keepends=True)
    n = page.any("twice", [n for n, line in enumerate(lines) if re.match(r" *[A-Za-z_]+: \S+", line)])
    end = next((m for m in range(n + 1, len(lines)) if not lines[m].startswith(_deeper(lines[n]))), len(lines))
    return "".join([*lines[:end], *lines[n:end], *lines[end:]]), (end + 1,), None


def _deeper(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" ")) + 1)


def out_of_range(page: Page) -> Any:
    """A number far below or above what may be."""
    found = page.any("number", page.values(lambda _path, value: type(value) is int))
    path, value = found
    at = page.document.positions[path]
    return page.replaced(at, str(value), page.any("range", ["-1", "99999999999999"])), (at[0],), None


def bad_duration(page: Page) -> Any:
    """A duration as people say it, not as files have it."""
    found = page.any("duration", page.values(lambda _, value: isinstance(value, str) and DURATION.fullmatch(value)))
    if found is None:
        return None
    path, value = found
    bad = page.any("bad", list(BAD_DURATIONS))
    at = page.document.positions[path]
    return page.replaced(at, value, bad), (at[0],), BAD_DURATIONS[bad]


def unknown_error(page: Page) -> Any:
    """A code that the vendor's table does not have."""
    found = page.any("error", page.values(lambda path, _value: path[-1] in ("error", "code") and path[0] != "accounts"))
    if found is None:
        return None
    path, value = found
    at = page.document.positions[path]
    wrong = "987654" if isinstance(value, int) else misspelt(page, value)
    return page.replaced(at, str(value), wrong), (at[0],), None if isinstance(value, int) else value


def tab(page: Page) -> Any:
    """A tab where spaces indent."""
    lines = page.text.splitlines(keepends=True)
    n = page.any("tab", [n for n, line in enumerate(lines) if line.startswith("  ")])
    if n is None:
        return None
    lines[n] = "\t" + lines[n].lstrip(" ")
    return "".join(lines), (n + 1,), None


def unclosed_bracket(page: Page) -> Any:
    """A mapping or a list that is not closed."""
    places = [each.start() for each in re.finditer(r"[]}]", page.text)]
    at = page.any("bracket", places)
    if at is None:
        return None
    return page.text[:at] + page.text[at + 1 :], (page.text.count("\n", 0, _opened(page.text, at)) + 1,), None


def _opened(text: str, at: int) -> int:
    """Where the bracket that is closed at `at` was opened."""
    depth = 0
    for place in range(at, -1, -1):
        depth += {"}": 1, "]": 1, "{": -1, "[": -1}.get(text[place], 0)
        if not depth:
            return place
    raise ValueError(text[:at])


def unclosed_quote(page: Page) -> Any:
    """A text whose quote is not closed."""
    found = page.any("quoted", page.values(lambda _path, value: isinstance(value, str)))
    path, value = found
    at = page.document.positions[path]
    quote = page.any("quote", ["'", '"'])
    return page.replaced(at, value, quote + value), (at[0],), None


EDITS: Mapping[str, Edit] = {
    edit.__name__: edit
    for edit in (
        misspelt_key, misspelt_value, wrong_type, missing_key, wrong_indentation, duplicate_key, out_of_range,
        bad_duration, unknown_error, tab, unclosed_bracket, unclosed_quote,
    )
}  # fmt: skip


def mutants(seed: int = 0) -> Iterator[Mutant]:
    """One after the other without end, each kind in turn. Some are none: an account's field may have any name."""
    pages = [(str(file.relative_to(SHELF)), file.read_text(encoding="utf-8")) for file in SHIPPED]
    read_once = {name: read(text.encode(), name) for name, text in pages}
    turn = 0
    while True:
        for kind, edit in EDITS.items():
            turn += 1
            chance = Chance(seed, kind)
            name, text = pages[chance.below(len(pages), "file", turn)]
            edited = edit(Page(name, text, read_once[name], chance, turn))
            if edited and edited[0] not in (None, text):
                yield Mutant(kind, name, *edited)

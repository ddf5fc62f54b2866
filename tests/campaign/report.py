"""What a campaign has done and seen, and whether anything was not as it should be."""

from collections import Counter
from dataclasses import dataclass, field

import pytest

SELDOM = 5
"""So many happenings are told with their counts: those that were seen least."""


@dataclass
class Report:
    """Figures of all its parts. `wrong` is what must not be; a `sometimes` of zero at the end is wrong too."""

    counts: Counter[str] = field(default_factory=Counter)
    sometimes: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    memory: dict[str, str] = field(default_factory=dict)

    def expect(self, *names: str) -> None:
        """These are to have happened at the end."""
        for name in names:
            self.sometimes.setdefault(name, 0)

    def saw(self, name: str) -> None:
        """It has happened once more."""
        self.sometimes[name] = self.sometimes.get(name, 0) + 1

    def blame(self, what: str) -> None:
        """Something that must not be."""
        if what not in self.wrong:
            self.wrong.append(what)

    @property
    def never(self) -> list[str]:
        """What should have happened sometimes, and did not."""
        return sorted(name for name, count in self.sometimes.items() if not count)

    def lines(self) -> list[str]:
        """The table at the end."""
        rows = [(name, f"{count:,}") for name, count in sorted(self.counts.items())]
        rows += [("sometimes: seen", f"{len(self.sometimes) - len(self.never)} of {len(self.sometimes)}")]
        rows += list(self.memory.items())
        width = max(len(name) for name, _ in rows)
        table = [f"{name.ljust(width)}  {value}" for name, value in rows]
        table += [f"never seen: {name}" for name in self.never]
        counted = [(count, name) for name, count in self.sometimes.items() if count and " says " not in name]
        seldom = sorted(counted)[:SELDOM]  # of an error code it is known only whether it was told
        table += [f"seldom seen: {name}, {count} times" for count, name in seldom]
        return table + [f"WRONG: {each}" for each in self.wrong]


REPORT = pytest.StashKey[Report]()

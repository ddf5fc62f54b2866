"""All namespaces of a process: made by their mention or on purpose, bounded in number, dropped."""

from collections.abc import Iterator

from emulator.callback import Carrier, Nobody
from emulator.journal import Budget
from emulator.lane import Capacity
from emulator.namespace import DEFAULT, NAME, Namespace
from emulator.origin import Origin
from emulator.scenario.mistakes import nearest

LIMIT = 1000
"""How many namespaces there may be, unless a flag says otherwise."""
MAX_JOBS = 1_000_000
"""What all namespaces together may hold, unless told otherwise: some 800 MB."""


class NamespacesFull(Exception):  # noqa: N818 - a state, not a mistake of the program
    """No room for one more namespace, and none that is idle."""


class UnknownNamespace(LookupError):  # noqa: N818 - nothing went wrong but the name
    """Nobody has made a namespace of this name, and to mention it is not enough; `nearest` is like it."""

    def __init__(self, name: str, near: str | None) -> None:
        hint = f"; did you mean {near!r}?" if near else ""
        super().__init__(f"there is no namespace {name!r}{hint}")
        self.nearest = near


class Namespaces:
    """All namespaces of the process, by name, made on first mention.

    There is room for `limit` of them. When one more is wanted, that goes which is idle and has not been asked for
    longest, but never one that somebody has declared.
    """

    def __init__(
        self,
        origin: Origin,
        limit: int = LIMIT,
        carrier: Carrier | None = None,
        *,
        jobs: int = MAX_JOBS,
        declared_only: bool = False,
    ) -> None:
        """With `declared_only`, to mention a name makes nothing."""
        self.origin = origin
        self.limit = limit
        self._declared_only = declared_only
        self._carrier = carrier or Nobody()
        self._asked = 0
        self.budget = Budget()
        self.capacity = Capacity(jobs, self._count_jobs)
        self._all: dict[str, Namespace] = {}

    def __iter__(self) -> Iterator[Namespace]:
        return iter(self._all.values())

    def get(self, name: str) -> Namespace:
        """The namespace of that name; ValueError if it is none, UnknownNamespace, NamespacesFull."""
        found = self._all.get(name)
        if found is None:
            if self._declared_only and name != DEFAULT:
                raise UnknownNamespace(name, nearest(name, (DEFAULT, *self._all)))
            found = self.make(name, self.origin)
        self._asked += 1
        found.asked = self._asked
        return found

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def make(self, name: str, origin: Origin, *, declared: bool = False) -> Namespace:
        """A new namespace; ValueError if the name is not one, NamespacesFull if it would be one too many."""
        self.check(name)
        if name != DEFAULT:  # there is always room for that
            self._make_room()
        self._all[name] = made = Namespace(name, origin, self.budget, self._carrier, self.capacity)
        self._asked += 1
        made.declared, made.asked = declared, self._asked
        return made

    def declare(self, name: str) -> None:
        """There is such a namespace, and it stays. What `make` raises."""
        if name in self._all:
            self._all[name].declared = True
        else:
            self.make(name, self.origin, declared=True)

    def check(self, name: str) -> None:
        """ValueError if no namespace can have that name."""
        if not NAME.fullmatch(name):
            raise ValueError(f"a namespace is named by {NAME.pattern}, not {name!r}")

    def unplaced(self, name: str) -> Namespace:
        """A new namespace that is not among them yet; nothing may happen in it before it has been placed."""
        return Namespace(name, self.origin, self.budget, self._carrier, self.capacity)

    async def place(self, made: Namespace) -> None:
        """It is among them from now on, and the one of its name before it is no more. NamespacesFull."""
        before = self._all.get(made.name)
        if before is None:
            self._make_room()
        self._asked += 1
        made.declared, made.asked = True, self._asked
        self._all[made.name] = made
        if before:
            await before.start_over()
        self._carrier.notice()

    def _make_room(self) -> None:
        """For one more. NamespacesFull."""
        if len(self._all) < self.limit:
            return
        for each in sorted(self._all.values(), key=lambda each: each.asked):
            if not each.declared and each.name != DEFAULT and each.idle:
                del self._all[each.name]
                each.reset()
                return
        raise NamespacesFull(f"there are {self.limit} namespaces already, and none of them is idle: drop one")

    def _count_jobs(self) -> int:
        return sum(len(world.jobs) for each in self for world in each.worlds.values())

    async def drop(self, name: str) -> bool:
        """Forget it and all that is in it; False if there is none."""
        found = self._all.pop(name, None)
        if found:
            await found.start_over()
        return found is not None

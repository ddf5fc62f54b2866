"""What Synapse keeps beside jobs: tables with their columns and rows, files, who is who."""

from dataclasses import dataclass, field

from emulator.clock import Instant
from emulator.limit import Window
from emulator.providers.synapse.users import Directory, User

Cell = str | None
"""All values are strings or null."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    id: str
    name: str
    type: str
    size: int | None = None
    """Characters of a STRING, at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. A change makes a new one of the same ID, with the version of the change."""

    id: int
    version: int
    values: tuple[Cell, ...]


@dataclass
class Table:
    """An entity; one of kind `table` or `view` has rows."""

    id: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    rows: dict[int, Row]
    changed_on: Instant
    closed_to: frozenset[int] = frozenset()
    read_only_to: frozenset[int] = frozenset()
    version: int = 1
    """Of its last change."""
    last_row: int = 0
    snapshots: int = 0

    def closed(self, user: User) -> bool:
        """Whether the user may not read it."""
        return user.id in self.closed_to

    def read_only(self, user: User) -> bool:
        """Whether the user may not change it; the anonymous user may change nothing."""
        return user.anonymous or user.id in self.closed_to | self.read_only_to


@dataclass(frozen=True, slots=True)
class FileHandle:
    """A file in the vendor's storage."""

    id: str
    name: str
    content_type: str
    content: bytes
    owner: int
    created: Instant
    key: str
    """Where in the storage it is."""
    job: str | None = None
    """The job that made it."""


@dataclass
class Objects:
    """All of it."""

    directory: Directory = field(default_factory=Directory)
    """Who is who."""
    tables: dict[str, Table] = field(default_factory=dict)
    """Entities by ID; some are no tables."""
    files: dict[str, FileHandle] = field(default_factory=dict)
    """File handles by ID."""
    cache: dict[str, str] = field(default_factory=dict)
    """By what was asked of which state of a table: the job that answers it."""
    windows: dict[tuple[str, ...], Window] = field(default_factory=dict)
    """What each user has spent of the limits."""

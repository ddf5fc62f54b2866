"""Tables, and the rows they have from the beginning. https://rest-docs.synapse.org/rest/#org.sagebionetworks.repo.web.controller.TableController

Rows that nobody has spelled out are arithmetic on their number over a few words, so that a seed always means the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.clock import DAY, MILLISECOND
from emulator.provider import ApiError
from emulator.providers.synapse.errors import JobFailed, reason
from emulator.providers.synapse.messages import Pojo, uuid
from emulator.providers.synapse.objects import Cell, Column, Row, Table
from emulator.providers.synapse.settings import SynapseWorld
from emulator.providers.synapse.users import User
from emulator.world import World

WORDS = ("adenine", "cytosine", "guanine", "thymine", "uracil", "inosine", "xanthine", "pseudouridine")
"""What text columns hold."""

STRING_SIZE = 50

TABLE_SCHEMA: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": "^syn[1-9][0-9]{0,17}$", "description": "The ID of the entity."},
    "name": {"type": "string", "description": "Its name; the ID unless said."},
    "kind": {"enum": ["table", "view", "entity"], "description": "An `entity` is neither; a table unless said."},
    "columns": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "columnType": {"enum": ["STRING", "INTEGER", "DOUBLE", "BOOLEAN", "DATE", "ENTITYID", "LARGETEXT"]},
            },
            "required": ["name", "columnType"],
            "additionalProperties": False,
        },
        "description": "Its columns.",
    },
    "rows": {
        "type": ["integer", "array"],
        "minimum": 0,
        "maximum": 100_000,
        "items": {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
        "description": "Its rows, each a list of values; or how many there are to be.",
    },
    "closed_to": {"type": "array", "items": {"type": "integer"}, "description": "Users who may not read it."},
    "read_only_to": {"type": "array", "items": {"type": "integer"}, "description": "Users who may not change it."},
}


def seeded(world: World[Any, Any], entry: Mapping[str, Any]) -> Table:
    """A table as a scenario describes it."""
    columns = tuple(_column(world, each) for each in entry.get("columns", ()))
    rows = entry.get("rows", 0)
    values = _generated(world, entry["id"], columns, rows) if isinstance(rows, int) else map(_padded(columns), rows)
    numbered = {n: Row(n, 1, each) for n, each in enumerate(values, 1)}
    return Table(
        id=entry["id"],
        name=entry.get("name", entry["id"]),
        kind=entry.get("kind", "table"),
        columns=columns,
        rows=numbered,
        changed_on=world.now(),
        closed_to=frozenset(entry.get("closed_to", ())),
        read_only_to=frozenset(entry.get("read_only_to", ())),
        last_row=len(numbered),
    )


def _column(world: World[Any, Any], entry: Mapping[str, Any]) -> Column:
    size = STRING_SIZE if entry["columnType"] == "STRING" else None
    return Column(str(world.count("column")), entry["name"], entry["columnType"], size)


def _padded(columns: tuple[Column, ...]) -> Any:  # noqa: ANN401 - a function from a row to its cells
    return lambda row: tuple(_text(each) for each in (*row, *[None] * len(columns))[: len(columns)])


def _text(value: Any) -> Cell:  # noqa: ANN401 - what a scenario holds
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _generated(
    world: World[Any, Any], table: str, columns: tuple[Column, ...], count: int
) -> Iterable[tuple[Cell, ...]]:
    starts = [world.chance.below(1000, "table", table, each.name) for each in columns]
    midnight = (world.now() // DAY) * DAY // MILLISECOND
    for n in range(count):
        yield tuple(_value(each.type, start + n, midnight) for each, start in zip(columns, starts, strict=True))


def _value(kind: str, n: int, midnight: int) -> str:
    """The n-th value of a type."""
    if kind == "INTEGER":
        return str(n)
    if kind == "DOUBLE":
        return str(n / 8)
    if kind == "BOOLEAN":
        return "true" if n % 2 else "false"
    if kind == "DATE":
        return str(midnight - n * DAY // MILLISECOND)
    if kind == "ENTITYID":
        return f"syn{n + 1}"
    return f"{WORDS[n % len(WORDS)]}-{n // len(WORDS)}"


# Asking ---------------------------------------------------------------------


def table_of(world: SynapseWorld, table_id: str) -> Table:
    """The table or view of that ID. ApiError no-entity, no-table."""
    digits = table_id.removeprefix("syn")
    entity = world.objects.tables.get(f"syn{digits}")
    if entity is None:
        raise ApiError("no-entity", id=digits)
    if entity.kind == "entity":
        raise ApiError("no-table", id=entity.id)
    return entity


def readable(world: SynapseWorld, table_id: str, user: User) -> Table:
    """The table, if the user may read it; a job's own check. JobFailed."""
    table = _there(world, table_id)
    if table.closed(user):
        raise JobFailed("UnauthorizedException", "You lack READ access to the requested entity.")
    return table


def changeable(world: SynapseWorld, table_id: str, user: User) -> Table:
    """The table, if the user may change it; a job's own check. JobFailed."""
    table = readable(world, table_id, user)
    if table.read_only(user):
        raise JobFailed("UnauthorizedException", "You lack UPDATE access to the requested entity.")
    return table


def _there(world: SynapseWorld, table_id: str) -> Table:
    try:
        return table_of(world, table_id)
    except ApiError as error:
        name = "NotFoundException" if error.code == "no-entity" else "IllegalArgumentException"
        raise JobFailed(name, reason(error)) from None


def etag(world: SynapseWorld, table: Table) -> str:
    """Of the state that the table is in."""
    return uuid(world.chance, "table", table.id, table.version)


def header(column: Column) -> Pojo:
    """A column, as results name it."""
    return {"name": column.name, "columnType": column.type, "id": column.id}


def model(column: Column) -> Pojo:
    """A column, as it was made."""
    return header(column) | ({"maximumSize": column.size} if column.size else {})

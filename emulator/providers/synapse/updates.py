"""What uploads and transactions do to tables.

https://rest-docs.synapse.org/rest/org/sagebionetworks/repo/model/table/TableUpdateTransactionRequest.html

A change is worked out as a whole before the table is touched; of a transaction, all changes are made or none.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from emulator.providers.synapse import csvfiles, tables
from emulator.providers.synapse.concretetypes import APPEND, TABLE, UPLOAD
from emulator.providers.synapse.errors import illegal, shown
from emulator.providers.synapse.files import own_file
from emulator.providers.synapse.messages import Pojo
from emulator.providers.synapse.objects import Cell, Column, Row, Table
from emulator.providers.synapse.settings import SynapseWorld
from emulator.providers.synapse.users import User


@dataclass(frozen=True, slots=True)
class Change:
    """New values of a row by places of columns; `row` None is a new row."""

    row: int | None
    values: dict[int, Cell]


class Draft:
    """A table as it will be: rows that have changed, beside those that have not."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows: dict[int, Row] = {}
        self.version = table.version
        self.last_row = table.last_row

    def apply(self, changes: Iterable[Change]) -> list[Row]:
        """The rows as one more change leaves them. JobFailed."""
        self.version += 1
        return [self._changed(each) for each in changes]

    def _changed(self, change: Change) -> Row:
        number = change.row
        if number is None:
            number = self.last_row = self.last_row + 1
            before: tuple[Cell, ...] = (None,) * len(self.table.columns)
        else:
            known = self.rows.get(number) or self.table.rows.get(number)
            if known is None:
                raise illegal(f"Row ID: {number} does not exist in table {self.table.id}")
            before = known.values
        values = tuple(change.values.get(n, value) for n, value in enumerate(before))
        self.rows[number] = row = Row(number, self.version, values)
        return row

    def commit(self, world: SynapseWorld) -> None:
        """Let the table be so. Nothing can fail from here on."""
        self.table.rows.update(self.rows)
        self.table.version, self.table.last_row = self.version, self.last_row
        self.table.changed_on = world.now()


# UploadToTableRequest ---------------------------------------------------------


def upload(world: SynapseWorld, user: User, asked: Pojo) -> Pojo:
    """Rows of a file into a table. JobFailed."""
    table = _table(world, user, asked.get("tableId"))
    draft = Draft(table)
    count = len(draft.apply(_uploaded(world, user, table, asked)))
    draft.commit(world)
    return _upload_result(world, table, count)


def _table(world: SynapseWorld, user: User, table_id: str | None) -> Table:
    if not table_id:
        raise illegal("Id string cannot be null")
    if "." in table_id:
        raise illegal("A snapshot is immutable and cannot be updated.")
    return tables.changeable(world, table_id, user)


def _upload_result(world: SynapseWorld, table: Table, count: int) -> Pojo:
    etag = tables.etag(world, table)
    return {"concreteType": f"{TABLE}UploadToTableResult", "rowsProcessed": count, "etag": etag}


def _uploaded(world: SynapseWorld, user: User, table: Table, asked: Pojo) -> Iterator[Change]:
    if asked.get("columnIds"):
        raise illegal("Unsupported columnIds")
    file = own_file(world, user, asked.get("uploadFileHandleId"))
    if len(file.content) > csvfiles.LARGEST:
        raise illegal("The provided CSV file exceeds the maximum size of 1 GB.")
    descriptor = asked.get("csvTableDescriptor", {})
    lines = csvfiles.lines_of(file.content, descriptor, asked.get("linesToSkip", 0))
    heading = next(lines, None) if descriptor.get("isFirstLineHeader", True) else None
    yield from _lines(table, heading, lines)


def _lines(table: Table, heading: list[str] | None, lines: Iterable[list[str]]) -> Iterator[Change]:
    """A change for each line; without a heading, the columns are the table's, in its order."""
    names = heading or [each.name for each in table.columns]
    places = _places(table, names)
    for number, line in enumerate(lines, 1):
        if len(line) != len(names):
            raise illegal(f"Line {number} has {len(line)} values, expected {len(names)}")
        said = dict(zip(names, line, strict=True))
        values = {n: valid(table.columns[n], said[name], number) for name, n in places.items()}
        yield Change(_row_id(said.get(csvfiles.ROW_ID), number), values)


def _places(table: Table, names: list[str]) -> dict[str, int]:
    by_name = {each.name: n for n, each in enumerate(table.columns)}
    unknown = [name for name in names if name not in by_name and name not in (csvfiles.ROW_ID, csvfiles.ROW_VERSION)]
    if unknown or len(set(names)) != len(names):
        raise illegal(
            f"The columns of the file are not those of table {table.id}: {shown(', '.join(unknown or names))}"
        )
    return {name: by_name[name] for name in names if name in by_name}


def _row_id(text: str | None, line: int) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise illegal(f'Value at [{line},0] was not a valid INTEGER. For input string: "{shown(text)}"')
    return int(text[:19])


# Values -----------------------------------------------------------------------


def _whole(text: str) -> str:
    """A long, in digits alone."""
    if not text.isascii() or "_" in text or not -(2**63) <= int(text) < 2**63:
        raise ValueError(text)
    return str(int(text))


def _boolean(text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower()


def _entity(text: str) -> str:
    digits = text.lower().removeprefix("syn")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(text)
    return f"syn{digits}"


VALID: dict[str, Callable[[str], str]] = {
    "INTEGER": _whole,
    "DATE": _whole,
    "DOUBLE": lambda text: str(float(text)),
    "BOOLEAN": _boolean,
    "ENTITYID": _entity,
}
"""By type: the value a text stands for; ValueError if it stands for none. All else is text."""


def valid(column: Column, text: Cell, line: int) -> Cell:
    """The value as the table keeps it; nothing is null. JobFailed."""
    if text is None or text == "":
        return None
    if column.size and len(text) > column.size:
        reason = f"String '{shown(text)}' exceeds the maximum length of {column.size} characters."
        raise illegal(f"Value at [{line},{column.name}] was not a valid {column.type}. {reason}")
    try:
        return VALID[column.type](text) if column.type in VALID else text
    except ValueError:
        reason = f'For input string: "{shown(text)}"'
        raise illegal(f"Value at [{line},{column.name}] was not a valid {column.type}. {reason}") from None


# AppendableRowSetRequest ------------------------------------------------------

PARTIAL = f"{TABLE}PartialRowSet"


def _appended(table: Table, asked: Pojo) -> Iterator[Change]:
    rows = asked.get("toAppend")
    if rows is None:
        raise illegal("AppendableRowSetRequest.toAppend cannot be null")
    by_id = {each.id: n for n, each in enumerate(table.columns)}
    for line, row in enumerate(rows.get("rows", ()), 1):
        cells = list(_cells(rows, row))
        for column_id, _ in cells:
            if column_id not in by_id:
                raise illegal(f"Column ID {shown(column_id)} is not of table {table.id}")
        values = {by_id[each]: valid(table.columns[by_id[each]], value, line) for each, value in cells}
        yield Change(row.get("rowId"), values)


def _cells(rows: Pojo, row: Pojo) -> Iterable[tuple[str, Cell]]:
    """The values of a row by the IDs of their columns. JobFailed where there is not one for each header."""
    values = row.get("values", [])
    if rows["concreteType"] == PARTIAL:
        return [(each.get("key") or "", each.get("value")) for each in values]
    headers = [each.get("id", "") for each in rows.get("headers", ())]
    if len(headers) != len(values):
        raise illegal("Row.value size must be equal to the number of columns in the table")
    return zip(headers, values, strict=True)


def _references(world: SynapseWorld, table: Table, rows: list[tuple[int, int]]) -> Pojo:
    references = {
        "tableId": table.id,
        "etag": tables.etag(world, table),
        "headers": [tables.header(each) for each in table.columns],
        "rows": [{"rowId": row, "versionNumber": version} for row, version in rows],
    }
    return {"concreteType": f"{TABLE}RowReferenceSetResults", "rowReferenceSet": references}


# TableUpdateTransactionRequest ------------------------------------------------


def transaction(world: SynapseWorld, user: User, asked: Pojo) -> Pojo:
    """All changes, then a snapshot if one is wanted. JobFailed, with nothing changed."""
    table = _table(world, user, asked.get("entityId"))
    changes = asked.get("changes", [])
    _check(asked, table, changes)
    draft = Draft(table)
    made = [draft.apply(CHANGES[each["concreteType"]](world, user, table, each)) for each in changes]
    draft.commit(world)
    response: Pojo = {
        "concreteType": f"{TABLE}TableUpdateTransactionResponse",
        "results": [_result(world, table, each, rows) for each, rows in zip(changes, made, strict=True)],
    }
    if asked.get("createSnapshot"):
        table.snapshots += 1
        response["snapshotVersionNumber"] = table.snapshots
    return response


CHANGES: dict[str, Callable[[SynapseWorld, User, Table, Pojo], Iterable[Change]]] = {
    UPLOAD: _uploaded,
    APPEND: lambda _world, _user, table, asked: _appended(table, asked),
}
"""What each kind of change comes to."""


def _result(world: SynapseWorld, table: Table, asked: Pojo, rows: list[Row]) -> Pojo:
    if asked["concreteType"] == UPLOAD:
        return _upload_result(world, table, len(rows))
    return _references(world, table, [(row.id, row.version) for row in rows])


def _check(asked: Pojo, table: Table, changes: list[Any]) -> None:
    if not changes and not asked.get("createSnapshot"):
        raise illegal("Must include be at least one change or create a snapshot.")
    if "snapshotOptions" in asked and "createSnapshot" not in asked:
        raise illegal("Included SnapshotOptions but the createSnapshot boolean is null")
    for each in changes:
        if each["concreteType"] == UPLOAD and not each.get("tableId"):
            raise illegal("Id string cannot be null")
        named = {each.get("entityId"), each.get("tableId")} - {None, ""}
        if named - {table.id, table.id.removeprefix("syn")}:
            raise illegal("EntityId of TableUpdateRequest does not match the requested transaction entityId")

"""What query jobs answer. https://rest-docs.synapse.org/rest/org/sagebionetworks/repo/model/table/QueryBundleRequest.html"""

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import orjson

from emulator.provider import ApiError
from emulator.providers.synapse import csvfiles, sql, tables
from emulator.providers.synapse.concretetypes import NEXT_PAGE, TABLE
from emulator.providers.synapse.errors import JobFailed, illegal, shown
from emulator.providers.synapse.files import CSV, new_file
from emulator.providers.synapse.messages import Pojo, date_time, pojo
from emulator.providers.synapse.objects import Cell, Column, Row, Table
from emulator.providers.synapse.settings import SynapseWorld
from emulator.providers.synapse.users import User

# What is found ----------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What a query finds: its columns, and rows; those of a count are no rows of the table."""

    table: Table
    headers: list[Pojo]
    rows: list[Row]
    total: int
    """Rows of the query, whatever part of them is asked for beside it."""
    counted: bool = False


def found(table: Table, query: Pojo) -> Found:
    """Answer a query of a table that may be read. JobFailed where it names what is not there."""
    select = sql.read(query["sql"])
    kinds = {each.name: each.type for each in table.columns}
    for name in sorted(select.names | {each.get("column", "") for each in query.get("sort", ())}):
        if name not in kinds:
            raise illegal(f"Unknown column {shown(name)}")
    tests = [*([select.test] if select.test else []), *_filters(query, kinds)]
    rows = [row for row in table.rows.values() if _meets(table, row, tests)]
    headers = [COUNT] if select.count else [tables.header(each) for each in _columns(table, select)]
    if select.count:
        rows = [Row(0, 0, (str(len(rows)),))]
    else:
        rows = _projected(table, select, _in_order(table, select, query, rows))
    rows = _part(rows, select.offset, select.limit)
    wanted = _part(rows, query.get("offset", 0), query.get("limit"))
    return Found(table, headers, wanted, total=len(rows), counted=select.count)


COUNT = {"name": "COUNT(*)", "columnType": "INTEGER"}
"""The header of a count: computed, so it has no ID."""


def _meets(table: Table, row: Row, tests: list[sql.Test]) -> bool:
    return not tests or all(test(_record(table.columns, row)) for test in tests)


def _record(columns: tuple[Column, ...], row: Row) -> dict[str, tuple[Cell, str]]:
    return {each.name: (value, each.type) for each, value in zip(columns, row.values, strict=True)}


def _in_order(table: Table, select: sql.Select, query: Pojo, rows: list[Row]) -> list[Row]:
    """What `sort` names goes before what the SQL does."""
    beside = [(each["column"], each.get("direction") == "DESC") for each in query.get("sort", ())]
    places = {each.name: n for n, each in enumerate(table.columns)}
    for name, down in reversed([*beside, *select.order]):
        n = places[name]
        kind = table.columns[n].type
        rows = sorted(rows, key=lambda row: sql.sorting(row.values[n], kind), reverse=down)
    return rows


def _part(rows: list[Row], offset: int, limit: int | None) -> list[Row]:
    if offset < 0 or (limit is not None and limit < 0):
        raise illegal("Limit and offset must be greater than or equal to zero")
    return rows[offset:] if limit is None else rows[offset : offset + limit]


def _columns(table: Table, select: sql.Select) -> list[Column]:
    by_name = {each.name: each for each in table.columns}
    return list(table.columns) if select.columns is None else [by_name[name] for name in select.columns]


def _projected(table: Table, select: sql.Select, rows: list[Row]) -> list[Row]:
    if select.columns is None:
        return rows
    places = [table.columns.index(each) for each in _columns(table, select)]
    return [Row(row.id, row.version, tuple(row.values[n] for n in places)) for row in rows]


# Filters beside the SQL -------------------------------------------------------

OPERATORS: dict[str, Callable[[str, str, str], bool]] = {
    "EQUAL": lambda value, wanted, kind: sql.COMPARISONS["eq"](*sql.alike(value, wanted, kind)),
    "NOT_EQUAL": lambda value, wanted, kind: sql.COMPARISONS["neq"](*sql.alike(value, wanted, kind)),
    "GREATER_THAN": lambda value, wanted, kind: sql.COMPARISONS["gt"](*sql.alike(value, wanted, kind)),
    "GREATER_THAN_OR_EQUALS": lambda value, wanted, kind: sql.COMPARISONS["gte"](*sql.alike(value, wanted, kind)),
    "LESS_THAN": lambda value, wanted, kind: sql.COMPARISONS["lt"](*sql.alike(value, wanted, kind)),
    "LESS_THAN_OR_EQUAL": lambda value, wanted, kind: sql.COMPARISONS["lte"](*sql.alike(value, wanted, kind)),
    "IN": lambda value, wanted, kind: sql.COMPARISONS["eq"](*sql.alike(value, wanted, kind)),
    "LIKE": lambda value, wanted, _kind: fnmatchcase(value, _pattern(wanted)),
}
"""Filters that are applied: one of their values must hold."""


def _pattern(like: str) -> str:
    """`%` and `_` as * and ?, what those and brackets mean elsewhere as themselves."""
    return re.sub(r"[*?\[]", r"[\g<0>]", like).replace("%", "*").replace("_", "?")


def _filters(query: Pojo, kinds: dict[str, str]) -> Iterable[sql.Test]:
    """JobFailed for facets, as no column is one, and for filters that are not applied."""
    facets = [each.get("columnName") for each in query.get("selectedFacets", ())]
    if facets:
        text = f"Requested facet column names must all be in the set: [] Requested set of column names: {facets}"
        raise JobFailed("InvalidTableQueryFacetColumnRequestException", text)
    for each in query.get("additionalFilters", ()):
        operator, column = each.get("operator"), each.get("columnName")
        if operator not in OPERATORS:
            raise illegal(f"Unsupported filter: {each['concreteType']} {operator or ''}".rstrip())
        if column not in kinds:
            raise illegal(f"Unknown column {shown(str(column))}")
        yield _filter(column, OPERATORS[operator], [value for value in each.get("values", ()) if value is not None])


def _filter(column: str, holds: Callable[[str, str, str], bool], values: list[str]) -> sql.Test:
    def test(record: sql.Record) -> bool:
        value, kind = record[column]
        return value is not None and any(holds(value, each, kind) for each in values)

    return test


# DownloadFromTableRequest -----------------------------------------------------


def download(world: SynapseWorld, user: User, asked: Pojo) -> Pojo:
    """A CSV file of what is found, as a file of the user's. JobFailed."""
    table = tables.readable(world, sql.read(asked["sql"]).table, user)
    answer = found(table, asked)
    content = csvfiles.written(_lines(answer, asked), asked.get("csvTableDescriptor", {}))
    file = new_file(world, user, asked.get("fileName") or f"{table.id}.csv", CSV, content)
    return {
        "concreteType": f"{TABLE}DownloadFromTableResult",
        "resultsFileHandleId": file.id,
        "tableId": table.id,
        "etag": tables.etag(world, table),
        "headers": answer.headers,
    }


def _lines(answer: Found, asked: Pojo) -> Iterable[Iterable[Cell]]:
    numbered = asked.get("includeRowIdAndRowVersion", True) and not answer.counted
    if asked.get("writeHeader", True):
        first = [csvfiles.ROW_ID, csvfiles.ROW_VERSION] if numbered else []
        yield first + [each["name"] for each in answer.headers]
    for row in answer.rows:
        yield (str(row.id), str(row.version), *row.values) if numbered else row.values


# QueryBundleRequest -----------------------------------------------------------

ALL = (1 << 10) - 1
"""The partMask of whoever names none."""


def bundle(world: SynapseWorld, user: User, asked: Pojo) -> Pojo:
    """What partMask asks of the result. JobFailed."""
    query = asked["query"]
    table = tables.readable(world, sql.read(query["sql"]).table, user)
    whole = found(table, query)
    mask = asked.get("partMask", ALL)
    parts: list[tuple[str, Callable[[], Any]]] = [
        ("queryResult", lambda: _page(world, whole, query, 0)),
        ("queryCount", lambda: whole.total),
        ("selectColumns", lambda: whole.headers),
        ("maxRowsPerPage", lambda: world.settings.rows_per_page),
        ("columnModels", lambda: [tables.model(each) for each in table.columns]),
        ("facets", list),
        (
            "sumFileSizes",
            lambda: {"concreteType": f"{TABLE}SumFileSizes", "sumFileSizesBytes": 0, "greaterThan": False},
        ),
        ("lastUpdatedOn", lambda: date_time(table.changed_on)),
        ("combinedSql", lambda: sql.read(query["sql"]).text),
        ("actionsRequired", list),
    ]
    told = {name: part() for bit, (name, part) in enumerate(parts) if mask >> bit & 1}
    return {"concreteType": f"{TABLE}QueryResultBundle", **told}


def next_page(world: SynapseWorld, user: User, asked: Pojo) -> Pojo:
    """The page that a token leads to. JobFailed."""
    query, start = opened(asked.get("token"))
    table = tables.readable(world, sql.read(query["sql"]).table, user)
    return _page(world, found(table, query), query, start)


def _page(world: SynapseWorld, whole: Found, query: Pojo, start: int) -> Pojo:
    stop = start + world.settings.rows_per_page
    rows = {
        "concreteType": f"{TABLE}RowSet",
        "tableId": whole.table.id,
        "etag": tables.etag(world, whole.table),
        "headers": whole.headers,
        "rows": [_row(each, counted=whole.counted) for each in whole.rows[start:stop]],
    }
    result = {"concreteType": f"{TABLE}QueryResult", "queryResults": rows}
    if stop < len(whole.rows):
        result["nextPageToken"] = {"concreteType": NEXT_PAGE, "token": _token(query, stop)}
    return result


def _row(row: Row, *, counted: bool) -> Pojo:
    values = {"values": list(row.values)}
    return values if counted else {"rowId": row.id, "versionNumber": row.version, **values}


def _token(query: Pojo, start: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps({"query": query, "start": start})).decode()


def opened(token: str | None) -> tuple[Pojo, int]:
    """Query and place of a token that we made. ApiError bad-page for any other."""
    try:
        told = orjson.loads(base64.urlsafe_b64decode((token or "").encode()))
        query, start = pojo("query", told["query"]), int(told["start"])
    except (ApiError, ValueError, TypeError, KeyError, AttributeError):
        raise ApiError("bad-page") from None
    if start < 0 or "sql" not in query:
        raise ApiError("bad-page")
    return query, start

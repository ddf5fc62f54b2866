"""The part of the query language that is answered.

https://rest-docs.synapse.org/rest/org/sagebionetworks/repo/web/controller/TableExamples.html

    select <columns or * or count(*)> from syn123
        [where <comparisons, with and, or, parentheses>] [order by ...] [limit n] [offset n]

Everything beyond is refused as what does not parse. sqlglot reads it, and is imported by the first query.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from emulator.provider import ApiError
from emulator.providers.synapse.errors import shown
from emulator.providers.synapse.objects import Cell

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

LONGEST = 16_384
"""Characters of a query that are read at all; what is longer is refused as what does not lex."""

NUMBERS = frozenset({"INTEGER", "DOUBLE", "DATE", "FILEHANDLEID", "SUBMISSIONID", "EVALUATIONID", "USERID"})
"""Types whose values compare as numbers; those of the others do as text."""

Record = Mapping[str, tuple[Cell, str]]
"""A row by the names of its columns: value and type."""
Test = Callable[[Record], bool]
Literal = str | None


@dataclass(frozen=True)
class Select:
    """A query that can be answered. `columns` None is all of them; `count` is count(*)."""

    table: str
    text: str
    columns: tuple[str, ...] | None
    count: bool
    test: Test | None
    order: tuple[tuple[str, bool], ...]
    """Columns, and whether each is sorted downwards."""
    limit: int | None
    offset: int
    names: frozenset[str]
    """All columns that it names; whether there are such, the table must say."""


def read(sql: str | None) -> Select:
    """What a query asks. ApiError no-sql, sql-lexical, sql-syntax, sql-join."""
    if not sql or not sql.strip():
        raise ApiError("no-sql")
    if len(sql) > LONGEST:
        raise ApiError("sql-lexical")
    from sqlglot import errors, parse_one  # noqa: PLC0415 - not before the first query

    try:
        return _select(parse_one(sql))
    except errors.TokenError:
        raise ApiError("sql-lexical") from None
    except errors.ParseError as error:
        raise _syntax(str(error.errors[0]["description"] if error.errors else error)) from None
    except RecursionError:
        raise _syntax("Nested too deep.") from None


def _syntax(text: str) -> ApiError:
    return ApiError("sql-syntax", text=text)


def _beyond(what: "Expr | str") -> ApiError:
    """What is beyond: worded as the vendor's parser does."""
    text = what if isinstance(what, str) else what.sql()
    return _syntax(f'Encountered "{shown(text)}".')


CLAUSES = frozenset({"kind", "expressions", "from_", "where", "order", "limit", "offset", "joins"})


def _select(tree: "Expr") -> Select:
    from sqlglot import exp  # noqa: PLC0415

    if not isinstance(tree, exp.Select):
        raise _beyond(tree)
    if tree.args.get("joins"):
        raise ApiError("sql-join")
    for clause, value in tree.args.items():
        if value and clause not in CLAUSES:
            raise _beyond(value if isinstance(value, exp.Expr) else clause)
    where, order = tree.args.get("where"), tree.args.get("order")
    columns, count = _columns(tree)
    return Select(
        table=_table(tree),
        text=tree.sql(),
        columns=columns,
        count=count,
        test=_test(where.this) if where else None,
        order=tuple(map(_ordered, order.expressions)) if order else (),
        limit=_number(tree.args.get("limit")),
        offset=_number(tree.args.get("offset")) or 0,
        names=frozenset(each.name for each in tree.find_all(exp.Column) if not isinstance(each.this, exp.Star)),
    )


def _table(tree: "Expr") -> str:
    from sqlglot import exp  # noqa: PLC0415

    source = tree.args.get("from_")
    table = source and source.this
    if not isinstance(table, exp.Table) or table.args.get("db") or table.args.get("alias") or not table.name:
        raise _beyond(table or "<EOF>")
    if table.this.args.get("quoted"):
        raise _beyond(table)
    return table.name.lower()


def _columns(tree: "Expr") -> tuple[tuple[str, ...] | None, bool]:
    from sqlglot import exp  # noqa: PLC0415

    wanted = tree.expressions
    if len(wanted) == 1 and isinstance(wanted[0], exp.Star):
        return None, False
    if len(wanted) == 1 and isinstance(wanted[0], exp.Count) and isinstance(wanted[0].this, exp.Star):
        return (), True
    return tuple(map(_column, wanted)), False


def _column(node: "Expr") -> str:
    from sqlglot import exp  # noqa: PLC0415

    if not isinstance(node, exp.Column) or node.table or isinstance(node.this, exp.Star):
        raise _beyond(node)
    return node.name


def _ordered(node: "Expr") -> tuple[str, bool]:
    return _column(node.this), bool(node.args.get("desc"))


def _number(node: "Expr | None") -> int | None:
    from sqlglot import exp  # noqa: PLC0415

    if node is None:
        return None
    text = node.expression.name if isinstance(node.expression, exp.Literal) else ""
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004 - digits of a long
        raise _beyond(node)
    return int(text)


# Where ------------------------------------------------------------------------

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "neq": lambda value, wanted: value != wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
}


def _test(node: "Expr") -> Test:
    from sqlglot import exp  # noqa: PLC0415

    if isinstance(node, exp.Paren):
        return _test(node.this)
    if isinstance(node, exp.And | exp.Or):
        left, right = _test(node.this), _test(node.expression)
        both = isinstance(node, exp.And)
        return lambda record: (left(record) and right(record)) if both else (left(record) or right(record))
    if node.key in COMPARISONS:
        return compared(_column(node.this), node.key, _literal(node.expression))
    raise _beyond(node)


def _literal(node: "Expr") -> str:
    from sqlglot import exp  # noqa: PLC0415

    if isinstance(node, exp.Boolean):
        return str(node.this).lower()
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return f"-{node.this.name}"
    if not isinstance(node, exp.Literal):
        raise _beyond(node)
    return node.name


def compared(column: str, comparison: str, wanted: str) -> Test:
    """Whether the value of a column compares with what is wanted; null compares with nothing."""
    holds = COMPARISONS[comparison]

    def test(record: Record) -> bool:
        value, kind = record[column]
        return value is not None and holds(*alike(value, wanted, kind))

    return test


def alike(value: str, wanted: str, kind: str) -> tuple[Any, Any]:
    """Both as numbers where the column holds numbers and both are some, else as text."""
    both = _as_number(value, kind), _as_number(wanted, kind)
    return (value, wanted) if None in both else both


def sorting(value: Cell, kind: str) -> tuple[int, Any]:
    """What to sort a value by: null comes first, and what is no number among numbers last."""
    if value is None:
        return 0, 0
    number = _as_number(value, kind)
    return (2, value) if number is None else (1, number)


def _as_number(text: str, kind: str) -> Decimal | None:
    """The number that a text stands for in a column of numbers; NaN is none, as it has no order."""
    try:
        number = Decimal(text) if kind in NUMBERS else None
    except InvalidOperation:
        return None
    return None if number is None or number.is_nan() else number

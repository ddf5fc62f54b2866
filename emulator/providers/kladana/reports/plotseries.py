"""Sales and orders. https://dev.kladana.com/doc/api/remap/1.2/reports/#reports-sales-and-orders-indicators

A series has one point for each hour, day or month that begins in the period, the one the period begins in included.
"""

from collections.abc import Iterator
from typing import Any

from emulator.providers.kladana.reports.books import Books
from emulator.providers.kladana.reports.goods import price
from emulator.providers.kladana.reports.period import series
from emulator.providers.kladana.reports.report import Report, framed

REQUIRED = ("momentFrom", "momentTo", "interval")
"""All three, and the first that is missing is the one complained of."""


def points(books: Books, of: str) -> Iterator[tuple[str, int]]:
    """Each point's date, without milliseconds, and its bits. ApiError 1035, 39001, 39002."""
    interval, beginnings = series(books.request)
    draw = books.draw(f"{of} by {interval}")
    for at in beginnings:
        yield at.strftime("%Y-%m-%d %H:%M:%S"), draw(at.toordinal() * 24 + at.hour)


def sales(books: Books) -> dict[str, Any]:
    """How many sales there were, and what they amounted to. ApiError as above."""
    return framed(books, "salesplotseries", series=_counted(books, "sales"))


def orders(books: Books) -> dict[str, Any]:
    """The same of sales orders."""
    return framed(books, "ordersplotseries", series=_counted(books, "orders"))


def _counted(books: Books, of: str) -> list[dict[str, Any]]:
    return [
        {"date": date, "quantity": bits & 31, "sum": price(bits >> 8) * (bits & 31)} for date, bits in points(books, of)
    ]


REPORTS = (
    Report(
        "report/sales/plotseries",
        "getSalesPlotSeries",
        "sales-plot-series",
        body=sales,
        shape="object",
        required=REQUIRED,
    ),
    Report(
        "report/orders/plotseries",
        "getOrdersPlotSeries",
        "orders-plot-series",
        body=orders,
        shape="object",
        required=REQUIRED,
    ),
)

"""Money report. https://dev.kladana.com/doc/api/remap/1.2/reports/#reports-money-report"""

from collections.abc import Callable
from typing import Any

from emulator.providers.kladana.general import url
from emulator.providers.kladana.reports.books import Books, Row, named
from emulator.providers.kladana.reports.goods import price
from emulator.providers.kladana.reports.plotseries import REQUIRED, points
from emulator.providers.kladana.reports.report import Report, framed

# Flow of funds -----------------------------------------------------------------


def plotseries(books: Books) -> dict[str, Any]:
    """Income and expenses of each interval, and of the whole period. ApiError 1035, 39001, 39002."""
    series = [_flow(date, bits) for date, bits in points(books, "money")]
    credit, debit = (sum(each[side] for each in series) for side in ("credit", "debit"))
    return framed(books, "moneyplotseries", credit=credit, debit=debit, series=series)


def _flow(date: str, bits: int) -> dict[str, Any]:
    credit, debit = price(bits) * 10, price(bits >> 16) * 9
    return {"date": date, "credit": credit, "debit": debit, "balance": credit - debit}


# Cash balances -----------------------------------------------------------------

ACCOUNTS = 3
"""Bank accounts of an organization; beside them it has a cash desk, which has no account."""


def by_account(books: Books) -> Callable[[int], Row]:
    """What is in each cash desk and on each account of each organization."""
    organizations, accounts, draw = books.kind("organization"), books.kind("account"), books.draw("money")
    metadata = url(books.request, "/entity/organization/metadata")

    def row(n: int) -> Row:
        number, place = divmod(n, ACCOUNTS + 1)
        meta, bits = organizations.meta(number), draw(n)
        account = {
            "meta": meta
            | {"href": f"{meta['href']}/accounts/{accounts.id(n)}", "metadataHref": metadata, "type": "account"},
            "name": f"{bits % 10**20:020d}",
        }
        return {
            **({"account": account} if place else {}),
            "organization": {"meta": meta, "name": named(books.words.companies, number)},
            "balance": price(bits >> 64) * 100,
        }

    return row


REPORTS = (
    Report(
        "report/money/plotseries",
        "getMoneyPlotSeries",
        "money-plot-series",
        body=plotseries,
        shape="object",
        required=REQUIRED,
    ),
    Report(
        "report/money/byaccount",
        "getMoneyByAccount",
        "money-by-account",
        by_account,
        shape="list",
        type="moneyreport",
    ),
)

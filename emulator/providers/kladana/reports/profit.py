"""Profit and Loss report. https://dev.kladana.com/doc/api/remap/1.2/reports/#reports-profit-and-loss-report

Whoever sells, sells as much each day: the sums grow with the period that is asked for.
"""

from collections.abc import Callable
from typing import Any

from emulator.providers.kladana.reports.books import Books, Row, named
from emulator.providers.kladana.reports.goods import Goods, code, price
from emulator.providers.kladana.reports.parts import Parts
from emulator.providers.kladana.reports.period import days
from emulator.providers.kladana.reports.report import Report

BY_PRODUCT = ("product", "product", "product", "product", "product", "service", "bundle")
BY_VARIANT = ("product", "product", "product", "variant", "product", "service", "bundle")
EXPANDED = {"variant": "?expand=product.supplier"}

# By products, by product variants ----------------------------------------------


def by_product(books: Books) -> Callable[[int], Row]:
    """Products, services and bundles; a product's variants count as the product. ApiError 1035."""
    return _by_good(books, BY_PRODUCT)


def by_variant(books: Books) -> Callable[[int], Row]:
    """The same, with variants apart from their products. ApiError 1035."""
    return _by_good(books, BY_VARIANT)


def _by_good(books: Books, types: tuple[str, ...]) -> Callable[[int], Row]:
    goods, parts, period = Goods(books, types, EXPANDED), Parts(books), days(books.request)

    def row(n: int) -> Row:
        bits, meta, name = goods.bits(n), goods.meta(n), goods.name(n)
        sold = (1 + (bits >> 64 & 15)) * period
        returned = sold // 10 if bits >> 68 & 1 else 0
        each, cost = price(bits >> 32) * 1.5, price(bits >> 32)
        return {
            "assortment": {
                "meta": meta,
                "name": name,
                "code": code(n),
                "uom": parts.uom(n),
                **({"article": f"Ar{n}"} if n % 3 == 0 else {}),
                **({"image": parts.image(n, meta, name)} if n % 5 == 0 else {}),
            },
            "sellQuantity": sold,
            "sellPrice": each if sold else 0.0,
            "sellCost": cost if sold else 0.0,
            "sellSum": each * sold,
            "sellCostSum": cost * sold,
            "returnQuantity": returned,
            "returnPrice": each if returned else 0.0,
            "returnCost": cost if returned else 0.0,
            "returnSum": each * returned,
            "returnCostSum": cost * returned,
            **_profit(each * (sold - returned), cost * (sold - returned)),
        }

    return row


# By employees, counterparties, sales channels ------------------------------------


def by_employee(books: Books) -> Callable[[int], Row]:
    """Who sold it. ApiError 1035."""
    return _by_party(books, "employee", "employee", lambda n: {"name": named(books.words.people, n)})


def by_counterparty(books: Books) -> Callable[[int], Row]:
    """Who bought it. ApiError 1035."""
    return _by_party(books, "counterparty", "counterparty", lambda n: {"name": named(books.words.companies, n)})


def by_sales_channel(books: Books) -> Callable[[int], Row]:
    """Where it was sold. ApiError 1035."""
    words = books.words

    def about(n: int) -> dict[str, str]:
        kind = words.channel_types[n % len(words.channel_types)]
        return {"name": named(words.channels, n), "type": kind}

    return _by_party(books, "salesChannel", "saleschannel", about)


def _by_party(books: Books, field: str, kind: str, about: Callable[[int], dict[str, str]]) -> Callable[[int], Row]:
    parties, draw, period = books.kind(kind), books.draw(f"sales by {kind}"), days(books.request)

    def row(n: int) -> Row:
        bits = draw(n)
        sales = (1 + (bits & 7)) * period
        returns = sales // 10
        receipt = price(bits >> 16)
        sold, returned = receipt * sales, receipt * returns
        return {
            field: {"meta": parties.meta(n), **about(n)},
            "salesCount": sales,
            "salesAvgCheck": receipt if sales else 0.0,
            "sellSum": sold,
            "sellCostSum": sold * 0.75,
            "returnCount": returns,
            "returnAvgCheck": receipt if returns else 0.0,
            "returnSum": returned,
            "returnCostSum": returned * 0.75,
            **_profit(sold - returned, (sold - returned) * 0.75),
        }

    return row


def _profit(kept: float, cost: float) -> dict[str, Any]:
    """Profit, and its share of the cost and of the sales that were not given back."""
    profit = kept - cost
    return {
        "profit": profit,
        "margin": profit / cost if cost else 0.0,
        "salesMargin": profit / kept if kept else 0.0,
    }


REPORTS = (
    Report("report/profit/byproduct", "getProfitByProduct", "profit-by-product", by_product, type="salesbyproduct"),
    Report("report/profit/byvariant", "getProfitByVariant", "profit-by-variant", by_variant, type="salesbyvariant"),
    Report(
        "report/profit/byemployee", "getProfitByEmployee", "profit-by-employee", by_employee, type="salesbyemployee"
    ),
    Report(
        "report/profit/bycounterparty",
        "getProfitByCounterparty",
        "profit-by-counterparty",
        by_counterparty,
        type="salesbycounterparty",
    ),
    Report(
        "report/profit/bysaleschannel",
        "getProfitBySalesChannel",
        "profit-by-sales-channel",
        by_sales_channel,
        type="salesbysaleschannel",
    ),
)

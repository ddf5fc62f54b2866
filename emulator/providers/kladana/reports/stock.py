"""Balance report. https://dev.kladana.com/doc/api/remap/1.2/reports/#reports-balance-report

In the extended reports the fields of who asks stand directly in `employee`; the summaries have no frame at all.
"""

import re
from collections.abc import Callable
from typing import Any

from emulator.exchange import JSON, Request
from emulator.provider import ApiError
from emulator.providers.kladana.general import url
from emulator.providers.kladana.reports.books import Books, Row, external_code
from emulator.providers.kladana.reports.goods import GOODS, Goods, Level, code, level, price, turns
from emulator.providers.kladana.reports.parts import Parts
from emulator.providers.kladana.reports.report import NO_OBJECT, Report

EXPANDED = {"product": "?expand=supplier", "variant": "?expand=product.supplier"}
"""What stands behind the references of the extended reports."""


def stock_context(request: Request) -> dict[str, Any]:
    """Who asks, as the extended reports say it."""
    return {"employee": {"href": url(request, "/context/employee"), "type": "employee", "mediaType": JSON}}


# Extended balance report -----------------------------------------------------


def stock_all(books: Books) -> Callable[[int], Row]:
    """Each good, with how much of it there is."""
    goods, parts = Goods(books, turns(books.request, GOODS), EXPANDED), Parts(books)

    def row(n: int) -> Row:
        bits, meta, name = goods.bits(n), goods.meta(n), goods.name(n)
        whole, cost = goods.whole(bits), price(bits >> 32)
        return {
            "meta": meta,
            "stock": whole.stock,
            "inTransit": whole.in_transit,
            "reserve": whole.reserve,
            "quantity": whole.quantity,
            "name": name,
            "code": code(n),
            **({"article": f"Ar{n}"} if n % 3 == 0 else {}),
            "price": cost,
            "salePrice": cost * 1.5,
            "uom": parts.uom(n),
            **({"folder": parts.folder(n)} if n % 2 else {}),
            **({"image": parts.image(n, meta, name)} if n % 5 == 0 else {}),
            "stockDays": bits >> 48 & 0xFF,
            "externalCode": external_code(bits),
        }

    return row


# Stock balances --------------------------------------------------------------


def stock_by_store(books: Books) -> Callable[[int], Row]:
    """For each good, how much of it is in each warehouse."""
    goods, stores = Goods(books, turns(books.request, GOODS), EXPANDED), books.kind("store")
    warehouses = [({"meta": stores.meta(n), "name": name}, 8 * n) for n, name in enumerate(books.words.warehouses)]
    bits_of, meta = goods.bits, goods.meta

    def row(n: int) -> Row:
        bits = bits_of(n)
        held = []
        for warehouse, shift in warehouses:
            stock, reserve, in_transit = level(bits >> shift)
            held.append({**warehouse, "stock": stock, "reserve": reserve, "inTransit": in_transit})
        return {"meta": meta(n), "stockByStore": held}

    return row


# Summary of balances ---------------------------------------------------------

STOCK_TYPES: dict[str, Callable[[Level], int]] = {
    "stock": lambda level: level.stock,
    "freeStock": lambda level: level.stock - level.reserve,
    "quantity": lambda level: level.quantity,
}


def stock_type(request: Request) -> str:
    """What is to be counted; the number is named after it. ApiError 1084."""
    asked = request.query.get("stockType", "stock")
    if asked not in STOCK_TYPES:
        raise ApiError(1084, value=asked, parameter="stockType", valid=", ".join(STOCK_TYPES))
    return asked


def stock_all_current(books: Books) -> Callable[[int], Row]:
    """Only the id of each good and one number. ApiError 1084."""
    goods, name = Goods(books, GOODS), stock_type(books.request)
    number = STOCK_TYPES[name]
    return lambda n: {"assortmentId": goods.id(n), name: number(goods.whole(goods.bits(n)))}


def stock_by_store_current(books: Books) -> Callable[[int], Row]:
    """The same for each warehouse in turn; last, without one, what is reserved but not tied to any. ApiError 1084."""
    goods, name = Goods(books, GOODS), stock_type(books.request)
    number, kind = STOCK_TYPES[name], books.kind("store")
    stores: list[str | None] = [kind.id(n) for n in range(len(books.words.warehouses))]
    if name != "stock":  # a reserve is no stock, and lines of nothing are left out
        stores.append(None)

    def row(n: int) -> Row:
        good, place = divmod(n, len(stores))
        held = level(goods.bits(good) >> 8 * place)
        count = -held.reserve - 1 if stores[place] is None else number(held)
        return {"assortmentId": goods.id(good), "storeId": stores[place], name: count}

    return row


# The transaction stock --------------------------------------------------------

TRANSACTIONS = ("customerorder", "demand", "supply", "purchaseorder", "invoiceout", "salesreturn", "purchasereturn")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_POSITIONS = 6


def stock_by_operation(books: Books) -> Callable[[int], Row]:
    """The positions of one document, with the stock of each. ApiError 1052 if `operation.id` is none."""
    document = books.request.query["operation.id"].lower()
    if not _UUID.fullmatch(document):
        raise ApiError(1052, parameter="operation.id")
    bits = books.world.chance.bits("operation", books.account, document)
    kind, goods = TRANSACTIONS[bits % len(TRANSACTIONS)], Goods(books, GOODS)
    first, count = bits >> 16 & 0xFF, 1 + (bits >> 8) % _POSITIONS

    def row(_n: int) -> Row:
        positions = [_position(goods, n) for n in range(first, first + count)]
        return {"meta": books.kind(kind).meta_of(document), "positions": positions}

    return row


def _position(goods: Goods, n: int) -> dict[str, Any]:
    bits = goods.bits(n)
    whole = goods.whole(bits)
    return {
        "meta": goods.meta(n),
        "name": goods.name(n),
        "stock": whole.stock,
        "cost": price(bits >> 32),
        "reserve": whole.reserve,
        "inTransit": whole.in_transit,
        "quantity": whole.quantity,
    }


REPORTS = (
    Report("report/stock/all", "getStockAll", "stock-all", stock_all, type="stock", context=stock_context),
    Report(
        "report/stock/bystore",
        "getStockByStore",
        "stock-by-store",
        stock_by_store,
        type="stockbystore",
        context=stock_context,
    ),
    Report(
        "report/stock/all/current",
        "getStockAllCurrent",
        "stock-all-current",
        stock_all_current,
        shape="array",
        by_letter=True,
    ),
    Report(
        "report/stock/bystore/current",
        "getStockByStoreCurrent",
        "stock-by-store-current",
        stock_by_store_current,
        shape="array",
        by_letter=True,
    ),
    Report(
        "report/stock/byoperation",
        "getStockByOperation",
        "stock-by-operation",
        stock_by_operation,
        type="stockbyoperation",
        context=stock_context,
        size=1,
        required=("operation.id",),
        missing=NO_OBJECT,
        by_letter=True,
    ),
)

"""Reports. https://dev.kladana.com/doc/api/remap/1.2/reports/

A row is a function of the account and its number, so a report is the same however often and in whatever slices it is
fetched, at once or as a task, and none of it is kept.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from emulator.exchange import JSON, Answer, Request
from emulator.providers.kladana import tasks
from emulator.providers.kladana.general import meta, object_id, requested, url
from emulator.providers.kladana.paging import page
from emulator.providers.kladana.settings import KladanaWorld

SLICE = 200
"""Rows that are built, checked and sent at a time."""

WAREHOUSES = ("Main warehouse", "Not the main warehouse")


def get_stock_by_store(world: KladanaWorld, request: Request) -> Answer:
    """`report/stock/bystore`: a page of it at once, or the whole of it as a task."""
    if tasks.wants_task(request):
        return tasks.create(world, request, "stock/bystore")
    frame, rows = page(request, world.settings.rows)
    return _stock_by_store(world, request, request.account, frame, rows)


def download_result(world: KladanaWorld, request: Request) -> Answer:
    """The whole result, while both the link and the result live."""
    job = tasks.linked(world, request)
    if job is None:
        return Answer(401, "Temp URL invalid", content_type="text/plain")
    answer = _stock_by_store(world, request, job.account, {"size": job.outcome}, range(job.outcome))
    answer.job = job.id
    answer.payload["meta"]["href"] = job.request.url
    answer.headers["Content-Disposition"] = f'attachment; filename="{request.query["filename"]}"'
    return answer


def _stock_by_store(world: KladanaWorld, request: Request, account: str, frame: dict[str, Any], rows: range) -> Answer:
    meta = {"href": requested(request), "type": "stockbystore", "mediaType": JSON, **frame}
    payload = {"context": stock_context(request), "meta": meta, "rows": []}
    return Answer(200, payload, rows=stock_by_store(world, request, account, rows))


OPERATIONS = {"getStockByStore": get_stock_by_store, "downloadResult": download_result}

# Stock report ---------------------------------------------------------------


def stock_context(request: Request) -> dict[str, Any]:
    """Who asks: in the stock reports the fields stand directly in `employee`."""
    return {
        "employee": {"href": url(request, "/context/employee"), "type": "employee", "mediaType": JSON},
    }


def stock_by_store(world: KladanaWorld, request: Request, account: str, rows: range) -> Iterator[list[Any]]:
    """`report/stock/bystore`: for each product, how much of it is in each warehouse."""
    stores = [
        {
            "meta": meta(request, "store", f"/entity/store/{object_id(world.chance, 'store', account, n)}"),
            "name": name,
        }
        for n, name in enumerate(WAREHOUSES)
    ]
    numbers = iter(rows)
    while some := list(islice(numbers, SLICE)):
        yield [_stock_by_store_row(world, request, account, n, stores) for n in some]


def _stock_by_store_row(
    world: KladanaWorld, request: Request, account: str, n: int, stores: list[dict[str, Any]]
) -> dict[str, Any]:
    product = object_id(world.chance, "product", account, n)
    bits = world.chance.bits("stock", account, n)
    levels = (bits >> 8 * k for k in range(len(stores)))
    return {
        "meta": meta(request, "product", f"/entity/product/{product}?expand=supplier"),
        "stockByStore": [
            store | {"stock": level % 90 - 30, "reserve": level % 7, "inTransit": level % 5 * 10}
            for store, level in zip(stores, levels, strict=True)
        ],
    }

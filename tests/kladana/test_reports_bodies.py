"""What stands in each report: the vendor's pages, field by field."""

import re

import pytest

from tests.kladana.conftest import API

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OPERATION = "34efe2ee-015e-11e6-9464-e4de0000006b"
LEVELS = {"stock", "reserve", "inTransit", "quantity"}


@pytest.fixture
def client(emulator, kladana):
    return kladana(emulator)


@pytest.fixture
def body(client):
    async def get(path, **kwargs):
        response = await client.get(path, **kwargs)
        assert response.status == 200, response.text
        return response.json

    return get


def context_of(emulator):
    base = emulator.base + API
    meta = {
        "href": f"{base}/context/employee",
        "metadataHref": f"{base}/entity/employee/metadata",
        "type": "employee",
        "mediaType": "application/json",
    }
    return {"employee": {"meta": meta}}


# Balance report ----------------------------------------------------------------


@pytest.mark.parametrize("path", ["/report/stock/all", "/report/stock/bystore", "/report/stock/byoperation"])
async def test_in_the_stock_reports_the_fields_of_who_asks_stand_directly_in_employee(emulator, body, path):
    report = await body(f"{path}?operation.id={OPERATION}")
    href = f"{emulator.base}{API}/context/employee"
    assert report["context"] == {"employee": {"href": href, "type": "employee", "mediaType": "application/json"}}


@pytest.mark.parametrize("path", ["/report/profit/byproduct", "/report/counterparty", "/entity/counterparty"])
async def test_elsewhere_they_stand_in_its_meta(emulator, body, path):
    assert (await body(path))["context"] == context_of(emulator)


async def test_a_row_of_the_extended_report(emulator, body):
    rows = (await body("/report/stock/all"))["rows"]
    required = {"meta", "name", "code", "price", "salePrice", "uom", "stockDays", "externalCode"} | LEVELS
    for row in rows:
        assert required <= set(row) <= required | {"article", "folder", "image"}
        assert row["quantity"] == row["stock"] - row["reserve"] + row["inTransit"]
    assert {"article", "folder", "image"} <= set().union(*rows)
    product, variant = rows[0]["meta"], rows[3]["meta"]
    base = re.escape(f"{emulator.base}{API}")
    assert re.fullmatch(f"{base}/entity/product/{UUID}\\?expand=supplier", product["href"])
    assert re.fullmatch(f"{base}/entity/variant/{UUID}\\?expand=product.supplier", variant["href"])
    assert re.fullmatch(r"[\w-]{22}", rows[0]["externalCode"])
    assert rows[3]["name"].startswith(rows[2]["name"] + " (")


async def test_group_by_product_leaves_products_alone(body):
    usual, grouped = [
        {row["meta"]["type"] for row in (await body(f"/report/stock/{path}"))["rows"]}
        for path in ("bystore", "bystore?groupBy=product")
    ]
    assert (usual, grouped) == ({"product", "variant"}, {"product"})


async def test_every_row_by_warehouse_names_all_warehouses(body):
    rows = (await body("/report/stock/bystore"))["rows"]
    names = ["Main warehouse", "Not the main warehouse"]
    assert all([each["name"] for each in row["stockByStore"]] == names for row in rows)
    assert all("?expand=" in row["meta"]["href"] for row in rows)


async def test_the_stock_reports_agree_with_each_other(body):
    for every, stores, current, by_store in zip(
        (await body("/report/stock/all"))["rows"],
        (await body("/report/stock/bystore"))["rows"],
        await body("/report/stock/all/current"),
        zip(*[iter(await body("/report/stock/bystore/current"))] * 2, strict=True),
        strict=False,
    ):
        assert every["meta"] == stores["meta"]
        assert current["assortmentId"] in every["meta"]["href"]
        for field in ("stock", "reserve", "inTransit"):
            assert every[field] == sum(each[field] for each in stores["stockByStore"])
        assert current["stock"] == every["stock"] == sum(each["stock"] for each in by_store)
        assert {each["assortmentId"] for each in by_store} == {current["assortmentId"]}


@pytest.mark.parametrize("number", ["stock", "freeStock", "quantity"])
async def test_the_summaries_are_bare_and_name_their_number_after_what_is_counted(body, number):
    summary = await body(f"/report/stock/all/current?stockType={number}")
    assert all(set(row) == {"assortmentId", number} for row in summary)
    by_store = await body(f"/report/stock/bystore/current?stockType={number}")
    assert all(set(row) == {"assortmentId", "storeId", number} for row in by_store)
    assert len(summary) == len(by_store) == 250
    without = [row[number] for row in by_store if row["storeId"] is None]
    assert bool(without) == (number != "stock")
    assert all(value < 0 for value in without)


async def test_the_stock_of_a_document_names_it_and_its_positions(body):
    report = await body(f"/report/stock/byoperation?operation.id={OPERATION.upper()}")
    assert report["meta"]["type"] == "stockbyoperation"
    assert report["meta"]["size"] == 1
    (row,) = report["rows"]
    assert row["meta"]["href"].endswith(f"/entity/{row['meta']['type']}/{OPERATION}")
    assert row["positions"]
    for position in row["positions"]:
        assert set(position) == {"meta", "name", "cost"} | LEVELS


# Profit ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "types"),
    [
        ("byproduct", "salesbyproduct", {"product", "service", "bundle"}),
        ("byvariant", "salesbyvariant", {"product", "variant", "service", "bundle"}),
    ],
)
async def test_profit_by_good_adds_up(body, path, kind, types):
    report = await body(f"/report/profit/{path}")
    assert report["meta"]["type"] == kind
    assert {row["assortment"]["meta"]["type"] for row in report["rows"]} == types
    for row in report["rows"]:
        assert row["sellSum"] == row["sellPrice"] * row["sellQuantity"]
        assert row["returnCostSum"] == row["returnCost"] * row["returnQuantity"]
        cost = row["sellCostSum"] - row["returnCostSum"]
        kept = row["sellSum"] - row["returnSum"]
        assert row["profit"] == kept - cost
        assert row["margin"] == pytest.approx(row["profit"] / cost)
        assert row["salesMargin"] == pytest.approx(row["profit"] / kept)


@pytest.mark.parametrize(
    ("path", "kind", "field"),
    [
        ("byemployee", "salesbyemployee", "employee"),
        ("bycounterparty", "salesbycounterparty", "counterparty"),
        ("bysaleschannel", "salesbysaleschannel", "salesChannel"),
    ],
)
async def test_profit_by_party_adds_up(body, path, kind, field):
    report = await body(f"/report/profit/{path}")
    assert report["meta"]["type"] == kind
    for row in report["rows"]:
        assert row[field]["meta"]["type"] == field.lower()
        assert ("type" in row[field]) == (field == "salesChannel")
        assert row["sellSum"] == row["salesAvgCheck"] * row["salesCount"]
        assert row["profit"] == row["sellSum"] - row["returnSum"] - (row["sellCostSum"] - row["returnCostSum"])


# Money, sales, orders ----------------------------------------------------------


async def test_cash_desks_have_no_account(body):
    report = await body("/report/money/byaccount")
    assert set(report["meta"]) == {"href", "type", "mediaType"}
    assert report["meta"]["type"] == "moneyreport"
    assert ["account" in row for row in report["rows"][:5]] == [False, True, True, True, False]
    organization, account = report["rows"][1]["organization"]["meta"], report["rows"][1]["account"]["meta"]
    assert account["href"].startswith(f"{organization['href']}/accounts/")
    assert account["type"] == "account"


async def test_the_flow_of_funds_adds_up(emulator, body):
    query = "momentFrom=2018-09-01&momentTo=2018-09-04&interval=day"
    report = await body(f"/report/money/plotseries?{query}")
    href = f"{emulator.base}{API}/report/money/plotseries?{query}"
    assert report["context"] == context_of(emulator)
    assert report["meta"] == {"href": href, "type": "moneyplotseries", "mediaType": "application/json"}
    assert [point["date"] for point in report["series"]] == [f"2018-09-0{day} 00:00:00" for day in (1, 2, 3, 4)]
    assert report["credit"] == sum(point["credit"] for point in report["series"])
    assert report["debit"] == sum(point["debit"] for point in report["series"])
    assert all(point["balance"] == point["credit"] - point["debit"] for point in report["series"])


@pytest.mark.parametrize("of", ["sales", "orders"])
async def test_a_series_has_neither_rows_nor_a_size(body, of):
    report = await body(f"/report/{of}/plotseries?momentFrom=2018-09-06&momentTo=2018-09-06 01:00:01&interval=hour")
    assert set(report) == {"context", "meta", "series"}
    assert report["meta"]["type"] == f"{of}plotseries"
    assert "size" not in report["meta"]
    assert [point["date"] for point in report["series"]] == ["2018-09-06 00:00:00", "2018-09-06 01:00:00"]


# Counterparties ----------------------------------------------------------------


async def test_who_has_bought_nothing_has_no_dates(emulator, body):
    rows = (await body("/report/counterparty"))["rows"]
    for row in rows:
        none = row["demandsCount"] == 0
        assert (row["firstDemandDate"] is None) == (row["lastDemandDate"] is None) == none
        assert (row["lastEventDate"] is None) == (row["lastEventText"] is None)
        assert row["demandsSum"] == row["averageReceipt"] * row["demandsCount"]
        assert row["meta"]["href"] == f"{emulator.base}{API}/report/counterparty/{row['counterparty']['id']}"
        assert "metadataHref" not in row["meta"]
    assert len({row["demandsCount"] == 0 for row in rows}) == len({row["lastEventDate"] is None for row in rows}) == 2


async def test_one_counterparty_is_as_the_list_has_it(client, body):
    rows = (await body("/report/counterparty?limit=5&offset=7"))["rows"]
    for row in rows:
        assert await body(row["meta"]["href"]) == row


async def test_indicators_are_of_the_counterparties_that_are_listed(body):
    indicators = (await body("/report/counterparty"))["rows"]
    listed = (await body("/entity/counterparty"))["rows"]
    for one, other in zip(indicators, listed, strict=True):
        assert one["counterparty"] == {name: other[name] for name in one["counterparty"]}


async def test_the_list_of_counterparties(emulator, body):
    page = await body("/entity/counterparty?limit=3")
    assert page["meta"]["metadataHref"] == f"{emulator.base}{API}/entity/counterparty/metadata"
    row = page["rows"][0]
    assert row["accounts"]["meta"] == {
        "href": f"{emulator.base}{API}/entity/counterparty/{row['id']}/accounts",
        "type": "account",
        "mediaType": "application/json",
        "size": 0,
        "limit": 1000,
        "offset": 0,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", row["created"])
    assert None not in row.values()
    task = await body("/async")
    assert [each["companyType"] for each in page["rows"]] == ["legal", "entrepreneur", "individual"]
    assert task["context"] == page["context"]


# Indicators, assortment ----------------------------------------------------------


@pytest.mark.parametrize("period", ["day", "week", "month"])
async def test_a_dashboard_has_no_frame_and_stands_until_its_period_is_over(emulator, body, period):
    report = await body(f"/report/dashboard/{period}")
    assert {name: set(part) for name, part in report.items()} == {
        "sales": {"count", "amount", "movementAmount"},
        "orders": {"count", "amount", "movementAmount"},
        "money": {"income", "outcome", "balance", "todayMovement", "movement"},
    }
    assert report["money"]["movement"] == report["money"]["income"] - report["money"]["outcome"]
    await emulator.advance("11h")
    assert await body(f"/report/dashboard/{period}") == report
    await emulator.advance("2h" if period != "month" else "31d")  # 2026-03-01 was a Sunday
    following = await body(f"/report/dashboard/{period}")
    for part in ("sales", "orders"):
        movement = following[part]["amount"] - report[part]["amount"]
        assert following[part]["movementAmount"] == movement


TYPES = ["product", "product", "product", "variant", "product", "service", "bundle", "consignment"]


async def test_each_of_the_assortment_has_the_fields_of_its_type(emulator, body):
    page = await body("/entity/assortment")
    assert page["meta"]["type"] == "assortment"
    assert page["meta"]["metadataHref"] == f"{emulator.base}{API}/entity/assortment/metadata"
    assert [row["meta"]["type"] for row in page["rows"][:8]] == TYPES
    for row in page["rows"]:
        stored = row["meta"]["type"] in ("product", "variant", "consignment")
        assert LEVELS & set(row) == (LEVELS if stored else set())
        assert row["id"] in row["meta"]["href"]
    variant = page["rows"][3]
    assert variant["product"]["meta"] == page["rows"][2]["meta"]
    assert variant["name"] == f"{page['rows'][2]['name']} ({variant['characteristics'][0]['value']})"
    assert page["rows"][7]["assortment"]["meta"] == page["rows"][4]["meta"]


@pytest.mark.parametrize("feature", ["assortmentWithoutStock", "other, assortmentWithoutStock"])
async def test_a_header_leaves_the_stock_out_at_once_and_in_a_task(emulator, client, body, feature):
    headers = {"X-Lognex-Remap-Beta-Feature": feature}
    page = await body("/entity/assortment", headers=headers)
    assert not any(LEVELS & set(row) for row in page["rows"])
    submitted = await client.get("/entity/assortment?async=true", headers=headers)
    await emulator.advance("3s")
    redirect = await client.get(submitted.headers["Location"])
    assert (await emulator.get(redirect.headers["Location"])).json["rows"] == page["rows"]


async def test_only_products_of_the_assortment_where_they_are_grouped(body):
    rows = (await body("/entity/assortment?groupBy=product"))["rows"]
    assert {row["meta"]["type"] for row in rows} == {"product"}

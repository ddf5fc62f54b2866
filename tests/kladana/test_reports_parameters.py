"""What a report is asked with: what must be said, what may be, and what is wrong with it, at once and as a task."""

import pytest

from tests.kladana.conftest import API

NOBODY = "498b8673-0308-11e6-9464-e4de00000089"
SERIES = ["/report/money/plotseries", "/report/sales/plotseries", "/report/orders/plotseries"]
GOOD = {"momentFrom": "2018-09-01", "momentTo": "2018-09-04", "interval": "day"}
EN = "Error: A required parameter for the metrics request was not specified: momentTo."
RU = "Ошибка: не указан обязательный параметр для запроса показателей: momentTo."


@pytest.fixture
def client(emulator, kladana):
    return kladana(emulator)


@pytest.fixture
def failed(emulator, client):
    """Both failures of a report: of the synchronous call, and of the task in the end."""

    async def fail(path, **params):
        now = await client.get(path, params=params)
        submitted = await client.get(path, params={"async": "true"} | params)
        assert submitted.status == 202, submitted.text
        await emulator.advance("3s")
        task = (await client.get(submitted.headers["Content-Location"])).json
        assert task["state"] == "API_ERROR"
        result = await client.get(submitted.headers["Location"])
        assert result.json["errors"] == task["errors"]
        assert result.status == now.status
        (error,), (later,) = now.json["errors"], task["errors"]
        assert error["code"] == later["code"]
        assert set(later) == {"error", "code"}
        return now.status, error

    return fail


async def dates(client, **params):
    report = await client.get("/report/sales/plotseries", params=params)
    assert report.status == 200, report.text
    return [point["date"] for point in report.json["series"]]


# What must be said ---------------------------------------------------------------


@pytest.mark.parametrize("path", SERIES)
@pytest.mark.parametrize("missing", list(GOOD))
async def test_without_one_of_the_three_a_series_cannot_be_made(failed, path, missing):
    status, error = await failed(path, **{name: value for name, value in GOOD.items() if name != missing})
    assert (status, error["code"], error["parameter"]) == (412, 39000, missing)
    assert error["error"] == f"Error: mandatory parameter for metrics request is not specified: {missing}"


async def test_the_first_of_several_is_complained_of(failed):
    assert (await failed(SERIES[0]))[1]["parameter"] == "momentFrom"
    assert (await failed(SERIES[0], momentFrom="2018-09-01", momentTo=""))[1]["parameter"] == "momentTo"


@pytest.mark.parametrize(("language", "text"), [("en", EN), ("ru", RU)])
async def test_a_task_tells_it_in_the_words_of_the_vendors_example(emulator, client, language, text):
    submitted = await client.get("/report/sales/plotseries?momentFrom=2018-09-06&interval=hour&async=true")
    await emulator.advance("3s")
    headers = {"Accept-Language": language}
    task = (await client.get(submitted.headers["Content-Location"], headers=headers)).json
    assert task["errors"] == [{"error": text, "code": 39000}]
    result = await client.get(submitted.headers["Location"], headers=headers)
    assert (result.status, result.json) == (412, {"errors": task["errors"]})


async def test_a_failure_that_a_scenario_names_wins(start_emulator, kladana):
    emulator = await start_emulator(scenario=("kladana/api-error",))
    client = kladana(emulator)
    submitted = await client.get("/report/sales/plotseries?async=true")
    await emulator.advance("11s")
    assert (await client.get(submitted.headers["Content-Location"])).json["errors"][0]["code"] == 1016


async def test_the_stock_of_no_document(failed):
    status, error = await failed("/report/stock/byoperation")
    assert (status, error["code"], error["parameter"]) == (400, 1012, "operation.id")


@pytest.mark.parametrize("document", ["1", NOBODY + "0", NOBODY.replace("-", "")])
async def test_a_document_that_is_none(failed, document):
    status, error = await failed("/report/stock/byoperation", **{"operation.id": document})
    assert (status, error["code"]) == (400, 1052)


async def test_a_counterparty_that_is_nobodys(failed):
    status, error = await failed(f"/report/counterparty/{NOBODY}")
    assert (status, error["code"]) == (404, 1021)
    assert error["error"] == f"Object with type 'counterparty' and id '{NOBODY}' not found"


@pytest.mark.parametrize("its_id", ["1", "x" * 36, NOBODY.replace("-", "")])
async def test_a_counterparty_that_is_none(client, its_id):
    status, _ = await client.code(f"/report/counterparty/{its_id}")
    assert status == 400


@pytest.mark.parametrize("path", ["/report/stock/all/current", "/report/stock/bystore/current"])
async def test_only_what_can_be_counted_is(failed, path):
    status, error = await failed(path, stockType="reserve")
    assert (status, error["code"]) == (400, 1084)
    assert error["error"].endswith("valid values: 'stock, freeStock, quantity'")


# Intervals and periods -------------------------------------------------------------


@pytest.mark.parametrize("interval", ["week", "DAY", "hours", " "])
async def test_an_interval_that_is_none(failed, interval):
    status, error = await failed(SERIES[1], **GOOD | {"interval": interval})
    assert (status, error["code"]) == (412, 39002)
    assert error["error"].startswith("Incorrect value of the 'interval' filtering parameter.")


@pytest.mark.parametrize(
    ("interval", "last", "beyond", "words"),
    [
        ("hour", "2018-10-01", "2018-10-01 00:01", "hour for a period greater than 30 days"),
        ("day", "2028-09-01", "2028-09-02", "day for a period greater than 10 years"),
        ("month", "2118-09-01", "2118-09-01 00:00:00.001", "month for a period greater than 100 years"),
    ],
)
async def test_a_period_that_is_too_long(client, failed, interval, last, beyond, words):
    assert await dates(client, momentFrom="2018-09-01", momentTo=last, interval=interval)
    status, error = await failed(SERIES[2], momentFrom="2018-09-01", momentTo=beyond, interval=interval)
    assert (status, error["code"]) == (412, 39001)
    assert error["error"] == f"Error: metrics broken down by {words} are not supported."


@pytest.mark.parametrize(
    "text", ["2018-9-1", "2018-02-30", "01.09.2018", "2018-09-01T10:00", "2018-09-01 25:00", "1969-12-31", "today"]
)
@pytest.mark.parametrize("name", ["momentFrom", "momentTo"])
async def test_a_date_that_is_none(failed, name, text):
    status, error = await failed(SERIES[0], **GOOD | {name: text})
    assert (status, error["code"], error["parameter"]) == (400, 1035, name)


@pytest.mark.parametrize("text", ["2018-09-01", "2018-09-01 00:00", "2018-09-01 00:00:00", "2018-09-01 00:00:00.000"])
async def test_a_date_may_have_a_time(client, text):
    assert await dates(client, **GOOD | {"momentFrom": text}) == await dates(client, **GOOD)


@pytest.mark.parametrize(
    ("since", "until", "interval", "expected"),
    [
        ("2018-09-06 10:20", "2018-09-06 12:00", "hour", ["06 10:00:00", "06 11:00:00", "06 12:00:00"]),
        ("2018-09-06 10:20", "2018-09-07 09:00", "day", ["06 00:00:00", "07 00:00:00"]),
        ("2018-09-30", "2018-09-30", "month", ["01 00:00:00"]),
        ("2018-09-30", "2018-09-29", "day", []),
    ],
)
async def test_a_series_begins_with_the_interval_that_the_period_begins_in(client, since, until, interval, expected):
    assert await dates(client, momentFrom=since, momentTo=until, interval=interval) == [
        f"2018-09-{each}" for each in expected
    ]


async def test_months_are_months(client):
    months = await dates(client, momentFrom="2019-12-31", momentTo="2020-03-01", interval="month")
    assert months == [f"{month}-01 00:00:00" for month in ("2019-12", "2020-01", "2020-02", "2020-03")]


async def test_a_point_is_the_same_in_every_period(client):
    short = (await client.get(SERIES[1], params=GOOD)).json["series"]
    long = (await client.get(SERIES[1], params=GOOD | {"momentFrom": "2018-08-01"})).json["series"]
    assert long[-4:] == short


# The period of profit, on 2026-03-01 12:00 in Moscow ---------------------------------


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("", "momentFrom=2026-02-01&momentTo=2026-03-02"),
        ("momentTo=2026-02-15", "momentFrom=2026-01-01&momentTo=2026-02-15"),
        ("momentFrom=2026-02-15", "momentFrom=2026-02-15&momentTo=2026-03-02"),
    ],
)
@pytest.mark.parametrize("by", ["byproduct", "byvariant", "byemployee", "bycounterparty", "bysaleschannel"])
async def test_what_is_not_said_of_the_period(client, by, asked, same):
    one, other = [(await client.get(f"/report/profit/{by}?{query}&limit=5")).json["rows"] for query in (asked, same)]
    assert one == other


async def test_who_sells_longer_sells_more(client):
    day, year = [
        (await client.get(f"/report/profit/byproduct?momentFrom=2025-01-01&momentTo={until}")).json["rows"][0]
        for until in ("2025-01-02", "2026-01-01")
    ]
    assert year["sellQuantity"] == 365 * day["sellQuantity"] > 0


async def test_in_no_time_nothing_is_sold(client):
    rows = (await client.get("/report/profit/byemployee?momentFrom=2026-02-02&momentTo=2026-02-01")).json["rows"]
    numbers = [value for name, value in rows[0].items() if name != "employee"]
    assert not any(numbers)


async def test_a_period_of_profit_that_is_none(failed):
    status, error = await failed("/report/profit/byproduct", momentFrom="yesterday")
    assert (status, error["code"], error["parameter"]) == (400, 1035, "momentFrom")


# What nobody has documented is taken in silence ----------------------------------------


@pytest.mark.parametrize(
    "query", ["groupBy=other", "includeRelated=perhaps", "filter=anything", "order=name,upwards", "include=zeroLines"]
)
@pytest.mark.parametrize("path", ["/report/stock/all", "/report/stock/all/current", "/entity/assortment"])
async def test_other_parameters_change_nothing(client, path, query):
    asked, usual = (await client.get(f"{path}?{query}")).json, (await client.get(path)).json
    if isinstance(asked, dict):
        assert asked["meta"].pop("href") == f"{usual['meta'].pop('href')}?{query}"
    assert asked == usual


# Both modes -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/report/profit/byproduct", "/entity/counterparty", "/report/stock/all/current"])
@pytest.mark.parametrize("parameter", ["limit=10", "offset=0"])
async def test_paging_is_an_error_in_every_task(client, path, parameter):
    assert await client.code(f"{path}?async=true&{parameter}") == (412, 61001)


async def test_a_report_without_pages_takes_no_notice_of_them(client):
    whole = (await client.get("/report/stock/all/current")).json
    assert (await client.get("/report/stock/all/current?limit=1&offset=3")).json == whole


async def test_the_href_of_an_answer_is_decoded(emulator, client):
    query = "momentFrom=2018-09-06%2000%3A00%3A00&momentTo=2018-09-06+01:00:01&interval=hour"
    report = await client.get(f"/report/orders/plotseries?{query}")
    plain = "momentFrom=2018-09-06 00:00:00&momentTo=2018-09-06 01:00:01&interval=hour"
    assert report.json["meta"]["href"] == f"{emulator.base}{API}/report/orders/plotseries?{plain}"
    submitted = await client.get(f"/report/orders/plotseries?async=true&{query}")
    await emulator.advance("3s")
    redirect = await client.get(submitted.headers["Location"])
    file = await emulator.get(redirect.headers["Location"])
    assert file.json["meta"]["href"] == f"{emulator.base}{API}/report/orders/plotseries?async=true&{plain}"

"""Every report of the table: at once, page by page, and as a task."""

import pytest

from emulator.providers.kladana.reports.table import REPORTS
from tests.kladana.conftest import API

OPERATION = "34efe2ee-015e-11e6-9464-e4de0000006b"
SERIES = {"momentFrom": "2018-09-01", "momentTo": "2018-09-04", "interval": "day"}
ASKED = {"stock/byoperation": {"operation.id": OPERATION}} | dict.fromkeys(
    ["money/plotseries", "sales/plotseries", "orders/plotseries"], SERIES
)
"""What must be said to get a report."""

THE_17 = {
    *("stock/all", "stock/bystore"),
    *("profit/byproduct", "profit/byvariant", "profit/byemployee", "profit/bycounterparty", "profit/bysaleschannel"),
    *("money/plotseries", "money/byaccount", "sales/plotseries", "orders/plotseries"),
    *("counterparty", "dashboard/day", "dashboard/week", "dashboard/month"),
    *("entity/counterparty", "entity/assortment"),
}
BY_LETTER = {"stock/all/current", "stock/bystore/current", "stock/byoperation", "counterparty/{id}"}
PAGED = sorted(name for name, report in REPORTS.items() if report.shape == "page" and report.size is None)

every_report = pytest.mark.parametrize("name", sorted(REPORTS))


@pytest.fixture
def client(emulator, kladana):
    return kladana(emulator)


async def path_of(client, name):
    """Where a report is; that of one counterparty is of the first there is."""
    path = "/" + REPORTS[name].path
    if "{id}" not in path:
        return path
    listed = await client.get("/entity/counterparty?limit=1")
    return path.replace("{id}", listed.json["rows"][0]["id"])


async def at_once(client, name, **params):
    return await client.get(await path_of(client, name), params=ASKED.get(name, {}) | params)


async def as_task(emulator, client, name, headers=None, **params):
    """The file that a task leaves behind."""
    query = ASKED.get(name, {}) | {"async": "true"} | params
    submitted = await client.get(await path_of(client, name), params=query, headers=headers or {})
    assert submitted.status == 202, submitted.text
    await emulator.advance("3s")
    redirect = await client.get(submitted.headers["Location"])
    assert redirect.status == 302, redirect.text
    return await emulator.get(redirect.headers["Location"])


def test_there_are_17_and_four_by_the_letter():
    assert {name for name, report in REPORTS.items() if not report.by_letter} == THE_17
    assert {name for name, report in REPORTS.items() if report.by_letter} == BY_LETTER


@every_report
async def test_the_result_of_a_task_is_the_synchronous_answer_less_its_paging(emulator, client, name):
    now = await at_once(client, name)
    assert now.status == 200, now.text
    file = await as_task(emulator, client, name)
    assert file.status == 200, file.text
    expected, told = now.json, file.json
    if "meta" in told and name != "counterparty/{id}":
        assert told["meta"]["href"].startswith(f"{emulator.base}{API}/{REPORTS[name].path}?")
        assert "async=true" in told["meta"]["href"]
        for member in ("href", "limit", "offset", "nextHref", "previousHref"):
            expected["meta"].pop(member, None)
        del told["meta"]["href"]
    assert told == expected


@every_report
async def test_a_result_is_the_same_to_the_byte_each_time(emulator, client, name):
    file = await as_task(emulator, client, name)
    task = file.headers["Content-Disposition"].partition("asynctask_")[2].removesuffix('_result.json"')
    again = await client.get(f"/async/{task}/result")
    await emulator.advance("4m")
    assert (await emulator.get(again.headers["Location"])).body == file.body


@every_report
async def test_the_same_seed_tells_the_same_and_another_something_else(start_emulator, kladana, name):
    bodies = []
    for seed in (7, 7, 8):
        emulator = await start_emulator(seed=seed)
        bodies.append((await at_once(kladana(emulator), name)).text.replace(emulator.base, ""))
    assert bodies[0] == bodies[1]
    assert bodies[0] != bodies[2]


@pytest.mark.parametrize("name", PAGED)
async def test_pages_join_to_the_whole(emulator, client, name):
    whole = (await at_once(client, name)).json
    assert whole["meta"]["size"] == len(whole["rows"]) == 250
    assert not {"nextHref", "previousHref"} & set(whole["meta"])
    rows, page = [], await at_once(client, name, limit=100)
    while True:
        rows += page.json["rows"]
        href = page.json["meta"].get("nextHref")
        if not href:
            break
        assert href.startswith(f"{emulator.base}{API}/{REPORTS[name].path}?offset={len(rows)}&limit=100")
        page = await client.get(href)
    assert rows == whole["rows"]
    assert page.json["meta"]["previousHref"].endswith("?offset=100&limit=100")


async def test_a_page_beyond_the_end_is_empty(client):
    page = (await at_once(client, "stock/all", offset=1000)).json
    assert (page["rows"], page["meta"]["size"]) == ([], 250)


@pytest.mark.parametrize("name", sorted(BY_LETTER))
async def test_a_setting_narrows_the_list_to_the_17(start_emulator, kladana, tmp_path, name):
    story = tmp_path / "story.yaml"
    story.write_text("version: 1\napi: kladana\nabout: The 17.\nsettings: {async_by_letter: false}\n")
    client = kladana(await start_emulator(scenario=(str(story),)))
    path = await path_of(client, name)
    refused = await client.get(path, params=ASKED.get(name, {}) | {"async": "true"})
    assert (refused.status, refused.json["errors"][0]["code"]) == (412, 61000)
    assert (await client.get(path, params=ASKED.get(name, {}))).status == 200
    assert (await client.get("/async")).json["rows"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/report/turnover/all",
        "/report/turnover/bystore/",
        "/report/turnover/byoperations",
        "/report/stock/byslot/current",
        "/entity/product",
        "/entity/customerorder/34efe2ee-015e-11e6-9464-e4de0000006b",
    ],
)
async def test_what_cannot_become_a_task_says_so_to_who_wants_one(client, path):
    assert await client.code(f"{path}?async=true") == (412, 61000)
    assert await client.code(path) == (404, 1002)


async def test_nor_can_a_list_that_is_served(client):
    assert await client.code("/entity/webhook?async=true") == (412, 61000)
    assert (await client.get("/entity/webhook?async=false")).status == 200


@pytest.mark.parametrize("path", ["/report/nothing", "/entity/nothing", "/nowhere", "/reports/stock/all"])
async def test_what_the_vendor_has_not_stays_unknown(client, path):
    assert await client.code(f"{path}?async=true") == (404, 1002)


async def test_only_the_list_of_indicators_can_be_asked_for(emulator):
    selected = await emulator.call("POST", f"{API}/report/counterparty", headers={"Authorization": "Bearer x"})
    assert (selected.status, selected.json["errors"][0]["code"]) == (405, 1039)


@every_report
async def test_a_rule_may_be_about_one_report(start_emulator, kladana, tmp_path, name):
    story = tmp_path / "story.yaml"
    story.write_text(
        "version: 1\napi: kladana\nabout: Closed.\n"
        f"jobs: [{{when: {{report: '{name}'}}, steps: [{{state: PENDING}}, {{state: PROCESSING}},"
        " {state: API_ERROR, error: 1016}]}]\n"
    )
    client = kladana(await start_emulator(scenario=(str(story),)))
    query = ASKED.get(name, {}) | {"async": "true"}
    submitted = await client.get(await path_of(client, name), params=query)
    assert (await client.get(submitted.headers["Content-Location"])).json["errors"][0]["code"] == 1016

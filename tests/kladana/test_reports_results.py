"""The files that tasks leave behind: of any size, streamed and checked slice by slice."""

import hashlib
import json

import aiohttp
import pytest

from emulator.contract import openapi
from emulator.providers.kladana.reports import report as reports
from emulator.providers.kladana.reports.table import REPORTS
from tests.kladana.conftest import API

CONTRACT = openapi.load("kladana")
SERIES = "sales/plotseries?momentFrom=2018-09-01&momentTo=2018-09-04&interval=day&"
STORY = "version: 1\napi: kladana\nabout: So many rows.\njobs: [{{steps: [{steps}], result: {{rows: {rows}}}}}]\n"
STEPS = "{state: PENDING}, {state: PROCESSING}, {state: end}"


@pytest.fixture
def start_client(start_emulator, kladana, tmp_path):
    """A client of an emulator whose results have so many rows."""

    async def start(rows, steps=STEPS, **flags):
        story = tmp_path / f"{rows}.yaml"
        story.write_text(STORY.format(rows=rows, steps=steps))
        return kladana(await start_emulator(scenario=(str(story),), **flags))

    return start


async def link_to(client, report):
    submitted = await client.get(f"/{report}{'&' if '?' in report else '?'}async=true")
    redirect = await client.get(submitted.headers["Location"])
    assert redirect.status == 302, redirect.text
    return redirect.headers["Location"]


async def result(client, report):
    return await client.emulator.get(await link_to(client, report))


@pytest.mark.parametrize("rows", [0, 1, 199, 200, 201, 1234])
async def test_a_result_has_as_many_rows_as_a_scenario_says(start_client, rows):
    client = await start_client(rows)
    listed = (await result(client, "report/stock/bystore")).json
    assert (listed["meta"]["size"], len(listed["rows"])) == (rows, rows)
    assert len((await result(client, "report/stock/all/current")).json) == rows
    assert len((await result(client, "report/money/byaccount")).json["rows"]) == rows


async def test_what_has_rows_of_its_own_keeps_to_them(start_client):
    client = await start_client(7)
    assert len((await result(client, f"report/{SERIES}")).json["series"]) == 4
    by_operation = await result(client, "report/stock/byoperation?operation.id=34efe2ee-015e-11e6-9464-e4de0000006b")
    assert by_operation.json["meta"]["size"] == len(by_operation.json["rows"]) == 1
    assert "sales" in (await result(client, "report/dashboard/day")).json


async def test_the_first_rows_are_the_same_however_many_there_are(start_client):
    found = []
    for rows in (450, 1300):
        client = await start_client(rows)
        text = (await result(client, "report/stock/all")).text
        found.append(json.loads(text.replace(client.emulator.base, ""))["rows"])
    few, many = found
    assert many[:450] == few
    assert len({row["meta"]["href"] for row in many}) == 1300


async def test_a_task_that_a_scenario_has_made_done_has_its_result(start_client):
    client = await start_client(3, "{state: PENDING}, {state: PROCESSING}, {state: DONE}")
    assert len((await result(client, "report/stock/bystore")).json["rows"]) == 3


@pytest.mark.parametrize("name", [name for name, report in REPORTS.items() if report.shape == "page"])
def test_a_result_knows_nothing_of_paging(name):
    page, whole = (CONTRACT.document["components"]["schemas"][each] for each in _messages(name))
    limits = {"limit", "offset", "nextHref", "previousHref"}
    schemas = CONTRACT.document["components"]["schemas"]
    for message, expected in ((page, limits), (whole, set())):
        frame = message["properties"]["meta"]["$ref"].rsplit("/", 1)[-1]
        assert limits & set(schemas[frame]["properties"]) == expected


def _messages(name):
    return REPORTS[name].message, REPORTS[name].result


async def test_links_within_a_result_lead_to_the_api_whatever_host_it_is_fetched_from(start_client):
    client = await start_client(1)
    link = await link_to(client, "entity/counterparty")
    there, here = [(await client.emulator.get(link, headers={"Host": host})).json for host in ("storage.test", "x")]
    assert there == here
    assert there["rows"][0]["meta"]["href"].startswith(f"{client.emulator.base}{API}/entity/counterparty/")


# Checked ------------------------------------------------------------------------


def test_the_contract_declares_every_message_that_a_result_may_be():
    choices = CONTRACT.operations["downloadResult"].responses[200].choices
    assert set(choices) == {report.result for report in REPORTS.values()}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_operation_answers_with_the_message_of_the_table(report):
    operation = CONTRACT.operations[report.operation]
    assert operation.path == f"{API}/{report.path}"
    message = operation.responses[200].content["application/json"]
    assert message.pointer == f"#/components/schemas/{report.message}"


def breaches(payload, choice, name="downloadResult"):
    headers = {"Content-Disposition": "attachment"}
    operation = CONTRACT.operations[name]
    return [each.text for each in CONTRACT.breaches(operation, 200, headers, "application/json", payload, choice)]


def test_a_result_is_checked_against_the_message_it_is_meant_to_be():
    (dashboard,) = CONTRACT.document["components"]["schemas"]["dashboard"]["examples"]
    assert breaches(dashboard, "dashboard") == []
    assert breaches(dashboard, "counterparty-report") != []
    assert breaches(dashboard, None) == []


def test_only_a_message_that_is_declared_can_be_chosen():
    assert breaches({}, "tasks") == ["'tasks' is not declared"]
    assert breaches({}, "tasks", "getTasks") == ["'tasks' is not declared"]


@pytest.mark.parametrize("report", ["report/stock/all", "report/stock/all/current"])
async def test_a_breach_in_the_first_slice_is_told(start_client, monkeypatch, caplog, report):
    client = await start_client(1000)
    monkeypatch.setattr(reports, "_slices", lambda _row, _numbers: iter([[{"stock": "much"}]]))
    broken = await result(client, report)
    assert (broken.status, broken.json["operation"]) == (500, "downloadResult")
    assert "breaks the contract" in caplog.text


@pytest.mark.parametrize("report", ["report/stock/all", "report/stock/all/current"])
async def test_a_breach_in_a_later_one_cuts_the_connection(start_client, monkeypatch, caplog, report):
    client = await start_client(1000)
    slices = reports._slices

    def broken(row, numbers):
        for n, some in enumerate(slices(row, numbers)):
            yield [{"stock": "much"}] if n == 2 else some

    monkeypatch.setattr(reports, "_slices", broken)
    link = await link_to(client, report)
    with pytest.raises(aiohttp.ClientError):
        await client.emulator.get(link)
    assert "broken at row 400" in caplog.text


# Stories --------------------------------------------------------------------------


async def test_missing_parameter(start_emulator, kladana):
    emulator = await start_emulator(scenario=("kladana/missing-parameter",))
    client = kladana(emulator)
    task = await client.submit("sales/plotseries", momentFrom="2018-09-06", interval="hour")
    states = []
    for _ in range(3):
        states.append(await client.state(task))
        await emulator.advance("2s")
    assert states == ["PENDING", "PROCESSING", "API_ERROR"]
    text = "Error: A required parameter for the metrics request was not specified: momentTo."
    assert (await client.get(task)).json["errors"] == [{"error": text, "code": 39000}]
    assert await client.code(f"{task}/result") == (412, 39000)


async def test_huge_result(start_emulator, kladana):
    emulator = await start_emulator(scenario=("kladana/huge-result",))
    client = kladana(emulator)
    submitted = await client.get("/report/stock/bystore?async=true")
    await emulator.advance("3s")
    redirect = await client.get(submitted.headers["Location"])
    rows, chunks, digest = 0, 0, hashlib.sha256()
    async with emulator.session.get(redirect.headers["Location"]) as response:
        rest = b""
        async for chunk in response.content.iter_any():
            text = rest + chunk
            rows += text.count(b'"stockByStore"')
            rest = text[-13:]
            chunks += 1
            digest.update(chunk)
        assert rest.endswith(b"]}")
    assert rows == 100_000
    assert chunks > 100
    page = await client.get("/report/stock/bystore?offset=99000")
    assert (page.json["meta"]["size"], len(page.json["rows"])) == (100_000, 1000)
    assert json.dumps(page.json["rows"][-1], separators=(",", ":")).encode().endswith(rest[:-2])

"""The vendor's page "Asynchronous exchange", sentence by sentence."""

import re

import pytest

from tests.kladana.conftest import API, BYSTORE

NOBODY = "498b8673-0308-11e6-9464-e4de00000089"


@pytest.fixture
def client(emulator, kladana):
    return kladana(emulator)


# Execute a request in asynchronous mode -------------------------------------


async def test_the_headers_of_the_202_name_the_result_and_the_status(emulator, client):
    response = await client.get("/report/stock/bystore?async=true")
    status = response.headers["Content-Location"]
    assert response.status == 202
    assert response.body == b""
    assert re.fullmatch(re.escape(emulator.base + API) + "/async/[0-9a-f-]{36}", status)
    assert response.headers["Location"] == f"{status}/result"


async def test_a_report_becomes_a_task_that_is_queued_run_and_done(emulator, client):
    task = await client.submit()
    assert await client.state(task) == "PENDING"
    await emulator.advance("500ms")
    assert await client.state(task) == "PROCESSING"
    await emulator.advance("2s")
    assert await client.state(task) == "DONE"


@pytest.mark.parametrize("parameter", ["limit=10", "offset=0", "offset=5&limit=1"])
async def test_paging_is_an_error_in_asynchronous_mode(client, parameter):
    assert await client.code(f"/report/stock/bystore?async=true&{parameter}") == (412, 61001)


async def test_neither_true_nor_false_is_refused(client):
    assert await client.code("/report/stock/bystore?async=yes") == (400, 1084)


async def test_one_task_runs_four_wait_and_the_sixth_is_refused(start_emulator, kladana):
    emulator = await start_emulator(scenario=("kladana/queue-full",))
    client = kladana(emulator)
    tasks = [await client.submit() for _ in range(5)]
    assert [await client.state(task) for task in tasks] == ["PROCESSING", *["PENDING"] * 4]
    assert await client.code("/report/stock/bystore?async=true") == (412, 61002)
    await emulator.advance("1h")
    assert [await client.state(task) for task in tasks[:3]] == ["DONE", "PROCESSING", "PENDING"]
    await client.submit()


async def test_a_cancelled_task_makes_room_in_the_queue(start_emulator, kladana):
    emulator = await start_emulator(scenario=("kladana/queue-full",))
    client = kladana(emulator)
    tasks = [await client.submit() for _ in range(5)]
    assert (await client.put(f"{tasks[0]}/cancel")).status == 204
    assert [await client.state(task) for task in tasks[:3]] == ["CANCEL", "PROCESSING", "PENDING"]
    await client.submit()


# Statuses of asynchronous tasks ----------------------------------------------


async def test_the_list_shows_every_task_newest_first(emulator, client):
    first, second = await client.submit(), await client.submit()
    page = (await client.get("/async/")).json
    assert [row["meta"]["href"] for row in page["rows"]] == [second, first]
    assert page["meta"] == {
        "href": f"{emulator.base}{API}/async",
        "type": "async",
        "mediaType": "application/json",
        "size": 2,
        "limit": 1000,
        "offset": 0,
    }


async def test_a_task_is_as_the_list_has_it(client):
    task = await client.submit()
    assert (await client.get("/async")).json["rows"] == [(await client.get(task)).json]


async def test_a_task_is_known_for_a_week(emulator, client):
    task = await client.submit()
    await emulator.advance("6d23h59m59s")
    assert await client.state(task) == "DONE"
    await emulator.advance("1s")
    assert await client.code(task) == (404, 1021)
    assert (await client.get("/async")).json["rows"] == []


# The status of a task ---------------------------------------------------------


async def test_only_a_done_task_has_a_result_and_a_deletion_date(emulator, client):
    task = await client.submit()
    waiting = (await client.get(task)).json
    assert not {"resultUrl", "deletionDate", "errors"} & set(waiting)
    await emulator.advance("3s")
    done = (await client.get(task)).json
    assert done["resultUrl"] == f"{task}/result"
    assert done["deletionDate"] == "2026-03-01 13:00:02.500"  # an hour after 12:00:02.5 in Moscow
    assert done == waiting | {"state": "DONE", "resultUrl": done["resultUrl"], "deletionDate": done["deletionDate"]}


async def test_a_task_remembers_the_request_that_made_it(emulator, client):
    task = await client.submit(groupBy="variant")
    assert (await client.get(task)).json["request"] == f"{emulator.base}{BYSTORE}?async=true&groupBy=variant"


async def test_a_trailing_slash_makes_no_difference(client):
    task = await client.submit()
    assert (await client.get(f"{task}/")).json == (await client.get(task)).json


# What each call answers in each state -----------------------------------------

STEPS = {
    "PENDING": ["{state: PENDING}"],
    "PROCESSING": ["{state: PENDING}", "{state: PROCESSING}"],
    "DONE": ["{state: PENDING}", "{state: PROCESSING}", "{state: end}"],
    "ERROR": ["{state: PENDING}", "{state: PROCESSING}", "{state: ERROR}"],
    "CANCEL": ["{state: PENDING}", "{state: CANCEL}"],
    "API_ERROR": ["{state: PENDING}", "{state: PROCESSING}", "{state: API_ERROR, error: 1016}"],
}


@pytest.mark.requirement("I-2", "I-5")
@pytest.mark.parametrize(
    ("state", "result", "cancel"),
    [
        ("PENDING", (412, 61006), None),
        ("PROCESSING", (412, 61006), None),
        ("DONE", None, (412, 61007)),
        ("ERROR", (412, 61004), (412, 61007)),
        ("CANCEL", (412, 61005), (412, 61007)),
        ("API_ERROR", (403, 1016), (412, 61007)),
    ],
)
async def test_what_each_call_answers_in_each_state(start_emulator, kladana, tmp_path, state, result, cancel):
    story = tmp_path / "story.yaml"
    rule = f"steps: [{', '.join(STEPS[state])}], stuck: {str(cancel is None).lower()}"
    story.write_text(f"version: 1\napi: kladana\nabout: Straight to {state}.\njobs: [{{{rule}}}]\n")
    client = kladana(await start_emulator(scenario=(str(story),)))
    task = await client.submit()
    assert await client.state(task) == state
    if result is None:
        assert (await client.get(f"{task}/result")).status == 302
    else:
        assert await client.code(f"{task}/result") == result
    if cancel is None:
        response = await client.put(f"{task}/cancel")
        assert (response.status, response.body) == (204, b"")
        assert await client.state(task) == "CANCEL"
    else:
        assert await client.code(f"{task}/cancel", "PUT") == cancel
        assert await client.state(task) == state


@pytest.mark.parametrize("call", ["", "/result"])
async def test_an_unknown_task_is_not_found(client, call):
    assert await client.code(f"/async/{NOBODY}{call}") == (404, 1021)


async def test_an_unknown_task_cannot_be_cancelled(client):
    assert await client.code(f"/async/{NOBODY}/cancel", "PUT") == (404, 1021)


async def test_a_failed_task_tells_the_error_of_the_synchronous_call_twice(start_emulator, kladana):
    emulator = await start_emulator(scenario=("kladana/api-error",))
    client = kladana(emulator)
    task = await client.submit()
    await emulator.advance("11s")
    error = {"error": "Access Denied: You do not have permission to view this object", "code": 1016}
    assert (await client.get(task)).json["errors"] == [error]
    result = await client.get(f"{task}/result")
    assert (result.status, result.json) == (403, {"errors": [error]})


# The result of a task ----------------------------------------------------------


@pytest.fixture
async def done(emulator, client):
    """A task that has just been done."""
    task = await client.submit()
    await emulator.advance("2500ms")
    return task


async def link_of(client, task):
    response = await client.get(f"{task}/result")
    assert (response.status, response.body) == (302, b"")
    return response.headers["Location"]


async def test_the_link_leads_to_the_whole_report_without_credentials(emulator, client, done):
    file = await emulator.get(await link_of(client, done))
    task_id = done.rsplit("/", 1)[-1]
    assert file.status == 200
    assert file.headers["Content-Disposition"] == f'attachment; filename="asynctask_{task_id}_result.json"'
    assert file.json["meta"] == {
        "href": f"{emulator.base}{BYSTORE}?async=true",
        "type": "stockbystore",
        "mediaType": "application/json",
        "size": 250,
    }
    assert len(file.json["rows"]) == 250


async def test_the_result_is_the_synchronous_report(emulator, client, done):
    file = await emulator.get(await link_of(client, done))
    assert file.json["rows"] == (await client.get("/report/stock/bystore")).json["rows"]


async def test_each_call_gives_a_new_link_and_each_works(emulator, client, done):
    links = [await link_of(client, done) for _ in range(3)]
    assert len(set(links)) == 3
    assert len({(await emulator.get(link)).body for link in links}) == 1


@pytest.mark.requirement("I-6")
async def test_a_link_dies_five_minutes_after_it_was_handed_out(emulator, client, done):
    link = await link_of(client, done)
    await emulator.advance("4m59s999ms")
    assert (await emulator.get(link)).status == 200
    await emulator.advance("1ms")
    dead = await emulator.get(link)
    assert (dead.status, dead.text) == (401, "Temp URL invalid")
    assert (await emulator.get(await link_of(client, done))).status == 200


@pytest.mark.requirement("I-6")
async def test_the_result_dies_an_hour_after_the_task_was_done_and_the_links_with_it(emulator, client, done):
    await emulator.advance("59m59s999ms")
    link = await link_of(client, done)
    assert (await emulator.get(link)).status == 200
    await emulator.advance("1ms")
    assert (await emulator.get(link)).status == 401
    assert await client.code(f"{done}/result") == (412, 61003)
    assert await client.state(done) == "DONE"


@pytest.mark.requirement("S-28")
@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("temp_url_sig=", "temp_url_sig=0"),
        ("temp_url_expires=", "temp_url_expires=9"),
        ("filename=asynctask_", "filename=asynctask_0"),
        ("/apiasynctaskresult/", "/apiasynctaskresult/0"),
        ("temp_url_sig", "sig"),
        ("temp_url_sig=", "temp_url_sig=%C3%A9"),
    ],
)
async def test_a_link_that_was_changed_is_dead(emulator, client, done, part, other):
    link = await link_of(client, done)
    assert part in link
    assert (await emulator.get(link.replace(part, other))).status == 401


# The synchronous report ----------------------------------------------------------


async def test_pages_of_the_report_join_to_the_whole(emulator, client):
    whole = (await client.get("/report/stock/bystore")).json
    rows, href = [], f"{emulator.base}{BYSTORE}?limit=100"
    while href:
        page = (await client.get(href)).json
        rows += page["rows"]
        href = page["meta"].get("nextHref")
    assert rows == whole["rows"]
    assert page["meta"]["previousHref"] == f"{emulator.base}{BYSTORE}?offset=100&limit=100"
    assert page["meta"]["offset"] == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "offset=-1", "limit=", "limit=1e3", "offset=²"])
async def test_a_page_that_is_none_is_refused(client, query):
    assert await client.code(f"/report/stock/bystore?{query}") == (400, 1040)

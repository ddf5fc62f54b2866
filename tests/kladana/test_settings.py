"""What can be set: gzip, the storage's own origin, and what the vendor has changed since."""

import gzip
import re
import socket
import zlib

import aiohttp
import httpx
import pytest

from tests.kladana.conftest import API
from tests.server.test_cli import serving


@pytest.fixture
def play(start_emulator, kladana, tmp_path):
    async def play(settings):
        story = tmp_path / "story.yaml"
        story.write_text(f"version: 1\napi: kladana\nabout: Settings.\nsettings: {settings}\n")
        return kladana(await start_emulator(scenario=(str(story),)))

    return play


@pytest.mark.parametrize(
    ("offered", "packed"), [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("identity", False)]
)
async def test_an_answer_is_packed_if_the_client_takes_that(play, offered, packed):
    client = await play("{}")
    headers = {"Accept-Encoding": offered}
    response = await client.get("/async", headers=headers)
    assert response.headers.get("Content-Encoding") == ("gzip" if packed else None)
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.json["meta"]["size"] == 0


async def test_what_is_told_again_is_packed_once(play, monkeypatch):
    packers, made = [], zlib.compressobj
    monkeypatch.setattr(zlib, "compressobj", lambda *args, **kwargs: packers.append(1) or made(*args, **kwargs))
    client = await play("{}")
    task = await client.submit()
    for path, key in ((task, "state"), ("/async", "rows")):
        packers.clear()
        told = [(await client.get(path)).json for _ in range(3)]
        assert (key in told[0], told[1:], packers) == (True, told[:1] * 2, [1])
    await client.emulator.advance("500ms")
    assert [await client.state(task) for _ in range(2)] == ["PROCESSING"] * 2
    assert len(packers) == 2


async def test_a_result_is_streamed_packed_and_is_the_same_each_time(play):
    client = await play("{rows: 1000}")
    task = await client.submit()
    await client.emulator.advance("3s")
    link = (await client.get(f"{task}/result")).headers["Location"]
    plain = await client.emulator.get(link, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    bodies = set()
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        for _ in range(2):
            async with session.get(link, headers={"Accept-Encoding": "gzip"}) as response:
                bodies.add(await response.read())
    (packed,) = bodies
    assert gzip.decompress(packed) == plain.body


async def test_where_gzip_is_demanded_a_request_without_it_is_a_bare_415(play):
    client = await play("{gzip_demanded: true}")
    response = await client.get("/async", headers={"Accept-Encoding": "identity"})
    assert (response.status, response.body) == (415, b"")
    assert (await client.get("/async", headers={"Accept-Encoding": "gzip"})).status == 200


async def test_the_current_profile_changes_all_that_has_changed_but_what_is_set_beside_it(play):
    client = await play("{profile: current, gzip_demanded: false}")
    task = await client.submit()
    told = await client.get(task)
    assert told.status == 200
    assert "owner" not in told.json


async def test_statuses_of_errors_can_be_overridden(play):
    client = await play('{statuses: {"61006": 409}}')
    assert await client.code(f"{await client.submit()}/result") == (409, 61006)


async def test_a_deletion_date_may_lack_milliseconds_and_a_failure_may_be_one_object(start_emulator, kladana, tmp_path):
    story = tmp_path / "story.yaml"
    story.write_text(
        "version: 1\napi: kladana\nabout: As the tables have it.\n"
        "settings: {milliseconds: false, single_error: true, running_tasks: 2}\n"
        "jobs:\n"
        "  - {when: {nth: 1}, steps: [{state: PENDING}, {state: PROCESSING}, {state: API_ERROR, error: 1016}]}\n"
        "  - steps: [{state: PENDING}, {state: PROCESSING}, {state: end}]\n"
    )
    client = kladana(await start_emulator(scenario=(str(story),)))
    failed, done = await client.submit(), await client.submit()
    assert (await client.get(failed)).json["errors"]["code"] == 1016
    assert (await client.get(done)).json["deletionDate"] == "2026-03-01 13:00:00"


async def test_credentials_sent_to_the_storage_are_noted(emulator, kladana):
    client = kladana(emulator)
    task = await client.submit()
    await emulator.advance("3s")
    link = (await client.get(f"{task}/result")).headers["Location"]
    await emulator.get(link)
    await client.get(link)
    requests = (await emulator.admin("GET", "/requests?operation=downloadResult"))["requests"]
    assert [len(each["notes"]) for each in requests] == [0, 1]
    assert "Authorization" in requests[1]["notes"][0]


def test_the_storage_can_have_an_origin_of_its_own():
    with socket.create_server(("127.0.0.1", 0)) as free:
        storage_port = free.getsockname()[1]
    with serving("--storage-port", str(storage_port), "--rate", "1000") as (_, line):
        base = re.search(r"http://[^\"]+", line).group()
        storage = f"http://127.0.0.1:{storage_port}"
        with httpx.Client(headers={"Authorization": "Bearer x"}) as client:
            submitted = client.get(f"{base}{API}/report/stock/bystore?async=true")
            while (result := client.get(submitted.headers["Location"])).status_code != 302:
                pass
            link = result.headers["Location"]
            assert link.startswith(f"{storage}/batch-prod/")
            assert client.get(link).status_code == 200
            assert client.get(f"{storage}{API}/async").status_code == 404
            assert client.get(f"{storage}/__admin/health").status_code == 404

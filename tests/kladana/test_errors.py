"""The error table: each of its codes can be had by naming it, in both languages."""

import re

import pytest

from emulator.providers.kladana.errors import ERRORS

UNFILLED = re.compile(r"\{\w+\}")


@pytest.fixture
def play(start_emulator, kladana, tmp_path):
    async def play(text):
        story = tmp_path / "story.yaml"
        story.write_text(f"version: 1\napi: kladana\nabout: Errors.\n{text}\n", encoding="utf-8")
        return kladana(await start_emulator(scenario=(str(story),)))

    return play


@pytest.mark.parametrize("code", sorted(ERRORS))
async def test_an_error_that_a_scenario_names_is_the_tables(play, code):
    client = await play(f"faults: [{{operation: getTasks, error: {code}}}]")
    status, english, russian = ERRORS[code]
    for language, text in (("en", english), ("ru", russian or english)):
        response = await client.get("/async", headers={"Accept-Language": language})
        (error,) = response.json["errors"]
        assert (response.status, error["code"]) == (status, code)
        pattern = UNFILLED.sub(".+", re.escape(text).replace(r"\{", "{").replace(r"\}", "}"))
        assert re.fullmatch(pattern, error["error"]), error["error"]
        assert len(error["error"]) <= 255


async def test_a_scenario_may_give_an_error_another_status_and_fill_its_text(play):
    error = "{code: 1016, status: 418}, calls: 1"
    client = await play(
        f"faults: [{{operation: getTasks, error: {error}}}, "
        "{operation: getTasks, calls: 2, error: {code: 1084, value: 7, parameter: limit, valid: 1 to 6}}]"
    )
    assert await client.code("/async") == (418, 1016)
    told = (await client.get("/async")).json["errors"][0]
    assert told["error"] == "Invalid value '7' of query parameter 'limit', valid values: '1 to 6'"
    assert told["parameter"] == "limit"


async def test_a_submission_that_fails_inside_the_vendors_service_makes_no_task(play):
    client = await play("faults: [{operation: getStockByStore, calls: 1, error: 61008}]")
    assert await client.code("/report/stock/bystore?async=true") == (500, 61008)
    assert (await client.get("/async")).json["rows"] == []
    await client.submit()

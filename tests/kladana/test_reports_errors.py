async def test_a_scenario_cannot_make_a_request_succeed_that_must_fail(start_emulator, kladana, tmp_path):
    story = tmp_path / "story.yaml"
    story.write_text(
        "version: 1\napi: kladana\nabout: All is done.\n"
        "jobs: [{steps: [{state: PENDING}, {state: PROCESSING}, {state: DONE}]}]\n"
    )
    client = kladana(await start_emulator(scenario=(str(story),)))
    assert await client.state(await client.submit("stock/bystore")) == "DONE"
    assert await client.state(await client.submit("sales/plotseries")) == "API_ERROR"

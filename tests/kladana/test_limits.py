"""Rate and parallel limits, and the headers that tell of them."""

import asyncio

import pytest

STORY = "version: 1\napi: kladana\nabout: Limits.\n"


@pytest.fixture
def play(start_emulator, kladana, tmp_path):
    """A client of a server that plays what is given."""

    async def play(text, **flags):
        story = tmp_path / "story.yaml"
        story.write_text(STORY + text)
        return kladana(await start_emulator(scenario=(str(story),), **flags))

    return play


def limits(response):
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-Lognex-Retry-TimeInterval", "X-Lognex-Reset")
    return [int(response.headers[name]) for name in names]


async def test_each_answer_tells_the_limits_even_where_there_are_none(play):
    client = await play("")
    for path in ("/async", "/nowhere", "/async/x/result"):
        response = await client.get(path)
        assert limits(response) == [45, 44, 3000, 0]
        assert response.headers["X-Lognex-Retry-After"] == "0"
    assert [(await client.get("/async")).status for _ in range(60)] == [200] * 60


async def test_the_46th_request_in_three_seconds_is_refused_and_the_window_empties_all_at_once(play):
    client = await play("settings: {rate_limited: true}\n")
    for left in range(44, -1, -1):
        assert limits(await client.get("/async"))[1] == left
    await client.emulator.advance("1s")
    refused = await client.get("/async")
    assert (refused.status, refused.json["errors"][0]["code"]) == (429, 1049)
    assert limits(refused) == [45, 0, 3000, 2000]
    assert refused.headers["X-Lognex-Retry-After"] == "2000"
    assert refused.headers["X-Lognex-Auth"] == "429002"
    await client.emulator.advance("2s")
    assert limits(await client.get("/async")) == [45, 44, 3000, 0]


async def test_stock_weighs_more_since_2026(play):
    client = await play("settings: {rate_limited: true, profile: current}\n")
    gzip = {"Accept-Encoding": "gzip"}
    assert limits(await client.get("/report/stock/bystore", headers=gzip))[1] == 40
    assert limits(await client.get("/async", headers=gzip))[1] == 37


async def test_what_a_client_is_told_to_wait_is_its_own_time(play):
    client = await play("settings: {rate_limited: true, rate_limit: 1, rate_interval: 1h}\n", rate=3600)
    await client.get("/async")
    refused = await client.get("/async")
    assert refused.status == 429
    assert 1 <= int(refused.headers["X-Lognex-Retry-After"]) <= 1000
    assert refused.headers["X-Lognex-Retry-TimeInterval"] == "1000"


async def test_the_sixth_call_at_a_time_is_refused_without_a_time_to_wait(play):
    client = await play(
        "settings: {parallel_limited: true}\nfaults: [{operation: getTasks, calls: 1..5, latency: 300ms}]\n"
    )
    replies = await asyncio.gather(*(client.get("/async") for _ in range(6)))
    assert sorted(each.status for each in replies) == [200] * 5 + [429]
    (refused,) = [each for each in replies if each.status == 429]
    assert refused.json["errors"][0]["code"] == 1073
    assert refused.headers["X-Lognex-Auth"] == "429005"
    assert "X-Lognex-Retry-After" not in refused.headers
    assert (await client.get("/async")).status == 200


async def test_windows_are_per_user(play):
    client = await play(
        "settings: {rate_limited: true, rate_limit: 1}\naccounts: [{token: a}, {token: b, account: other}]\n"
    )
    for token in ("a", "b"):
        headers = {"Authorization": f"Bearer {token}"}
        assert [(await client.get("/async", headers=headers)).status for _ in range(2)] == [200, 429]

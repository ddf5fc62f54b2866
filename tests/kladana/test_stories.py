"""Each shipped story, played to its end."""

import asyncio

import pytest


@pytest.fixture
def play(start_emulator, kladana):
    async def play(story, authorization="Bearer token"):
        return kladana(await start_emulator(scenario=(f"kladana/{story}",)), authorization)

    return play


async def lived(client, task, *advances):
    """The states that are seen, at once and after each advance."""
    states = [await client.state(task)]
    for by in advances:
        await client.emulator.advance(by)
        states.append(await client.state(task))
    return states


async def test_default(play):
    client = await play("default")
    assert await lived(client, await client.submit(), "500ms", "2s") == ["PENDING", "PROCESSING", "DONE"]


async def test_api_error(play):
    client = await play("api-error")
    assert await lived(client, await client.submit(), "1s", "10s") == ["PENDING", "PROCESSING", "API_ERROR"]


async def test_internal_error(play):
    client = await play("internal-error")
    assert await lived(client, await client.submit(), "500ms", "5s") == ["PENDING", "PROCESSING", "ERROR"]
    assert (await lived(client, await client.submit(), "3s"))[-1] == "DONE"


async def test_cancelled(play):
    client = await play("cancelled")
    task = await client.submit()
    assert await lived(client, task, "500ms", "5s") == ["PENDING", "PROCESSING", "CANCEL"]
    assert await client.code(f"{task}/result") == (412, 61005)


async def test_link_expired(play):
    client = await play("link-expired")
    task = await client.submit()
    await client.emulator.advance("3s")
    result = await client.get(f"{task}/result")
    assert result.status == 302
    assert (await client.emulator.get(result.headers["Location"])).status == 401


async def test_result_deleted(play):
    client = await play("result-deleted")
    task = await client.submit()
    assert (await lived(client, task, "3s"))[-1] == "DONE"
    assert await client.code(f"{task}/result") == (412, 61003)


async def test_slow_report(play):
    client = await play("slow-report")
    states = await lived(client, await client.submit(), "4m59s", "1s", "40m", "15m")
    assert states == ["PENDING", "PENDING", "PROCESSING", "PROCESSING", "DONE"]


async def test_queue_full(play):
    client = await play("queue-full")
    first, *waiting = [await client.submit() for _ in range(5)]
    assert [await client.state(each) for each in (first, *waiting)] == ["PROCESSING"] + ["PENDING"] * 4
    assert await client.code("/report/stock/bystore?async=true") == (412, 61002)
    await client.emulator.advance("1h")
    assert await client.state(await client.submit()) == "PENDING"


async def test_rate_limited(play):
    client = await play("rate-limited")
    assert [(await client.get("/async")).status for _ in range(5)] == [200] * 4 + [429]
    await client.emulator.advance("3s")
    assert (await client.get("/async")).status == 200


async def test_parallel_limit(play):
    client = await play("parallel-limit")
    task = await client.submit()
    replies = await asyncio.gather(client.get(task), client.get(task))
    assert sorted(each.status for each in replies) == [200, 429]


async def test_foreign_account(play, kladana):
    client = await play("foreign-account", "Bearer romashka-token")
    task = await client.submit()
    assert await kladana(client.emulator, "Bearer lavanda-token").code(task) == (404, 1021)
    assert await client.state(task) == "PENDING"

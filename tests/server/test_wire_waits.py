"""Answers that take their time: how they come, and who is let go."""

import asyncio
import json

import aiohttp
import pytest

from emulator.app import Config, make_app
from emulator.clock import MILLISECOND, monotonic, pause
from emulator.wire import acting, stage
from tests.callbacks.receiver import receiving, silence
from tests.conftest import START, Emulator
from tests.kladana.test_webhooks import Hooks
from tests.server.line import SUBMIT, TASKS, Line, as_it_is, goes_on, journal


async def test_a_dribble_comes_piece_by_piece(play):
    _, line = await play("operation: getTasks, calls: 2, chunked_dribble: {chunks: 4, over: 40ms}")
    _, body = await as_it_is(line)
    began = monotonic()
    line.ask(TASKS)
    assert b"Transfer-Encoding: chunked" in await line.head()
    chunks = []
    while chunk := await line.chunk():
        chunks.append(chunk)
        assert monotonic() - began >= len(chunks) * 10 * MILLISECOND
    assert b"".join(chunks) == body
    assert len({len(each) for each in chunks[:-1]}) == 1
    assert len(chunks) == 4
    await goes_on(line)


async def test_bandwidth(play):
    _, line = await play("operation: getTasks, calls: 2, bandwidth: 10KB")
    head, body = await as_it_is(line)
    began = monotonic()
    line.ask(TASKS)
    assert await line.head() == head
    assert await line.some(len(body)) == body
    await goes_on(line)
    assert monotonic() - began >= len(body) * 100


async def test_latency_comes_before_all_else(play):
    _, line = await play("operation: getTasks, calls: 2, latency: 40ms, fault: BAD_GATEWAY")
    await as_it_is(line)
    line.ask(TASKS)
    assert await line.silent(20)
    assert (await line.answer())[0] == "HTTP/1.1 502 Bad Gateway"


@pytest.mark.parametrize(
    "slow",
    ["latency: 60s", "fault: TIMEOUT", "chunked_dribble: {chunks: 2, over: 60s}", "bandwidth: 1B", "fault: SLOW_CLOSE"],
)
async def test_a_client_that_leaves_leaves_no_task_behind(play, slow, monkeypatch):
    monkeypatch.setattr(acting, "SLOW_CLOSE", 60_000 * MILLISECOND)
    emulator, line = await play(f"operation: getTasks, calls: 2, {slow}")
    await as_it_is(line)
    line.ask(TASKS)
    while len(await journal(emulator)) < 2:
        await pause(MILLISECOND)
    tasks = len(asyncio.all_tasks())
    await line.leave()
    await _down_to(tasks - 1)


async def _down_to(tasks: int) -> None:
    """So few are left after a while."""
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > tasks:
            await pause(MILLISECOND)


# Whoever waits is let go -----------------------------------------------------------

WAITS = {
    "latency: 60s": b"HTTP/1.1 200 OK",
    "fault: TIMEOUT": b"",
    "fault: SLOW_CLOSE": b"HTTP/1.1 200 OK",
    "chunked_dribble: {chunks: 2, over: 60s}": b"HTTP/1.1 200 OK",
    "bandwidth: 1B": b"HTTP/1.1 200 OK",
}


async def _waiting(emulator: Emulator, line: Line) -> None:
    line.ask(TASKS, Connection="close")
    while not await journal(emulator):
        await pause(MILLISECOND)


def _whole(answer: bytes) -> bool:
    """Whether what has come is an answer to its end."""
    _, _, body = answer.partition(b"\r\n\r\n")
    return body.endswith(b"0\r\n\r\n") or bool(json.loads(body))


@pytest.mark.parametrize("slow", WAITS)
async def test_a_reset_of_the_namespace_lets_go(play, monkeypatch, slow):
    monkeypatch.setattr(acting, "SLOW_CLOSE", 60_000 * MILLISECOND)
    monkeypatch.setattr(stage, "_LOOK_UP", 60_000 * MILLISECOND)
    emulator, line = await play(f"operation: getTasks, {slow}")
    await _waiting(emulator, line)
    await emulator.admin("POST", "/reset")
    answer = await line.rest()
    assert answer.startswith(WAITS[slow])
    assert not answer or _whole(answer)


@pytest.mark.parametrize("slow", WAITS)
async def test_the_end_of_the_server_lets_go(tmp_path, connect, monkeypatch, slow):
    monkeypatch.setattr(acting, "SLOW_CLOSE", 60_000 * MILLISECOND)
    story = tmp_path / "story.yaml"
    story.write_text(f"version: 1\napi: kladana\nabout: Slow.\nfaults: [{{operation: getTasks, {slow}}}]\n")
    async with make_app(Config(rate=0, start=START, scenario=(str(story),))).at_work(drain_seconds=60) as listener:
        line = await connect(Emulator(None, f"http://127.0.0.1:{await listener.listen('127.0.0.1', 0)}"))
        line.ask(TASKS, Connection="close")
        await pause(20 * MILLISECOND)
        began = monotonic()
    assert monotonic() - began < 5_000 * MILLISECOND
    answer = await line.rest()
    assert answer.startswith(WAITS[slow])
    assert not answer or _whole(answer)


# Callbacks before the answer ----------------------------------------------------------

HURRIED = "callbacks: [{before_answer: true}]"
LATER = "operation: getTasks, latency: 0"


async def test_the_webhook_is_there_before_the_answer_that_never_comes(play):
    async with receiving() as receiver:
        emulator, line = await play("operation: getStockByStore, fault: EMPTY_RESPONSE", more=HURRIED)
        await Hooks(emulator).make(url=receiver.url, action="CREATE")
        line.ask(SUBMIT)
        assert await line.rest() == b""
        assert [each.method for each in receiver.heard] == ["POST"]


async def test_the_webhook_is_there_before_the_202(play):
    async with receiving() as receiver:
        emulator, line = await play(LATER, more=HURRIED)
        await Hooks(emulator).make(url=receiver.url, action="CREATE")
        line.ask(SUBMIT)
        status, headers, _ = await line.answer()
        (heard,) = receiver.heard
        assert status == "HTTP/1.1 202 Accepted"
        told = json.loads(heard.body)["events"][0]["meta"]["href"]
        assert told.rpartition("/")[2] == headers["Content-Location"].rpartition("/")[2]


async def test_a_reset_lets_the_answer_go_that_waits_for_a_receiver(play):
    async with receiving(told=[silence]) as receiver:
        emulator, line = await play(LATER, more=HURRIED)
        await Hooks(emulator).make(url=receiver.url, action="CREATE")
        line.ask(SUBMIT)
        await receiver.hears(1)
        assert await line.silent(10)
        await emulator.admin("POST", "/reset")
        assert (await line.head()).startswith(b"HTTP/1.1 202 ")


async def test_the_end_of_the_server_lets_the_answer_go_that_waits_for_a_receiver(tmp_path, connect):
    story = tmp_path / "story.yaml"
    story.write_text(f"version: 1\napi: kladana\nabout: Hurried.\n{HURRIED}\n")
    config = Config(rate=0, start=START, scenario=(str(story),))
    async with receiving(told=[silence]) as receiver, aiohttp.ClientSession() as session:
        async with make_app(config).at_work(drain_seconds=60) as listener:
            emulator = Emulator(session, f"http://127.0.0.1:{await listener.listen('127.0.0.1', 0)}")
            await Hooks(emulator).make(url=receiver.url, action="CREATE")
            line = await connect(emulator)
            line.ask(SUBMIT)
            await receiver.hears(1)
            began = monotonic()
        assert monotonic() - began < 5_000 * MILLISECOND
        assert (await line.head()).startswith(b"HTTP/1.1 202 ")

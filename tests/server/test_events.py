"""What happens in a namespace, as server-sent events."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from emulator.admin.audience import Audience
from emulator.admin.events import AT_ONCE, QUEUED, Feed
from emulator.app import Config, library, make_app, make_origin
from emulator.exchange import Answer, Request
from emulator.journal import record
from emulator.namespaces import Namespaces
from tests.callbacks.receiver import receiving
from tests.conftest import Emulator

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TOKEN = {"Authorization": "Bearer token"}


class Stream:
    """A listener."""

    def __init__(self, response):
        self.response = response

    async def block(self):
        lines = []
        while line := (await self.response.content.readline()).decode().rstrip("\n"):
            lines.append(line)
        return lines

    async def next(self):
        """The next event: its kind, and what it says."""
        number, kind, data = await self.block()
        assert number.startswith("id: ")
        return kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    async def ended(self):
        assert await self.response.content.read() == b""


@asynccontextmanager
async def listening(emulator, query=""):
    async with emulator.session.get(f"{emulator.base}/__admin/events{query}") as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream")
        stream = Stream(response)
        assert await stream.block() == [": listening"]
        yield stream


async def test_exchanges_states_callbacks_and_moves_of_the_clock_are_told(emulator):
    async with receiving() as receiver, listening(emulator) as stream:
        hook = {"url": receiver.url, "entityType": "async", "action": "PROCESSED"}
        await emulator.call("POST", "/api/remap/1.2/entity/webhook", json=hook, headers=TOKEN)
        job = (await emulator.get(SUBMIT, headers=TOKEN)).headers["X-Emulator-Job"]
        await emulator.advance("1m")
        told = [await stream.next() for _ in range(7)]
        assert [kind for kind, _ in told] == ["exchange", "job", "exchange", "job", "job", "callback", "clock"]
        assert told[2][1] == (await emulator.admin("GET", f"/requests?job={job}"))["requests"][0]
        states = [data for kind, data in told if kind == "job"]
        assert [each["state"] for each in states] == ["PENDING", "PROCESSING", "DONE"]
        assert {each["job"] for each in states} == {job}
        assert (told[5][1]["attempt"], told[5][1]["status"]) == (1, 200)
        assert told[6][1]["now"] == "2026-03-01T09:01:00.000000Z"
        assert "happened" not in told[6][1]


async def test_a_listener_may_want_some_kinds_only(emulator):
    async with listening(emulator, "?kind=clock&kind=job") as stream:
        await emulator.get(SUBMIT, headers=TOKEN)
        await emulator.admin("POST", "/clock", {"rate": 60})
        assert [(await stream.next())[0] for _ in range(2)] == ["job", "clock"]
    assert (await emulator.get("/__admin/events?kind=jobs")).status == 422


async def test_what_happens_elsewhere_is_not_told(emulator):
    async with listening(emulator.namespace("here")) as stream:
        await emulator.get(SUBMIT, headers=TOKEN)
        await emulator.namespace("here").admin("POST", "/clock", {"mode": "frozen"})
        assert (await stream.next())[0] == "clock"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/ns/held/__admin/reset"), ("DELETE", "/__admin/namespaces/held")]
)
async def test_events_end_with_their_namespace(emulator, method, path):
    async with listening(emulator.namespace("held")) as stream:
        await emulator.call(method, path)
        assert await stream.next() == ("end", {"reason": "reset"})
        await stream.ended()


async def test_events_end_when_the_server_stops():
    async with aiohttp.ClientSession() as session, AsyncExitStack() as server:
        listener = await server.enter_async_context(make_app(Config(rate=0)).at_work())
        emulator = Emulator(session, f"http://127.0.0.1:{await listener.listen('127.0.0.1', 0)}")
        async with listening(emulator) as stream:
            stopping = asyncio.create_task(server.aclose())
            assert await stream.next() == ("end", {"reason": "stop"})
            await stream.ended()
        await stopping


@pytest.mark.requirement("S-33")
async def test_only_so_many_may_listen_and_who_goes_makes_room(emulator, monkeypatch):
    monkeypatch.setattr("emulator.admin.events.SILENCE", 1_000)
    streams = [listening(emulator) for _ in range(8)]
    for each in streams:
        await each.__aenter__()
    assert (await emulator.get("/__admin/events")).status == 503
    async with listening(emulator.namespace("other")):
        pass
    for each in streams:
        await each.__aexit__(None, None, None)
    while (response := await emulator.session.get(f"{emulator.base}/__admin/events")).status == 503:
        response.close()
    assert response.status == 200
    response.close()


# The queue ------------------------------------------------------------------------


def exchange(sequence, body=b""):
    request = Request("POST", "/path", body=body, sequence=sequence)
    answer = Answer(200, body=b"{}")
    return record(request, answer, api="kladana", operation=None, secret=False, contract="kept", wall_us=0)


def feed(*kinds):
    namespace = Namespaces(make_origin(Config(rate=0), library())).get("test")
    audience = Audience()
    return namespace, audience, Feed(namespace, audience, frozenset(kinds))


async def events(pieces):
    """What is there to take, as (kind, data)."""
    blocks = (await anext(pieces)).decode().strip().split("\n\n")
    parted = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [(each["event"], json.loads(each["data"])) for each in parted]


async def test_what_a_slow_listener_does_not_take_is_dropped_counted_and_told_in_its_place():
    namespace, audience, pieces = feed("clock")
    assert await anext(pieces) == b": listening\n\n"
    for n in range(QUEUED + 7):
        namespace.tell("clock", {"n": n})
    taken = await events(pieces)
    assert [data["n"] for _, data in taken] == list(range(AT_ONCE))
    namespace.tell("clock", {"n": "later"})
    while len(more := await events(pieces)) == AT_ONCE:
        taken += more
    assert [data["n"] for _, data in taken + more[:-2]] == list(range(QUEUED))
    assert more[-2:] == [("dropped", {"count": 7}), ("clock", {"n": "later"})]
    assert audience.events_dropped == 7
    await pieces.aclose()


@pytest.mark.requirement("S-33")
async def test_what_waits_for_a_listener_is_bounded_in_bytes_too(monkeypatch):
    monkeypatch.setattr("emulator.admin.events.QUEUED_BYTES", 5_000)
    namespace, _, pieces = feed("exchange")
    await anext(pieces)
    for n in range(1, 7):
        namespace.journal.write(exchange(n, body=b"x" * 2_000))
    assert [(kind, data.get("sequence", data.get("count"))) for kind, data in await events(pieces)] == [
        ("exchange", 1),
        ("exchange", 2),
    ]
    namespace.journal.write(exchange(7))
    assert [(kind, data.get("sequence", data.get("count"))) for kind, data in await events(pieces)] == [
        ("dropped", 4),
        ("exchange", 7),
    ]
    await pieces.aclose()


async def test_a_gap_at_the_end_is_told_too():
    namespace, _, pieces = feed("clock")
    await anext(pieces)
    for n in range(QUEUED + 1):
        namespace.tell("clock", {"n": n})
    taken = [event for _ in range(QUEUED // AT_ONCE + 1) for event in await events(pieces)]
    assert taken[-1] == ("dropped", {"count": 1})
    await pieces.aclose()


async def test_silence_is_broken_by_a_comment(monkeypatch):
    monkeypatch.setattr("emulator.admin.events.SILENCE", 1_000)
    _, _, pieces = feed("clock")
    await anext(pieces)
    assert await anext(pieces) == b": still here\n\n"
    await pieces.aclose()


@pytest.mark.requirement("F-1")
async def test_who_has_gone_is_told_nothing_and_holds_nothing():
    namespace, audience, pieces = feed("clock", "exchange")
    await pieces.aclose()
    namespace.tell("clock", {})
    assert (len(pieces._queue), namespace._watchers, namespace.journal._listeners) == (0, (), ())
    assert audience.listening.taken.total() == 0

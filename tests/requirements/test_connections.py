"""What a client may let a connection wait for, and how many there may be."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator

import pytest

from emulator.wire import connections, descriptors, incoming

TASKS = "/api/remap/1.2/async"
ASKING = f"GET {TASKS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n".encode()

pytestmark = pytest.mark.requirement("S-19")


@contextlib.asynccontextmanager
async def connected(emulator) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = emulator.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def passing(seconds: float) -> None:
    """So much real time: it is what these limits are about."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()


async def rest(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.read(), 10)


def problem(said: bytes) -> dict:
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert b"Connection: close" in head
    return json.loads(body)


async def test_half_a_head_is_waited_for_only_so_long_however_it_drips(emulator, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.4)
    async with connected(emulator) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
        began = asyncio.get_running_loop().time()
        for n in range(5):  # no longer: what is sent to a connection that has ended takes its last words with it
            await passing(0.02)
            writer.write(b"X-%d: 1\r\n" % n)
        assert problem(await rest(reader))["status"] == 408
        assert asyncio.get_running_loop().time() < began + 5


async def test_a_head_in_many_pieces_is_served_as_long_as_it_ends_in_time(emulator):
    async with connected(emulator) as (reader, writer):
        for each in (b"\r\n", *(ASKING[n : n + 1] for n in range(len(ASKING)))):
            writer.write(each)
            await writer.drain()
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")


async def test_a_second_head_is_as_late_as_a_first(emulator, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.1)
    async with connected(emulator) as (reader, writer):
        writer.write(ASKING)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET / HT")
        assert b"HTTP/1.1 408 " in await rest(reader)


async def test_empty_lines_begin_no_head_and_a_whole_one_stops_the_watch(emulator, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    async with connected(emulator) as (reader, writer):
        for _ in range(2):
            writer.write(b"\r\n")
            await passing(0.1)
            writer.write(ASKING[:20])
            await writer.drain()
            writer.write(ASKING[20:])
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            await reader.readuntil(b"\r\n\r\n")
            await reader.read(65536)


async def test_a_connection_that_asks_for_nothing_ends(start_emulator, monkeypatch):
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.1)
    emulator = await start_emulator()
    async with connected(emulator) as (reader, _):
        assert await rest(reader) == b""


async def test_half_a_body_is_waited_for_only_so_long(start_emulator, monkeypatch):
    monkeypatch.setattr(incoming, "BODY_SECONDS", 0.1)
    monkeypatch.setattr(connections, "LINGER_SECONDS", 0.1)
    emulator = await start_emulator()
    async with connected(emulator) as (reader, writer):
        writer.write(f"POST {TASKS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf".encode())
        assert problem(await rest(reader))["status"] == 408


async def test_who_does_not_take_an_answer_is_cut_off_and_holds_one_piece_of_it_meanwhile(emulator, monkeypatch):
    monkeypatch.setattr(connections, "TAKING_SECONDS", 0.3)
    for _ in range(60):
        await emulator.get(f"{TASKS}/nobody?{'x' * 7000}")
    host, port = emulator.origin.removeprefix("http://").split(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((host, int(port)))
        asking = f"GET /__admin/requests?limit=1000 HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
        client.sendall(asking.encode() * 30)
        client.settimeout(0)
        await passing(1)
        taken, loop = 0, asyncio.get_running_loop()
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while some := await loop.sock_recv(client, 2**20):
                    taken += len(some)
    whole = len((await emulator.get("/__admin/requests?limit=1000")).body) * 30
    assert taken < whole / 2


async def test_one_connection_too_many_is_told_so_and_the_next_after_one_ends_is_served(start_emulator):
    emulator = await start_emulator(max_connections=2)
    async with connected(emulator) as (reader, writer), connected(emulator) as (_, other):
        writer.write(ASKING)
        other.write(ASKING)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        async with connected(emulator) as (third, asking):
            asking.write(ASKING)
            told = await rest(third)
            assert b"Retry-After: 1\r\n" in told
            assert problem(told)["detail"] == "there are 2 connections already: close some, or see --max-connections"
    for _ in range(100):
        async with connected(emulator) as (reader, writer):
            writer.write(ASKING)
            if b" 200 " in await reader.readline():
                return
    pytest.fail("nobody is served again")


async def test_one_too_many_that_asks_nothing_ends_too(start_emulator, monkeypatch):
    monkeypatch.setattr(connections, "PARTING_SECONDS", 0.1)
    emulator = await start_emulator(max_connections=1)
    async with connected(emulator) as (reader, writer):
        writer.write(ASKING)
        await reader.readline()
        async with connected(emulator) as (second, _):
            with contextlib.suppress(ConnectionResetError):
                assert await rest(second) == b""


@pytest.mark.requirement("F-9")
async def test_of_hundreds_of_pollers_none_is_refused(emulator):
    async with contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(connected(emulator)) for _ in range(300)]
        for _ in range(2):
            for _, writer in lines:
                writer.write(ASKING)
            for reader, _ in lines:
                assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", head)[1]))


@pytest.mark.requirement("F-16")
@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "allowed", "room"),
    [
        (1024, 4096, 20_000, 4096, 3840),
        (1024, 1_000_000, 20_000, 20_256, 20_000),
        (1_000_000, 1_000_000, 20_000, 1_000_000, 20_000),
        (1024, -1, 20_000, 20_256, 20_000),
        (256, 256, 20_000, 256, 1),
    ],
)
def test_the_system_is_asked_for_descriptors_and_there_is_room_for_what_it_gives(
    monkeypatch, soft, hard, wanted, allowed, room
):
    limits = [(soft, hard)]
    monkeypatch.setattr(descriptors.resource, "getrlimit", lambda _which: limits[-1])
    monkeypatch.setattr(descriptors.resource, "setrlimit", lambda _which, told: limits.append(told))
    descriptors.raise_limit(wanted)
    assert limits[-1] == (allowed, hard)
    assert descriptors.room(wanted) == room


@pytest.mark.requirement("S-18")
@pytest.mark.parametrize(
    "start",
    [b"get / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"],
    ids=["a method in lower case", "TLS", "a length that is none"],
)
async def test_what_is_not_http_is_refused_in_our_words_and_nothing_behind_it_is_answered(emulator, start):
    async with connected(emulator) as (reader, writer):
        writer.write(start + ASKING)
        head, _, body = (await rest(reader)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert {b"Server: async-api-emulator", b"Connection: close"} <= set(head.split(b"\r\n"))
    assert json.loads(body)["detail"] == "what arrived is no HTTP request"

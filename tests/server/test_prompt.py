"""Requests that come again: however the bytes of a connection arrive, they say the same."""

import asyncio
import json
import re
import sys
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.app import make_app
from emulator.clock import SECOND, monotonic, pause
from emulator.config import Config
from emulator.listening import App
from emulator.wire import new_loop, prompt
from tests.loops import run

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the loop is asyncio's own")
SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
CREDENTIALS = "Authorization: Bearer x\r\n"


def asking(target: str, *headers: str, method: str = "GET", body: str = "") -> bytes:
    told = "".join(f"{each}\r\n" for each in headers)
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{CREDENTIALS}{told}{length}\r\n{body}".encode()


class Line(asyncio.Transport):
    """A connection whose other end is the test: each packet arrives as it was cut."""

    def __init__(self, app_listener) -> None:
        super().__init__()
        self.said = b""
        self.closed = False
        self.protocol = app_listener._runner.server()
        self.protocol.connection_made(self)

    def write(self, data):
        self.said += bytes(data)

    def close(self):
        self.closed = True

    abort = close

    def is_closing(self):
        return self.closed

    def set_write_buffer_limits(self, high=None, low=None):
        """There is room for all of it."""

    def get_extra_info(self, name, default=None):
        return {"sockname": ("127.0.0.1", 1)}.get(name, default)

    async def hear(self, packets: list[bytes], answers: int) -> list[tuple[int, bytes]]:
        """What is answered to all of them, in order."""
        await pause(0)
        late = monotonic() + 10 * SECOND
        for each in packets:
            self.protocol.data_received(each)
        while not self.closed and monotonic() < late:
            if len(told := list(parted(self.said))) == answers:
                return told
            await pause(0)
        return list(parted(self.said))


def parted(said: bytes):
    """Status and body of each whole answer."""
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        length = int(found[1]) if (found := re.search(rb"Content-Length: (\d+)", head)) else 0
        if len(rest) < length:
            return
        yield int(head.split()[1]), rest[:length]
        said = rest[length:]


def app() -> App:
    return make_app(Config(rate=0, start=0, settings=("kladana.queued_tasks=1000",)))


LIST = asking("/api/remap/1.2/async")
ADVANCE = asking("/__admin/clock", "Content-Type: application/json", method="POST", body='{"advance": "60s"}')
BATCH = '{"entity": "resource", "action": "delete", "query": {"ids": ["a"]}}'
SAYING = b"GET /nowhere HTTP/1.1\r\nX-Said: "
"""The beginning of a request that goes on with what would be one by itself."""
REQUESTS = (
    asking(SUBMIT),
    LIST,
    asking("/api/remap/1.2/async?limit=1"),
    asking("/ns/other/api/remap/1.2/async"),
    asking("/api/remap/1.2/async", "X-Emulator-Namespace: other"),
    asking("/nowhere"),
    asking("/ns/bad%20name/api/remap/1.2/async"),
    ADVANCE,
    asking("/__admin/clock", "Content-Type: application/json", method="POST", body=LIST.decode()),
    asking("/resources/v1/batch", "Content-Type: application/json", method="POST", body=BATCH),
    asking("/resources/v1/batch", "Content-Type: application/json", method="POST", body=LIST.decode()),
    SAYING + LIST,
    asking("/api/remap/1.2/async/x/cancel", method="PUT"),
    b"\r\n" + LIST,
)
CONVERSATION = st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=8)


@st.composite
def cut(draw):
    """A conversation, and its bytes in packets: many begin where one does, or seems to."""
    said = draw(CONVERSATION)
    whole = b"".join(said)
    likely = [found.start() for found in re.finditer(b"GET|PUT|POST", whole)]
    cuts = draw(st.sets(st.integers(0, len(whole)), max_size=3))
    cuts.update(likely if draw(st.booleans()) else draw(st.sets(st.sampled_from(likely))))
    places = sorted({0, len(whole), *cuts})
    return said, [whole[start:end] for start, end in pairwise(places)]


async def one_by_one(said: list[bytes]) -> list[tuple[int, bytes]]:
    """Each on a connection of its own, whose first request it is."""
    async with app().at_work() as listener:
        told = []
        for each in said:
            listener._runner.forget()
            told += await Line(listener).hear([each], 1)
        return told


async def on_one_line(said: list[bytes], packets: list[bytes]) -> list[tuple[int, bytes]]:
    async with app().at_work() as listener:
        return await Line(listener).hear(packets, len(said))


@pytest.mark.requirement("S-33")
@settings(max_examples=40, deadline=None)
@given(cut())
@example(([LIST, SAYING + LIST, LIST], [LIST, SAYING, LIST, LIST]))
@example(([LIST, LIST, LIST], [LIST, LIST[:-2], LIST[-2:] + LIST]))
@example(([REQUESTS[9], REQUESTS[9], LIST], [REQUESTS[9] + REQUESTS[9], LIST]))
@example(([LIST, ADVANCE, LIST], [LIST, ADVANCE[:-1], ADVANCE[-1:] + LIST]))
def test_however_requests_arrive_they_are_answered_as_each_alone_would_be(conversation):
    said, packets = conversation
    told = run(one_by_one(said))
    for loop in (new_loop, asyncio.new_event_loop):
        assert run(on_one_line(said, packets), loop) == told


@ON_LINUX
@pytest.mark.parametrize("together", [True, False])
def test_answers_are_sent_together_where_several_have_asked(together):
    async def in_turns():
        async with app().at_work() as listener:
            lines = [Line(listener) for _ in range(3)]
            await pause(0)
            asyncio.get_running_loop().answers.together = together
            for line in lines:
                line.protocol.data_received(LIST)
            before = [bool(line.said) for line in lines]
            await pause(0)
            return before, [[status for status, _ in parted(line.said)] for line in lines]

    assert run(in_turns(), new_loop) == ([not together] * 3, [[200]] * 3)


@ON_LINUX
def test_an_answer_that_has_been_given_is_sent_before_its_connection_is_closed():
    class Strict(Line):
        def write(self, data):
            assert not self.closed
            super().write(data)

    async def closing():
        async with app().at_work() as listener:
            line = Strict(listener)
            await pause(0)
            asyncio.get_running_loop().answers.together = True
            line.protocol.data_received(LIST)
            line.protocol.close()
            await line.protocol.shutdown(1)
            line.protocol.connection_lost(None)
            return line.closed, [status for status, _ in parted(line.said)]

    assert run(closing(), new_loop) == (True, [200])


async def test_a_request_that_comes_again_is_not_read_again(monkeypatch):
    async with app().at_work() as listener:
        line, heard = Line(listener), []
        hear = line.protocol._hear
        monkeypatch.setattr(line.protocol, "_hear", lambda incoming: heard.append(incoming) or hear(incoming))
        assert [status for status, _ in await line.hear([LIST] * 5, 5)] == [200] * 5
    assert len(heard) == 2


async def test_what_is_read_anew_each_time_is_forgotten_in_time(monkeypatch):
    monkeypatch.setattr(prompt, "KEPT", 10)
    async with app().at_work() as listener:
        line = Line(listener)
        different = [asking(f"/api/remap/1.2/async?offset={n}") for n in range(25)]
        await line.hear([each for one in different for each in (one, one)], 50)
        assert len(line.protocol._known) == 5


async def test_what_is_known_is_forgotten_when_files_get_a_port_of_their_own():
    async with app().at_work() as listener:
        line = Line(listener)
        await line.hear([asking(SUBMIT), ADVANCE], 2)
        task = re.search(rb"Content-Location: http://127.0.0.1(\S+)", line.said)[1].decode()
        places = []
        for files in (None, "127.0.0.1"):
            if files:
                await listener.listen_for_storage(files, 0)
            line.said = b""
            await line.hear([asking(f"{task}/result")], 1)
            places.append(re.search(rb"Location: http://([^/]+)", line.said)[1])
    assert places[0] == b"127.0.0.1"
    assert re.fullmatch(rb"127.0.0.1:\d+", places[1])


@pytest.mark.requirement("S-33")
async def test_after_a_coding_that_says_nothing_nothing_more_is_heard():
    async with app().at_work() as listener:
        line = Line(listener)
        empty = asking("/latest/async/bulkImports", "Transfer-Encoding: ", method="POST")
        ((status, _),) = await line.hear([empty, b"0\r\n\r\n" + asking("/__admin/ready")], 1)
        await pause(0)
    assert (status, line.closed, line.said.count(b"HTTP/1.1 ")) == (400, True, 1)
    assert b"Connection: close" in line.said


STORY = """
version: 1
api: kladana
about: Rules that ask for a header, and an answer that takes its time.
faults:
  - {operation: getTasks, when: {header: {X-Case: {equals: refused}}}, error: 1049}
  - {operation: getTasks, when: {header: {X-Case: {equals: once}}}, calls: 2, error: 1049}
  - {operation: getTasks, when: {header: {X-Case: {equals: slow}}}, latency: 1ms}
"""


async def playing(listener) -> Line:
    play = json.dumps({"yaml": STORY})
    line = Line(listener)
    request = asking("/__admin/scenario", "Content-Type: application/json", method="PUT", body=play)
    ((status, _),) = await line.hear([request], 1)
    assert status == 200, line.said
    line.said = b""
    return line


def case(name: str) -> bytes:
    return asking("/api/remap/1.2/async", f"X-Case: {name}")


async def test_rules_that_ask_for_a_header_know_requests_that_come_again():
    async with app().at_work() as listener:
        line = await playing(listener)
        said = [case("refused"), LIST, case("once"), case("slow")] * 4
        statuses = [status for status, _ in await line.hear(said, len(said))]
    assert statuses == [429, 200, 200, 200, 429, 200, 429, 200] + [429, 200, 200, 200] * 2


async def test_a_mistake_of_ours_in_an_answer_that_takes_its_time_is_told(monkeypatch, caplog):
    async with app().at_work() as listener:
        line = await playing(listener)
        monkeypatch.setattr(listener._shell.stage, "wait", lambda *_: 1 / 0)
        told = await line.hear([case("slow"), LIST], 2)
    assert [status for status, _ in told] == [500, 200]
    assert "ZeroDivisionError" in caplog.text


CROWDED = """
version: 1
api: kladana
about: One call at a time, and the first takes its time.
settings: {parallel_limited: true, parallel_per_user: 1}
faults: [{operation: getTasks, calls: 1, latency: 60s}]
"""


async def test_a_call_that_a_reset_has_let_go_is_no_longer_counted(tmp_path):
    (tmp_path / "crowded.yaml").write_text(CROWDED)
    async with make_app(Config(rate=0, scenario=(str(tmp_path / "crowded.yaml"),))).at_work() as listener:
        slow, other, admin = (Line(listener) for _ in range(3))
        for _ in range(2):
            await slow.hear([LIST], 0)
            assert [status for status, _ in await other.hear([LIST], 1)] == [429]
            assert [status for status, _ in await admin.hear([asking("/__admin/reset", method="POST")], 1)] == [204]
            assert [status for status, _ in await slow.hear([], 1)] == [200]
            slow.said = other.said = admin.said = b""


async def test_a_server_reads_into_one_place_and_no_other_server_does():
    async with app().at_work() as one, app().at_work() as other:
        first, second, stranger = (Line(each) for each in (one, one, other))
        place = first.protocol.get_buffer(-1)
        assert second.protocol.get_buffer(-1) is place
        assert stranger.protocol.get_buffer(-1) is not place
        await pause(0)
        for line in (first, second, first, second):  # what has been heard stays as it was, whatever comes after it
            place[: len(LIST)] = LIST
            line.protocol.buffer_updated(len(LIST))
            place[: len(LIST)] = b"x" * len(LIST)
        assert [[status for status, _ in await line.hear([], 2)] for line in (first, second)] == [[200, 200]] * 2

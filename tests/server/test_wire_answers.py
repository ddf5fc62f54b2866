"""Each fault on each kind of answer: heads alone, no body, redirects, streams, packed and not."""

import gzip
import json
import zlib

import pytest

from emulator.damage import FAULTS
from tests.server.line import CLOSING, PAGES, SUBMIT, Line, goes_on, journal, line_with

SLOW = ["chunked_dribble: {chunks: 3, over: 6ms}", "bandwidth: 50MB"]
DAMAGES = [*(f"fault: {each}" for each in FAULTS), *SLOW, "headers: {X: y}", "date: {ahead: 1s}"]
UNANSWERED = ("CONNECTION", "EMPTY", "RANDOM", "TIMEOUT")
ANSWERED = [each for each in DAMAGES if not each.removeprefix("fault: ").startswith(UNANSWERED)]


def _closes(damage: str) -> bool:
    return damage.removeprefix("fault: ") in (*CLOSING, "MALFORMED_RESPONSE_CHUNK")


@pytest.mark.parametrize("damage", ANSWERED)
async def test_head_is_answered_with_a_head(play, damage):
    emulator, line = await play(f"operation: GetVersion, {damage}", api="synapse", debug_headers=True)
    line.ask("/repo/v1/version", "HEAD", Authorization="Bearer test-token")
    head = await line.head()
    assert b"\r\nX-Emulator-Rule: " in head
    assert (await journal(emulator))[0]["request"]["method"] == "HEAD"
    if _closes(damage):
        assert (await line.rest()).startswith(b"\xff" if "MALFORMED" in damage else b"")
    else:
        await goes_on(line)


@pytest.mark.parametrize("damage", ANSWERED)
async def test_204_has_no_body(play, damage):
    emulator, line = await play(f"operation: cancelTask, {damage}")
    line.ask(SUBMIT)
    task = (await line.answer())[1]["Content-Location"].removeprefix("http://api.test")
    line.ask(f"{task}/cancel", "PUT", Content_Length="0")
    head = await line.head()
    assert (await journal(emulator))[-1]["response"]["status"] == 204
    if b" 204 " not in head.split(b"\r\n")[0]:
        return
    assert b"Content-Length" not in head
    if _closes(damage):
        await line.rest()
    else:
        await goes_on(line)


ROWS = "jobs: [{steps: [{state: PENDING}, {state: PROCESSING}, {state: end}], result: {rows: 450}}]"


async def _link(line: Line) -> tuple[str, str]:
    """Where a new task's link is told, and where that leads."""
    line.ask(SUBMIT)
    told = (await line.answer())[1]["Location"].removeprefix("http://api.test")
    line.ask(told)
    return told, (await line.answer())[1]["Location"].removeprefix("http://api.test")


@pytest.mark.parametrize("damage", ANSWERED)
async def test_302_keeps_its_location(play, damage):
    _, line = await play(f"operation: getTaskResult, calls: 2, per: namespace, {damage}", more=ROWS)
    told, _ = await _link(line)
    line.ask(told)
    head = await line.head()
    if head.split()[1] == b"302":
        location = line_with(head, b"Location: ")
        assert (location == f"Location: http://api.test{told}".encode()) == ("REDIRECT_LOOP" in damage)
    else:
        assert damage.removeprefix("fault: ") in PAGES


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("damage", ANSWERED)
async def test_a_streamed_result_under_each(play, damage, coding):
    _, line = await play(f"operation: downloadResult, calls: 2, per: namespace, {damage}", more=ROWS)
    _, link = await _link(line)
    line.ask(link, Accept_Encoding=coding)
    _, headers, sent = await line.answer()
    assert headers["Transfer-Encoding"] == "chunked"
    assert headers.get("Content-Encoding", "identity") == coding
    whole = gzip.decompress(sent) if coding == "gzip" else sent
    assert len(json.loads(whole)["rows"]) == 450
    line.ask(link, Accept_Encoding=coding)
    await _seen(line, damage.removeprefix("fault: "), coding, sent)


async def _seen(line: Line, damage: str, coding: str, whole: bytes) -> None:
    """What has come of a body is what the damage lets through; the connection goes on unless it closes it."""
    if _closes(damage):
        head, body = await line.head(), await line.rest()
        assert (b"chunked" in head) == (body != whole) == (damage == "MALFORMED_RESPONSE_CHUNK")
        return
    status, headers, body = await line.answer()
    if damage == "TRUNCATED_GZIP":
        assert headers["Content-Encoding"] == "gzip"
        plain = gzip.decompress(whole) if coding == "gzip" else whole
        assert plain.startswith(zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body))
    elif status == "HTTP/1.1 200 OK":
        assert body == (whole[: len(whole) // 2] if damage == "TRUNCATED_BODY" else whole)
        assert headers.get("Content-Encoding", "identity") == coding
    else:
        assert damage in {*PAGES, "REDIRECT_LOOP"}
    await goes_on(line)


async def test_a_change_of_headers_lets_a_stream_be_one(play):
    _, line = await play("operation: downloadResult, headers: {X-New: y}", more=ROWS)
    _, link = await _link(line)
    line.ask(link)
    _, headers, body = await line.answer()
    assert (headers["X-New"], headers["Transfer-Encoding"]) == ("y", "chunked")
    assert len(json.loads(body)["rows"]) == 450

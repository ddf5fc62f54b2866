"""What goes wrong on the wire, byte for byte, as a client sees it."""

import gzip
import zlib

import pytest

from emulator.clock import MILLISECOND, monotonic
from emulator.damage import FAULTS, WITHOUT_ANSWER
from tests.server.line import CLOSING, PAGES, SUBMIT, TASKS, Line, as_it_is, goes_on, journal, line_with, on_tasks


async def test_a_reset_says_nothing(play):
    _, line = await play(on_tasks("CONNECTION_RESET_BY_PEER"))
    await as_it_is(line)
    line.ask(TASKS)
    with pytest.raises(ConnectionResetError):
        await line.rest()


async def test_an_empty_response_is_an_orderly_end(play):
    _, line = await play(on_tasks("EMPTY_RESPONSE"))
    await as_it_is(line)
    line.ask(TASKS)
    assert await line.rest() == b""


async def test_malformed_chunks_follow_a_good_head(play):
    _, line = await play(on_tasks("MALFORMED_RESPONSE_CHUNK"))
    head, body = await as_it_is(line)
    line.ask(TASKS)
    length = b"Content-Length: %d\r\n" % len(body)
    assert await line.head() == head.replace(length, b"").replace(
        b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert (await line.rest()).startswith(b"\xff\x00")


async def test_random_data_is_the_same_when_all_is_played_again(play):
    async def noise():
        _, line = await play(on_tasks("RANDOM_DATA_THEN_CLOSE"))
        await as_it_is(line)
        line.ask(TASKS)
        return await line.rest()

    first = await noise()
    assert first == await noise()
    assert len(first) == 258
    assert b"HTTP" not in first


@pytest.mark.parametrize(
    ("fault", "length", "share"),
    [
        ("CONTENT_LENGTH_TOO_LONG", lambda whole: 2 * whole + 10, 1),
        ("CONTENT_LENGTH_TOO_SHORT", lambda whole: whole // 2, 1),
        ("TRUNCATED_BODY", lambda whole: whole // 2, 2),
    ],
)
async def test_lengths(play, fault, length, share):
    _, line = await play(on_tasks(fault))
    head, body = await as_it_is(line)
    line.ask(TASKS)
    said = b"Content-Length: %d\r\n"
    assert await line.head() == head.replace(said % len(body), said % length(len(body)))
    assert await line.some(len(body) // share) == body[: len(body) // share]
    if fault in CLOSING:
        assert await line.rest() == b""
    else:
        await goes_on(line)


async def test_a_slow_close_tells_its_end_later(play):
    _, line = await play(on_tasks("SLOW_CLOSE"))
    head, body = await as_it_is(line)
    began = monotonic()
    line.ask(TASKS)
    length = b"Content-Length: %d\r\n" % len(body)
    assert await line.head() == head.replace(length, b"").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert await line.some(len(body)) == body
    assert await line.rest() == b""
    assert monotonic() - began >= 20 * MILLISECOND


async def test_gzip_lacks_its_end(play):
    _, line = await play(on_tasks("TRUNCATED_GZIP"))
    _, body = await as_it_is(line)
    line.ask(TASKS)
    status, headers, cut = await line.answer()
    assert (status, headers["Content-Encoding"]) == ("HTTP/1.1 200 OK", "gzip")
    with pytest.raises(EOFError):
        gzip.decompress(cut)
    found = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(cut)
    assert body.startswith(found)
    assert found
    await goes_on(line)


async def test_a_wrong_content_type_changes_nothing_else(play):
    _, line = await play(on_tasks("WRONG_CONTENT_TYPE"))
    head, body = await as_it_is(line)
    line.ask(TASKS)
    kind = b"Content-Type: application/json"
    assert head.count(kind) == 1
    told = await line.head()
    assert told == head.replace(line_with(head, kind), b"Content-Type: text/html; charset=utf-8")
    assert await line.some(len(body)) == body
    await goes_on(line)


@pytest.mark.parametrize("fault", PAGES)
async def test_a_proxys_page(play, fault):
    _, line = await play(on_tasks(fault))
    await as_it_is(line)
    line.ask(TASKS)
    title = PAGES[fault]
    status, headers, page = await line.answer()
    assert status == f"HTTP/1.1 {title}"
    assert (headers["Server"], headers["Content-Type"]) == ("nginx", "text/html")
    assert page.startswith(f"<html>\r\n<head><title>{title}</title></head>\r\n".encode())
    await goes_on(line)


async def test_a_redirect_leads_to_where_it_comes_from(play):
    _, line = await play(on_tasks("REDIRECT_LOOP"))
    target = f"/ns/n{TASKS}?limit=5&filter=state%3Ddone"
    line.ask(target)
    await line.answer()
    line.ask(target)
    status, headers, body = await line.answer()
    assert (status, headers["Location"], body) == ("HTTP/1.1 302 Found", f"http://api.test{target}", b"")
    await goes_on(line)


async def test_a_timeout_is_silent(play):
    emulator, line = await play(on_tasks("TIMEOUT"))
    await as_it_is(line)
    line.ask(TASKS)
    assert await line.silent()
    assert [each["response"]["status"] for each in await journal(emulator)] == [200, 200]


# Heads ----------------------------------------------------------------------------


async def test_headers_are_set_repeated_and_removed(play):
    headers = "{Server: null, content-type: [application/json, text/html], Retry-After: soon}"
    _, line = await play(f"operation: getTasks, calls: 2, headers: {headers}")
    head, body = await as_it_is(line)
    line.ask(TASKS)
    before, after = (set(each.split(b"\r\n")) for each in (head, await line.head()))
    assert after - before == {b"content-type: application/json", b"content-type: text/html", b"Retry-After: soon"}
    assert {each.split(b":")[0] for each in before - after} == {b"Server", b"Content-Type"}
    assert await line.some(len(body)) == body
    await goes_on(line)


async def test_without_a_length_the_end_of_the_connection_is_that_of_the_body(play):
    _, line = await play("operation: getTasks, calls: 2, headers: {Content-Length: null}")
    _, body = await as_it_is(line)
    line.ask(TASKS)
    assert b"Content-Length" not in await line.head()
    assert await line.rest() == body


@pytest.mark.parametrize(
    ("date", "said"),
    [("ahead: 10m", b"Sun, 01 Mar 2026 09:10:00 GMT"), ("behind: 9h1s", b"Sat, 28 Feb 2026 23:59:59 GMT")],
)
async def test_date_is_off(play, date, said):
    _, line = await play(f"operation: getTasks, calls: 2, date: {{{date}}}")
    head, body = await as_it_is(line)
    line.ask(TASKS)
    assert await line.head() == head.replace(b"Sun, 01 Mar 2026 09:00:00 GMT", said)
    assert await line.some(len(body)) == body
    await goes_on(line)


# The effect -----------------------------------------------------------------------


async def _over(line: Line, fault: str) -> bool:
    """Whether the connection is at its end once what has come to say has come."""
    if fault == "TIMEOUT":
        assert await line.silent()
        return False
    if fault in ("CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE"):
        try:
            return bool(await line.rest()) or True
        except ConnectionResetError:
            return fault == "CONNECTION_RESET_BY_PEER"
    if fault in CLOSING:
        return bool(await line.rest())
    await line.answer()
    await goes_on(line)
    return False


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_job_is_made_all_the_same_and_the_journal_names_the_fault(play, fault):
    emulator, line = await play(f"operation: getStockByStore, fault: {fault}")
    line.ask(SUBMIT)
    closing = {"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE"}
    assert await _over(line, fault) == (fault in closing | set(CLOSING))
    asked = (await journal(emulator))[0]
    assert (asked["fault"], asked["response"]["status"]) == (fault, 202)
    assert [each for each in asked["rules"] if each.endswith("faults[0]")]
    assert (await emulator.admin("GET", "/jobs"))["total"] == 1


@pytest.mark.parametrize("fault", sorted(WITHOUT_ANSWER))
async def test_before_the_effect_no_job_is_made(play, fault):
    emulator, line = await play(f"operation: getStockByStore, effect: before, fault: {fault}")
    line.ask(SUBMIT)
    await _over(line, fault)
    asked = (await journal(emulator))[0]
    assert (asked["fault"], asked["job"]) == (fault, None)
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0


async def test_a_page_says_by_which_rule_it_comes_where_answers_do(play):
    _, line = await play(on_tasks("BAD_GATEWAY"), debug_headers=True)
    await as_it_is(line)
    line.ask(TASKS)
    assert (await line.answer())[1]["X-Emulator-Rule"].endswith("faults[0]")


async def test_of_an_answer_that_there_never_was_nothing_is_left_to_spoil(start_emulator):
    emulator = await start_emulator()
    rules = "{fault: REDIRECT_LOOP, effect: before}, {fault: WRONG_CONTENT_TYPE}, {date: {ahead: 1h}}"
    await emulator.admin("PUT", "/scenario", {"yaml": f"version: 1\napi: kladana\nfaults: [{rules}]"})
    response = await emulator.get("/api/remap/1.2/async", headers={"Authorization": "Bearer x"})
    assert (response.status, response.headers["Location"]) == (302, f"{emulator.base}/api/remap/1.2/async")

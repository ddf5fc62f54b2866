"""From socket to socket: what holds for every exchange, whoever answers it."""

import asyncio
import io
import json
import re
import socket
from collections.abc import Iterator

import pytest

from emulator.heads import lines as head_lines
from emulator.providers.kladana import task_list

TASKS = "/api/remap/1.2/async"
TOKEN = {"Authorization": "Bearer token"}
SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"


async def raw(emulator, data: bytes) -> bytes:
    """The beginning of what comes back on a connection for these bytes, before we close it."""
    host, port = emulator.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(data)
    answer = await asyncio.wait_for(reader.read(65536), 10)
    writer.close()
    return answer


async def test_an_unknown_path_is_told_the_nearest_route(emulator):
    response = await emulator.get("/api/remap/1.3/asinc")
    assert response.status == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json["nearest"] == TASKS
    assert response.headers["Date"] == "Sun, 01 Mar 2026 09:00:00 GMT"


async def test_links_carry_the_host_that_the_client_used(emulator):
    response = await emulator.get(SUBMIT, headers=TOKEN | {"Host": "api.example:8443"})
    assert response.headers["Location"].startswith("http://api.example:8443/api/")


@pytest.mark.requirement("S-27")
@pytest.mark.parametrize("host", ["evil.example/path", "a b", "x" * 300, "host:port", "user@host"])
async def test_a_host_that_is_none_never_reaches_a_link(emulator, host):
    response = await emulator.get(SUBMIT, headers=TOKEN | {"Host": host})
    assert response.headers["Location"].startswith(emulator.origin + "/api/")


@pytest.mark.requirement("S-27")
async def test_forwarding_headers_are_not_believed(emulator):
    headers = TOKEN | {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    response = await emulator.get(SUBMIT, headers=headers)
    assert response.headers["Location"].startswith(emulator.origin + "/api/")


async def test_a_target_in_absolute_form_is_served(emulator):
    request = f"GET http://api.kladana.com{TASKS} HTTP/1.1\r\nHost: api.kladana.com\r\nAuthorization: Bearer x\r\n"
    answer = await raw(emulator, f"{request}Connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"http://api.kladana.com/api/remap/1.2/async" in answer


@pytest.mark.requirement("F-1")
async def test_half_a_body_makes_no_job_and_no_noise(emulator, caplog):
    head = f"GET {SUBMIT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 100\r\n\r\n"
    host, port = emulator.origin.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + b"half")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    jobs = await emulator.admin("GET", "/jobs")
    assert jobs["total"] == 0
    assert not caplog.records


@pytest.mark.requirement("S-18", "I-14")
@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /ns/../api/remap/1.2/async HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /ns//async HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /ns/%2e%2e/async HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /api/remap/1.2/async HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"POST /api/remap/1.2/async HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_hostile_bytes_never_make_a_5xx_and_never_a_traceback(emulator, caplog, request_bytes):
    answer = await raw(emulator, request_bytes)
    assert not answer or answer.split(b" ", 2)[1].startswith(b"4"), answer
    assert b"Traceback" not in answer
    assert not [record for record in caplog.records if record.exc_info]
    assert (await emulator.get("/__admin/health")).status == 200


async def test_a_body_beyond_the_limit_is_refused_in_the_vendors_voice_without_a_reset(emulator):
    response = await emulator.call("PUT", f"{TASKS}/x/cancel", headers=TOKEN, data=io.BytesIO(b"x" * 10_000_001))
    assert (response.status, response.json["errors"][0]["code"]) == (413, 1044)


async def test_latency_is_real_time_and_the_handler_runs_at_arrival(start_emulator, tmp_path):
    story = tmp_path / "slow.yaml"
    story.write_text(
        "version: 1\napi: kladana\nabout: Slow.\nfaults: [{operation: getTasks, calls: 1, latency: 200ms}]\n"
    )
    emulator = await start_emulator(scenario=(str(story),))
    loop = asyncio.get_running_loop()
    began = loop.time()
    response = await emulator.get(TASKS, headers=TOKEN)
    assert 0.2 <= loop.time() - began < 2
    assert response.headers["X-Emulator-Rule"].endswith("faults[0]")
    assert response.headers["Date"] == "Sun, 01 Mar 2026 09:00:00 GMT"


async def test_reset_lets_delayed_answers_go(start_emulator, tmp_path):
    story = tmp_path / "slow.yaml"
    story.write_text("version: 1\napi: kladana\nabout: Slow.\nfaults: [{operation: getTasks, latency: 60s}]\n")
    emulator = await start_emulator(scenario=(str(story),))
    waiting = asyncio.create_task(emulator.get(TASKS, headers=TOKEN))
    while (await emulator.admin("GET", "/requests"))["total"] == 0:
        pass
    await emulator.admin("POST", "/reset")
    assert (await asyncio.wait_for(waiting, 5)).status == 200


async def test_a_scripted_reset_is_a_reset_after_the_effect(start_emulator, tmp_path):
    story = tmp_path / "cut.yaml"
    story.write_text(
        "version: 1\napi: kladana\nabout: Cut.\n"
        "faults: [{operation: getStockByStore, calls: 1, fault: CONNECTION_RESET_BY_PEER}]\n"
    )
    emulator = await start_emulator(scenario=(str(story),))
    host, port = emulator.origin.removeprefix("http://").split(":")
    loop = asyncio.get_running_loop()
    with socket.create_connection((host, int(port))) as connection:
        connection.settimeout(0)
        request = f"GET {SUBMIT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n"
        await loop.sock_sendall(connection, request.encode())
        with pytest.raises(ConnectionResetError):
            await loop.sock_recv(connection, 1)
    assert (await emulator.admin("GET", "/jobs"))["total"] == 1


async def test_a_scripted_error_replaces_the_call(start_emulator, tmp_path):
    story = tmp_path / "refused.yaml"
    story.write_text(
        "version: 1\napi: kladana\nabout: Refused.\n"
        "faults: [{operation: getStockByStore, calls: 2, error: {code: 1016, status: 403}}]\n"
    )
    emulator = await start_emulator(scenario=(str(story),))
    statuses = [(await emulator.get(SUBMIT, headers=TOKEN)).status for _ in range(3)]
    assert statuses == [202, 403, 202]
    assert (await emulator.admin("GET", "/jobs"))["total"] == 2


@pytest.mark.requirement("I-10")
async def test_an_answer_of_ours_that_breaks_the_contract_never_leaves(emulator, monkeypatch, caplog):
    monkeypatch.setattr(task_list, "context", lambda _request: {"employee": {"meta": 1}})
    response = await emulator.get(TASKS, headers=TOKEN)
    assert response.status == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json["operation"] == "getTasks"
    assert response.json["path"] == "/context/employee/meta"
    assert "breaks the contract" in caplog.text
    (exchange,) = (await emulator.admin("GET", "/requests"))["requests"]
    assert exchange["contract"] == "broken at /context/employee/meta"


@pytest.mark.requirement("I-14")
async def test_a_mistake_of_ours_is_a_problem_and_not_a_traceback(emulator, monkeypatch, caplog):
    monkeypatch.setattr(task_list, "context", lambda _request: 1 / 0)
    response = await emulator.get(TASKS, headers=TOKEN)
    assert response.status == 500
    assert "Traceback" not in response.text
    assert "ZeroDivisionError" in caplog.text


async def test_debug_headers_can_be_switched_off(start_emulator):
    emulator = await start_emulator(debug_headers=False)
    response = await emulator.get(SUBMIT, headers=TOKEN)
    assert not [name for name in response.headers if name.startswith("X-Emulator")]


@pytest.mark.requirement("S-6")
async def test_the_journal_tells_what_was_said_and_keeps_no_secret(emulator):
    await emulator.get(SUBMIT, headers={"Authorization": "Bearer s3cret", "Cookie": "s3cret"})
    (exchange,) = (await emulator.admin("GET", "/requests"))["requests"]
    assert exchange["operation"] == "getStockByStore"
    assert exchange["sequence"] == 1
    assert exchange["at"] == "2026-03-01T09:00:00.000000Z"
    assert exchange["request"]["target"] == SUBMIT
    assert exchange["response"]["status"] == 202
    assert exchange["contract"] == "kept"
    assert "s3cret" not in json.dumps(exchange)


# Heads and bodies ----------------------------------------------------------------


async def whole(emulator, *requests: str) -> bytes:
    """All that is said on a connection for these requests, until the server closes it; the last one asks it to."""
    host, port = emulator.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write("".join(requests).encode())
    said = await asyncio.wait_for(reader.read(-1), 10)
    writer.close()
    return said


def asking(target: str, *headers: str, method: str = "GET", version: str = "1.1") -> str:
    return "\r\n".join((f"{method} {target} HTTP/{version}", "Host: x", "Authorization: Bearer x", *headers, "", ""))


def lines(said: bytes) -> list[bytes]:
    """Status line and headers of the first answer."""
    return said.partition(b"\r\n\r\n")[0].split(b"\r\n")


async def test_a_head_is_told_the_length_of_a_body_that_does_not_follow(emulator):
    said = await whole(emulator, asking(TASKS, method="HEAD"), asking(TASKS, "Connection: close"))
    (length,) = (int(line.split()[1]) for line in lines(said) if line.startswith(b"Content-Length:"))
    assert length > 0
    assert said.partition(b"\r\n\r\n")[2].startswith(b"HTTP/1.1 200 OK\r\n")


async def test_an_answer_without_a_body_tells_no_length(emulator):
    task = (await emulator.get(SUBMIT, headers=TOKEN)).headers["Content-Location"].removeprefix(emulator.origin)
    said = await whole(emulator, asking(f"{task}/cancel", method="PUT"), asking(TASKS, "Connection: close"))
    assert lines(said)[0] == b"HTTP/1.1 204 No Content"
    assert not [line for line in lines(said) if line.lower().startswith((b"content-length", b"transfer-encoding"))]
    assert said.partition(b"\r\n\r\n")[2].startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.requirement("S-33")
async def test_many_requests_at_once_are_answered_in_order(emulator):
    said = await whole(emulator, *[asking(f"/nowhere/{n}") for n in range(50)], asking(TASKS, "Connection: close"))
    assert said.count(b"HTTP/1.1 404 ") == 50
    assert [int(n) for n in re.findall(rb"nothing is at /nowhere/(\d+);", said)] == list(range(50))
    assert said.count(b"Connection: close") == 1


@pytest.mark.parametrize(("wish", "told"), [((), b"close"), (("Connection: keep-alive",), b"keep-alive")])
async def test_the_old_protocol_keeps_a_connection_only_if_asked_to(emulator, wish, told):
    said = await whole(emulator, asking(TASKS, *wish, version="1.0"), asking(TASKS, version="1.0") if wish else "")
    assert lines(said)[0] == b"HTTP/1.0 200 OK"
    assert said.count(b"HTTP/1.0 200 OK") == 1 + len(wish)
    assert (b"Connection: keep-alive" in lines(said)) is (told == b"keep-alive")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_what_comes_in_parts_is_whole_in_either_protocol(emulator, version):
    task = (await emulator.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    await emulator.advance("60s")
    link = (await emulator.get(f"{task}/result", headers=TOKEN)).headers["Location"]
    expected = (await emulator.get(link)).body
    said = await whole(emulator, asking(link.removeprefix(emulator.origin), "Connection: close", version=version))
    body = said.partition(b"\r\n\r\n")[2]
    chunked = b"Transfer-Encoding: chunked" in lines(said)
    assert chunked is (version == "1.1")
    assert (b"".join(unchunked(body)) if chunked else body) == expected


def unchunked(body: bytes) -> Iterator[bytes]:
    """The chunks, the last of them empty; whatever is not one is a mistake."""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        assert rest[length : length + 2] == b"\r\n"
        yield rest[:length]
        body = rest[length + 2 :]


async def test_a_body_is_asked_for_if_it_will_be_read(emulator):
    target = "/__admin/clock"
    length = len('{"advance": "1s"}')
    head = ("Content-Type: application/json", f"Content-Length: {length}", "Expect: 100-continue", "Connection: close")
    host = emulator.origin.removeprefix("http://")
    request = asking(target, *head, method="POST").replace("Host: x", f"Host: {host}") + '{"advance": "1s"}'
    said = await whole(emulator, request)
    assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


async def test_a_body_that_is_not_read_is_not_asked_for_and_ends_the_connection(emulator):
    head = ("Content-Length: 10000001", "Expect: 100-continue")
    answer = await raw(emulator, asking(f"{TASKS}/x/cancel", *head, method="PUT").encode())
    assert lines(answer)[0].startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in lines(answer)


@pytest.mark.requirement("S-26")
@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: mine", "a\nb", "a\rb", "a\0b"])
def test_a_header_that_would_end_its_line_is_never_written(value):
    with pytest.raises(ValueError, match="does not keep to its line"):
        head_lines([("Location", value)])

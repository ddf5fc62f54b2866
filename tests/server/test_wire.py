"""From socket to socket: what holds for every exchange, whoever answers it."""

import asyncio
import io
import json
import socket

import pytest

from emulator.providers.kladana import tasks

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


@pytest.mark.parametrize("host", ["evil.example/path", "a b", "x" * 300, "host:port", "user@host"])
async def test_a_host_that_is_none_never_reaches_a_link(emulator, host):
    response = await emulator.get(SUBMIT, headers=TOKEN | {"Host": host})
    assert response.headers["Location"].startswith(emulator.origin + "/api/")


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


async def test_an_answer_of_ours_that_breaks_the_contract_never_leaves(emulator, monkeypatch, caplog):
    monkeypatch.setattr(tasks, "context", lambda _request: {"employee": {"meta": 1}})
    response = await emulator.get(TASKS, headers=TOKEN)
    assert response.status == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json["operation"] == "getTasks"
    assert response.json["path"] == "/context/employee/meta"
    assert "breaks the contract" in caplog.text
    (exchange,) = (await emulator.admin("GET", "/requests"))["requests"]
    assert exchange["contract"] == "broken at /context/employee/meta"


async def test_a_mistake_of_ours_is_a_problem_and_not_a_traceback(emulator, monkeypatch, caplog):
    monkeypatch.setattr(tasks, "context", lambda _request: 1 / 0)
    response = await emulator.get(TASKS, headers=TOKEN)
    assert response.status == 500
    assert "Traceback" not in response.text
    assert "ZeroDivisionError" in caplog.text


async def test_debug_headers_can_be_switched_off(start_emulator):
    emulator = await start_emulator(debug_headers=False)
    response = await emulator.get(SUBMIT, headers=TOKEN)
    assert not [name for name in response.headers if name.startswith("X-Emulator")]


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

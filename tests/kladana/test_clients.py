"""Real clients over real sockets, against a server process whose clock they hold."""

import httpx
import pytest
import requests

from tests.kladana.conftest import API

TOKEN = {"Authorization": "Bearer token"}


def with_requests(base):
    session = requests.Session()
    session.headers.update(TOKEN)
    yield session
    session.close()


def with_httpx(base):
    with httpx.Client(headers=TOKEN, follow_redirects=True) as client:
        yield client


@pytest.fixture(params=[with_requests, with_httpx])
def client(request, server_process):
    yield from request.param(server_process)


@pytest.fixture
def base(server_process, client, request):
    """A namespace of the test's own, its clock frozen."""
    name = "".join(char for char in request.node.name if char.isalnum())
    base = f"{server_process}/ns/{name[-60:]}"
    client.post(f"{base}/__admin/clock", json={"mode": "frozen"})
    return base


def test_submit_poll_redirect_and_result(client, base):
    submitted = client.get(f"{base}{API}/report/stock/bystore", params={"async": "true"})
    assert submitted.status_code == 202
    task = submitted.headers["Content-Location"]
    states = []
    for _ in range(3):
        states.append(client.get(task).json()["state"])
        client.post(f"{base}/__admin/clock", json={"advance": "2s"})
    assert states == ["PENDING", "PROCESSING", "DONE"]
    result = client.get(submitted.headers["Location"])
    assert [each.status_code for each in result.history] == [302]
    assert result.json()["meta"]["size"] == len(result.json()["rows"]) == 250


def test_cancel_and_its_aftermath(client, base):
    task = client.get(f"{base}{API}/report/stock/bystore?async=true").headers["Content-Location"]
    assert client.put(f"{task}/cancel").status_code == 204
    assert client.get(f"{task}/result").json()["errors"][0]["code"] == 61005
    assert client.put(f"{task}/cancel").json()["errors"][0]["code"] == 61007


def test_a_link_that_was_kept_too_long(client, base):
    task = client.get(f"{base}{API}/report/stock/bystore?async=true").headers["Content-Location"]
    client.post(f"{base}/__admin/clock", json={"advance": "1m"})
    link = client.get(f"{task}/result").history[0].headers["Location"]
    client.post(f"{base}/__admin/clock", json={"advance": "5m"})
    dead = client.get(link)
    assert (dead.status_code, dead.text) == (401, "Temp URL invalid")

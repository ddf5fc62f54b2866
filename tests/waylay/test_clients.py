"""Real clients over real sockets, against a server process whose clock they hold."""

import httpx
import pytest
import requests

from tests.waylay.conftest import API, deleting

KEY = ("0123456789abcdef01234567", "c2VjcmV0")


@pytest.fixture(params=[requests.Session, httpx.Client])
def client(request):
    with request.param() as client:
        client.auth = KEY
        yield client


@pytest.fixture
def base(server_process, client, request):
    """A namespace of the test's own, its clock frozen."""
    name = "".join(char for char in request.node.name if char.isalnum())
    base = f"{server_process}/ns/waylay-{name[-50:]}"
    client.post(f"{base}/__admin/clock", json={"mode": "frozen"})
    return base


def origin(base):
    return base.partition("/ns/")[0]


def test_a_batch_is_started_followed_and_its_effect_seen(client, base):
    started = client.post(f"{base}{API}/batch", json=deleting("thermometer-2", "ghent"))
    assert started.status_code == 202
    status = origin(base) + started.headers["Location"]
    assert client.get(status).json() == started.json()["entity"]
    client.post(f"{base}/__admin/clock", json={"advance": "250ms"})
    results = client.get(status).json()["results"]
    assert (list(results["success"]), list(results["failure"])) == (["thermometer-2"], ["ghent"])
    assert client.get(f"{base}{API}/resources/thermometer-2").status_code == 404


def test_a_token_is_fetched_and_used(client, base):
    body = {"clientId": KEY[0], "clientSecret": KEY[1]}
    grant = {"grant_type": "client_credentials"}
    token = client.post(f"{base}/accounts/v1/tokens", params=grant, json=body).json()["token"]
    client.auth = None
    assert client.get(f"{base}{API}/resources").status_code == 401
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get(f"{base}{API}/resources", headers=bearer).json()["total"] == 6


def test_an_id_with_a_slash_is_created_found_and_deleted(client, base):
    created = client.post(f"{base}{API}/resources", json={"id": "a/b c"})
    assert created.headers["Location"] == created.json()["uri"]
    for url in (origin(base) + created.headers["Location"], f"{base}{API}/resources/a/b c"):
        assert client.get(url).json() == {"id": "a/b c"}
    assert client.delete(f"{base}{API}/resources/a/b%20c").status_code == 204


def test_an_error_is_told_in_json(client, base):
    refused = client.post(f"{base}{API}/batch", json=deleting("a") | {"action": "dlte"})
    assert refused.status_code == 400
    assert refused.json()["error"] == "/action <- invalid action for resource entity: dlte"

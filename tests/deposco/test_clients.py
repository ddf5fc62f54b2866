"""Real clients over real sockets, against a server process whose clock they hold."""

import http.client
import json
import shutil
import socket
import subprocess
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from tests.deposco.conftest import API, IMPORTS, item, items, of

LIMIT = 10 * 2**20
HEAD = "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"


@pytest.fixture(params=[requests.Session, httpx.Client])
def client(request):
    with request.param() as client:
        yield client


@pytest.fixture
def base(server_process, request):
    """A namespace of the test's own, its clock frozen."""
    name = "".join(char for char in request.node.name if char.isalnum())
    base = f"{server_process}/ns/deposco-{name[-50:]}"
    requests.post(f"{base}/__admin/clock", json={"mode": "frozen"}, timeout=5)
    return base


def advance(base, by):
    assert requests.post(f"{base}/__admin/clock", json={"advance": by}, timeout=5).status_code == 200


def test_an_import_is_submitted_and_followed_to_its_end(client, base):
    submitted = client.post(f"{base}{IMPORTS}", json=of("Item", item("SKU-1"), {"number": "SKU-2"}))
    assert submitted.status_code == 202
    href = submitted.json()["request"]["href"]
    assert client.get(href).json()["status"] == "Processing"
    advance(base, "2s")
    answer = client.get(href).json()
    assert (answer["status"], answer["successes"], answer["failures"]) == ("Partially Failed", 1, 1)


def test_an_id_that_is_percent_encoded_is_unknown(client, base):
    missing = client.get(f"{base}{API}/a%20b%2Fc", headers={"Content-Type": "application/json"})
    assert missing.status_code == 404
    assert missing.json()["errors"][0]["errorMessage"] == "Asynchronous request with id [a b/c] does not exist"


def test_a_body_that_is_too_large_is_refused_and_the_client_reads_why(client, base):
    body = b'{"entityType": "Item", "entities": []' + b" " * LIMIT + b"}"
    for _ in range(2):
        refused = (
            client.post(f"{base}{IMPORTS}", content=body)
            if isinstance(client, httpx.Client)
            else client.post(f"{base}{IMPORTS}", data=body)
        )
        assert (refused.status_code, refused.text) == (413, "HTTP content length exceeded 10485760 bytes.")
    assert client.post(f"{base}{IMPORTS}", json=of("Item")).status_code == 202


def test_many_rows_are_read_whole(client, base):
    href = client.post(f"{base}{IMPORTS}", json=of("Item", *items(3000))).json()["request"]["href"]
    advance(base, "2s")
    assert len(client.get(href).json()["results"]) == 3000


# Expect: 100-continue -----------------------------------------------------------------


@pytest.fixture
def wire(base):
    """A connection: what is sent on it, and what comes back until nothing more does for a while."""
    host = base.removeprefix("http://").partition("/")[0]
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=10) as connection:
        path = base.partition(host)[2] + IMPORTS

        def say(length, *more):
            head = HEAD.format(path=path, host=host, length=length)
            connection.sendall("".join([head, *(f"{each}\r\n" for each in more), "\r\n"]).encode())
            return connection.recv(65536)

        yield connection, say


def test_who_expects_100_is_told_to_go_on(wire):
    connection, say = wire
    body = json.dumps(of("Item", item("SKU-1"))).encode()
    assert say(len(body), "Expect: 100-continue") == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body)
    assert connection.recv(65536).startswith(b"HTTP/1.1 202 Accepted\r\n")


def test_who_announces_too_much_is_refused_before_a_byte_of_it_is_sent(wire):
    _, say = wire
    answer = say(LIMIT, "Expect: 100-continue")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(b"HTTP content length exceeded 10485760 bytes.")


def test_who_expects_something_else_is_served_as_if_it_had_not(wire):
    connection, say = wire
    connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        say(2, "Expect: a-miracle")
    connection.sendall(b"{}")
    assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


# curl ---------------------------------------------------------------------------------


def curl(method, url, body=b"", *headers):
    """Status and body, by curl, or where there is none by the same bytes on a socket."""
    if shutil.which("curl") is None:
        return same_bytes(method, url, body, headers)
    said = [argument for each in headers for argument in ("-H", each)] + ["--data-binary", "@-"] * bool(body)
    command = ["curl", "-s", "-m", "20", "-w", "\n%{http_code}", "-X", method, url, *said]
    told = subprocess.run(command, input=body, capture_output=True, check=True).stdout.decode()
    answer, _, status = told.rpartition("\n")
    return int(status), answer


def same_bytes(method, url, body, headers):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request(method, urlsplit(url).path, body, dict(each.split(": ") for each in headers if ": " in each))
    answer = connection.getresponse()
    told = answer.read().decode()
    connection.close()
    return answer.status, told


def test_curl_submits_and_asks(base):
    body = json.dumps(of("Item", item("SKU-1"), requestParameters="businessUnit=BU1")).encode()
    accept = "Accept: application/json"
    status, answer = curl("POST", f"{base}{IMPORTS}", body, "Content-Type: application/json", accept)
    assert status == 202
    advance(base, "2s")
    status, answer = curl("GET", json.loads(answer)["request"]["href"], b"", accept)
    assert (status, json.loads(answer)["status"]) == (200, "Success")


@pytest.mark.parametrize("expecting", ["Expect: 100-continue", "Expect:"])
def test_curl_sends_just_enough_and_too_much(base, expecting):
    for size, expected in ((LIMIT - 1, 202), (LIMIT, 413)):
        start, close = b'{"entityType": "Item", "entities": []', b"}"
        body = start + b" " * (size - len(start) - len(close)) + close
        status, _ = curl("POST", f"{base}{IMPORTS}", body, "Content-Type: application/json", expecting)
        assert status == expected

"""Real clients over real sockets, against a server process that runs with the wall clock."""

import hmac
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from hashlib import md5
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue

import httpx
import pytest
import requests

from tests.ivvy.conftest import API, INVITE, KEY, SECRET, WRONG_ID, now, signed


@pytest.fixture(params=[requests.Session, httpx.Client])
def session(request):
    with request.param() as session:
        yield session


@pytest.fixture
def base(server_process, request):
    """A namespace of the test's own."""
    name = "".join(char for char in request.node.name if char.isalnum())
    return f"{server_process}/ns/ivvy-{name[-50:]}"


@pytest.fixture
def callbacks() -> Iterator[tuple[str, "Queue[bytes]"]]:
    """A URL to be called, and what is said there."""
    heard: Queue[bytes] = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/cb", heard
        server.shutdown()
        thread.join()


def post(session, base, action, said=None, **key):
    body = b"" if said is None else json.dumps(said).encode()
    target = f"{API}/{action}"
    data = {"data": body} if isinstance(session, requests.Session) else {"content": body}
    return session.post(base + target, headers=signed(target, body, **key), **data)


def test_ping_run_callback_results(session, base, callbacks):
    url, heard = callbacks
    assert list(post(session, base, "test?action=ping").json()) == ["ack"]
    started = post(session, base, "batch?action=run", {"jobs": [INVITE, WRONG_ID], "callbackUrl": url})
    assert started.status_code == 200
    async_id = started.json()["asyncId"]
    early = post(session, base, "batch?action=results", {"async": async_id})
    assert (early.status_code, early.json()["specificCode"]) == (400, 24114)
    document = json.loads(heard.get(timeout=10))
    assert post(session, base, "batch?action=progress", {"async": async_id}).json() == {"progress": 100}
    assert post(session, base, "batch?action=results", {"async": async_id}).json() == document
    assert post(session, base, "batch?action=repost", {"async": async_id}).json() == {"reposted": True}
    assert json.loads(heard.get(timeout=10)) == document


def test_keys_of_a_story(session, base):
    put = session.put(f"{base}/__admin/scenario", json={"name": "ivvy/key-revoked"})
    assert put.status_code == 200
    assert post(session, base, "test?action=ping", key="new-key").status_code == 200
    revoked = post(session, base, "test?action=ping", key="old-key")
    assert (revoked.status_code, revoked.json()["message"]) == (463, "Key Revoked")
    assert post(session, base, "test?action=ping", key="new-key", secret="guessed").status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "date"),
    [
        (b"", "application/json; charset=utf-8", "{} UTC"),  # the .NET SDK
        (b"", "application/json", "{}"),  # the JavaScript SDK
        (b"[]", "application/json", "{}"),  # PHP
    ],
)
def test_pings_as_the_sdks_send_them(base, body, kind, date):
    date = date.format(now())
    digest = md5(body).hexdigest()
    text = f"post{digest}{kind}{API}/test?action=ping1.0ivvydate={date}".lower()
    signature = hmac.new(SECRET.encode(), text.encode(), "sha1").hexdigest()
    headers = {"Content-MD5": digest, "Content-Type": kind, "IVVY-Date": date, "X-Api-Version": "1.0"}
    headers |= {"X-Api-Authorization": f"IWS {KEY}:{signature}"}
    requests.put(f"{base}/__admin/scenario", json={"yaml": f"{STORY}"}, timeout=10).raise_for_status()
    answer = requests.post(f"{base}{API}/test?action=ping", data=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text


STORY = f"version: 1\napi: ivvy\naccounts: [{{key: {KEY}, secret: {SECRET}}}]\n"


@pytest.mark.skipif(not shutil.which("curl"), reason="written for curl")
def test_curl_and_openssl(base):
    """As it is done by hand: no client library at all."""
    script = f"""
set -eu
body='{{"example":"body"}}'
date=$(date -u '+%Y-%m-%d %H:%M:%S')
md5=$(printf %s "$body" | openssl dgst -md5 -r | cut -d ' ' -f 1)
text="post${{md5}}application/json{API}/test?action=ping1.0ivvydate=$date"
signature=$(printf %s "$text" | openssl dgst -sha1 -hmac {SECRET} -r | cut -d ' ' -f 1)
curl -sS '{base}{API}/test?action=ping' -d "$body" -H "Content-MD5: $md5" -H 'Content-Type: application/json' \\
    -H "IVVY-Date: $date" -H "X-Api-Authorization: IWS {KEY}:$signature"
"""
    requests.put(f"{base}/__admin/scenario", json={"yaml": STORY}, timeout=10).raise_for_status()
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert list(json.loads(run.stdout)) == ["ack"], run.stdout

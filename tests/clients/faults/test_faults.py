"""What clients make of each fault is what the page says."""

import json
import re
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import page
import pytest
from asking import CLIENTS

from emulator.damage import FAULTS

STORY = "version: 1\napi: kladana\nabout: It goes wrong.\nfaults: [{operation: getTasks, fault: %s}]\n"
REQUIREMENTS = Path(__file__).with_name("requirements.txt").read_text()
DIRECTLY = build_opener(ProxyHandler({}))


def admin(base, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{base}/__admin{path}", data, {"Content-Type": "application/json"}, method=method)
    with DIRECTLY.open(request, timeout=10) as response:
        return json.load(response)


@pytest.fixture
def seen(origin, monkeypatch):
    """What each client makes of each fault, and how often it has asked if more than once."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def see(fault, client):
        base = f"{origin}/ns/{fault}.{client}"
        admin(base, "PUT", "/scenario", {"yaml": STORY % fault})
        outcome = CLIENTS[client](f"{base}/api/remap/1.2/async")
        calls = admin(base, "GET", "/requests")["total"]
        return outcome if calls == 1 else f"{outcome}; {calls} calls"

    return {fault: {client: see(fault, client) for client in CLIENTS} for fault in FAULTS}


def test_the_page_says_what_clients_make_of_each_fault(seen, request):
    versions = dict(re.findall(r"^(\w+)==(\S+)", REQUIREMENTS, re.MULTILINE))
    text = page.text(seen, versions)
    if request.config.getoption("write"):
        page.PAGE.write_text(text, encoding="utf-8")
    assert page.PAGE.read_text(encoding="utf-8") == text

"""A server in a thread of ours, seen through the client."""

import os
import re

import pytest
import requests

from emulator import Emulator

KLADANA = "/api/remap/1.2"
START = "2026-03-01T09:00:00Z"


@pytest.fixture(scope="session", autouse=True)
def loaded():
    """What has been imported before a run within ours is not imported anew by each."""
    with Emulator():
        yield


@pytest.fixture(scope="module")
def server():
    with Emulator(frozen=True, start=START) as running:
        yield running


@pytest.fixture
def space(server, request):
    """A namespace of the test's own, its clock frozen."""
    name = re.sub(r"\W", "", request.node.name)[:50] + os.urandom(4).hex()
    with server.fresh(name) as namespace:
        yield namespace


class Client:
    """Somebody who asks for reports."""

    def __init__(self, space):
        self.base = space.base_url("kladana") + KLADANA
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = "Bearer x"

    def submit(self, report="stock/bystore"):
        """The URL of a new task."""
        return self.session.get(f"{self.base}/report/{report}?async=true").headers["Content-Location"]

    def state(self, task):
        return self.session.get(task).json()["state"]

    def call_back(self, url):
        wish = {"url": url, "action": "PROCESSED", "entityType": "async"}
        assert self.session.post(f"{self.base}/entity/webhook", json=wish).status_code == 200


@pytest.fixture
def client(space):
    client = Client(space)
    with client.session:
        yield client

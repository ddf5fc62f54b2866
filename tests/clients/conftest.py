"""An emulator for foreign clients: a process of its own, since their environments know nothing of ours."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

EMULATOR = Path(__file__).parents[2] / ".venv" / "bin" / "emulator"
DIRECTLY = build_opener(ProxyHandler({}))


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server with the shipped default scenarios; it must end well."""
    port_file = tmp_path_factory.mktemp("emulator") / "port"
    command = [EMULATOR, "serve", "--port", "0", "--port-file", port_file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "ready" in process.stdout.readline()
        yield f"http://127.0.0.1:{port_file.read_text().strip()}"
        process.terminate()
        assert process.wait(10) == 0


@pytest.fixture
def base(origin: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The base URL of a namespace of the test's own, its clock frozen."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    name = "".join(char for char in request.node.nodeid if char.isalnum())[-64:]
    base = f"{origin}/ns/{name}"
    admin(base, "/clock", {"mode": "frozen"})
    return base


@pytest.fixture
def advance(base: str) -> Callable[[str], Any]:
    """Move the clock of the namespace."""
    return lambda by: admin(base, "/clock", {"advance": by})


def admin(base: str, path: str, body: Any) -> Any:
    """What the admin API says to a POST."""
    headers = {"Content-Type": "application/json"}
    request = Request(f"{base}/__admin{path}", json.dumps(body).encode(), headers)
    with DIRECTLY.open(request, timeout=10) as response:
        return json.load(response)

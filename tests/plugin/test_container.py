"""How the image is run; there is no engine to run it with."""

import pytest

pytest.importorskip("testcontainers")

from emulator.client.container import EmulatorContainer


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    monkeypatch.setattr("testcontainers.core.container.DockerClient", lambda **_options: None)


def test_the_image_is_waited_for_until_it_is_ready():
    container = EmulatorContainer(token="open")
    assert container.image.endswith("async-api-emulator:latest")
    assert [str(port).partition("/")[0] for port in container.ports] == ["8087"]
    assert container.env == {"EMULATOR_PORT": "8087", "EMULATOR_ADMIN_TOKEN": "open"}
    strategy = container._wait_strategy
    assert (strategy._port, strategy._path, strategy._status_codes) == (8087, "/__admin/ready", {200})


def test_a_projects_scenarios_are_mounted(tmp_path):
    container = EmulatorContainer("mine:1", port=9000).with_scenarios(tmp_path).with_command("serve --frozen")
    assert container.volumes == {str(tmp_path): {"bind": "/scenarios", "mode": "ro"}}
    assert container.env["EMULATOR_PORT"] == "9000"


def test_its_token_is_its_own_and_goes_to_who_asks(monkeypatch):
    first, second = EmulatorContainer(), EmulatorContainer()
    assert first.token != second.token
    monkeypatch.setattr(first, "get_container_host_ip", lambda: "localhost")
    monkeypatch.setattr(first, "get_exposed_port", lambda port: 32768 if port == 8087 else None)
    assert first.emulator().namespace("a").url == "http://localhost:32768/ns/a"
    assert first.emulator()._connection.token == first.token

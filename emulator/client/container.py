"""The emulator's image, run by testcontainers. Wants the extra `testcontainers`."""

import os
from typing import Any

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

from emulator.client.attached import Attached, attach

IMAGE = "async-api-emulator:latest"
PORT = 8087
READY = "/__admin/ready"


class EmulatorContainer(DockerContainer):
    """`with EmulatorContainer() as container:` runs once `/__admin/ready` answers; `container.emulator()` is in it.

    `token` is what its `/__admin` asks for: a container listens beyond loopback. Made up unless given. All else goes
    to `DockerContainer`.
    """

    def __init__(self, image: str = IMAGE, *, port: int = PORT, token: str | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(image, **kwargs)
        self.port = port
        self.token = token or os.urandom(16).hex()
        self.with_exposed_ports(port)
        self.with_env("EMULATOR_PORT", str(port))
        self.with_env("EMULATOR_ADMIN_TOKEN", self.token)
        self.waiting_for(HttpWaitStrategy(port, READY).for_status_code(200))

    def with_scenarios(self, directory: str | os.PathLike[str]) -> "EmulatorContainer":
        """Look for scenarios in this directory of the host first."""
        self.with_volume_mapping(os.fspath(directory), "/scenarios", "ro")
        return self

    @property
    def url(self) -> str:
        """Where it is, seen from the host."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(self.port)}"

    def emulator(self) -> Attached:
        """The emulator in it, once it runs."""
        return attach(self.url, self.token)

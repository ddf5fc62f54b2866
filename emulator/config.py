"""What the command line says, as one value."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emulator.clock import Duration, Instant
from emulator.namespace import NAME
from emulator.namespaces import LIMIT, MAX_JOBS

MAX_CONNECTIONS = 20_000


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the command line says; each field is a flag and an environment variable."""

    host: str = "127.0.0.1"
    port: int = 8087
    storage_port: int | None = None
    admin_port: int | None = None
    tls: Literal["self"] | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_host: tuple[str, ...] = ()
    tls_ca_file: Path | None = None
    trust_proxy: bool = False
    port_file: Path | None = None
    scenario: tuple[str, ...] = ()
    scenarios: tuple[Path, ...] = ()
    settings: tuple[str, ...] = ()
    seed: int = 0
    rate: float = 1
    step: Duration = Duration(0)
    skip: bool = False
    start: Instant | None = None
    admin_token: str | None = None
    debug_headers: bool = True
    allow_callback_to: tuple[str, ...] = ()
    watch: bool = False
    max_connections: int = MAX_CONNECTIONS
    max_jobs: int = MAX_JOBS
    namespaces: int = LIMIT
    declared_only: bool = False
    credential: tuple[str, ...] = ()

    @property
    def loopback(self) -> bool:
        """Whether nobody else's machine can reach the server."""
        return self.host in ("127.0.0.1", "localhost", "::1")

    def url(self, port: int) -> str:
        """The base URL of what listens on that port."""
        scheme = "https" if self.tls or self.tls_cert else "http"
        return f"{scheme}://[{self.host}]:{port}" if ":" in self.host else f"{scheme}://{self.host}:{port}"


class BadCredential(ValueError):  # noqa: N818 - reads as what it says
    """A credential is not given to a namespace as it should be."""


def credential(text: str) -> tuple[str, str]:
    """`TOKEN=NAMESPACE` as the two; the token may hold further signs of equality. BadCredential."""
    token, _, name = text.rpartition("=")
    if not token or not NAME.fullmatch(name):
        raise BadCredential(f"expected TOKEN=NAMESPACE, with a name like {NAME.pattern}; the name is {name!r}")
    return token, name

"""A running server, as the verbs that speak to it find it and ask it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from emulator.cli.exits import BAD_INPUT, REFUSED, stop

if TYPE_CHECKING:
    from ssl import SSLContext

CONNECT_SECONDS = 5
ANSWER_SECONDS = 600
"""An `advance` answers when all that fell due is done."""

Verb = TypeVar("Verb", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--url", envvar="EMULATOR_URL", help="Base URL of the server. Default: as `serve` would have it."),
    click.option("--namespace", envvar="EMULATOR_NAMESPACE", help="The namespace that is meant. Default: `default`."),
    click.option("--token", envvar="EMULATOR_ADMIN_TOKEN", help="What its /__admin asks for."),
    click.option(
        "--ca-file",
        envvar=["EMULATOR_CA_FILE", "EMULATOR_TLS_CA_FILE"],
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Who vouches for its certificate (PEM), as `serve --tls-ca-file` writes it.",
    ),
    click.option("--insecure", envvar="EMULATOR_INSECURE", is_flag=True, help="Take any certificate."),
    click.option("--host", envvar="EMULATOR_HOST", default="127.0.0.1", hidden=True),
    click.option("--port", envvar=["EMULATOR_ADMIN_PORT", "EMULATOR_PORT"], default=8087, hidden=True),
    click.option("--tls", "secure", envvar=["EMULATOR_TLS", "EMULATOR_TLS_CERT"], hidden=True),
)
_REACHABLE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound


def of_a_server(verb: Verb) -> Verb:
    """The options by which a verb finds its server; it hands them on to `server`."""
    for option in reversed(_OPTIONS):
        verb = option(verb)
    return verb


class Said(NamedTuple):
    """What the server said: a status, and JSON; None where it said something else, or nothing."""

    status: int
    payload: Any


class Where(NamedTuple):
    """What the options say of a server; `secure` is anything that makes `serve` speak TLS."""

    url: str | None
    namespace: str | None
    token: str | None
    ca_file: Path | None
    insecure: bool
    host: str
    port: int
    secure: str | None


class Server(NamedTuple):
    """Where it is, down to the namespace, what its /__admin asks for, and whose certificate it may show."""

    secure: bool
    host: str
    port: int | None
    prefix: str
    token: str | None
    trust: "SSLContext | None" = None

    @property
    def url(self) -> str:
        """As people name it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' * self.secure}://{host}" + (f":{self.port}" if self.port else "") + self.prefix

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON is any of six types
        """The answer of its /__admin; ends the program with one line where it refuses or is away."""
        said = self.exchange(method, path, body)
        if said.status >= 300:  # noqa: PLR2004 - HTTP's own number
            stop(refusal(said), REFUSED)
        return said.payload

    def exchange(self, method: str, path: str, body: object = None) -> Said:
        """Whatever its /__admin says; ends the program where nothing is said."""
        import http.client

        connection = http.client.HTTPConnection(self.host, self.port, timeout=CONNECT_SECONDS)
        if self.secure:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=CONNECT_SECONDS, context=self.trust)
        try:
            connection.connect()
            connection.sock.settimeout(ANSWER_SECONDS)
            connection.request(method, f"{self.prefix}/__admin{path}", *self._sent(body))
            response = connection.getresponse()
            return Said(response.status, _json(response.read()))
        except (OSError, http.client.HTTPException) as error:
            stop(f"no answer from {self.url}: {_reason(error)}", REFUSED)
        except ValueError as error:
            stop(f"cannot ask {self.url}: {error}", BAD_INPUT)
        finally:
            connection.close()

    def _sent(self, body: object) -> tuple[bytes | None, dict[str, str | bytes]]:
        headers: dict[str, str | bytes] = {}
        if self.token:
            headers["Authorization"] = b"Bearer " + self.token.encode(errors="surrogateescape")
        if body is None:
            return None, headers
        return json.dumps(body).encode(), headers | {"Content-Type": "application/json"}


def server(**where: Any) -> Server:  # noqa: ANN401 - click's way
    """The server that these options name; ends the program where they name none."""
    try:
        return found(**where)
    except ValueError as error:
        stop(str(error), BAD_INPUT)


def found(**where: Any) -> Server:  # noqa: ANN401 - click's way
    """The server that these options name; ValueError where they name none."""
    from urllib.parse import quote

    told = Where(**where)
    secure, host, port, prefix = _parts(told.url) if told.url is not None else _as_served(told)
    if told.namespace:
        prefix += f"/ns/{quote(told.namespace, safe='')}"
    return Server(secure, host, port, prefix, told.token, _trust(told) if secure else None)


def _as_served(told: Where) -> tuple[bool, str, int | None, str]:
    """Where `serve` listens by the same options: whether by TLS, host, port, and path."""
    return bool(told.secure), _REACHABLE.get(told.host, told.host), told.port, ""


def _parts(url: str) -> tuple[bool, str, int | None, str]:
    """The same of a URL; ValueError if that is none of a server."""
    from urllib.parse import quote, urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"--url: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"--url: expected a URL such as http://127.0.0.1:8087, got {url!r}")
    return parts.scheme == "https", parts.hostname, port, quote(parts.path.rstrip("/"), safe="/%")


def _trust(told: Where) -> "SSLContext":
    """Whose certificates are taken; ValueError if the file that says so cannot be used."""
    import ssl

    if told.insecure:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context
    try:
        return ssl.create_default_context(cafile=told.ca_file)
    except ssl.SSLError:
        raise ValueError(f"--ca-file: {told.ca_file} holds no certificate in PEM") from None
    except OSError as error:
        raise ValueError(f"--ca-file: {told.ca_file}: {error.strerror}") from None


def _reason(error: Exception) -> str:
    """Why nothing was said; of a certificate, what can be done about it."""
    if unverified := getattr(error, "verify_message", None):
        return f"its certificate is not taken, {unverified}: --ca-file names who vouches for it, --insecure takes any"
    return str(getattr(error, "strerror", None) or error)


def refusal(said: Said) -> str:
    """Why the server does not do what it was asked to, in one line."""
    if isinstance(said.payload, dict) and "detail" in said.payload:
        return " ".join(str(said.payload["detail"]).split())
    return f"the server answers {said.status}; is it an emulator?"


def _json(data: bytes) -> Any:  # noqa: ANN401 - JSON is any of six types
    try:
        return json.loads(data)
    except ValueError:
        return None

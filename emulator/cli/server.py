"""A running server, as the verbs that speak to it find it and ask it."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from emulator.cli.exits import BAD_INPUT, REFUSED, stop

CONNECT_SECONDS = 5
ANSWER_SECONDS = 600
"""An `advance` answers when all that fell due is done."""

Verb = TypeVar("Verb", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--url", envvar="EMULATOR_URL", help="Base URL of the server. Default: as `serve` would have it."),
    click.option("--namespace", envvar="EMULATOR_NAMESPACE", help="The namespace that is meant. Default: `default`."),
    click.option("--token", envvar="EMULATOR_ADMIN_TOKEN", help="What its /__admin asks for."),
    click.option("--host", envvar="EMULATOR_HOST", default="127.0.0.1", hidden=True),
    click.option("--port", envvar="EMULATOR_PORT", default=8087, hidden=True),
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


class Server(NamedTuple):
    """Where it is, down to the namespace, and what its /__admin asks for."""

    secure: bool
    host: str
    port: int | None
    prefix: str
    token: str | None

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

        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=CONNECT_SECONDS)
        try:
            connection.connect()
            connection.sock.settimeout(ANSWER_SECONDS)
            connection.request(method, f"{self.prefix}/__admin{path}", *self._sent(body))
            response = connection.getresponse()
            return Said(response.status, _json(response.read()))
        except (OSError, http.client.HTTPException) as error:
            stop(f"no answer from {self.url}: {getattr(error, 'strerror', None) or error}", REFUSED)
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


def server(url: str | None, namespace: str | None, token: str | None, host: str, port: int) -> Server:
    """The server that these options name; ends the program where they name none."""
    try:
        return found(url, namespace, token, host, port)
    except ValueError as error:
        stop(f"--url: {error}", BAD_INPUT)


def found(url: str | None, namespace: str | None, token: str | None, host: str, port: int) -> Server:
    """The server that these options name; ValueError where they name none."""
    from urllib.parse import quote, urlsplit

    below = f"/ns/{quote(namespace, safe='')}" if namespace else ""
    if url is None:
        return Server(secure=False, host=_REACHABLE.get(host, host), port=port, prefix=below, token=token)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"expected a URL such as http://127.0.0.1:8087, got {url!r}")
    prefix = quote(parts.path.rstrip("/"), safe="/%") + below
    return Server(parts.scheme == "https", parts.hostname, parts.port, prefix, token)


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

"""The admin API of one namespace, over the standard library's HTTP client."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from emulator.client.errors import NotStartedError, ProblemError, UnreachableError

CONNECT_SECONDS = 5
ANSWER_SECONDS = 600
"""An `advance` answers when all that fell due is done."""

_REFUSED = 400


class Connection:
    """Where the admin API of a namespace is, and what it asks for. `url` None: nowhere yet."""

    def __init__(self, url: str | None = None, token: str | None = None, prefix: str = "") -> None:
        self._origin: str | None = None
        self._prefix = prefix
        self.token = token
        if url is not None:
            self.open(url)

    @property
    def url(self) -> str:
        """The base URL of the namespace, its prefix included. NotStartedError while there is none."""
        if self._origin is None:
            raise NotStartedError("this emulator has no server: start it by `with`, or give the URL of a running one")
        return self._origin + self._prefix

    def open(self, url: str) -> None:
        """From now on it is there; ValueError if that is no URL of a server."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"expected a URL such as http://127.0.0.1:8087, got {url!r}")
        self._origin = url.rstrip("/")

    def close(self) -> None:
        """From now on it is nowhere."""
        self._origin = None

    def below(self, name: str) -> "Connection":
        """The connection to the namespace of that name on the same server."""
        return Connection(self.url, self.token, f"/ns/{quote(name, safe='')}")

    def beside(self, name: str) -> "Connection":
        """The connection to the namespace of that name, from one to another namespace of the server."""
        return Connection(self._origin, self.token, f"/ns/{quote(name, safe='')}")

    def ask(self, method: str, path: str, body: object = None, query: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON is any of six types
        """What `/__admin` answers: JSON, text, or None for nothing. ProblemError, UnreachableError."""
        __tracebackhide__ = True  # pytest shows who asked
        wanted = {key: value for key, value in (query or {}).items() if value is not None}
        target = f"/__admin{path}" + (f"?{urlencode(wanted)}" if wanted else "")
        status, kind, data = self._exchange(method, target, None if body is None else json.dumps(body).encode())
        if status < _REFUSED and kind == "text/plain":
            return data.decode()
        payload = self._decoded(status, data)
        if status >= _REFUSED:
            raise ProblemError(status, payload)
        return payload

    def _exchange(self, method: str, target: str, body: bytes | None) -> tuple[int, str, bytes]:
        __tracebackhide__ = True
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
        try:
            connection.connect()
            connection.sock.settimeout(ANSWER_SECONDS)
            connection.request(method, parts.path + target, body, self._headers(body))
            response = connection.getresponse()
            return response.status, response.headers.get_content_type(), response.read()
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"no answer from {self.url}: {error or type(error).__name__}") from error
        finally:
            connection.close()

    def _headers(self, body: bytes | None) -> dict[str, str]:
        headers = {"Connection": "close"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _decoded(self, status: int, data: bytes) -> Any:  # noqa: ANN401 - JSON is any of six types
        if not data:
            return None if status < _REFUSED else {}
        try:
            payload = json.loads(data)
        except ValueError:
            raise UnreachableError(f"{self.url} answers {status}, but not in JSON: is it an emulator?") from None
        if status >= _REFUSED and not isinstance(payload, dict):
            raise UnreachableError(f"{self.url} answers {status}, but not with a problem: is it an emulator?")
        return payload

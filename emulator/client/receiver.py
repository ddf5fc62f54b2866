"""Somebody who is called back: a small server in a thread that notes what it hears, and answers as told."""

import json
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Delivery:
    """A call as it came in. `at` is the virtual instant, if the receiver has a clock to ask."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    body: bytes
    at: datetime | None = None

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        """The body, decoded; ValueError if it is not JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """How a call is answered, after `delay` real seconds; `drop`: not at all, the connection is cut."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    drop: bool = False


DROP: Final = Reply(drop=True)


class Receiver:
    """Notes all calls in `deliveries`; answers with the replies given, in order, and then with the last for ever.

    A reply is a status or a `Reply`; without any, all is answered with 200. `now` is asked when a call comes in:
    give it `emulator.clock.now` to have the virtual instant of each.
    """

    def __init__(
        self,
        *replies: int | Reply,
        now: Callable[[], datetime] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.deliveries: list[Delivery] = []
        self._replies: deque[Reply] = deque()
        self._last = Reply()
        self._now = now
        self._news = Condition()
        self._closing = Event()
        self._address = host, port
        self._server: ThreadingHTTPServer | None = None
        self.reply(*replies)

    @property
    def url(self) -> str:
        """Where it listens. RuntimeError if it does not."""
        if self._server is None:
            raise RuntimeError("this receiver does not listen: start it by `with`")
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/"

    def reply(self, *replies: int | Reply) -> None:
        """Answer the next calls so, in order, and then all with the last of them."""
        given = [each if isinstance(each, Reply) else Reply(each) for each in replies]
        with self._news:
            self._replies = deque(given)
            self._last = given[-1] if given else Reply()

    def wait(self, number: int = 1, timeout: float = 10) -> list[Delivery]:
        """All deliveries, once there are so many. TimeoutError, after so many real seconds."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.deliveries) >= number, timeout):
                raise TimeoutError(f"{len(self.deliveries)} of {number} deliveries within {timeout:g} s")
            return list(self.deliveries)

    def __enter__(self) -> Self:
        self._closing.clear()
        self._server = _Server(self._address, _handler(self))
        Thread(target=self._server.serve_forever, args=(0.01,), name="emulator receiver", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _hear(self, method: str, target: str, headers: Message, body: bytes) -> Reply:
        at = self._now() if self._now else None
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        with self._news:
            self.deliveries.append(Delivery(method, parts.path, query, headers, body, at))
            self._news.notify_all()
            reply = self._replies.popleft() if self._replies else self._last
        self._closing.wait(reply.delay)
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's words
        """A caller that has gone is nothing to be told of."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    """The handler of one receiver's server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = receiver._hear(self.command, self.path, self.headers, body)  # noqa: SLF001 - its other half
            self.close_connection = True
            if reply.drop:
                return
            self.send_response(reply.status)
            for key, value in {**reply.headers, "Content-Length": str(len(reply.body)), "Connection": "close"}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = handle_any  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nobody wants to read of it."""

    return Handler

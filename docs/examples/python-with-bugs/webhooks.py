"""Hears which tasks have ended."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import parse_qs, urlsplit

ACCEPTED = 202


class Listener:
    """A server on a free port; `finished` are the URLs of the tasks that have ended, each once."""

    def __init__(self) -> None:
        self.finished: list[str] = []
        self._heard: set[str] = set()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request_id = parse_qs(urlsplit(self.path).query)["requestId"][0]
                listener.hear(request_id, self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(ACCEPTED)
                self.end_headers()

            def log_message(self, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def hear(self, request_id: str, body: bytes) -> None:
        """A call; the same one may come more than once."""
        if request_id not in self._heard:
            self._heard.add(request_id)
            self.finished += [event["meta"]["href"] for event in json.loads(body)["events"]]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

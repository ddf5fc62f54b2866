"""What every peer is asked: one poll and one submission, as the emulator answers them."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.peers.process import Unable
from tests.benchmarks.server import HEADERS, REPORT, TASKS

BATCH = "/resources/v1/batch"
JSON_HEADERS = MappingProxyType({**HEADERS, "Content-Type": "application/json"})
DELETION = {
    "entity": "resource",
    "action": "delete",
    "query": {"ids": ["d3d823f5-f214-4de8-7c0f-f2c8c4db5ee1", "my-device"]},
    "actionParameters": {"cascade": ["alarms", "tasks"]},
}
EMPTY = {**DELETION, "query": {"ids": []}}
"""What the schema of a batch does not allow."""
SCHEMAS = Path(__file__).parents[3] / "schemas/waylay"
LEFT_OUT = ("$schema", "examples")


@dataclass(frozen=True)
class Request:
    """What is asked, and the status that is expected of it."""

    method: str
    path: str
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: HEADERS)


@dataclass(frozen=True)
class Answer:
    """What came of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Asked:
    """The requests one peer is asked: those two, and a submission that no schema would let pass."""

    poll: Request
    submit: Request
    wrong: Request


@dataclass(frozen=True)
class Exchange:
    """The requests, the bodies that the emulator answers them with."""

    asked: Asked
    task: str
    started: str
    schema: Mapping[str, Any]
    """Of a submission."""

    @property
    def as_json(self) -> str:
        """All of it for a server in another process."""
        return json.dumps(
            {
                "poll": self.asked.poll.path,
                "task": self.task,
                "submit": self.asked.submit.path,
                "started": self.started,
            }
        )


def ask(origin: str, request: Request) -> Answer:
    """Ask once, on a connection of its own; `Unable` if there is no answer."""
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=10)
    try:
        connection.request(request.method, request.path, request.body or None, dict(request.headers))
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    except (OSError, http.client.HTTPException) as error:
        raise Unable(f"no answer to {request.method} {request.path}: {error}") from error
    finally:
        connection.close()


def granted(origin: str, request: Request) -> Answer:
    """Ask once; `Unable` if the answer is not of the status expected."""
    answer = ask(origin, request)
    if answer.status != request.status:
        raise Unable(f"{request.method} {request.path} was answered with {answer.status}")
    return answer


def told_by(origin: str) -> Exchange:
    """What the emulator at `origin` is asked about a new task and a batch, and what it answers."""
    task = granted(origin, Request("GET", f"{REPORT}?async=true", 202)).headers["Content-Location"].rpartition("/")[2]
    poll = Request("GET", f"{TASKS}/{task}", 200)
    submit = Request("POST", BATCH, 202, json.dumps(DELETION).encode(), JSON_HEADERS)
    wrong = replace(submit, status=400, body=json.dumps(EMPTY).encode())
    polled, started = granted(origin, poll).body.decode(), granted(origin, submit).body.decode()
    return Exchange(Asked(poll, submit, wrong), polled, started, schema())


def schema() -> dict[str, Any]:
    """The JSON Schema of a batch, whole: nothing in it refers to another file, and no draft is named."""

    def whole(part: Any) -> Any:
        if isinstance(part, list):
            return [whole(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return whole(json.loads((SCHEMAS / part["$ref"]).read_bytes()))
        return {name: whole(value) for name, value in part.items() if name not in LEFT_OUT}

    batch: dict[str, Any] = whole({"$ref": "batch-operation.json"})
    return batch

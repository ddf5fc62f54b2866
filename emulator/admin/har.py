"""The journal as an HTTP Archive. http://www.softwareishard.com/blog/har-12-spec/

Instants are virtual; how long an exchange took is real. Secrets are as the journal has them: redacted.
"""

import base64
from collections.abc import AsyncGenerator, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

from emulator import __version__
from emulator.admin.api import Call, Handler
from emulator.admin.requests import matching
from emulator.admin.wishes import queried
from emulator.clock import MILLISECOND, iso
from emulator.contract import openapi
from emulator.exchange import JSON, Answer
from emulator.journal import CUT, Exchange
from emulator.namespace import DEFAULT, PREFIX

TURN = 100
"""Entries that are written before others get a turn."""
UNKNOWN = "x-unknown"
"""What HAR calls a media type that nobody knows."""
HTTP = "HTTP/1.1"


async def export_requests(call: Call) -> Answer:
    """All exchanges that match the query, oldest first."""
    name = call.namespace.name
    found = await matching(call.namespace.journal, queried(call))
    return Answer(200, b"", pieces=_archive(found, name, "" if name == DEFAULT else PREFIX + name))


async def _archive(exchanges: list[Exchange], namespace: str, prefix: str) -> AsyncGenerator[bytes, None]:
    """The whole document, some entries at a time: a journal is long, and an archive longer."""
    creator = {"name": "async-api-emulator", "version": __version__}
    comment = f"Namespace {namespace}; startedDateTime is virtual, time is real."
    head = orjson.dumps({"version": "1.2", "creator": creator, "comment": comment})
    yield b'{"log":' + head[:-1] + b',"entries":['
    for start in range(0, len(exchanges), TURN):
        entries = [entry(each, prefix) for each in exchanges[start : start + TURN]]
        yield b"," * bool(start) + orjson.dumps(entries)[1:-1]
    yield b"]}}"


def entry(exchange: Exchange, prefix: str = "") -> dict[str, Any]:
    """One exchange; what HAR has no name for stands under names with an underscore."""
    took = exchange.wall_us / MILLISECOND
    return {
        "startedDateTime": iso(exchange.at),
        "time": took,
        "request": _request(exchange, prefix),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_sequence": exchange.sequence,
        "_api": exchange.api,
        "_operation": exchange.operation,
        "_account": exchange.account,
        "_job": exchange.job,
        "_rules": list(exchange.rules),
        "_fault": exchange.fault,
        "_contract": exchange.contract,
    }


def _request(exchange: Exchange, prefix: str) -> dict[str, Any]:
    headers, body = exchange.request_headers, exchange.request_body
    posted = {"postData": {"mimeType": _header(headers, "content-type") or UNKNOWN, **_text(body)}} if body else {}
    query = exchange.target.partition("?")[2]
    return {
        "method": exchange.method,
        "url": f"http://{_header(headers, 'host') or '127.0.0.1'}{prefix}{exchange.target}",
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _pairs(headers),
        "queryString": _pairs(parse_qsl(query, keep_blank_values=True, errors="replace")),
        "headersSize": -1,
        "bodySize": _size(body),
        **posted,
    }


def _response(exchange: Exchange) -> dict[str, Any]:
    headers, body = exchange.answer_headers, exchange.answer_body
    known = exchange.status in HTTPStatus._value2member_map_
    return {
        "status": exchange.status,
        "statusText": HTTPStatus(exchange.status).phrase if known else "",
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _pairs(headers),
        "content": {"size": len(body), "mimeType": _media_type(exchange), **_text(body)},
        "redirectURL": _header(headers, "location") or "",
        "headersSize": -1,
        "bodySize": _size(body),
    }


def _media_type(exchange: Exchange) -> str:
    """As it was said, else as the contract declares it."""
    operation = openapi.load(exchange.api).operations.get(exchange.operation or "")
    response = operation.responses.get(exchange.status) if operation else None
    declared = list(response.content) if response else []
    likely = JSON if exchange.answer_body[:1] in (b"{", b"[") else UNKNOWN
    return _header(exchange.answer_headers, "content-type") or (declared[0] if len(declared) == 1 else likely)


def _size(body: bytes) -> int:
    """-1 where it is not known: of a body that was cut, only the beginning is kept."""
    return -1 if body.endswith(CUT) else len(body)


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


HANDLERS: dict[str, Handler] = {"exportRequests": export_requests}

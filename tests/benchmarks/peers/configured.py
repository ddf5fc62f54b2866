"""The files that peers are configured by: what they are to answer to the one poll and the one submission."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.benchmarks.peers.exchange import Exchange

Files = Mapping[str, str]
TYPE = {"Content-Type": "application/json"}
MOCKOON_FORMAT = 33
REFUSAL = "this is no batch"


def nothing(_exchange: Exchange, _port: int) -> Files:
    """For who needs no file."""
    return {}


def exchange_file(exchange: Exchange, _port: int) -> Files:
    """The exchange itself, for a server written by hand."""
    return {"exchange.json": exchange.as_json}


def prism(exchange: Exchange, _port: int) -> Files:
    """An OpenAPI document with both bodies as examples."""
    started, polled = json.loads(exchange.started), json.loads(exchange.task)
    body = {"required": True, "content": {"application/json": {"schema": exchange.schema}}}
    return {
        "openapi.json": json.dumps(
            {
                "openapi": "3.1.0",
                "info": {"title": "A poll and a submission", "version": "1"},
                "paths": {
                    exchange.asked.poll.path.rpartition("/")[0] + "/{id}": {
                        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                        "get": {"responses": {"200": _example("A task", polled)}},
                    },
                    exchange.asked.submit.path: {
                        "post": {"requestBody": body, "responses": {"202": _example("Started", started)}}
                    },
                },
            }
        )
    }


def _example(description: str, body: object) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": body}}
    return {"description": description, "content": content}


def mockoon(exchange: Exchange, port: int) -> Files:
    """An environment of two routes; a rule of the second asks for the schema, which is a data bucket."""
    asked = exchange.asked
    rule = {"target": "body", "modifier": "", "value": "batch", "invert": False, "operator": "valid_json_schema"}
    routes = [
        _mockoon_route("get", asked.poll.path, [_mockoon_answer(200, exchange.task, [])]),
        _mockoon_route(
            "post",
            asked.submit.path,
            [
                _mockoon_answer(400, json.dumps({"error": REFUSAL}), [], default=True),
                _mockoon_answer(202, exchange.started, [rule]),
            ],
        ),
    ]
    bucket = {"uuid": _uuid("batch"), "id": "batch", "name": "batch", "documentation": ""}
    environment = {
        "uuid": _uuid("environment"),
        "lastMigration": MOCKOON_FORMAT,
        "name": "A poll and a submission",
        "port": port,
        "hostname": "127.0.0.1",
        "routes": routes,
        "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
        "data": [{**bucket, "value": json.dumps(exchange.schema)}],
    }
    return {"environment.json": json.dumps(environment)}


def _mockoon_route(method: str, path: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "uuid": _uuid(path),
        "type": "http",
        "documentation": "",
        "method": method,
        "endpoint": path.removeprefix("/"),
        "responses": answers,
        "responseMode": None,
        "streamingMode": None,
        "streamingInterval": 0,
    }


def _mockoon_answer(status: int, body: str, rules: list[Any], *, default: bool = False) -> dict[str, Any]:
    return {
        "uuid": _uuid(body),
        "body": body,
        "statusCode": status,
        "headers": [{"key": key, "value": value} for key, value in TYPE.items()],
        "rules": rules,
        "rulesOperator": "OR",
        "disableTemplating": True,
        "default": default or not rules,
    }


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def json_server(exchange: Exchange, _port: int) -> Files:
    """Two collections in memory (a script instead of a JSON file), and routes that lead to them."""
    return {
        "db.js": f"module.exports = () => ({{async: [{exchange.task}], batch: []}})\n",
        "routes.json": json.dumps({"/api/remap/1.2/*": "/$1", "/resources/v1/*": "/$1"}),
    }


def mountebank(exchange: Exchange, port: int) -> Files:
    """One imposter of two stubs. It would hang up after each answer, and send it in chunks, if not told otherwise."""
    asked = exchange.asked
    stubs = [
        _stub("GET", asked.poll.path, 200, exchange.task),
        _stub("POST", asked.submit.path, 202, exchange.started),
    ]
    imposter = {"port": port, "host": "127.0.0.1", "protocol": "http", "stubs": stubs}
    return {"imposters.json": json.dumps({"imposters": [imposter]})}


def _stub(method: str, path: str, status: int, body: str) -> dict[str, Any]:
    headers = {**TYPE, "Connection": "keep-alive", "Content-Length": str(len(body.encode()))}
    return {
        "predicates": [{"equals": {"method": method, "path": path}}],
        "responses": [{"is": {"statusCode": status, "headers": headers, "body": body}}],
    }


def wiremock(exchange: Exchange, _port: int) -> Files:
    """Three mappings: of the two about submissions, the one that asks for the schema comes first."""
    asked = exchange.asked
    pattern = {"matchesJsonSchema": json.dumps(exchange.schema), "schemaVersion": "V202012"}
    submission = {"method": "POST", "urlPath": asked.submit.path}
    mappings = [
        _mapping({"method": "GET", "urlPath": asked.poll.path}, 200, exchange.task),
        {**_mapping({**submission, "bodyPatterns": [pattern]}, 202, exchange.started), "priority": 1},
        {**_mapping(submission, 400, json.dumps({"error": REFUSAL})), "priority": 2},
    ]
    return {"mappings/all.json": json.dumps({"mappings": mappings})}


def _mapping(request: dict[str, Any], status: int, body: str) -> dict[str, Any]:
    return {"request": request, "response": {"status": status, "headers": TYPE, "body": body}}

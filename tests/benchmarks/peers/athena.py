"""The nearest that moto has to the exchange: a query is started, and asked for, as Amazon Athena does it."""

import json
from collections.abc import Mapping

from tests.benchmarks.peers.exchange import Asked, Exchange, Request, granted

START = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": "s3://bucket/results"}}


def queries(origin: str, _exchange: Exchange) -> Asked:
    """A poll of a query that was just started, and the start of another; both are a POST of AWS JSON 1.1."""
    submit = _request("StartQueryExecution", START)
    job = json.loads(granted(origin, submit).body)["QueryExecutionId"]
    return Asked(
        _request("GetQueryExecution", {"QueryExecutionId": job}),
        submit,
        _request("StartQueryExecution", {"QueryString": []}),
    )


def _request(action: str, body: Mapping[str, object]) -> Request:
    scope = "Credential=test/20260101/us-east-1/athena/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        "Accept-Encoding": "identity",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AmazonAthena.{action}",
    }
    return Request("POST", "/", 200, json.dumps(body).encode(), headers)

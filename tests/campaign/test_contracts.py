"""A foreign tool reads the contracts, makes requests of its own, good and bad, and judges what is answered.

It stands in an environment of its own, `.campaign`, which `make campaign` makes.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.contract import openapi
from tests.campaign.conftest import FULL
from tests.campaign.documents import APIS, ENDLESS, plain
from tests.campaign.process import Server, serving
from tests.stories.conversations import CREDENTIALS

HERE = Path(__file__).parent
TOOL = HERE.parents[1] / ".campaign" / "bin" / "schemathesis"
PATIENCE = 120
"""Seconds for an answer."""
SCHEMES = {"kladana": "Bearer", "synapse": "Bearer", "waylay": "Basic"}
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A process of its own, its clock standing still."""
    with serving(tmp_path, "--frozen", "--start", "2026-03-01T09:00:00Z") as running:
        yield running


@pytest.mark.parametrize("api", APIS)
def test_a_plain_document_holds_every_operation_and_nothing_of_ours(api):
    document = plain(api)
    told = {
        each["operationId"] for item in document["paths"].values() for each in item.values() if isinstance(each, dict)
    }
    assert told >= openapi.load(api).operations.keys() - ENDLESS
    assert not re.search(r'"x-[a-z-]+":', json.dumps(document))


@pytest.mark.campaign
def test_what_a_foreign_tool_asks_is_answered_as_the_contract_says(server, report, tmp_path):
    assert TOOL.exists(), "make campaign makes the environment that this needs"
    for api in APIS:
        told = _judged(api, server.origin, tmp_path)
        report.counts["requests"] += told["test_cases"]["generated"]
        report.counts["requests by schemathesis"] += told["test_cases"]["generated"]
        for each in (*told["failures"], *told["errors"]):
            report.blame(f"schemathesis, {api}: {json.dumps(each)[:1500]}")
        assert told["operations"]["tested"] == told["operations"]["selected"], told["operations"]
    assert not server.errors(), server.errors()
    assert not report.wrong


def _judged(api: str, origin: str, folder: Path) -> dict:
    """What it reports of one document."""
    document, found = folder / f"{api}.json", folder / f"{api}-report.json"
    document.write_text(json.dumps(plain(api)), encoding="utf-8")
    command = [TOOL, "run", document, "--url", origin, "--seed", str(FULL.seed), "--max-time", str(FULL.seconds_each)]
    command += ["--phases", "examples,coverage,fuzzing,stateful", "--checks", ",".join(CHECKS), "--continue-on-failure"]
    command += ["--request-timeout", str(PATIENCE)]  # time passes no sooner than all have been called who are drawn
    command += ["--report", "json", "--report-json-path", found]
    if api in SCHEMES:
        command += ["-H", f"Authorization: {SCHEMES[api]} {CREDENTIALS[api]}"]
    beside = {"NO_PROXY": "127.0.0.1", "EMULATOR_API": api, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    subprocess.run(command, cwd=folder, env=os.environ | beside, check=False, capture_output=True)
    return json.loads(found.read_bytes())

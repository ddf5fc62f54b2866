"""What is committed is what the sources say."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from emulator.bundle import scenario_schema
from emulator.contract.bundle import bundle, text

SCHEMAS = Path(__file__).parents[2] / "schemas"
SOURCES = sorted(SCHEMAS.glob("*/openapi.yaml"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parent.name)
def test_the_bundle_is_fresh(source):
    assert source.with_name("bundle.json").read_text(encoding="utf-8") == text(bundle(source.parent))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parent.name)
def test_the_bundle_is_openapi_3_1(source):
    assert [str(each) for each in OpenAPIV31SpecValidator(bundle(source.parent)).iter_errors()] == []


@pytest.mark.parametrize("keyword", [{"pattern": "("}, {"format": "hostname"}], ids=["pattern", "format"])
def test_what_could_not_be_checked_is_not_bundled(tmp_path, keyword):
    (tmp_path / "openapi.yaml").write_text("{servers: [{url: /}], paths: {}}")
    (tmp_path / "it.json").write_text(json.dumps({"type": "string", **keyword}))
    with pytest.raises(ValueError, match=next(iter(keyword.values())).replace("(", "regex")):
        bundle(tmp_path)


def test_the_schema_of_scenarios_is_fresh():
    assert json.loads((SCHEMAS / "scenario.json").read_text(encoding="utf-8")) == scenario_schema()

"""The vendor's models, as published, against our schemas; and our schemas' own examples."""

import pytest

from emulator.providers.deposco.entities import KINDS
from tests.deposco.conftest import item, items, of
from tests.published import Published

PUBLISHED = Published("deposco")
SCHEMAS = PUBLISHED.contract.document["components"]["schemas"]


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("async-bulk-request", "bulk-import"),
        ("async-request-id", "request-id"),
        ("async-response", "partially-failed"),
        ("errors", "error"),
    ],
)
def test_an_example_of_the_vendors_models_keeps_our_contract(message, name):
    assert PUBLISHED.violations(message, PUBLISHED.example(name)) == []


def test_the_states_are_spelled_as_the_vendor_spells_them():
    states = {"Success", "Failed", "Partially Failed", "Processing", "Error"}
    assert set(SCHEMAS["async-response"]["properties"]["status"]["enum"]) == states
    assert set(SCHEMAS["async-detail"]["properties"]["status"]["enum"]) == {"Success", "Processing", "Failed"}
    assert SCHEMAS["async-bulk-request"]["properties"]["entityType"]["enum"] == list(KINDS)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "Partially failed"},
        {"status": "PartiallyFailed"},
        {"status": "Pending"},
        {"status": "Success"},
        {"status": "queued"},
        {"status": "Error"},
        {"totalEntities": "2"},
        {"results": None},
        {"results": [{"status": "Error"}]},
    ],
)
def test_an_answer_that_contradicts_itself_breaks_our_contract(change):
    assert PUBLISHED.violations("async-response", PUBLISHED.example("partially-failed") | change)


async def test_the_published_import_comes_out_in_the_published_form(client):
    response = await client.post(PUBLISHED.example("bulk-import"))
    assert response.json.keys() == PUBLISHED.example("request-id").keys()
    assert response.json["request"].keys() == PUBLISHED.example("request-id")["request"].keys()
    bad = {"number": "SKU-2", "businessUnit": item("")["businessUnit"]}
    await client.emulator.advance("2s")
    answer = await client.outcome(*items(1), bad)
    published = PUBLISHED.example("partially-failed")

    def rows(answer):
        rows = sorted(answer["results"], key=lambda row: row["businessKey"]["number"])
        return [{key: value for key, value in row.items() if key not in ("id", "href")} for row in rows]

    assert rows(answer) == rows(published)
    assert {k: v for k, v in answer.items() if k != "results"} == {k: v for k, v in published.items() if k != "results"}


async def test_a_refusal_comes_out_in_the_published_form(client):
    assert (await client.post(of("Item") | {"entityType": None})).json == PUBLISHED.example("error")

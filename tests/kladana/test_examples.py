"""The vendor's published examples, against our schemas. Where an example has a slip, the test says which."""

import json
from pathlib import Path

import pytest

from emulator.contract import openapi

EXAMPLES = Path(__file__).parent / "examples"
CONTRACT = openapi.load("kladana")


def example(name):
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def violations(message, value):
    return [(each.pointer, each.text) for each in CONTRACT.message(message).violations(value)]


@pytest.mark.parametrize(("message", "name"), [("tasks", "tasks"), ("task", "task-done"), ("errors", "error")])
def test_a_published_example_keeps_our_contract(message, name):
    assert violations(message, example(name)) == []


def test_the_failed_task_keeps_it_once_it_has_the_meta_that_its_table_requires():
    task = example("task-api-error")
    assert violations("task", task) == [("", "'meta' is a required property")]
    href = f"https://app.kladana.in/api/remap/1.2/async/{task['id']}"
    meta = {"href": href, "type": "async", "mediaType": "application/json"}
    assert violations("task", task | {"meta": meta}) == []


def test_the_result_keeps_it_once_meta_and_rows_stand_beside_context_as_in_every_list():
    nested = example("result")["context"]
    result = {"context": {"employee": nested["employee"]}, "meta": nested["meta"], "rows": nested["rows"]}
    assert violations("stock-by-store-result", result) == []

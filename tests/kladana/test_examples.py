"""The vendor's published examples, against our schemas. Where an example has a slip, the test says which."""

import pytest

from tests.published import Published

PUBLISHED = Published("kladana")


@pytest.mark.parametrize(("message", "name"), [("tasks", "tasks"), ("task", "task-done"), ("errors", "error")])
def test_a_published_example_keeps_our_contract(message, name):
    assert PUBLISHED.violations(message, PUBLISHED.example(name)) == []


def test_the_failed_task_keeps_it_once_it_has_the_meta_that_its_table_requires():
    task = PUBLISHED.example("task-api-error")
    assert PUBLISHED.violations("task", task) == [("", "'meta' is a required property")]
    href = f"https://app.kladana.in/api/remap/1.2/async/{task['id']}"
    meta = {"href": href, "type": "async", "mediaType": "application/json"}
    assert PUBLISHED.violations("task", task | {"meta": meta}) == []


def test_the_result_keeps_it_once_meta_and_rows_stand_beside_context_as_in_every_list():
    nested = PUBLISHED.example("result")["context"]
    result = {"context": {"employee": nested["employee"]}, "meta": nested["meta"], "rows": nested["rows"]}
    assert PUBLISHED.violations("stock-by-store-result", result) == []

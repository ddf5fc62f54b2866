"""The page about scenarios: made of what it speaks of, and nothing left out."""

import re
from pathlib import Path

import pytest
import yaml

from emulator.app import library, vocabularies
from emulator.bundle import scenario_guide, scenario_schema
from emulator.guide.markdown import anchor, in_yaml, table
from emulator.guide.reference import Reference, value_of

PAGE = (Path(__file__).parents[1] / "docs" / "scenarios.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL), re.MULTILINE)


def test_the_page_is_fresh():
    assert scenario_guide() == PAGE


def test_every_link_leads_to_one_heading():
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    anchors = [anchor(each) for each in HEADINGS]
    assert len(links) > 50
    assert [each for each in links if anchors.count(each) != 1] == []


def keys(schema):
    """Every key that a schema names, wherever."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for each in schema.values():
            yield from keys(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from keys(each)


def test_every_key_of_the_schema_is_in_a_table():
    shallow = set(keys({**scenario_schema(), "allOf": []}))
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert len(shallow) > 50
    assert shallow - told == set()


@pytest.mark.parametrize("api", sorted(vocabularies()))
def test_every_word_of_an_api_is_on_the_page(api):
    words = vocabularies()[api]
    told = set(re.findall(r"^\| `(.+?)`", PAGE, re.MULTILINE))
    own = {*words.lifecycle.follows, *words.operations, *words.when, *words.result, *words.account}
    assert own | set(map(str, words.errors)) <= told


@pytest.mark.parametrize("name", library().names())
def test_every_scenario_is_told(name):
    assert f"\n#### {name}\n\n{library().find(name).about}\n" in PAGE


def test_the_story_at_its_head_loads(tmp_path):
    (story,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "story.yaml").write_text(story)
    assert library().find(str(tmp_path / "story.yaml")).jobs


def test_a_table_leaves_out_columns_that_say_nothing():
    assert list(table(("a", "b", "c"), [("1", "", "x|y"), ("2", "", "")])) == [
        "| a | c |", "| --- | --- |", "| 1 | x\\|y |", "| 2 |  |", ""
    ]  # fmt: skip
    assert list(table(("a",), [])) == []


@pytest.mark.parametrize("value", ["10s", 7, None, True, {"a": [1, "2"]}, "2026-03-01T09:00:00Z", "x: y"])
def test_a_value_in_yaml_is_one_line_that_says_it(value):
    text = in_yaml(value)
    assert "\n" not in text
    assert yaml.safe_load(text) == value


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"const": 1}, "`1`"),
        ({"enum": ["a", None]}, "`a`, `null`"),
        ({"enum": list(range(15))}, ", ".join(f"`{n}`" for n in range(12)) + " and 3 more"),
        ({"type": "integer", "minimum": 1, "maximum": 5}, "whole number from 1 to 5"),
        ({"type": ["integer", "null"], "minimum": 1}, "whole number or null from 1"),
        ({"type": "array", "items": {"type": "object"}}, "list of mappings"),
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        ({"type": "array"}, "list"),
        ({"$ref": "#/definitions/duration"}, "duration"),
        ({"type": ["string", "null"], "pattern": "^x$"}, "text like `^x$` or null"),
        ({"if": {}, "then": {"type": "object"}, "else": {"type": "string"}}, "text, or mapping"),
        ({"description": "What you like."}, "anything"),
    ],
)
def test_what_a_value_must_be_is_told_in_a_few_words(schema, told):
    assert value_of(schema) == told


def test_the_same_mapping_is_told_once_and_linked():
    inner = {"type": "object", "properties": {"x": {"type": "integer"}}}
    schema = {"properties": {"a": inner, "b": {"type": "array", "items": inner}}, "required": ["a"]}
    reference = Reference()
    assert [each.title for each in reference.sections("file", schema)] == ["file", "a"]
    rows = list(reference.rows(schema))
    assert [row[2] for row in rows] == ["mapping: [a](#a)", "list of mappings: [a](#a)"]
    assert [row[3] for row in rows] == ["must be there", ""]

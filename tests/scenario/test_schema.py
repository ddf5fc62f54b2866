import json

import pytest
from jsonschema import Draft7Validator

from emulator.scenario.schema import schema


@pytest.fixture(scope="module")
def made(vocabularies):
    return schema(vocabularies)


def mappings(value):
    """Each mapping in a schema that lists properties."""
    if isinstance(value, dict):
        yield from [value["properties"]] if isinstance(value.get("properties"), dict) else []
        for key, each in value.items():
            if key not in ("examples", "if", "default"):
                yield from mappings(each)
    if isinstance(value, list):
        for each in value:
            yield from mappings(each)


def test_it_is_a_draft_07_schema_in_plain_json(made):
    Draft7Validator.check_schema(made)
    assert json.loads(json.dumps(made)) == made
    assert made["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_the_same_vocabularies_make_the_same_schema_in_any_order(vocabularies):
    turned = dict(reversed(vocabularies.items()))
    assert json.dumps(schema(turned)) == json.dumps(schema(vocabularies))


def test_the_keys_of_a_file_are_these_and_the_authors_own(made):
    assert list(made["properties"]) == [
        "version", "api", "about", "extends", "parameters", "clock", "seed", "settings", "progression", "accounts",
        "jobs", "limits", "faults", "callbacks",
    ]  # fmt: skip
    assert made["required"] == ["version", "api"]
    assert list(made["patternProperties"]) == ["^x-"]
    assert made["additionalProperties"] is False


def test_editors_find_words_and_an_example_beside_every_key(made):
    common = {key: value for key, value in made.items() if key != "allOf"}
    named = [(name, each) for properties in mappings(common) for name, each in properties.items()]
    assert len(named) > 30
    assert [name for name, each in named if not {"title", "description", "examples"} <= set(each)] == []


def test_editors_find_words_and_an_example_beside_every_setting(made):
    settings = made["allOf"][0]["then"]["properties"]["settings"]["properties"]
    assert [name for name, each in settings.items() if not {"title", "description", "examples"} <= set(each)] == []


def test_each_example_of_the_grammar_is_valid(made):
    common = {key: value for key, value in made.items() if key != "allOf"}
    for properties in mappings(common):
        for name, each in properties.items():
            for example in each["examples"]:
                assert list(Draft7Validator(each).iter_errors(example)) == [], name


def test_each_api_has_one_branch_with_its_own_words(made):
    branch = made["allOf"][0]
    assert branch["if"]["properties"]["api"] == {"const": "fake"}
    then = branch["then"]["properties"]
    job = then["jobs"]["items"]["properties"]
    assert job["steps"]["items"]["properties"]["state"]["enum"] == [
        "PENDING", "PROCESSING", "DONE", "ERROR", "CANCEL", "end",
    ]  # fmt: skip
    assert list(job["when"]["properties"]) == [
        "report", "longer_than", "nth", "every", "per",
        "path", "query", "header", "body", "account", "chance", "during", "operation",
    ]  # fmt: skip
    assert list(job["result"]["properties"]) == ["rows", "bytes"]
    fault = then["faults"]["items"]["properties"]
    assert fault["operation"]["else"]["enum"] == ["cancelTask", "getTask", "submitTask"]
    assert fault["operation"]["then"]["items"] == fault["operation"]["else"]
    assert fault["error"]["else"]["enum"] == [1016, 1049, "quota.exceeded"]


def test_nothing_unknown_is_let_through_anywhere(made):
    then = made["allOf"][0]["then"]["properties"]
    job = then["jobs"]["items"]["properties"]
    closed = [then["settings"], then["accounts"]["items"], job["when"], job["result"]]
    common = made["properties"]
    closed += [common["clock"], common["jobs"]["items"], common["faults"]["items"]]
    closed += [common["jobs"]["items"]["properties"]["steps"]["items"]]
    assert all(each["additionalProperties"] is False for each in closed)


def test_no_api_at_all_is_a_schema_too():
    Draft7Validator.check_schema(schema({}))

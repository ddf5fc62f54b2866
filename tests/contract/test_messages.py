"""Every message of every API can be read by people: a title, a description, and examples that keep it."""

import pytest

from emulator.contract import openapi
from emulator.providers import PROVIDERS

CONTRACTS = [each.contract for each in PROVIDERS]
MESSAGES = [(each, name) for each in CONTRACTS for name in sorted(each.document["components"]["schemas"])]


@pytest.mark.parametrize(("contract", "name"), MESSAGES, ids=lambda value: getattr(value, "api", value))
def test_each_message_has_a_title_a_description_and_examples_that_keep_it(contract, name):
    schema = contract.document["components"]["schemas"][name]
    assert schema["title"]
    assert schema["description"]
    assert schema["examples"]
    for each in schema["examples"]:
        assert contract.message(name).violations(each) == []


def test_our_own_messages_have_titles_and_descriptions():
    for schema in openapi.load("admin").document["components"]["schemas"].values():
        assert schema["title"]
        assert schema["description"]

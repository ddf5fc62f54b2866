"""jsonschema-rs decides, jsonschema explains, and the two agree."""

import gc
import json
import weakref

import pytest

from emulator.contract.message import Cache, Store, UnknownFormat


def store(schema):
    return Store("test", json.dumps({"components": {"schemas": {"it": schema}}}).encode())


def message(schema):
    return store(schema).message("#/components/schemas/it")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "pattern": "^a$"}, "a\n"),
        ({"type": "string", "pattern": "^[0-9]+$"}, "\u0661"),
        ({"type": "string", "format": "date-time"}, "yesterday"),
        ({"type": "string", "format": "date-time"}, "2026-02-30T00:00:00Z"),
        ({"type": "string", "format": "uri"}, "not a uri"),
        ({"type": "string", "format": "uuid"}, "0"),
        ({"type": "string", "format": "email"}, "@"),
        ({"type": "number", "multipleOf": 0.01}, 0.015),
        ({"type": "integer"}, True),
        ({"type": "object", "required": ["a"]}, {}),
        ({"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]}, {"b": 1}),
    ],
)
def test_what_is_refused_is_explained(schema, value):
    it = message(schema)
    assert not it.allows(value)
    assert it.violations(value)[0].text


def test_a_violation_has_its_place_as_a_json_pointer():
    schema = {"type": "object", "properties": {"a/b": {"type": "array", "items": {"type": "integer"}}}}
    (violation,) = message(schema).violations({"a/b": [1, "x"]})
    assert violation.pointer == "/a~1b/1"
    assert (violation.keyword, violation.expected, violation.got) == ("type", "integer", "x")


@pytest.mark.requirement("S-31")
def test_a_pattern_that_would_backtrack_for_ever_answers_at_once():
    assert not message({"type": "string", "pattern": "^(a+)+$"}).allows("a" * 50_000 + "!")


def test_a_format_that_nobody_checks_is_found_before_it_is_shipped():
    with pytest.raises(UnknownFormat, match="hostname"):
        store({"type": "string", "format": "hostname"}).compile()


@pytest.mark.requirement("S-5")
def test_nothing_is_ever_fetched():
    it = message({"$ref": "http://127.0.0.1:9/schema.json"})
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        it.allows(1)


def test_what_nobody_asks_about_is_not_taken_in():
    asked, idle = store({"type": "string"}), store({"type": "string"})
    assert asked.message("#/components/schemas/it").allows("a")
    assert [{"registry", "known"} & vars(each).keys() for each in (asked, idle)] == [{"registry"}, set()]
    assert idle.message("#/components/schemas/it").violations(1)
    assert {"registry", "known"} <= vars(idle).keys()


def test_a_pattern_that_cannot_be_compiled_is_found_before_it_is_shipped():
    broken = store({"type": "string", "pattern": "("})
    broken.message("#/components/schemas/it")
    with pytest.raises(ValueError, match="regex"):
        broken.compile()


# What is kept of what was said -------------------------------------------------


class Owner:
    """Somebody who says things."""


def test_all_parts_are_forgotten_once_so_many_bytes_are_held():
    cache, owners, it = Cache(limit=7000), [Owner(), Owner()], message({"type": "string"})
    for nth in range(4):
        cache.of(owners[nth % 2]).made(nth, it, "x" * 500)
    assert [len(cache.of(each)) for each in owners] == [2, 2]
    cache.of(owners[0]).made("one more", it, "x")
    assert [len(cache.of(each)) for each in owners] == [1, 0]


def test_parts_go_with_whoever_said_them():
    cache, owner, it = Cache(limit=5000), Owner(), message({"type": "string"})
    cache.of(owner).made("key", it, "value")
    kept = weakref.ref(cache.of(owner))
    gc.disable()
    try:
        del owner
        assert kept() is None
    finally:
        gc.enable()


def test_what_breaks_its_message_is_kept_by_nobody():
    cache, owner = Cache(limit=5000), Owner()
    assert cache.of(owner).made("key", message({"type": "string"}), 7) == 7
    assert not len(cache.of(owner))

from dataclasses import dataclass

import pytest

from emulator.scenario import settings
from emulator.scenario.vocabulary import setting


def test_a_field_is_a_property_with_its_type_default_and_words(vocabularies):
    properties = settings.properties(vocabularies["fake"].settings)
    assert properties["queued_tasks"] == {
        "title": "queued tasks",
        "description": "How many jobs may wait.",
        "examples": [4],
        "type": "integer",
        "default": 4,
        "minimum": 0,
    }


@pytest.mark.parametrize(
    ("name", "default"), [("link_lives", "5m"), ("largest", "10MB"), ("timeout", None), ("strict", False)]
)
def test_defaults_are_shown_as_a_file_would_say_them(vocabularies, name, default):
    assert settings.properties(vocabularies["fake"].settings)[name]["default"] == default


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("profile", "enum", ["seed", "current"]),
        ("colour", "enum", ["red", "green", None]),
        ("timeout", "type", ["string", "integer", "null"]),
        ("ceiling", "type", ["string", "null"]),
    ],
)
def test_choices_and_null_are_part_of_the_type(vocabularies, name, key, expected):
    assert settings.properties(vocabularies["fake"].settings)[name][key] == expected


def test_a_files_values_become_python_types(vocabularies):
    values = {
        "link_lives": "1m30s",
        "largest": "2MiB",
        "share": 1,
        "queued_tasks": 2.0,
        "timeout": None,
        "ceiling": "1KB",
    }
    python = settings.python(vocabularies["fake"].settings, values)
    assert dict(python) == {
        "link_lives": 90_000_000, "largest": 2 << 20, "share": 1.0, "queued_tasks": 2, "timeout": None, "ceiling": 1000,
    }  # fmt: skip
    assert type(python["share"]) is float
    assert type(python["queued_tasks"]) is int
    with pytest.raises(TypeError):
        python["share"] = 2


def test_a_type_that_no_file_can_say_is_our_bug():
    @dataclass(frozen=True)
    class Odd:
        names: list = setting(None, "Names.")

    @dataclass(frozen=True)
    class Either:
        name: int | str = setting(1, "A name.")

    for odd in (Odd, Either):
        with pytest.raises(TypeError, match="no file can say a setting"):
            settings.properties(odd)

"""Settings given beside a scenario are read as a file's are."""

import pytest

from emulator.clock import MINUTE
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.override import BadSetting, assigned, flags, settled


@pytest.fixture
def fake(vocabularies):
    return {"fake": vocabularies["fake"]}


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("queued_tasks=2", "queued_tasks", 2),
        ("link_lives=5m", "link_lives", "5m"),
        ("timeout=null", "timeout", None),
        ("strict=true", "strict", True),
        ("greeting=a=b", "greeting", "a=b"),
        ("greeting='2'", "greeting", "2"),
        ("statuses={'1016': 403}", "statuses", {"1016": 403}),
    ],
)
def test_a_value_is_what_it_would_be_in_a_file(text, key, value):
    assert assigned(text) == (key, value)


def test_flags_are_read_by_api_in_python_types_and_the_last_one_wins(vocabularies):
    told = flags(["fake.queued_tasks=2", "other.link_lives=5m", "fake.queued_tasks=3"], vocabularies)
    assert told == ({}, {"fake": {"queued_tasks": 3}, "other": {"link_lives": 5 * MINUTE}})


def test_a_setting_that_one_api_has_needs_no_api(fake):
    assert flags(["queued_tasks=2"], fake) == ({}, {"fake": {"queued_tasks": 2}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("queued_tasks", "expected KEY=VALUE, such as queued_tasks=2, got 'queued_tasks'"),
        ("=2", "expected KEY=VALUE"),
        ("quued_tasks=2", "no API has a setting 'quued_tasks' (did you mean 'queued_tasks'?)"),
        ("fake.quued_tasks=2", "(did you mean 'fake.queued_tasks'?)"),
        ("vendor.queued_tasks=2", "no API has a setting 'vendor.queued_tasks'"),
        ("queued_tasks=many", "queued_tasks=many: expected a whole number, got 'many'"),
        ("queued_tasks=-1", "queued_tasks=-1: expected a number of at least 0, got -1"),
        ("link_lives=5 minutes", "(did you mean '5m'?)"),
        ("link_lives=4000d", "expected a duration of at most"),
        ("queued_tasks={", "queued_tasks={: expected YAML"),
        ("queued_tasks=\0", "control character"),
    ],
)
def test_what_sets_nothing_is_told_in_one_line(fake, text, told):
    with pytest.raises(BadSetting) as caught:
        flags([text], fake)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_setting_of_several_apis_must_say_whose_it_is(vocabularies):
    with pytest.raises(BadSetting, match=r"say 'fake\.queued_tasks' or 'other\.queued_tasks'"):
        flags(["queued_tasks=2"], vocabularies)


def test_every_mistake_of_a_wish_is_told(vocabularies):
    with pytest.raises(ScenarioError) as caught:
        settled("fake", {"quued_tasks": 2, "strict": "yes"}, vocabularies)
    assert [each.where for each in caught.value.mistakes] == ["settings.strict", "settings.quued_tasks"]


# Parameters -------------------------------------------------------------------


@pytest.fixture
def leaving_open(scenario):
    """A scenario of the API `fake` that leaves two things open."""
    return scenario("version: 1\napi: fake\nparameters: {rows: 250, queued_tasks: 1, share: 0.5, word: a}\n")


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["rows=5"], ({"fake": {"rows": 5}}, {})),
        (["fake.rows=5", "rows=6"], ({"fake": {"rows": 6}}, {})),
        (["share=1", "word='2'"], ({"fake": {"share": 1, "word": "2"}}, {})),
        # both a parameter and a setting: of any API, if no API is named
        (["queued_tasks=3"], ({"fake": {"queued_tasks": 3}}, {})),
        (["fake.queued_tasks=3"], ({"fake": {"queued_tasks": 3}}, {})),
        (["other.queued_tasks=3"], ({}, {"other": {"queued_tasks": 3}})),
        (["rows=5", "fake.strict=true"], ({"fake": {"rows": 5}}, {"fake": {"strict": True}})),
    ],
)
def test_parameters_are_filled_first_and_what_remains_are_settings(vocabularies, leaving_open, texts, told):
    assert flags(texts, vocabularies, [leaving_open]) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rows=many", "rows=many: expected a whole number for the parameter rows, got 'many'"),
        ("fake.rows=1.5", "fake.rows=1.5: expected a whole number for the parameter rows, got 1.5"),
        ("rows=true", "rows=true: expected a whole number for the parameter rows, got true"),
        ("word=2", "word=2: expected text for the parameter word, got 2"),
        ("row=5", "no API has a setting 'row' (did you mean 'rows'?)"),
        ("fake.row=5", "no API has a setting 'fake.row' (did you mean 'fake.rows'?)"),
    ],
)
def test_what_fills_no_parameter_is_told_in_one_line(vocabularies, leaving_open, text, told):
    with pytest.raises(BadSetting) as caught:
        flags([text], vocabularies, [leaving_open])
    assert str(caught.value) == told


def test_a_parameter_of_several_apis_must_say_whose_it_is(vocabularies, leaving_open, scenario):
    other = scenario("version: 1\napi: other\nparameters: {rows: 1}\n")
    with pytest.raises(BadSetting, match=r"is a parameter of several APIs: say 'fake\.rows' or 'other\.rows'"):
        flags(["rows=2"], vocabularies, [leaving_open, other])

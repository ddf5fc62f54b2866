"""What a file leaves open, and how it is filled."""

import pytest

from emulator.scenario.loader import Placed, load
from emulator.scenario.mistakes import ScenarioError

HEAD = "version: 1\napi: fake\n"
STEPS = "steps: [{state: PENDING}, {state: CANCEL, after: '${parameters.wait}'}]"


@pytest.fixture
def given(vocabularies):
    def loaded(text, **values):
        return load((HEAD + text).encode(), Placed("story.yaml", "fake/story"), vocabularies, values)

    return loaded


@pytest.fixture
def refused_with(given):
    def lines(text, **values):
        with pytest.raises(ScenarioError) as caught:
            given(text, **values)
        return [str(each).removeprefix("story.yaml:") for each in caught.value.mistakes]

    return lines


def test_a_place_alone_takes_the_value_with_its_type(given):
    rule = "{steps: [{state: PENDING}, {state: end}], result: {rows: '${parameters.rows}'}}"
    text = f"parameters: {{rows: 250}}\njobs: [{rule}]"
    assert given(text).jobs[0].result == {"rows": 250}
    assert given(text, rows=5).jobs[0].result == {"rows": 5}
    assert (given(text).parameters, given(text, rows=5).parameters) == ({"rows": 250}, {"rows": 5})


def test_within_a_text_it_becomes_text(given):
    greeting = "${parameters.who} ${parameters.n}-${parameters.on}"
    text = f"parameters: {{who: acme, n: 2, on: true}}\nsettings: {{greeting: '{greeting}'}}"
    assert given(text).settings == {"greeting": "acme 2-true"}
    assert given(text, who="${parameters.n}").settings == {"greeting": "${parameters.n} 2-true"}


def test_numbers_may_be_given_whole_for_any(given):
    assert given("parameters: {share: 0.5}\nsettings: {share: '${parameters.share}'}", share=1).settings == {
        "share": 1.0
    }


def test_each_choice_has_a_digest_of_its_own(given):
    text = f"parameters: {{wait: 5s}}\njobs: [{{{STEPS}}}]"
    assert given(text).digest == given(text, wait="5s").digest != given(text, wait="6s").digest


@pytest.mark.parametrize(
    ("text", "values", "line"),
    [
        (
            "parameters: {wait: 5s}\nsettings: {greeting: '${parameters.wayt}'}",
            {},
            "4:22: settings.greeting: expected one of the parameters 'wait', got 'wayt' (did you mean 'wait'?)",
        ),
        (
            "settings: {greeting: 'hello ${parameters.name}'}",
            {},
            "3:22: settings.greeting: expected no parameter, got 'name'",
        ),
        (
            f"parameters: {{wait: 5}}\njobs: [{{{STEPS}}}]",
            {},
            ("3:20: jobs[0].steps[1].after: expected a duration such as 500ms, 5s, 2m or 1h, or release, got 5 "
     "(did you mean '5s'?)"),
        ),
        (
            f"parameters: {{wait: 5s}}\njobs: [{{{STEPS}}}]",
            {"wait": 5},
            "3:13: parameters: expected text for the parameter wait, got 5",
        ),
        (
            "parameters: {rows: 5}",
            {"rows": True},
            "3:13: parameters: expected a whole number for the parameter rows, got true",
        ),
        (
            "parameters: {rows: 5}",
            {"row": 5},
            "3:13: parameters: expected one of the parameters 'rows', got 'row'",
        ),
        ("seed: 1", {"row": 5}, "1:1: parameters: expected one of the parameters (there are none), got 'row'"),
        (
            "parameters: {rows: [1]}",
            {},
            "3:20: parameters.rows: expected text or a number or true or false, got a list of 1",
        ),
        (
            "parameters: {0x: 1}",
            {},
            "3:13: parameters: expected a name of letters, digits and underscores for each parameter, got '0x'",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(refused_with, text, values, line):
    told = refused_with(text, **values)
    assert line in told, told


def test_the_keys_of_a_mapping_are_never_parameters(refused_with):
    assert refused_with("parameters: {a: share}\nsettings: {'${parameters.a}': 1}")

"""Texts with places left open."""

import pytest

from emulator.clock import HOUR, MINUTE
from emulator.scenario import fakes
from emulator.scenario.template import FAKERS, NAMES, Name, Text, filled, left_open, name, template


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("request.method", Name("request.method")),
        ("request.query.a.b", Name("request.query", "a.b")),
        ("request.header.X-Id", Name("request.header", "X-Id")),
        ("request.params.id", Name("request.params", "id")),
        ("request.body", Name("request.body")),
        ("request.body.a.0", Name("request.body", "a.0")),
        ("request.body./a/0", Name("request.body", "/a/0")),
        ("now", Name("now")),
        ("now+5m", Name("now", later=5 * MINUTE)),
        ("now-1h", Name("now", later=-HOUR)),
        ("now.unix", Name("now.unix")),
        ("faker.company", Name("faker", "company")),
    ],
)
def test_a_name_is_one_of_the_table(text, meant):
    assert name(text) == meant


@pytest.mark.requirement("S-12")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("7*7", "got '7*7'"),
        ("job", "got 'job'"),
        ("job.ids", "(did you mean 'job.id'?)"),
        ("request.query", "got 'request.query'"),
        ("request.query.", "got 'request.query.'"),
        ("requestqueryx", "got 'requestqueryx'"),
        ("now+soon", "expected a duration"),
        ("now+9999d", "expected a duration of at most"),
        ("faker", "got 'faker'"),
        ("faker.compani", "(did you mean 'company'?)"),
        ("faker.seed_instance", "expected faker. and one of"),
        ("__class__", "got '__class__'"),
    ],
)
def test_anything_else_is_refused(text, told):
    with pytest.raises(ValueError, match="expected") as caught:
        Text(f"a ${{{text}}} b")
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["$", "${}", "${ now }", "{{now}}", "$now", "${now", "#{now}", "%{now}"])
def test_what_looks_otherwise_is_text(text):
    assert template(text) == text


def test_a_text_that_is_one_place_takes_the_value_as_it_is():
    assert Text("${request.body.rows}").filled(lambda _: [1, 2]) == [1, 2]
    assert Text("${request.body.rows}").filled(lambda _: None) is None


@pytest.mark.parametrize(
    ("value", "text"), [(None, "<>"), (True, "<true>"), (False, "<false>"), (1.5, "<1.5>"), ("x", "<x>")]
)
def test_within_a_text_it_becomes_text(value, text):
    assert Text("<${account}>").filled(lambda _: value) == text


@pytest.mark.requirement("S-12")
def test_what_is_filled_in_is_never_looked_at_again():
    said = "${now} ${request.query.b} {{7*7}}"
    assert Text("${request.query.a}${request.query.a}").filled(lambda _: said) == said * 2


def test_json_is_filled_wherever_it_leaves_something_open():
    made = template({"a": ["x", "${uuid}", {"b": "${now}!"}], "c": 1, "d": None})
    assert [each.word for each in left_open(made)] == ["uuid", "now"]
    assert filled(made, lambda each: each.word) == {"a": ["x", "uuid", {"b": "now!"}], "c": 1, "d": None}


def test_every_word_says_what_it_stands_for():
    assert all(about.endswith(".") for about in NAMES.values())


def test_each_faker_draws_the_same_for_the_same_bits():
    drawn = {each: fakes.drawn(each, 7) for each in FAKERS}
    assert drawn == {each: fakes.drawn(each, 7) for each in FAKERS}
    assert all(drawn.values())
    assert fakes.drawn("company", 7) != fakes.drawn("company", 8)

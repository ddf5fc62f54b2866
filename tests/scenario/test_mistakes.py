import pytest

from emulator.scenario.mistakes import Mistake, ScenarioError, dotted, listed, nearest, shown


def test_a_mistake_reads_like_a_compilers():
    mistake = Mistake("a.yaml", 8, 16, ("jobs", 0, "steps", 1, "state"), "expected this, got that", "this")
    assert str(mistake) == "a.yaml:8:16: jobs[0].steps[1].state: expected this, got that (did you mean 'this'?)"


def test_a_mistake_of_the_whole_document_has_no_path_and_may_have_no_suggestion():
    assert str(Mistake("a.yaml", 1, 1, (), "expected a mapping, got nothing")) == (
        "a.yaml:1:1: expected a mapping, got nothing"
    )


def test_a_suggested_number_is_shown_without_quotes():
    assert str(Mistake("a", 1, 1, (), "no", 1016)).endswith("(did you mean 1016?)")


def test_an_error_lists_its_mistakes_from_the_top_of_the_file():
    error = ScenarioError([Mistake("a", *at, (), "x") for at in [(9, 1), (2, 30), (2, 4)]])
    assert str(error) == "a:2:4: x\na:2:30: x\na:9:1: x"
    assert [mistake.line for mistake in error.mistakes] == [2, 2, 9]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("a",), "a"),
        (("jobs", 0, "x-y", 12), "jobs[0].x-y[12]"),
        (("a", "b c"), "a['b c']"),
        (("a\n",), "['a\\n']"),
        (("", 0), "[''][0]"),
    ],
)
def test_a_path_is_written_as_people_do(path, written):
    assert dotted(path) == written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (5, "5"),
        ("a\nb", "'a\\nb'"),
        ("x" * 99, f"'{'x' * 60}'..."),
        ({}, "an empty mapping"),
        ({"a": 1, "b": 2}, "a mapping of 'a' and 'b'"),
        ([], "an empty list"),
        ([1, 2], "a list of 2"),
    ],
)
def test_a_value_is_shown_on_one_short_line(value, text):
    assert shown(value) == text


def test_a_long_list_of_choices_is_cut_short():
    assert listed(range(20), "or") == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 or 4 more"


def test_the_nearest_choice_ignores_case_and_keeps_its_type():
    assert nearest("pending", ["PENDING", "DONE"]) == "PENDING"
    assert nearest("1016", [1016, 1049]) == 1016
    assert nearest("xyz", ["PENDING", None]) is None
    assert nearest("a" * 10_000, ["aaaa"]) is None

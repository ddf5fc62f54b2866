from dataclasses import replace

import pytest

from emulator.job import Lifecycle
from emulator.scenario.loader import Placed, load
from emulator.scenario.mistakes import ScenarioError


def steps(*rest):
    return f"jobs: [{{steps: [{{state: PENDING}}, {', '.join(rest)}]}}]"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "clock: {start: 1969-12-31T23:59:59Z}",
            "3:16: clock.start: expected a date from 1970 to 2999, got '1969-12-31T23:59:59Z'",
        ),
        (
            "settings: {link_lives: 3651d}",
            "3:24: settings.link_lives: expected a duration of at most 3650d, got '3651d'",
        ),
        (
            f"settings: {{largest: {'9' * 30}GB}}",
            f"3:21: settings.largest: expected a size of at most 1048576GiB, got '{'9' * 30}GB'",
        ),
        (
            "jobs: [{when: {longer_than: 9999d}, steps: [{state: PENDING}], stuck: true}]",
            "3:29: jobs[0].when.longer_than: expected a duration of at most 3650d, got '9999d'",
        ),
        (
            "jobs: [{steps: [{state: PENDING}], result: {bytes: 9999999GB}, stuck: true}]",
            "3:52: jobs[0].result.bytes: expected a size of at most 1048576GiB, got '9999999GB'",
        ),
        (
            "jobs: [{when: {nth: 3..2}, steps: [{state: PENDING}], stuck: true}]",
            "3:21: jobs[0].when.nth: expected a range that holds something, got '3..2'",
        ),
        (
            "faults: [{operation: getTask, calls: 5..7, every: 4, latency: 1s}]",
            "3:38: faults[0].calls: expected a range that holds something, got '5..7' among every 4",
        ),
        ("faults: [{operation: getTask, latency: 61s}]", ("3:40: faults[0].latency: expected a duration "
 "of at most 1m, got '61s'")),
        (
            "faults: [{operation: getTask, latency: {fixed: 2m}}]",
            "3:48: faults[0].latency.fixed: expected a duration of at most 1m, got '2m'",
        ),
        (
            "faults: [{operation: getTask, latency: {uniform: [1s, 2m]}}]",
            "3:55: faults[0].latency.uniform[1]: expected a duration of at most 1m, got '2m'",
        ),
        (
            "faults: [{operation: getTask, latency: {uniform: [2s, 1s]}}]",
            "3:50: faults[0].latency.uniform: expected the shorter first, got 2s before 1s",
        ),
        (
            "faults: [{operation: getTask, latency: {lognormal: {median: 0, p99: 1s}}}]",
            "3:61: faults[0].latency.lognormal.median: expected a median above 0, got 0",
        ),
        (
            "faults: [{operation: getTask, latency: {lognormal: {median: 1s, p99: 1s}}}]",
            "3:70: faults[0].latency.lognormal.p99: expected more than the median 1s, got '1s'",
        ),
        (
            f"jobs: [{{steps: [{{state: PENDING}}, {{state: CANCEL, after: {'9' * 50}s}}]}}]",
            ("3:58: jobs[0].steps[1].after: expected a duration such as 500ms, 5s, 2m or 1h, in at most 40 characters, "
            f"got '{'9' * 50}s'"),
        ),
    ],
)  # fmt: skip
def test_bounds_are_checked(told, text, line):
    assert told(text) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "jobs: [{steps: [{state: DONE}]}]",
            (
                "3:25: jobs[0].steps[0].state: expected 'PENDING', where every job "
                "begins, got 'DONE' (did you mean 'PENDING'?)"
            ),
        ),
        (
            "jobs: [{steps: [{state: end}]}]",
            (
                "3:25: jobs[0].steps[0].state: expected 'PENDING', where every job "
                "begins, got 'end' (did you mean 'PENDING'?)"
            ),
        ),
        (
            "jobs: [{steps: [{state: PENDING, after: 5s}], stuck: true}]",
            "3:34: jobs[0].steps[0].after: expected no wait before the first step, got after",
        ),
        (
            steps("{state: DONE}"),
            (
                "3:43: jobs[0].steps[1].state: expected what may follow 'PENDING', which is 'PENDING', 'PROCESSING', "
                "'CANCEL' or 'end', got 'DONE'"
            ),
        ),
        (
            steps("{state: PROCESSING}", "{state: DONE}", "{state: DONE}"),
            "3:79: jobs[0].steps[3].state: expected no step after 'DONE', which is final, got 'DONE'",
        ),
        (
            steps("{state: end}", "{state: DONE}"),
            "3:57: jobs[0].steps[2].state: expected no step after 'end', which is final, got 'DONE'",
        ),
        (
            steps("{state: end}", "{state: end}"),
            "3:57: jobs[0].steps[2].state: expected no step after 'end', which is final, got 'end'",
        ),
    ],
)
def test_steps_follow_the_lifecycle(told, text, line):
    assert told(text) == line


def test_staying_in_a_state_is_a_step(scenario):
    story = scenario(
        "version: 1\napi: fake\n"
        + steps("{state: PROCESSING, progress: 5}", "{state: PROCESSING, progress: 9}", "{state: end}")
    )
    assert len(story.jobs[0].steps) == 4


def with_lifecycle(vocabularies, lifecycle, text):
    words = {"fake": replace(vocabularies["fake"], lifecycle=lifecycle)}
    return load(f"version: 1\napi: fake\njobs: [{{steps: [{text}]}}]".encode(), Placed("f", "n"), words)


def test_end_may_not_come_where_no_final_state_may(vocabularies):
    line = Lifecycle({"A": ("B",), "B": ("C",), "C": ()})
    with pytest.raises(ScenarioError, match="expected what may follow 'A', which is 'A' or 'B', got 'end'"):
        with_lifecycle(vocabularies, line, "{state: A}, {state: end}")


def test_where_no_state_is_final_a_story_goes_on_after_the_end(vocabularies):
    circle = Lifecycle({"A": ("B",), "B": ("A",)})
    story = with_lifecycle(vocabularies, circle, "{state: A}, {state: end}, {state: A}")
    assert len(story.jobs[0].steps) == 3


@pytest.mark.parametrize(
    ("rules", "at"),
    [
        (["{}", "{report: a}"], [(1, 0)]),
        (["{nth: 1..}", "{}"], [(1, 0)]),
        (["{report: a}", "{report: b}", "{report: a, nth: 2}", "{}", "{}"], [(2, 0), (4, 3)]),
        (["{nth: 2..}", "{every: 2}", "{}"], []),
        (["{report: a, longer_than: 1s}", "{report: a}"], []),
    ],
)
def test_a_rule_that_cannot_be_reached_is_a_mistake(vocabularies, rules, at):
    lines = "".join(f"  - {{when: {when}, steps: [{{state: PENDING}}], stuck: true}}\n" for when in rules)
    text = f"version: 1\napi: fake\njobs:\n{lines}".encode()
    expected = [
        (
            f"f:{4 + below}:5: jobs[{below}]: expected a rule that can be reached, got "
            f"one below jobs[{above}], which takes all"
        )
        for below, above in at
    ]
    try:
        load(text, Placed("f", "n"), vocabularies)
        told = []
    except ScenarioError as error:
        told = str(error).split("\n")
    assert told == expected


def test_of_a_value_with_a_mistake_nothing_is_said_twice(told):
    assert "expected a list of at most 2" in told(steps("{state: CANCEL, after: {uniform: [9s, 5s, 1s]}}"))


def test_of_an_unknown_api_the_common_grammar_is_still_checked(refused):
    assert (
        len(refused("version: 1\napi: nope\nseed: -1\njobs: [{steps: [{state: A, after: {uniform: [2s, 1s]}}]}]")) == 3
    )

"""What comes after a job's last step: the place and the words of each mistake."""

import pytest

CYCLE = "{state: PENDING}, {state: PENDING, after: 5s}"


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (
            "{steps: [{state: PENDING}, {state: PROCESSING}]}",
            (
                "3:43: jobs[0].steps[1].state: expected a last step into a final state, or `stuck: true`: "
                "in 'PROCESSING' the job waits for ever"
            ),
        ),
        (
            "{steps: [{state: PENDING}], repeat: none}",
            (
                "3:25: jobs[0].steps[0].state: expected a last step into a final state, or `stuck: true`: "
                "in 'PENDING' the job waits for ever"
            ),
        ),
        (
            "{steps: [{state: PENDING}, {state: end}], stuck: true}",
            "3:57: jobs[0].stuck: expected no `stuck: true`: the job ends in 'end'",
        ),
        (
            "{steps: [{state: PENDING}, {state: CANCEL}], stuck: true}",
            "3:60: jobs[0].stuck: expected no `stuck: true`: the job ends in 'CANCEL'",
        ),
        (
            "{steps: [{state: PENDING}], repeat: cycle}",
            "3:44: jobs[0].repeat: expected more than one step for a cycle: the first is not repeated",
        ),
        (
            "{steps: [{state: PENDING}, {state: end, after: 5s}], repeat: cycle}",
            "3:69: jobs[0].repeat: expected a last step that 'end', the second, may follow, got 'end'",
        ),
        (
            "{steps: [{state: PENDING}, {state: PENDING, after: 500ms}], repeat: cycle}",
            "3:76: jobs[0].repeat: expected waits of at least 1s in a cycle",
        ),
        (
            "{steps: [{state: PENDING}, {state: PENDING, after: {uniform: [0, 9s]}}], repeat: cycle}",
            "3:89: jobs[0].repeat: expected waits of at least 1s in a cycle",
        ),
        (
            "{steps: [{state: PENDING}, {state: PENDING, after: 5s}], repeat: round}",
            "3:73: jobs[0].repeat: expected one of 'last', 'cycle' or 'none', got 'round'",
        ),
    ],
)
def test_a_last_step_that_makes_no_sense_is_told_with_its_place(told, rule, line):
    assert told(f"jobs: [{rule}]") == line


@pytest.mark.parametrize(
    "rule",
    [
        f"{{steps: [{CYCLE}], repeat: cycle}}",
        "{steps: [{state: PENDING}, {state: PENDING, after: {polls: 1}}], repeat: cycle}",
        "{steps: [{state: PENDING}, {state: PENDING, after: release}], repeat: cycle}",
        "{steps: [{state: PENDING}, {state: PENDING, after: {lognormal: {median: 1s, p99: 9s}}}], repeat: cycle}",
        "{steps: [{state: PENDING}], stuck: true}",
        "{steps: [{state: PENDING}, {state: end}], stuck: false}",
        "{steps: [{state: PENDING}, {state: CANCEL}], repeat: none}",
    ],
)
def test_others_are_loaded(scenario, rule):
    assert scenario(f"version: 1\napi: fake\njobs: [{rule}]").jobs


def test_a_cycle_without_waits_would_never_come_to_rest(told, scenario):
    rule = f"jobs: [{{steps: [{CYCLE}], repeat: cycle}}]"
    assert told(f"progression: immediate\n{rule}").startswith(
        "4:73: jobs[0].repeat: expected no cycle under `progression: immediate`"
    )
    assert scenario(f"version: 1\napi: fake\nprogression: manual\n{rule}").jobs


@pytest.mark.parametrize(
    ("first", "second", "reachable"),
    [
        ("{query: {a: b}}", "{query: {a: b}, nth: 2}", False),
        ("{query: {a: b}}", "{query: {a: c}}", True),
        ("{chance: 0.5}", "{}", True),
        ("{chance: 0.5, report: a}", "{report: a}", True),
        ("{during: {to: 5m}}", "{}", True),
        ("{operation: submitTask}", "{operation: submitTask, account: acme}", False),
    ],
)
def test_a_rule_below_one_that_asks_less_is_never_reached(scenario, refused, first, second, reachable):
    steps = "steps: [{state: PENDING}, {state: end}]"
    text = f"version: 1\napi: fake\njobs: [{{when: {first}, {steps}}}, {{when: {second}, {steps}}}]"
    if reachable:
        assert len(scenario(text).jobs) == 2
    else:
        assert refused(text)[0].endswith("expected a rule that can be reached, got one below jobs[0], which takes all")

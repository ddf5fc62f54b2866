"""What a file says of rules, as values."""

import pytest

from emulator.chance import Fixed, Uniform
from emulator.clock import MINUTE, SECOND
from emulator.damage import Damage, Dribble
from emulator.pointer import ABSENT, Change
from emulator.scenario import condition
from emulator.scenario.condition import Condition
from emulator.scenario.rules import content_type
from emulator.scenario.story import CallbackRule, Edge, Fault, Ordinals, Reply, Span, When
from emulator.scenario.template import Text

HEAD = "version: 1\napi: fake\n"
AT_NINE = 1_772_355_600_000_000


@pytest.fixture
def fault(scenario):
    """The one fault of a file, as a value."""
    return lambda text: scenario(f"{HEAD}faults: [{{{text}}}]").faults[0]


@pytest.fixture
def callback(scenario):
    """The one rule about callbacks of a file, as a value."""
    return lambda text: scenario(f"{HEAD}callbacks: [{{{text}}}]").callbacks[0]


# When -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("", None),
        ("operation: getTask, ", frozenset({"getTask"})),
        ("operation: [getTask, submitTask], ", frozenset({"getTask", "submitTask"})),
    ],
)
def test_of_one_operation_of_several_or_of_all(fault, text, operations):
    assert fault(text + "latency: 1s").when.operations == operations


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("operation: getTask", "job"),
        ("operation: [getTask, cancelTask]", "job"),
        ("operation: [getTask, submitTask]", "namespace"),
        ("operation: submitTask", "namespace"),
        ("latency: 0", "namespace"),
        ("operation: getTask, per: account", "account"),
    ],
)
def test_calls_about_one_job_are_counted_per_job_unless_told_otherwise(fault, text, per):
    assert fault(text + ", bandwidth: 1KB").when.per == per


def test_everything_that_may_be_asked(fault):
    when = fault(
        "latency: 1s, calls: 2.., every: 2, when: {path: /a, query: {async: true, n: 1}, header: {X: {exists: false}}, "
        "body: {/a: {equals: [1], contains: 1}}, account: acme, chance: 0.5, "
        "during: {from: 5m, to: 2026-03-01T09:00:00Z}}"
    ).when
    assert when == When(
        nth=Ordinals(2, None, 2),
        asked=(
            Condition("path", "", condition.Test("/a")),
            Condition("query", "async", condition.Test("true")),
            Condition("query", "n", condition.Test("1")),
            Condition("header", "X", condition.Test(exists=False)),
            Condition("body", "/a", condition.Test((1,), 1)),
        ),
        account="acme",
        chance=0.5,
        during=Span(Edge(5 * MINUTE, absolute=False), Edge(AT_NINE, absolute=True)),
    )


def test_a_pattern_is_made_ready_once(fault):
    (asked,) = fault("latency: 1s, when: {path: {matches: ^/a}}").when.asked
    assert (asked.test.matches.text, asked.test.equals) == ("^/a", ABSENT)


def test_submissions_may_be_asked_the_same_beside_the_apis_own(scenario):
    when = (
        scenario(
            HEAD
            + "jobs: [{when: {report: stock, nth: 2, operation: submitTask, query: {a: b}, chance: 0.5}, "
            + "steps: [{state: PENDING}, {state: end}]}]"
        )
        .jobs[0]
        .when
    )
    assert when == When(
        {"report": "stock"},
        Ordinals(2, 2),
        operations=frozenset({"submitTask"}),
        asked=(Condition("query", "a", condition.Test("b")),),
        chance=0.5,
    )


# Then -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("latency: 1s", "after"),
        ("error: 1016", "before"),
        ("answer: {status: 404}, breaks_contract: true", "before"),
        ("error: 1016, effect: after", "after"),
        ("fault: TIMEOUT", "after"),
        ("fault: TIMEOUT, effect: before", "before"),
        ("set: {/a: 1}", "after"),
    ],
)
def test_only_what_is_said_instead_comes_before_the_effect(fault, text, effect):
    assert fault(text).effect == effect


def test_an_answer_of_its_own(fault):
    answer = fault(
        "answer: {status: 201.0, headers: {X-A: a, X-B: 'b${uuid}'}, body: {a: ['${now}', null], b: {}}, "
        "content_type: text/csv}, breaks_contract: true"
    ).answer
    assert (answer.status, answer.content_type, answer.headers["X-A"]) == (201, "text/csv", "a")
    assert isinstance(answer.headers["X-B"], Text)
    assert isinstance(answer.body["a"][0], Text)
    assert (answer.body["a"][1], answer.body["b"]) == (None, {})


def test_the_least_answer(fault):
    assert fault("answer: {}").answer == Reply(200, {}, None, None)
    assert fault("answer: {text: a}").answer == Reply(200, {}, "a", "text/plain", json=False)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"body": {}}, None),
        ({"text": "a"}, "text/plain"),
        ({"file": "a.json"}, None),
        ({"file": "a.b.CSV"}, "text/csv"),
        ({"file": "a.xml"}, "application/xml"),
        ({"file": "a"}, "application/octet-stream"),
        ({"file": "json"}, None),
    ],
)
def test_a_body_is_what_it_looks_like(answer, kind):
    assert content_type(answer) == kind


def test_what_goes_wrong_on_the_wire(fault):
    told = fault(
        "fault: TIMEOUT, chunked_dribble: {chunks: 5, over: 2s}, bandwidth: 10KB, "
        "headers: {A: b, C: null, D: [e, f]}, date: {behind: 10m}, latency: {uniform: [1s, 2s]}"
    )
    assert told.latency == Uniform(SECOND, 2 * SECOND)
    assert told.damage == Damage(
        "TIMEOUT", Dribble(5, 2 * SECOND), 10_000, {"A": "b", "C": None, "D": ("e", "f")}, -10 * MINUTE
    )
    assert fault("date: {ahead: 1s}").damage == Damage(date=SECOND)


def test_changes_of_the_body(fault):
    told = fault("set: {/a: {b: [1]}}, replace: {/c: null}, remove: [/d, /e/0], breaks_contract: true")
    assert told.change == Change(("/d", "/e/0"), {"/c": None}, {"/a": {"b": [1]}})
    assert told.breaks_contract


def test_a_fault_of_one_thing_says_nothing_else(fault):
    assert fault("latency: 1s") == Fault("fake/story faults[0]", key="faults[0]", latency=Fixed(SECOND))


# Callbacks --------------------------------------------------------------------------


def test_all_that_may_become_of_a_callback(callback):
    told = callback(
        "when: {url: {contains: hook}, account: acme}, calls: 2, per: job, delay: 10s, copies: 3, apart: 1s, "
        "retry: [1s, 5s], before_answer: true, headers: {A: b, C: null}, set: {/a: 1}, malformed: true, "
        "breaks_contract: true"
    )
    assert told == CallbackRule(
        "fake/story callbacks[0]",
        When(
            nth=Ordinals(2, 2),
            per="job",
            asked=(Condition("path", "", condition.Test(contains="hook")),),
            account="acme",
        ),
        "callbacks[0]",
        delay=Fixed(10 * SECOND),
        copies=3,
        apart=SECOND,
        retry=(SECOND, 5 * SECOND),
        before_answer=True,
        headers={"A": "b", "C": None},
        change=Change(set={"/a": 1}),
        malformed=True,
    )


def test_never_tried_again_is_not_the_vendors_schedule(callback):
    assert (callback("retry: []").retry, callback("copies: 0").retry) == ((), None)


# Jobs -------------------------------------------------------------------------------


@pytest.mark.parametrize("repeat", ["last", "cycle", "none"])
def test_what_comes_after_the_last_step(scenario, repeat):
    steps = "[{state: PENDING}, {state: PENDING, after: 5s}]"
    rule = scenario(
        f"{HEAD}jobs: [{{steps: {steps}, repeat: {repeat}, stuck: {str(repeat != 'cycle').lower()}}}]"
    ).jobs[0]
    assert rule.repeat == repeat

"""Faults and callbacks that could never act, or not as they are meant to: the place and the words of each mistake."""

from dataclasses import replace

import pytest

from emulator.damage import FAULTS, WITHOUT_ANSWER
from emulator.scenario.loader import Placed, load
from emulator.scenario.mistakes import ScenarioError, listed

A_POINTER = "expected a JSON Pointer such as /rows/0/id"
NEEDS = (
    f"expected an error, an answer or one of the faults {listed(sorted(WITHOUT_ANSWER), 'or')} "
    "beside `effect: before`: there is no answer to act on"
)


@pytest.mark.requirement("S-9")
@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (
            "error: 1016, answer: {}",
            "faults[0]: expected error or answer, not both, got a mapping of 'error' and 'answer'",
        ),
        ("bandwidth: 0B", "faults[0].bandwidth: expected some bandwidth, got none: the fault TIMEOUT never answers"),
        (
            "bandwidth: 000KiB",
            "faults[0].bandwidth: expected some bandwidth, got none: the fault TIMEOUT never answers",
        ),
        ("bandwidth: 9999999GB", "faults[0].bandwidth: expected a size of at most 1048576GiB, got '9999999GB'"),
        (
            "chunked_dribble: {chunks: 2, over: 61s}",
            "faults[0].chunked_dribble.over: expected a duration of at most 1m, got '61s'",
        ),
        (
            "chunked_dribble: {chunks: 0, over: 1s}",
            "faults[0].chunked_dribble.chunks: expected a number of at least 1, got 0",
        ),
        ("date: {}", "faults[0].date: expected exactly one of ahead and behind, got an empty mapping"),
        (
            "date: {ahead: 1s, behind: 1s}",
            "faults[0].date: expected exactly one of ahead and behind, got a mapping of 'ahead' and 'behind'",
        ),
        ("date: {ahead: 9999d}", "faults[0].date.ahead: expected a duration of at most 3650d, got '9999d'"),
        ("set: {a.b: 1}", f"faults[0].set['a.b']: {A_POINTER}, got 'a.b' (did you mean '/a/b'?)"),
        ("replace: {/a~: 1}", f"faults[0].replace['/a~']: {A_POINTER}, got '/a~'"),
        ("remove: [/a, b]", f"faults[0].remove[1]: {A_POINTER}, got 'b' (did you mean '/b'?)"),
        ("remove: []", "faults[0].remove: expected a list of at least 1, got an empty list"),
        ("headers: {'a b': c}", "faults[0].headers['a b']: expected the name of a header, got 'a b'"),
        (
            'headers: {a: "b\\r\\nc: d"}',
            "faults[0].headers.a: expected a header on one line, without control characters",
        ),
        ('headers: {a: [b, "c\\0"]}', "faults[0].headers.a: expected a header on one line, without control characters"),
        (
            "headers: {a: 1}",
            "faults[0].headers.a: expected a text, a list of texts, or nothing to take it away, got 1",
        ),
        ("answer: {headers: {'a:': c}}", "faults[0].answer.headers['a:']: expected the name of a header, got 'a:'"),
        (
            'answer: {headers: {a: "\\n"}}',
            "faults[0].answer.headers.a: expected a header on one line, without control characters",
        ),
        (
            "answer: {body: 1, text: a}",
            "faults[0].answer: expected one of body, text and file, got a mapping of 'body' and 'text'",
        ),
        ("answer: {status: 199}", "faults[0].answer.status: expected a number of at least 200, got 199"),
        (
            "answer: {file: 'a${now}.txt'}",
            "faults[0].answer.file: expected the name of a file with nothing left open in it",
        ),
        (
            "answer: {content_type: json}",
            "faults[0].answer.content_type: expected a media type such as text/csv, got 'json'",
        ),
        (
            'answer: {content_type: "a/b\\r\\nc: d"}',
            "faults[0].answer.content_type: expected a media type such as text/csv, got 'a/b\\r\\nc: d'",
        ),
        ("effect: before, latency: 1s", f"faults[0].effect: {NEEDS}"),
        ("effect: before, fault: TRUNCATED_BODY", f"faults[0].effect: {NEEDS}"),
        (
            "operation: submitTask, per: job, latency: 1s",
            "faults[0].per: expected account or namespace: submitTask is not about one job, got 'job'",
        ),
        ("calls: 3..2, latency: 1s", "faults[0].calls: expected a range that holds something, got '3..2'"),
    ],
)
def test_a_fault_that_makes_no_sense_is_told_with_its_place(refused, rule, line):
    lines = refused(f"version: 1\napi: fake\nfaults: [{{{rule}}}]")
    told = [each.partition(": ")[2] for each in lines if "file" not in rule or "beside it" not in each]
    assert told == [line]
    assert lines[0].startswith("3:")


@pytest.mark.parametrize(
    ("answer", "place", "words"),
    [
        ("body: {a: ['${job}']}", "3:26: faults[0].answer.body: ", "expected one of 'request.method'"),
        ("text: '${7*7}'", "3:26: faults[0].answer.text: ", "expected one of 'request.method'"),
        ("headers: {A: '${request.query}'}", "3:29: faults[0].answer.headers: ", "got 'request.query'"),
        ("text: '${now+5}'", "3:26: faults[0].answer.text: ", "expected a duration"),
    ],
)
def test_a_place_left_open_means_something(told, answer, place, words):
    line = told(f"faults: [{{answer: {{{answer}}}}}]")
    assert line.startswith(place)
    assert words in line


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_what_needs_no_answer_may_come_before_the_call_is_made(scenario, refused, name):
    text = f"version: 1\napi: fake\nfaults: [{{fault: {name}, effect: before}}]"
    if name in WITHOUT_ANSWER:
        assert scenario(text).faults[0].effect == "before"
    else:
        assert refused(text) == [f"3:47: faults[0].effect: {NEEDS}".replace("3:47", f"3:{28 + len(name)}")]


# One below another ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (["operation: getTask, error: 1016", "operation: getTask, calls: 2, error: 1049"], [(1, 0)]),
        (["operation: getTask, error: 1016", "operation: getTask, calls: 2, latency: 1s"], []),
        (["operation: getTask, calls: 2, error: 1016", "operation: getTask, error: 1049"], []),
        (["operation: getTask, when: {chance: 0.5}, error: 1016", "operation: getTask, error: 1049"], []),
        (["operation: getTask, error: 1016", "operation: submitTask, error: 1049"], []),
        (["operation: [getTask, submitTask], error: 1016", "operation: submitTask, answer: {}"], [(1, 0)]),
        (["operation: getTask, error: 1016", "operation: [getTask, submitTask], error: 1049"], []),
        (
            [
                "operation: getTask, error: 1016",
                "operation: submitTask, error: 1016",
                "operation: [getTask, submitTask], error: 1049",
            ],
            [(2, 0)],
        ),
    ],
)
def test_an_error_below_one_that_answers_all_is_a_mistake(vocabularies, rules, told):
    lines = "".join(f"  - {{{each}}}\n" for each in rules)
    expected = [
        f"f:{4 + place}:5: faults[{place}]: expected a fault that can act, "
        f"got one below faults[{above}], which answers all"
        for place, above in told
    ]
    try:
        load(f"version: 1\napi: fake\nfaults:\n{lines}".encode(), Placed("f", "n"), vocabularies)
        found = []
    except ScenarioError as error:
        found = str(error).split("\n")
    assert found == expected


# Callbacks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (
            "{}",
            (
                "3:13: callbacks[0]: expected at least one of delay, copies, apart, retry, before_answer, headers, "
                "set, replace, remove and malformed, got an empty mapping"
            ),
        ),
        ("{delay: 9999d}", "3:21: callbacks[0].delay: expected a duration of at most 3650d, got '9999d'"),
        (
            "{delay: {uniform: [2s, 1s]}}",
            "3:31: callbacks[0].delay.uniform: expected the shorter first, got 2s before 1s",
        ),
        ("{copies: 101}", "3:22: callbacks[0].copies: expected a number of at most 100, got 101"),
        ("{copies: 2, apart: 9999d}", "3:32: callbacks[0].apart: expected a duration of at most 3650d, got '9999d'"),
        ("{retry: [1s, 9999d]}", "3:26: callbacks[0].retry[1]: expected a duration of at most 3650d, got '9999d'"),
        ("{headers: {'a b': c}}", "3:24: callbacks[0].headers['a b']: expected the name of a header, got 'a b'"),
        (
            '{headers: {a: "b\\n"}}',
            "3:27: callbacks[0].headers.a: expected a header on one line, without control characters",
        ),
        (
            "{set: {a: 1}, breaks_contract: true}",
            f"3:20: callbacks[0].set.a: {A_POINTER}, got 'a' (did you mean '/a'?)",
        ),
        (
            "{remove: [/a], set: {/b: 1}}",
            (
                "3:28: callbacks[0].set: expected `breaks_contract: true` beside 'set' and 'remove': "
                "a callback that is changed is not checked"
            ),
        ),
        ("{calls: 2..1, copies: 2}", "3:21: callbacks[0].calls: expected a range that holds something, got '2..1'"),
    ],
)
def test_a_rule_about_callbacks_that_makes_no_sense_is_told_with_its_place(told, rule, line):
    assert told(f"callbacks: [{rule}]") == line


def test_an_api_that_calls_nobody_back_has_no_such_rules(vocabularies):
    words = {"fake": replace(vocabularies["fake"], callbacks=False)}
    with pytest.raises(ScenarioError) as caught:
        load(b"version: 1\napi: fake\ncallbacks: [{copies: 2}]", Placed("f", "n"), words)
    assert str(caught.value) == "f:3:1: callbacks: expected no callbacks: fake calls nobody back"


# Answers that break the contract ----------------------------------------------------


@pytest.fixture
def strict(vocabularies):
    """Lines about an answer under a contract that knows one status and wants a state."""

    def breaches(_operation, status, media_type, payload):
        if status != 200:
            yield f"it declares no status {status}"
        elif not isinstance(payload, dict) or "state" not in payload:
            yield f"/: no state in {payload} as {media_type}"

    words = {"fake": replace(vocabularies["fake"], breaches=breaches)}

    def lines(rule):
        try:
            load(f"version: 1\napi: fake\nfaults: [{{{rule}}}]".encode(), Placed("f", "n"), words)
        except ScenarioError as error:
            return str(error).split("\n")
        return []

    return lines


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (
            "operation: getTask, answer: {body: {a: 1}}",
            (
                "f:3:39: faults[0].answer: expected what getTask may answer, or `breaks_contract: true`: "
                "/: no state in {'a': 1} as application/json"
            ),
        ),
        (
            "operation: getTask, answer: {status: 418}",
            (
                "f:3:39: faults[0].answer: expected what getTask may answer, or `breaks_contract: true`: "
                "it declares no status 418"
            ),
        ),
        (
            "operation: getTask, answer: {text: a}",
            (
                "f:3:39: faults[0].answer: expected what getTask may answer, or `breaks_contract: true`: "
                "/: no state in a as text/plain"
            ),
        ),
    ],
)
def test_an_answer_that_breaks_the_contract_must_say_so(strict, rule, line):
    assert strict(rule) == [line]


@pytest.mark.parametrize(
    "rule",
    [
        "operation: getTask, answer: {body: {state: DONE}}",
        "operation: getTask, answer: {status: 418}, breaks_contract: true",
        "operation: getTask, answer: {body: {a: '${now}'}}",  # checked when it is given
        "answer: {status: 418}",  # of which operation, is known then
    ],
)
def test_others_are_loaded(strict, rule):
    assert strict(rule) == []

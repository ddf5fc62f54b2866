"""What rules ask of calls that makes no sense: the place and the words of each mistake."""

import pytest

A_PATTERN = "expected a regular expression without look-around and back-references"
A_VALUE = "expected a value, or a mapping of equals, contains, exists and matches"
NO_OTHER = "expected no other test of what does not exist, got exists: false"
LATE = "latency: 1s"


@pytest.mark.parametrize(
    ("when", "line"),
    [
        ("{path: {matches: '(?=a)'}}", f"3:34: faults[0].when.path.matches: {A_PATTERN}, got '(?=a)'"),
        ("{query: {a: {matches: '('}}}", f"3:39: faults[0].when.query.a.matches: {A_PATTERN}, got '('"),
        ("{header: {A: {matches: '(a)\\1'}}}", f"3:40: faults[0].when.header.A.matches: {A_PATTERN}, got '(a)\\\\1'"),
        ("{body: {/a: {matches: '(?<a'}}}", f"3:39: faults[0].when.body['/a'].matches: {A_PATTERN}, got '(?<a'"),
        ("{path: {exists: false, equals: a}}", f"3:33: faults[0].when.path.exists: {NO_OTHER}"),
        ("{body: {/a: {contains: b, exists: false}}}", f"3:51: faults[0].when.body['/a'].exists: {NO_OTHER}"),
        (
            "{body: {rows.0.id: 1}}",
            (
                "3:25: faults[0].when.body['rows.0.id']: expected a JSON Pointer such as /rows/0/id, got 'rows.0.id' "
                "(did you mean '/rows/0/id'?)"
            ),
        ),
        (
            "{body: {/a~2: 1}}",
            "3:25: faults[0].when.body['/a~2']: expected a JSON Pointer such as /rows/0/id, got '/a~2'",
        ),
        (
            "{chance: 0}",
            "3:26: faults[0].when.chance: expected a chance above 0: this rule would never act, got 0",
        ),
        ("{chance: 1.5}", "3:26: faults[0].when.chance: expected a number of at most 1, got 1.5"),
        ("{chance: often}", "3:26: faults[0].when.chance: expected a number, got 'often'"),
        (
            "{during: {from: 5m, to: 5m}}",
            "3:26: faults[0].when.during: expected an end after its beginning, got 5m to 5m",
        ),
        (
            "{during: {to: 0}}",
            "3:26: faults[0].when.during: expected an end after its beginning, got 0 to 0",
        ),
        (
            "{during: {from: 2026-03-01T10:00:00Z, to: 2026-03-01T09:00:00Z}}",
            (
                "3:26: faults[0].when.during: expected an end after its beginning, got 2026-03-01T10:00:00Z to "
                "2026-03-01T09:00:00Z"
            ),
        ),
        ("{during: {}}", "3:26: faults[0].when.during: expected a mapping of at least 1 keys, got an empty mapping"),
        (
            "{during: {from: 9999d}}",
            "3:33: faults[0].when.during.from: expected a duration of at most 3650d, got '9999d'",
        ),
        (
            "{during: {to: 1969-01-01T00:00:00Z}}",
            "3:31: faults[0].when.during.to: expected a date from 1970 to 2999, got '1969-01-01T00:00:00Z'",
        ),
        ("{path: [a]}", f"3:24: faults[0].when.path: {A_VALUE}, got a list of 1"),
        ("{query: {}}", "3:25: faults[0].when.query: expected a mapping of at least 1 keys, got an empty mapping"),
        (
            "{body: {/a: {}}}",
            "3:29: faults[0].when.body['/a']: expected a mapping of at least 1 keys, got an empty mapping",
        ),
        (
            "{path: {equal: a}}",
            (
                "3:25: faults[0].when.path.equal: expected one of the keys 'equals', 'contains', 'exists' or "
                "'matches', "
                "got 'equal' (did you mean 'equals'?)"
            ),
        ),
        ("{}", "3:17: faults[0].when: expected a mapping of at least 1 keys, got an empty mapping"),
        (
            "{url: a}",
            (
                "3:18: faults[0].when.url: expected one of the keys 'path', 'query', 'header', 'body', 'account', "
                "'chance', 'during' or 'state', got 'url'"
            ),
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_told_with_its_place(told, when, line):
    assert told(f"faults: [{{when: {when}, {LATE}}}]") == line


def test_a_duration_that_is_none_is_told(told):
    line = told("faults: [{when: {during: {from: soon}}, latency: 1s}]")
    assert line.startswith("3:33: faults[0].when.during.from: expected a duration")


@pytest.mark.parametrize(
    ("section", "rest"),
    [("jobs", "steps: [{state: PENDING}, {state: end}]"), ("faults", LATE), ("callbacks", "copies: 2")],
)
def test_it_is_told_of_rules_of_every_kind(told, section, rest):
    line = told(f"{section}: [{{when: {{header: {{A: {{matches: '('}}}}}}, {rest}}}]")
    assert line.endswith(f"{section}[0].when.header.A.matches: {A_PATTERN}, got '('")


def test_a_callback_has_a_url_and_no_query(told):
    assert "expected one of the keys 'url', 'header', 'body'" in told("callbacks: [{when: {query: {a: b}}, copies: 2}]")
    assert told("callbacks: [{when: {url: {matches: '('}}, copies: 2}]").startswith(
        "3:36: callbacks[0].when.url.matches"
    )


def test_an_account_is_one_that_the_file_lists(told, scenario):
    rule = "faults: [{when: {account: bob}, latency: 1s}]"
    assert (
        told("accounts: [{name: a, account: acme}, {account: other}]\n" + rule)
        == "4:27: faults[0].when.account: expected one of the accounts 'acme' or 'other', got 'bob'"
    )
    unlisted = scenario(f"version: 1\napi: fake\naccounts: [{{name: a}}, {{account: other}}]\n{rule}")
    assert unlisted.faults[0].when.account == "bob"

from dataclasses import replace

import pytest

from emulator.damage import FAULTS
from emulator.scenario.fit import misfits
from emulator.scenario.mistakes import listed

STEPS = "steps: [{state: PENDING}]"
A_DURATION = "expected a duration such as 500ms, 5s, 2m or 1h"
A_COUNT = "expected a number from 1, or a range such as 2..3 or 3.."
DOES = "latency, error, answer, set, replace, remove, fault, chunked_dribble, bandwidth, headers and date"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["1:1: expected a mapping, got nothing"]),
        ("[1]", ["1:1: expected a mapping, got a list of 1"]),
        (
            "about: x",
            [
                "1:1: expected the key 'version', got a mapping of 'about'",
                "1:1: expected the key 'api', got a mapping of 'about'",
            ],
        ),
        ("version: 2\napi: fake", ["1:10: version: expected 1, got 2"]),
        ("version: '1'\napi: fake", ["1:10: version: expected 1, got '1'"]),
        ("version: 1\napi: fakee", ["2:6: api: expected one of 'fake' or 'other', got 'fakee' (did you mean 'fake'?)"]),
        ("version: 1\napi:", ["2:5: api: expected one of 'fake' or 'other', got nothing"]),
    ],
)
def test_a_file_must_be_about_an_api(refused, text, lines):
    assert refused(text) == lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("about: 5", "3:8: about: expected text, got 5 (did you mean '5'?)"),
        ("about: true", "3:8: about: expected text, got true (did you mean 'true'?)"),
        ("seed: -1", "3:7: seed: expected a number of at least 0, got -1"),
        ("seed: x", "3:7: seed: expected a whole number, got 'x'"),
        ("seed: 1.5", "3:7: seed: expected a whole number, got 1.5"),
        ("clock: frozen", "3:8: clock: expected a mapping, got 'frozen'"),
        ("clock: {}", "3:8: clock: expected one of mode, rate, step and start, got an empty mapping"),
        ("clock: {mode: real, rate: 2}", ("3:8: clock: expected mode or rate, not both, got a "
 "mapping of 'mode' and 'rate'")),
        ("clock: {mode: freeze}", ("3:15: clock.mode: expected one of 'real', 'frozen' or 'skip', got "
 "'freeze' (did you mean 'frozen'?)")),
        ("clock: {rate: 0}", "3:15: clock.rate: expected a number above 0, got 0"),
        ("clock: {rate: 1e7}", "3:15: clock.rate: expected a number of at most 1000000, got 10000000.0"),
        (
            "clock: {start: 2026-03-01T09:00:00}",
            ("3:16: clock.start: expected a date and time with a zone, such as "
 "2026-03-01T09:00:00Z, got '2026-03-01T09:00:00'"),
        ),
        (
            "progression: imediate",
            ("3:14: progression: expected one of 'immediate', 'time' or 'manual', got "
 "'imediate' (did you mean 'immediate'?)"),
        ),
        ("settings:", "3:10: settings: expected a mapping, got nothing"),
        ("settings: {strict: 1}", "3:20: settings.strict: expected true or false, got 1"),
        ("settings: {share: 2}", "3:19: settings.share: expected a number of at most 1, got 2"),
        ("settings: {queued_tasks: '4'}", "3:26: settings.queued_tasks: expected a whole number, got '4'"),
        (
            "settings: {profile: sead}",
            "3:21: settings.profile: expected one of 'seed' or 'current', got 'sead' (did you mean 'seed'?)",
        ),
        ("settings: {link_lives: 5}", f"3:24: settings.link_lives: {A_DURATION}, got 5 (did you mean '5s'?)"),
        ("settings: {link_lives: null}", f"3:24: settings.link_lives: {A_DURATION}, got nothing"),
        ('settings: {link_lives: "5s\\n"}', (f"3:24: settings.link_lives: {A_DURATION}, got "
 f"'5s\\n' (did you mean '5s'?)")),
        ("settings: {timeout: 1:30}", f"3:21: settings.timeout: {A_DURATION}, got '1:30'"),
        ("settings: {largest: 10}", "3:21: settings.largest: expected a size such as 500KB, 10MB or 2MiB, got 10"),
        ("accounts: {name: a}", "3:11: accounts: expected a list, got a mapping of 'name'"),
        (
            "accounts: [{nam: a}]",
            ("3:13: accounts[0].nam: expected one of the keys 'name', 'account' or 'rights', got 'nam' "
     "(did you mean 'name'?)"),
        ),
        ("accounts: [{rights: [1]}]", "3:22: accounts[0].rights[0]: expected text, got 1 (did you mean '1'?)"),
        (
            "job: []",
            ("3:1: job: expected one of the keys 'version', 'api', 'about', 'extends', 'parameters', 'clock', 'seed', "
     "'settings', 'progression', 'accounts', 'jobs', 'limits', 'faults' or 'callbacks', got 'job' "
     "(did you mean 'jobs'?)"),
        ),
    ],
)  # fmt: skip
def test_the_head_of_a_file_is_checked(told, text, line):
    assert told(text) == line


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("{}", "3:8: jobs[0]: expected the key 'steps', got an empty mapping"),
        ("{steps: []}", "3:16: jobs[0].steps: expected a list of at least 1, got an empty list"),
        ("{steps: [PENDING]}", "3:17: jobs[0].steps[0]: expected a mapping, got 'PENDING'"),
        (f"{{when: {{nth: 0}}, {STEPS}}}", f"3:21: jobs[0].when.nth: {A_COUNT}, got 0"),
        (f"{{when: {{nth: 2-3}}, {STEPS}}}", f"3:21: jobs[0].when.nth: {A_COUNT}, got '2-3'"),
        (f"{{when: {{nth: [1]}}, {STEPS}}}", f"3:21: jobs[0].when.nth: {A_COUNT}, got a list of 1"),
        (
            f"{{when: {{per: job}}, {STEPS}}}",
            "3:21: jobs[0].when.per: expected account or namespace, for a submission has no job yet, got 'job'",
        ),
        (
            f"{{when: {{reprot: a}}, {STEPS}}}",
            (
                "3:16: jobs[0].when.reprot: expected one of the keys 'report', 'longer_than', 'nth', 'every', 'per', "
                "'path', 'query', 'header', 'body', 'account', 'chance', 'during' or 'operation', "
                "got 'reprot' (did you mean 'report'?)"
            ),
        ),
        (f"{{when: {{longer_than: x}}, {STEPS}}}", f"3:29: jobs[0].when.longer_than: {A_DURATION}, got 'x'"),
        (f"{{{STEPS}, result: {{rows: -1}}}}", "3:51: jobs[0].result.rows: expected a number of at least 0, got -1"),
        (
            "{steps: [{state: PENDING, progress: 101}]}",
            "3:44: jobs[0].steps[0].progress: expected a number of at most 100, got 101",
        ),
        (
            "{steps: [{state: PENDING}, {state: PENDING, after: {}}]}",
            "3:59: jobs[0].steps[1].after: expected exactly one of uniform, lognormal or polls, got an empty mapping",
        ),
        (
            "{steps: [{state: PENDING}, {state: PENDING, after: {poll: 1}}]}",
            (
                "3:60: jobs[0].steps[1].after.poll: expected one of the keys 'uniform', 'lognormal' or 'polls', "
                "got 'poll' (did you mean 'polls'?)"
            ),
        ),
        (
            "{steps: [{state: PENDING}, {state: PENDING, after: {polls: 0}}]}",
            "3:67: jobs[0].steps[1].after.polls: expected a number of at least 1, got 0",
        ),
        (
            "{steps: [{state: PENDING}, {state: PENDING, after: {lognormal: {median: 1s}}}]}",
            "3:71: jobs[0].steps[1].after.lognormal: expected the key 'p99', got a mapping of 'median'",
        ),
        (
            "{steps: [{state: PENDING}, {state: PENDING, after: {uniform: [1s]}}]}",
            "3:69: jobs[0].steps[1].after.uniform: expected a list of at least 2, got a list of 1",
        ),
        (
            "{steps: [{state: PENDING, error: [1016]}]}",
            "3:41: jobs[0].steps[0].error: expected an error code, or a mapping with the key code, got a list of 1",
        ),
        (
            "{steps: [{state: PENDING, error: '1016'}]}",
            (
                "3:41: jobs[0].steps[0].error: expected one of 1016, 1049 or "
                "'quota.exceeded', got '1016' (did you mean 1016?)"
            ),
        ),
        (
            "{steps: [{state: PENDING, error: {code: quota_exceeded}}]}",
            (
                "3:48: jobs[0].steps[0].error.code: expected one of 1016, 1049 or 'quota.exceeded', "
                "got 'quota_exceeded' (did you mean 'quota.exceeded'?)"
            ),
        ),
        (
            "{steps: [{state: PENDING, error: {code: 1016, status: 99}}]}",
            "3:62: jobs[0].steps[0].error.status: expected a number of at least 200, got 99",
        ),
        (
            "{steps: [{state: PENDING, error: {code: 1016, name: [x]}}]}",
            "3:60: jobs[0].steps[0].error.name: expected text or a number, got a list of 1",
        ),
    ],
)
def test_a_job_rule_is_checked(told, rule, line):
    assert told(f"jobs: [{rule}]") == line


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("{}", f"3:10: faults[0]: expected at least one of {DOES}, got an empty mapping"),
        (
            "{operation: getTask}",
            f"3:10: faults[0]: expected at least one of {DOES}, got a mapping of 'operation'",
        ),
        ("{operation: getTask, latency: fast}", f"3:40: faults[0].latency: {A_DURATION}, got 'fast'"),
        ("{operation: getTask, latency: release}", f"3:40: faults[0].latency: {A_DURATION}, got 'release'"),
        (
            "{operation: getTask, latency: {fixed: 1}}",
            f"3:48: faults[0].latency.fixed: {A_DURATION}, got 1 (did you mean '1s'?)",
        ),
        (
            "{operation: getTask, fault: connection_reset_by_peer}",
            (
                f"3:38: faults[0].fault: expected one of {listed(FAULTS, 'or')}, got 'connection_reset_by_peer' "
                "(did you mean 'CONNECTION_RESET_BY_PEER'?)"
            ),
        ),
        (
            "{operation: getTask, latency: 1s, per: jobs}",
            "3:49: faults[0].per: expected one of 'job', 'account' or 'namespace', got 'jobs' (did you mean 'job'?)",
        ),
        (
            "{operation: getTask, latency: 1s, every: 0}",
            "3:51: faults[0].every: expected a number of at least 1, got 0",
        ),
    ],
)
def test_a_fault_is_checked(told, rule, line):
    assert told(f"faults: [{rule}]") == line


def test_keywords_of_a_vocabulary_that_have_no_words_of_ours_are_still_told(vocabularies):
    when = {
        "even": {"multipleOf": 2},
        "shape": {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "array"}]},
        "code": {"type": "string", "pattern": "^[a-z]+$"},
        "day": {"type": "string", "format": "date"},
    }
    words = {"fake": replace(vocabularies["fake"], when=when)}
    asked = {"even": 3, "shape": "abc", "code": "ab\n", "day": "noon"}
    value = {"version": 1, "api": "fake", "jobs": [{"when": asked, "steps": [{"state": "PENDING"}]}]}
    findings, complete = misfits(value, words)
    assert complete
    assert [(each.path[-1], each.message) for each in findings] == [
        ("even", "expected a value that satisfies multipleOf 2, got 3"),
        ("shape", "expected text of at most 2 characters, got 'abc'"),
        ("code", "expected text like ^[a-z]+$, got 'ab\\n'"),
        ("day", "expected text in the format date, got 'noon'"),
    ]

"""A scenario in plain words: nothing that a file can say is passed over in silence."""

import dataclasses
import re

import pytest

from emulator.app import library
from emulator.app import vocabularies as of_the_vendors
from emulator.chance import Fixed, LogNormal, Uniform
from emulator.clock import HOUR, MILLISECOND, MINUTE, SECOND
from emulator.damage import FAULTS, Damage, Dribble
from emulator.job import Polls, Release, Step
from emulator.pointer import Change
from emulator.providers import ERROR_TEXTS
from emulator.scenario import phrases
from emulator.scenario.condition import Condition, Pattern
from emulator.scenario.condition import Test as Asked
from emulator.scenario.drawing import lives
from emulator.scenario.measures import instant
from emulator.scenario.story import (
    CallbackRule,
    ClockSetting,
    Edge,
    Fault,
    JobRule,
    Limit,
    Ordinals,
    Reply,
    Scenario,
    Span,
    When,
)
from emulator.scenario.telling import clock, lines, told
from emulator.scenario.wording import Wording, about

START = instant("2026-03-01T09:00:00Z")
STEPS = (Step("PENDING"), Step("PROCESSING", Fixed(10 * SECOND)), Step("end", Fixed(30 * SECOND)))
JOB = JobRule("jobs[0]", When(), STEPS)
FAULT = Fault("faults[0]", When(operations=frozenset({"getTask"})), latency=Fixed(SECOND))
LIMIT = Limit("limits[0]", {"code": 1016}, requests=45, window=3 * SECOND)
CALLBACK = CallbackRule("callbacks[0]", delay=Fixed(SECOND))
SCENARIO = Scenario("fake/story", "fake", "A story.", "0" * 64)
TEXTS = {1016: "No access to {name}.", "quota.exceeded": "Too much"}


@pytest.fixture
def words(vocabularies):
    return vocabularies["fake"]


@pytest.fixture
def wording(words):
    return Wording(words.lifecycle, TEXTS)


# Values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Fixed(0), "0 s"),
        (Fixed(90 * SECOND), "1 min 30 s"),
        (Uniform(5 * SECOND, 30 * SECOND), "5 to 30 s"),
        (Uniform(500 * MILLISECOND, 2 * HOUR), "500 ms to 2 h"),
        (LogNormal(200 * MILLISECOND, 2 * SECOND), "about 200 ms (p99 2 s)"),
    ],
)
def test_how_long_something_takes(given, said):
    assert phrases.drawn(given) == said


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (Fixed(0), "at once"),
        (Fixed(SECOND), "after 1 s"),
        (Polls(1), "after 1 poll"),
        (Polls(3), "after 3 polls"),
        (Release(), "when released"),
    ],
)
def test_when_a_step_comes(after, said):
    assert phrases.wait(after) == said


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (Ordinals(), "every call"),
        (Ordinals(3, 3), "the third call"),
        (Ordinals(21, 21), "the 21st call"),
        (Ordinals(112, 112), "the 112th call"),
        (Ordinals(2, 3), "calls 2 to 3"),
        (Ordinals(4), "every call from the fourth"),
        (Ordinals(every=5), "every fifth call"),
        (Ordinals(4, 10, 2), "every second call from the fourth up to the tenth"),
    ],
)
def test_which_are_counted(counts, said):
    assert phrases.which(counts, "call") == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("stock/all", "stock/all"),
        (True, "true"),
        (None, "nothing"),
        ("", "''"),
        ({"code": 1, "more": {"a": "b"}}, "code 1, more (a b)"),
        (("a", 1), "a and 1"),
        (({"a": 1}, {"b": 2}), "(2 of them)"),
        ((), "(0 of them)"),
        ("x" * 99, repr("x" * 60) + "..."),
    ],
)
def test_a_value_within_a_sentence(given, said):
    assert phrases.value(given) == said


# Rules ----------------------------------------------------------------------------


def test_a_job_rule_is_a_sentence(wording):
    steps = (
        Step("PENDING"),
        Step("PROCESSING", Fixed(10 * SECOND)),
        Step("ERROR", Uniform(5 * SECOND, 30 * SECOND), error={"code": 1016, "name": "stock", "status": 403}),
    )
    rule = JobRule("jobs[0]", When({"report": "stock/all"}, nth=Ordinals(3, 3)), steps)
    assert wording.job(rule) == (
        "The third submission whose report is stock/all: begins PENDING, then after 10 s is PROCESSING, then after "
        "5 to 30 s ends ERROR with error 1016 (No access to stock) with status 403."
    )


def test_a_fault_is_a_sentence(wording):
    when = When(operations=frozenset({"getTask"}), nth=Ordinals(2, 3), per="job")
    latency = LogNormal(200 * MILLISECOND, 2 * SECOND)
    assert wording.fault(Fault("faults[0]", when, latency=latency, error={"code": "quota.exceeded"})) == (
        "Calls 2 to 3 of getTask, counted per job: answered with error quota.exceeded (Too much), answered after "
        "about 200 ms (p99 2 s)."
    )


def test_a_limit_is_a_sentence(wording):
    when = When(operations=frozenset({"getTask"}), per="account")
    limit = Limit("limits[0]", {"code": "quota.exceeded"}, when, requests=45, window=3 * SECOND, parallel=5)
    assert wording.limit(limit) == (
        "Every call of getTask: at most 45 units in 3 s and 5 calls at a time per account; more is answered with "
        "error quota.exceeded (Too much)."
    )


def test_a_callback_rule_is_a_sentence(wording):
    rule = CallbackRule("callbacks[0]", When(nth=Ordinals(1, 1)), copies=2, apart=SECOND, retry=())
    assert wording.callback(rule) == "The first callback: comes twice, 1 s apart, never tried again."


def test_a_job_that_comes_to_no_end_stays(wording):
    assert wording.job(JobRule("jobs[0]", When(), STEPS[:2])).endswith("is PROCESSING, and stays so.")


def test_what_no_rule_takes_is_told_too(words):
    only = JobRule("jobs[0]", When(nth=Ordinals(1, 1)), STEPS)
    rest = dataclasses.replace(SCENARIO, jobs=(only,))
    assert told(rest, words).jobs[1] == "Every other submission: as fake/default has it."
    assert len(told(dataclasses.replace(SCENARIO, jobs=(only, JOB)), words).jobs) == 2
    assert told(SCENARIO, words).jobs == ("Every submission: as fake/default has it.",)
    assert told(dataclasses.replace(SCENARIO, name="fake/default"), words).jobs == ()


OTHERWISE = {
    When: {
        "about": {"report": "stock/all"},
        "operations": frozenset({"listTasks"}),
        "asked": (Condition("query", "limit", Asked(equals="100")),),
        "account": "romashka",
        "during": Span(Edge(5 * MINUTE, absolute=False), Edge(START, absolute=True)),
        "states": frozenset({"PENDING"}),
        "nth": Ordinals(2, 3),
        "per": "account",
        "chance": 0.1,
    },
    JobRule: {"when": When(nth=Ordinals(2, 2)), "steps": STEPS[:1], "result": {"rows": 3}, "repeat": "cycle"},
    Step: {"state": "DONE", "after": Polls(2), "progress": 40, "error": {"code": 1016}},
    Fault: {
        "when": When(),
        "latency": Fixed(2 * SECOND),
        "error": {"code": 1016},
        "answer": Reply(503),
        "change": Change(remove=("/rows",)),
        "damage": Damage("TIMEOUT"),
        "effect": "before",
        "breaks_contract": True,
    },
    Limit: {
        "error": {"code": 1049},
        "when": When(per="account"),
        "requests": 3,
        "window": 9 * SECOND,
        "burst": 5,
        "weights": {"getTask": 2},
        "parallel": 2,
        "body": 1000,
        "retry_after": False,
    },
    Reply: {"status": 503, "headers": {"Retry-After": "5"}, "body": None, "content_type": "text/plain", "json": False},
    Change: {"remove": ("/a",), "replace": {"/b": 1}, "set": {"/c": 2}},
    Damage: {
        "fault": "EMPTY_RESPONSE",
        "dribble": Dribble(5, 2 * SECOND),
        "bandwidth": 1000,
        "headers": {"ETag": None},
        "date": -SECOND,
    },
    CallbackRule: {
        "when": When(nth=Ordinals(2, 2)),
        "delay": Fixed(2 * SECOND),
        "copies": 0,
        "apart": SECOND,
        "retry": (SECOND,),
        "before_answer": True,
        "headers": {"X-A": "b"},
        "change": Change(set={"/a": 1}),
        "malformed": True,
    },
    ClockSetting: {"rate": 60, "start": START, "step": SECOND, "skips": True},
    Scenario: {
        "name": "fake/other",
        "about": "Another one.",
        "jobs": (JOB,),
        "faults": (FAULT,),
        "limits": (LIMIT,),
        "callbacks": (CALLBACK,),
        "settings": {"queued_tasks": 2},
        "accounts": ({"name": "anna"},),
        "parameters": {"rows": 3},
        "clock": ClockSetting(),
        "seed": 7,
    },
}
"""For each field of what makes up a scenario, another value than the one it has below."""

SILENT = {
    JobRule: {"name", "key"},
    Fault: {"name", "key"},
    Limit: {"name", "key"},
    CallbackRule: {"name", "key"},
    Scenario: {"api", "digest"},
}
"""What needs no words: the place of a rule is its number, and the name of a scenario holds its API."""


def a_call(change):
    return Fault("faults[0]", change=change)


BASES = {
    When: (When(nth=Ordinals(2, 9)), lambda _, when: about(when, "submission")),
    JobRule: (JOB, lambda wording, rule: wording.job(rule)),
    Step: (Step("PROCESSING", Fixed(SECOND)), lambda wording, step: wording.life((STEPS[0], step))),
    Fault: (FAULT, lambda wording, rule: wording.fault(rule)),
    Limit: (LIMIT, lambda wording, rule: wording.limit(rule)),
    Reply: (Reply(body={}), lambda wording, reply: wording.fault(Fault("faults[0]", answer=reply))),
    Change: (Change(), lambda wording, change: wording.fault(a_call(change))),
    Damage: (Damage(), lambda wording, damage: wording.fault(Fault("faults[0]", damage=damage))),
    CallbackRule: (CALLBACK, lambda wording, rule: wording.callback(rule)),
    ClockSetting: (ClockSetting(), lambda _, setting: clock(setting)),
    Scenario: (SCENARIO, None),
}
FIELDS = [(kind, each.name) for kind in BASES for each in dataclasses.fields(kind)
          if each.name not in SILENT.get(kind, ())]  # fmt: skip


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=lambda it: getattr(it, "__name__", it))
def test_every_field_is_put_into_words(kind, field, wording, words):
    base, tell = BASES[kind]
    if kind is Scenario:
        tell = lambda _, scenario: "\n".join(lines(told(scenario, words)))  # noqa: E731 - it wants the words
    assert field in OTHERWISE[kind], "a new field needs words, and a value here"
    other = dataclasses.replace(base, **{field: OTHERWISE[kind][field]})
    assert tell(wording, other) != tell(wording, base)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_of_the_wire_is_named_and_explained(wording, name):
    assert f"{FAULTS[name]} ({name})" in wording.fault(Fault("faults[0]", damage=Damage(name)))


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Condition("path", "", Asked(contains="report")), "the path contains report"),
        (Condition("query", "limit", Asked(equals="100")), "the parameter limit is 100"),
        (Condition("header", "Accept", Asked(exists=False)), "the header Accept is absent"),
        (Condition("header", "Accept", Asked()), "the header Accept is present"),
        (Condition("body", "/a/0", Asked(matches=Pattern("^x"))), "/a/0 of the body matches ^x"),
        (Condition("body", "", Asked(equals={"a": 1})), "the body is a 1"),
    ],
)
def test_what_is_asked_of_a_call(condition, said):
    assert about(When(asked=(condition,)), "call") == f"every call where {said}"


# Whole scenarios ------------------------------------------------------------------


def test_only_settings_that_differ_are_told_with_what_they_mean(words):
    scenario = dataclasses.replace(SCENARIO, settings={"queued_tasks": 4, "link_lives": 90 * SECOND})
    (setting,) = told(scenario, words).settings
    assert (setting.name, setting.value, setting.default) == ("link_lives", "1m30s", "5m")
    assert "  1. link_lives: 1m30s instead of 5m. How long a link is valid." in lines(told(scenario, words))


@pytest.mark.parametrize("name", library().names())
def test_whatever_is_shipped_can_be_told_and_drawn(name):
    scenario = library().find(name)
    words = of_the_vendors()[scenario.api]
    text = list(lines(told(scenario, words, ERROR_TEXTS[scenario.api])))
    assert text[:3] == [name, "", scenario.about]
    assert not any(re.search(r"mappingproxy| object at 0x|\bTrue\b", line) for line in text)
    assert all(line == line.rstrip() and "\n" not in line for line in text)
    drawn = list(lives(scenario, words.lifecycle))
    assert drawn[0] == "stateDiagram-v2"
    assert sum(line.endswith("{") for line in drawn) == len(scenario.jobs) == drawn.count("    }")


@pytest.mark.parametrize("api", sorted(of_the_vendors()))
def test_every_error_code_that_a_scenario_may_name_has_its_text(api):
    assert ERROR_TEXTS[api].keys() == of_the_vendors()[api].errors


def test_a_life_is_drawn_with_its_waits_and_all_its_ends(words):
    scenario = dataclasses.replace(SCENARIO, jobs=(JOB,))
    drawn = [line.strip() for line in lives(scenario, words.lifecycle)]
    assert drawn == [
        "stateDiagram-v2",
        'state "Every submission" as jobs0 {',
        'state "PENDING" as jobs0_0',
        'state "PROCESSING" as jobs0_1',
        "state jobs0_2 <<choice>>",
        "[*] --> jobs0_0",
        "jobs0_0 --> jobs0_1: after 10 s",
        "jobs0_1 --> jobs0_2: after 30 s",
        *(
            line
            for end in ("DONE", "ERROR", "CANCEL")
            for line in (f'state "{end}" as jobs0_{end}', f"jobs0_2 --> jobs0_{end}", f"jobs0_{end} --> [*]")
        ),
        "}",
    ]


def test_quotes_do_not_break_a_drawing(words):
    rule = JobRule("jobs[0]", When({"report": 'a"b'}), STEPS)
    label = next(line for line in lives(dataclasses.replace(SCENARIO, jobs=(rule,)), words.lifecycle) if "{" in line)
    assert label.count('"') == 2

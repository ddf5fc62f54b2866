from types import MappingProxyType

import pytest

from emulator.chance import Fixed, LogNormal, Uniform
from emulator.damage import Damage
from emulator.job import AT_ONCE, Polls, Release, Step
from emulator.scenario.loader import Placed, load
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.story import ClockSetting, Fault, Ordinals, Scenario, When


def test_a_whole_scenario_is_frozen_values(scenario, whole):
    story = scenario(whole)
    assert isinstance(story, Scenario)
    assert (story.name, story.api, story.about, story.seed) == ("fake/story", "fake", "All there is.", 7)
    assert story.clock == ClockSetting(0, 1_772_355_600_000_000)
    assert story.settings == {"link_lives": 90_000_000, "largest": 2 << 20, "profile": "current", "timeout": None}
    assert story.accounts == ({"name": "anna", "rights": ("read", "write")},)


def test_job_rules_say_when_and_then_what(scenario, whole):
    first, second = scenario(whole).jobs
    assert first.name == "fake/story jobs[0]"
    assert first.when == When({"report": "stock", "longer_than": 5_000_000}, Ordinals(2, None, 2), "account")
    assert first.steps == (
        Step("PENDING"),
        Step("PROCESSING", Uniform(5_000_000, 30_000_000), 40),
        Step("ERROR", LogNormal(200_000, 2_000_000), None, {"code": 1016, "status": 403, "name": "stock"}),
    )
    assert first.result == {"rows": 3, "bytes": 10_000_000}
    assert second.name == "fake/story jobs[1]"
    assert second.when == When()
    assert [step.after for step in second.steps] == [AT_ONCE, Polls(2), Release()]


def test_faults_say_which_calls_and_what_goes_wrong(scenario, whole):
    assert scenario(whole).faults == (
        Fault(
            "fake/story faults[0]",
            When(nth=Ordinals(2, 3, 3), per="job", operations=frozenset({"getTask"})),
            "faults[0]",
            Fixed(1_000_000),
            {"code": "quota.exceeded"},
            effect="before",
        ),
        Fault(
            "fake/story faults[1]",
            When(nth=Ordinals(1, 1), per="job", operations=frozenset({"getTask"})),
            "faults[1]",
            damage=Damage("CONNECTION_RESET_BY_PEER"),
        ),
        Fault("fake/story faults[2]", When(operations=frozenset({"submitTask"})), "faults[2]", AT_ONCE),
    )


def test_nothing_of_it_can_be_changed(scenario, whole):
    story = scenario(whole)
    error = story.jobs[0].steps[2].error
    for mapping in (story.settings, story.accounts[0], story.jobs[0].when.about, story.jobs[0].result, error):
        assert isinstance(mapping, MappingProxyType)


def test_the_least_scenario_has_only_a_version_and_an_api(scenario):
    story = scenario("version: 1\napi: other\n")
    assert (story.api, story.about, story.jobs, story.clock, story.seed) == ("other", "", (), None, None)


@pytest.mark.parametrize(
    ("clock", "rate"),
    [
        ("{mode: real}", 1),
        ("{mode: frozen}", 0),
        ("{rate: 60}", 60),
        ("{rate: 0.5}", 0.5),
        ("{start: 2026-03-01T09:00:00Z}", 1),
    ],
)
def test_a_clock_is_a_rate(scenario, clock, rate):
    assert scenario(f"version: 1\napi: fake\nclock: {clock}").clock.rate == rate


@pytest.mark.parametrize(
    ("progression", "waits"),
    [
        ("time", [AT_ONCE, AT_ONCE, Polls(1), Fixed(5_000_000)]),
        ("immediate", [AT_ONCE, AT_ONCE, AT_ONCE, AT_ONCE]),
        ("manual", [AT_ONCE, AT_ONCE, Release(), Release()]),
    ],
)
def test_progression_decides_about_all_waits(scenario, progression, waits):
    steps = (
        "{state: PENDING}, {state: PENDING, after: 0}, {state: PROCESSING, after: {polls: 1}}, {state: DONE, after: 5s}"
    )
    story = scenario(f"version: 1\napi: fake\nprogression: {progression}\njobs: [{{steps: [{steps}]}}]")
    assert [step.after for step in story.jobs[0].steps] == waits


def test_whole_numbers_may_be_written_as_fractions(scenario):
    story = scenario(
        "version: 1.0\napi: fake\nseed: 1e3\nfaults: [{operation: getTask, calls: 2.0, latency: 0.0}]\n"
        "jobs: [{steps: [{state: PENDING, progress: 5.0}, {state: end, after: {polls: 1.0}}]}]".replace(
            "end", "CANCEL"
        ),
    )
    assert (story.seed, story.faults[0].when.nth, story.faults[0].latency) == (1000, Ordinals(2, 2), AT_ONCE)
    assert story.jobs[0].steps == (Step("PENDING", progress=5), Step("CANCEL", Polls(1)))
    assert type(story.seed) is int


def test_the_digest_is_of_what_is_said_and_not_of_how(scenario):
    one = scenario("version: 1\napi: fake\nseed: 7\nsettings: {share: 0.1, strict: true}\n")
    other = scenario(
        "# words\nabout: x\nsettings:\n  strict: true\n  share: 0.1\nseed: 7\nx-y: 1\napi: 'fake'\nversion: 1"
    )
    different = scenario("version: 1\napi: fake\nseed: 8\nsettings: {share: 0.1, strict: true}\n")
    assert one.digest == other.digest != different.digest
    assert len(one.digest) == 64


def test_an_alias_may_be_kept_under_a_key_of_the_authors_own(scenario):
    story = scenario("version: 1\napi: fake\nx-slow: &slow [{state: PENDING}]\njobs: [{steps: *slow, stuck: true}]")
    assert story.jobs[0].steps == (Step("PENDING"),)


def test_end_may_come_where_a_final_state_may(scenario):
    story = scenario("version: 1\napi: fake\njobs: [{steps: [{state: PENDING}, {state: end}]}]")
    assert [step.state for step in story.jobs[0].steps] == ["PENDING", "end"]


def test_a_counted_rule_leaves_something_to_those_below_it(scenario):
    rule = "steps: [{state: PENDING}], stuck: true"
    story = scenario(
        f"version: 1\napi: fake\njobs: [{{when: {{nth: 1}}, {rule}}}, {{when: {{report: a}}, {rule}}}, {{{rule}}}]"
    )
    assert len(story.jobs) == 3


def test_all_mistakes_of_a_file_are_told_at_once_from_the_top(refused):
    assert refused(
        """\
version: 1
api: fake
settings: {queued_task: 3, link_lives: 5 minutes}
jobs:
  - steps:
      - {state: PENDING}
      - {state: proccesing, after: 5}
      - {state: DONE, after: {uniform: [9s, 5s]}, error: 1017}
      - {state: end}
  - steps: [{state: PROCESSING}]
  - steps: [{state: PENDING}]
faults:
  - {operation: getTsk, latency: 2m}
seed: -1
seed: 2
""",
    ) == [
        (
            "3:12: settings.queued_task: expected one of the keys 'queued_tasks', 'share', 'strict', 'greeting', "
            "'link_lives', 'largest', 'profile', 'timeout', 'ceiling' or 'colour', got 'queued_task' "
            "(did you mean 'queued_tasks'?)"
        ),
        (
            "3:40: settings.link_lives: expected a duration such as 500ms, 5s, 2m or "
            "1h, got '5 minutes' (did you mean '5m'?)"
        ),
        (
            "7:17: jobs[0].steps[1].state: expected one of 'PENDING', 'PROCESSING', 'DONE', 'ERROR', "
            "'CANCEL' or 'end', "
            "got 'proccesing' (did you mean 'PROCESSING'?)"
        ),
        (
            "7:36: jobs[0].steps[1].after: expected a duration such as 500ms, 5s, 2m or 1h, or release, got 5 "
            "(did you mean '5s'?)"
        ),
        "8:40: jobs[0].steps[2].after.uniform: expected the shorter first, got 9s before 5s",
        "8:58: jobs[0].steps[2].error: expected one of 1016, 1049 or 'quota.exceeded', got 1017 (did you mean 1016?)",
        "9:17: jobs[0].steps[3].state: expected no step after 'DONE', which is final, got 'end'",
        "10:5: jobs[1]: expected a rule that can be reached, got one below jobs[0], which takes all",
        (
            "10:21: jobs[1].steps[0].state: expected 'PENDING', where every job begins, got 'PROCESSING' "
            "(did you mean 'PENDING'?)"
        ),
        "11:5: jobs[2]: expected a rule that can be reached, got one below jobs[0], which takes all",
        (
            "11:21: jobs[2].steps[0].state: expected a last step into a final state, or `stuck: true`: "
            "in 'PENDING' the job waits for ever"
        ),
        (
            "13:17: faults[0].operation: expected one of 'cancelTask', 'getTask' or 'submitTask', got 'getTsk' "
            "(did you mean 'getTask'?)"
        ),
        "13:34: faults[0].latency: expected a duration of at most 1m, got '2m'",
        "15:1: seed: expected each key once, got 'seed' again, as on line 14",
    ]


def test_a_file_of_nothing_but_mistakes_is_cut_short(vocabularies):
    with pytest.raises(ScenarioError) as caught:
        load(b"version: 1\napi: fake\njobs:\n" + b"  - {}\n" * 30_000, Placed("f", "n"), vocabularies)
    assert len(caught.value.mistakes) == 200


def test_no_vocabulary_at_all_is_no_crash():
    with pytest.raises(ScenarioError, match="api"):
        load(b"version: 1\napi: fake\njobs: [{steps: [{state: a}]}]", Placed("f", "n"), {})

from dataclasses import dataclass
from typing import Literal

import pytest

from emulator.clock import MINUTE, Duration
from emulator.job import Lifecycle
from emulator.scenario.loader import Placed, load
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.schema import DURATION_REF, SIZE_REF
from emulator.scenario.vocabulary import Size, Vocabulary, setting

WHOLE = """
version: 1
api: fake
about: All there is.
x-anchors: {anything: [goes]}
clock: {mode: frozen, start: 2026-03-01T09:00:00Z}
seed: 7
settings: {link_lives: 1m30s, largest: 2MiB, profile: current, timeout: null}
accounts:
  - {name: anna, rights: [read, write]}
jobs:
  - when: {report: stock, longer_than: 5s, nth: 2.., every: 2, per: account}
    steps:
      - {state: PENDING}
      - {state: PROCESSING, after: {uniform: [5s, 30s]}, progress: 40}
      - {state: ERROR, after: {lognormal: {median: 200ms, p99: 2s}}, error: {code: 1016, status: 403, name: stock}}
    result: {rows: 3, bytes: 10MB}
  - steps: [{state: PENDING}, {state: PROCESSING, after: {polls: 2}}, {state: end, after: release}]
faults:
  - {operation: getTask, calls: 2..3, every: 3, per: job, latency: {fixed: 1s}, error: quota.exceeded}
  - {operation: getTask, calls: 1, fault: CONNECTION_RESET_BY_PEER}
  - {operation: submitTask, latency: 0}
"""


@dataclass(frozen=True)
class Settings:
    queued_tasks: int = setting(4, "How many jobs may wait.", minimum=0)
    share: float = setting(0.5, "A share.", maximum=1)
    strict: bool = setting(default=False, about="Whether it is strict.")
    greeting: str = setting("hello", "What it says.")
    link_lives: Duration = setting(Duration(5 * MINUTE), "How long a link is valid.")
    largest: Size = setting(Size(10_000_000), "The largest body.")
    profile: Literal["seed", "current"] = setting("seed", "Which documentation it follows.")
    timeout: Duration | None = setting(None, "How long it waits, if at all.")
    ceiling: Size | None = setting(None, "The most it keeps, if there is a most.")
    colour: Literal["red", "green"] | None = setting(None, "A colour, if any.")


LIFECYCLE = Lifecycle(
    {
        "PENDING": ("PROCESSING", "CANCEL"),
        "PROCESSING": ("DONE", "ERROR", "CANCEL"),
        "DONE": (),
        "ERROR": (),
        "CANCEL": (),
    },
)


def vocabulary(api: str) -> Vocabulary:
    return Vocabulary(
        api=api,
        lifecycle=LIFECYCLE,
        operations=frozenset({"submitTask", "getTask", "cancelTask"}),
        errors=frozenset({1016, 1049, "quota.exceeded"}),
        settings=Settings,
        when={"report": {"type": "string"}, "longer_than": DURATION_REF},
        result={"rows": {"type": "integer", "minimum": 0}, "bytes": SIZE_REF},
        of_jobs=frozenset({"getTask", "cancelTask"}),
        callbacks=True,
        account={
            "name": {"type": "string"},
            "account": {"type": "string"},
            "rights": {"type": "array", "items": {"type": "string"}},
        },
    )


@pytest.fixture(scope="session")
def vocabularies():
    return {api: vocabulary(api) for api in ("fake", "other")}


@pytest.fixture(scope="session")
def whole():
    """A scenario that says all there is to say."""
    return WHOLE


@pytest.fixture
def scenario(vocabularies):
    def loaded(text):
        return load(text.encode(), Placed("story.yaml", "fake/story"), vocabularies)

    return loaded


@pytest.fixture
def refused(scenario):
    """The lines of what is wrong with a text, `story.yaml:` removed."""

    def lines(text):
        with pytest.raises(ScenarioError) as caught:
            scenario(text)
        return [str(mistake).removeprefix("story.yaml:") for mistake in caught.value.mistakes]

    return lines


@pytest.fixture
def told(refused):
    """The one thing that is wrong with a fake scenario of which these are the lines from the third."""

    def line(text):
        lines = refused("version: 1\napi: fake\n" + text)
        assert len(lines) == 1, lines
        return lines[0]

    return line

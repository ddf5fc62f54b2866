"""The lives that a scenario's jobs may have, as a Mermaid diagram."""

import re
from collections.abc import Iterator
from itertools import pairwise

from emulator.job import END, Lifecycle, Step
from emulator.scenario import phrases, wording
from emulator.scenario.story import JobRule, Scenario

HEAD = "stateDiagram-v2"
_INDENT = "    "


def lives(scenario: Scenario, lifecycle: Lifecycle) -> Iterator[str]:
    """One diagram: each job rule a box of its own, in which a job goes from step to step, waits as labels."""
    yield HEAD
    for n, rule in enumerate(scenario.jobs):
        yield f'{_INDENT}state "{_label(rule)}" as jobs{n} {{'
        yield from (_INDENT * 2 + line for line in _life(rule.steps, f"jobs{n}", lifecycle))
        yield f"{_INDENT}}}"


def _life(steps: tuple[Step, ...], prefix: str, lifecycle: Lifecycle) -> Iterator[str]:
    for n, step in enumerate(steps):
        yield f"state {prefix}_{n} <<choice>>" if step.state == END else f'state "{_state(step)}" as {prefix}_{n}'
    yield f"[*] --> {prefix}_0"
    for n, (_, after) in enumerate(pairwise(steps)):
        yield f"{prefix}_{n} --> {prefix}_{n + 1}: {phrases.wait(after.after)}"
    yield from _out(steps, prefix, lifecycle)


def _out(steps: tuple[Step, ...], prefix: str, lifecycle: Lifecycle) -> Iterator[str]:
    """Where it comes to its end: in a state that is one, or in one of those that the API may choose."""
    last = len(steps) - 1
    if steps[last].state != END:
        if lifecycle.is_final(steps[last].state):
            yield f"{prefix}_{last} --> [*]"
        return
    for end in _ends(steps[-2].state if last else lifecycle.initial, lifecycle):
        name = f"{prefix}_{_id(end)}"
        yield f'state "{end}" as {name}'
        yield f"{prefix}_{last} --> {name}"
        yield f"{name} --> [*]"


def _ends(before: str, lifecycle: Lifecycle) -> list[str]:
    """The final states that may follow a state; of one that none follows, all there are."""
    final = [each for each in lifecycle.follows if lifecycle.is_final(each)]
    return [each for each in final if lifecycle.allows(before, each)] or final


def _id(state: str) -> str:
    return re.sub(r"\W", "_", state)


def _state(step: Step) -> str:
    progress = "" if step.progress is None else f" {step.progress} %"
    error = "" if step.error is None else f", error {step.error['code']}"
    return _quoted(step.state + progress + error)


def _label(rule: JobRule) -> str:
    return _quoted(phrases.sentence(wording.about(rule.when, "submission")).rstrip("."))


def _quoted(text: str) -> str:
    """Without what would end the quotes."""
    return text.replace('"', "'")

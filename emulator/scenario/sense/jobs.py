"""Whether what jobs live through can be lived, and each rule be reached."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from emulator.clock import SECOND
from emulator.job import END, Lifecycle
from emulator.scenario import grammar, measures
from emulator.scenario.mistakes import Finding, Path, listed, shown
from emulator.scenario.sense.sound import Sound
from emulator.scenario.story import ALWAYS

SHORTEST_CYCLE = SECOND
"""Virtual time that a cycle takes at least: an hour of it should be over soon."""
_COUNTING = frozenset({*grammar.NTH, "chance"})


def out_of_order(story: Sound, path: Path, lifecycle: Lifecycle) -> Iterator[Finding]:
    """Steps that cannot follow the one before, and a first one where no job begins."""
    steps = story.each(path, grammar.MOST_STEPS)
    if steps:
        yield from _bad_start(story, steps[0], lifecycle.initial)
    for before, after in pairwise(steps):
        states = story.get((*before, "state")), story.get((*after, "state"))
        if None not in states:
            yield from _cannot_follow((*after, "state"), *states, lifecycle)


def _bad_start(story: Sound, step: Path, initial: str) -> Iterator[Finding]:
    state = story.get((*step, "state"))
    if state is not None and state != initial:
        yield Finding(
            (*step, "state"),
            f"expected {shown(initial)}, where every job begins, got {shown(state)}",
            initial,
        )
    if story.holds((*step, "after")):
        yield Finding((*step, "after"), "expected no wait before the first step, got after", at_key=True)


def _cannot_follow(path: Path, before: str, after: str, lifecycle: Lifecycle) -> Iterator[Finding]:
    choices = _following(before, lifecycle)
    if not choices:
        yield Finding(path, f"expected no step after {shown(before)}, which is final, got {shown(after)}")
    elif after not in choices:
        message = f"expected what may follow {shown(before)}, which is {listed(choices, 'or')}, got {shown(after)}"
        yield Finding(path, message)


def _following(state: str, lifecycle: Lifecycle) -> list[str]:
    """What may come after a state. `end` is any final state: it comes where one may and is followed as one."""
    ends = [each for each in lifecycle.follows if lifecycle.is_final(each)] or list(lifecycle.follows)
    if state == END:
        return [each for end in ends for each in lifecycle.follows[end]]
    following = list(lifecycle.follows[state])
    if following:
        following = [*dict.fromkeys([state, *following])]
    return following + [END] * any(end in following for end in ends)


def unreachable(story: Sound) -> Iterator[Finding]:
    """Rules that come after one which takes all of theirs. The first that matches wins."""
    greedy: list[tuple[int, Mapping[str, Any]]] = []
    for index, rule in enumerate(story.each(("jobs",))):
        about = _conditions(story, rule)
        if about is None:
            continue
        above = next((earlier for earlier, wider in greedy if wider.items() <= about.items()), None)
        if above is not None:
            message = f"expected a rule that can be reached, got one below jobs[{above}], which takes all"
            yield Finding(rule, message)
        elif _always(story, rule):
            greedy.append((index, about))


def _conditions(story: Sound, rule: Path) -> Mapping[str, Any] | None:
    """What a rule asks of a submission, less the counting; None where that is mistaken."""
    if not story.holds((*rule, "when")):
        return {} if story.keys(rule) else None
    when = story.get((*rule, "when"))
    return None if when is None else {key: value for key, value in when.items() if key not in _COUNTING}


def _always(story: Sound, rule: Path) -> bool:
    when = story.get((*rule, "when")) or {}
    if "chance" in when:
        return False
    try:
        return measures.ordinals(when.get("nth"), when.get("every")) == ALWAYS
    except ValueError:
        return False


def unending(story: Sound, rule: Path, lifecycle: Lifecycle) -> Iterator[Finding]:
    """Jobs that never end, of which nobody says that they are meant to; and those that are said to, and do end."""
    steps = story.each((*rule, "steps"), grammar.MOST_STEPS)
    last = story.get((*steps[-1], "state")) if steps else None
    begins = bool(steps) and story.get((*steps[0], "state")) == lifecycle.initial
    if last is None or not begins or story.get(rule) is None:
        return
    final = last == END or last in lifecycle.earned or lifecycle.is_final(last)
    stuck, repeat = story.get((*rule, "stuck")), story.get((*rule, "repeat"))
    if repeat == "cycle":
        yield from _cycle(story, rule, steps, lifecycle)
    elif final and stuck:
        yield Finding((*rule, "stuck"), f"expected no `stuck: true`: the job ends in {shown(last)}")
    elif not (final or stuck) and any(lifecycle.is_final(each) for each in lifecycle.follows):
        message = f"expected a last step into a final state, or `stuck: true`: in {shown(last)} the job waits for ever"
        yield Finding((*steps[-1], "state"), message)


def _cycle(story: Sound, rule: Path, steps: list[Path], lifecycle: Lifecycle) -> Iterator[Finding]:
    path = (*rule, "repeat")
    if len(steps) == 1:
        yield Finding(path, "expected more than one step for a cycle: the first is not repeated")
        return
    if story.get(("progression",)) == "immediate":
        yield Finding(path, "expected no cycle under `progression: immediate`, in which it would never come to rest")
        return
    before, after = story.get((*steps[-1], "state")), story.get((*steps[1], "state"))
    if after not in _following(before, lifecycle):
        yield Finding(path, f"expected a last step that {shown(after)}, the second, may follow, got {shown(before)}")
    waits = [(story.get(step) or {}).get("after", 0) for step in steps[1:]]
    if (
        all(_shortest(wait) is not None for wait in waits)
        and sum(_shortest(wait) or 0 for wait in waits) < SHORTEST_CYCLE
    ):
        yield Finding(path, f"expected waits of at least {measures.duration_text(SHORTEST_CYCLE)} in a cycle")


def _shortest(wait: Any) -> int | None:  # noqa: ANN401 - any of the shapes of `forms.WAIT`
    """What it takes at least, or mostly; None for what does not go by time."""
    try:
        if isinstance(wait, dict):
            given = wait.get("uniform", [0])[0] if "uniform" in wait else wait.get("lognormal", {}).get("median")
            return None if given is None else measures.microseconds(given)
        return None if wait == "release" else measures.microseconds(wait)
    except (ValueError, AttributeError, IndexError, TypeError):
        return None

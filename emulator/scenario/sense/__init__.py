"""What no schema can say: whether a story that is well formed makes sense.

It reads values that the schema may have refused in part, so that one look at a file finds every mistake in it.
A value with a mistake in it is as good as absent, and nothing is said of it twice.

sound   the parts of a file in which no mistake has been found yet
bounds  values that are beyond what can be meant
jobs    whether a job's steps can follow each other, and rules be reached
asked   what rules ask of calls
faults  whether faults and callbacks can ever act
"""

from collections.abc import Iterator

from emulator.scenario import grammar, measures, settings
from emulator.scenario.mistakes import Finding
from emulator.scenario.pace import step_length
from emulator.scenario.sense import asked, faults, jobs
from emulator.scenario.sense.bounds import FOREVER, beyond, counted, drawn, measured
from emulator.scenario.sense.sound import Sound
from emulator.scenario.vocabulary import Vocabulary

__all__ = ["Sound", "nonsense"]


def nonsense(story: Sound, words: Vocabulary | None) -> Iterator[Finding]:
    """All that is wrong with a story beyond its form. `words` is None where the API is not known."""
    yield from beyond(story, ("clock", "start"), measures.instant)
    yield from beyond(story, ("clock", "step"), step_length)
    for rule in story.each(("jobs",)):
        yield from counted(story, (*rule, "when", "nth"), (*rule, "when", "every"))
        yield from asked.mistaken(story, rule)
        for step in story.each((*rule, "steps"), grammar.MOST_STEPS):
            yield from drawn(story, (*step, "after"), FOREVER)
    yield from jobs.unreachable(story)
    yield from faults.mistaken(story)
    if words:
        yield from _of_api(story, words)


def _of_api(story: Sound, words: Vocabulary) -> Iterator[Finding]:
    known = settings.kinds(words.settings)
    for name in story.keys(("settings",)):
        if name in known and story.get(("settings", name)) is not None:
            yield from beyond(story, ("settings", name), known[name].read)
    for path in story.each(("accounts",)):
        yield from measured(story, path, words.account)
    for rule in story.each(("jobs",)):
        yield from measured(story, (*rule, "when"), words.when)
        yield from measured(story, (*rule, "result"), words.result)
        yield from jobs.out_of_order(story, (*rule, "steps"), words.lifecycle)
        yield from jobs.unending(story, rule, words.lifecycle)
        if (sound := story.get(rule)) is not None:
            yield from (Finding((*rule, *path), message) for path, message in words.nonsense(sound))
    yield from faults.never(story, words)

"""What no schema can say: whether a story that is well formed makes sense.

It reads values that the schema may have refused in part, so that one look at a file finds every mistake in it.
A value with a mistake in it is as good as absent, and nothing is said of it twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from emulator.clock import SECOND
from emulator.job import END, Lifecycle
from emulator.scenario import grammar, measures, settings
from emulator.scenario.mistakes import Finding, Path, listed, shown
from emulator.scenario.schema import DURATION_REF, SIZE_REF
from emulator.scenario.story import ALWAYS
from emulator.scenario.vocabulary import Vocabulary

LONGEST_LATENCY = 60 * SECOND
_FOREVER = measures.LONGEST_DURATION


class Sound:
    """The parts of a value in which no mistake has been found yet."""

    def __init__(self, value: object, mistaken: Iterable[Path]) -> None:
        self._value = value
        self._tainted = {path[:length] for path in mistaken for length in range(len(path) + 1)}

    def get(self, path: Path) -> Any:  # noqa: ANN401 - whatever the file holds there
        """The value at `path`; None when there is none, or it has a mistake in it."""
        return None if path in self._tainted else self._raw(path)

    def each(self, path: Path, most: int = grammar.MOST_RULES) -> list[Path]:
        """The paths of the entries of the list at `path`, mistaken ones too; none when it is not a list."""
        value = self._raw(path)
        return [(*path, index) for index in range(min(len(value), most))] if isinstance(value, list) else []

    def keys(self, path: Path) -> list[str]:
        """The keys of the mapping at `path`, mistaken ones too; none when it is not a mapping."""
        value = self._raw(path)
        return list(value) if isinstance(value, dict) else []

    def holds(self, path: Path) -> bool:
        """Whether the file says anything at `path`, mistaken or not."""
        return path[-1] in self.keys(path[:-1])

    def _raw(self, path: Path) -> Any:  # noqa: ANN401
        value = self._value
        for part in path:
            if isinstance(part, str):
                value = value.get(part) if isinstance(value, dict) else None
            else:
                value = value[part] if isinstance(value, list) and part < len(value) else None
        return value


def nonsense(story: Sound, words: Vocabulary | None) -> Iterator[Finding]:
    """All that is wrong with a story beyond its form. `words` is None where the API is not known."""
    yield from _beyond(story, ("clock", "start"), measures.instant)
    for rule in story.each(("jobs",)):
        yield from _counted(story, (*rule, "when", "nth"), (*rule, "when", "every"))
        for step in story.each((*rule, "steps"), grammar.MOST_STEPS):
            yield from _drawn(story, (*step, "after"), _FOREVER)
    yield from _unreachable(story)
    for rule in story.each(("faults",)):
        yield from _counted(story, (*rule, "calls"), (*rule, "every"))
        yield from _drawn(story, (*rule, "latency"), LONGEST_LATENCY)
    if words:
        yield from _of_api(story, words)


def _of_api(story: Sound, words: Vocabulary) -> Iterator[Finding]:
    known = settings.kinds(words.settings)
    for name in story.keys(("settings",)):
        if name in known and story.get(("settings", name)) is not None:
            yield from _beyond(story, ("settings", name), known[name].read)
    for path in story.each(("accounts",)):
        yield from _measured(story, path, words.account)
    for rule in story.each(("jobs",)):
        yield from _measured(story, (*rule, "when"), words.when)
        yield from _measured(story, (*rule, "result"), words.result)
        yield from _out_of_order(story, (*rule, "steps"), words.lifecycle)
        if (sound := story.get(rule)) is not None:
            yield from (Finding((*rule, *path), message) for path, message in words.nonsense(sound))


def _beyond(story: Sound, path: Path, read: Callable[[Any], object]) -> Iterator[Finding]:
    """What `read` says against the value at `path`, which has the right form."""
    value = story.get(path)
    try:
        if value is not None:
            read(value)
    except ValueError as error:
        yield Finding(path, str(error))


def _measured(story: Sound, path: Path, schemas: Mapping[str, Any]) -> Iterator[Finding]:
    for key in story.keys(path):
        if schemas.get(key) == DURATION_REF:
            yield from _beyond(story, (*path, key), measures.microseconds)
        elif schemas.get(key) == SIZE_REF:
            yield from _beyond(story, (*path, key), measures.octets)


def _counted(story: Sound, calls: Path, every: Path) -> Iterator[Finding]:
    n = story.get(every)
    yield from _beyond(story, calls, lambda value: measures.ordinals(value, n))


def _drawn(story: Sound, path: Path, longest: int) -> Iterator[Finding]:
    """Of a wait or a latency: bounds, and that they are the right way round."""
    value = story.get(path)
    if not isinstance(value, dict):
        yield from _too_long(path, value, longest)
        return
    for shape, given in value.items():
        at = (*path, shape)
        parts = given.items() if isinstance(given, dict) else enumerate(given) if isinstance(given, list) else ()
        wrong = [each for part, text in parts for each in _too_long((*at, part), text, longest)]
        wrong += _too_long(at, given, longest) if shape == "fixed" else []
        yield from wrong or _turned_round(at, given)


def _too_long(path: Path, value: object, longest: int) -> list[Finding]:
    if not isinstance(value, str) or value == "release":
        return []
    try:
        duration = measures.microseconds(value)
    except ValueError as error:
        return [Finding(path, str(error))]
    message = f"expected a duration of at most {measures.duration_text(longest)}, got {shown(value)}"
    return [Finding(path, message)] if duration > longest else []


def _turned_round(path: Path, given: Any) -> Iterator[Finding]:  # noqa: ANN401
    if path[-1] == "uniform" and measures.microseconds(given[0]) > measures.microseconds(given[1]):
        yield Finding(path, f"expected the shorter first, got {given[0]} before {given[1]}")
    if path[-1] == "lognormal":
        median, p99 = measures.microseconds(given["median"]), measures.microseconds(given["p99"])
        if not median:
            yield Finding((*path, "median"), f"expected a median above 0, got {shown(given['median'])}")
        elif p99 <= median:
            yield Finding((*path, "p99"), f"expected more than the median {given['median']}, got {shown(given['p99'])}")


def _out_of_order(story: Sound, path: Path, lifecycle: Lifecycle) -> Iterator[Finding]:
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


def _unreachable(story: Sound) -> Iterator[Finding]:
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
    return None if when is None else {key: value for key, value in when.items() if key not in grammar.NTH}


def _always(story: Sound, rule: Path) -> bool:
    when = story.get((*rule, "when")) or {}
    try:
        return measures.ordinals(when.get("nth"), when.get("every")) == ALWAYS
    except ValueError:
        return False

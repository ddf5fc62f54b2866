"""Values of the right form that are beyond what can be meant: durations, sizes, counts, draws."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.clock import SECOND
from emulator.scenario import measures
from emulator.scenario.mistakes import Finding, Path, shown
from emulator.scenario.schema import DURATION_REF, SIZE_REF
from emulator.scenario.sense.sound import Sound

LONGEST_LATENCY = 60 * SECOND
FOREVER = measures.LONGEST_DURATION


def beyond(story: Sound, path: Path, read: Callable[[Any], object]) -> Iterator[Finding]:
    """What `read` says against the value at `path`, which has the right form."""
    value = story.get(path)
    try:
        if value is not None:
            read(value)
    except ValueError as error:
        yield Finding(path, str(error))


def measured(story: Sound, path: Path, schemas: Mapping[str, Any]) -> Iterator[Finding]:
    """Durations and sizes that a vocabulary asks for, beyond what can be meant."""
    for key in story.keys(path):
        if schemas.get(key) == DURATION_REF:
            yield from beyond(story, (*path, key), measures.microseconds)
        elif schemas.get(key) == SIZE_REF:
            yield from beyond(story, (*path, key), measures.octets)


def counted(story: Sound, calls: Path, every: Path) -> Iterator[Finding]:
    """A count that holds nothing, or not in its `every`."""
    n = story.get(every)
    yield from beyond(story, calls, lambda value: measures.ordinals(value, n))


def drawn(story: Sound, path: Path, longest: int) -> Iterator[Finding]:
    """Of a wait or a latency: bounds, and that they are the right way round."""
    value = story.get(path)
    if not isinstance(value, dict):
        yield from too_long(path, value, longest)
        return
    for shape, given in value.items():
        at = (*path, shape)
        parts = given.items() if isinstance(given, dict) else enumerate(given) if isinstance(given, list) else ()
        wrong = [each for part, text in parts for each in too_long((*at, part), text, longest)]
        wrong += too_long(at, given, longest) if shape == "fixed" else []
        yield from wrong or _turned_round(at, given)


def too_long(path: Path, value: object, longest: int) -> list[Finding]:
    """A text that is a longer duration than may be, or none at all."""
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

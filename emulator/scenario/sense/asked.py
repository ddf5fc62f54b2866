"""What rules ask of calls: patterns that are none, pointers that point nowhere, times that never come."""

import re
from collections.abc import Iterator
from dataclasses import replace

from emulator import pointer
from emulator.scenario import measures
from emulator.scenario.condition import Pattern
from emulator.scenario.mistakes import Finding, Path, shown
from emulator.scenario.rules import edge
from emulator.scenario.sense.bounds import beyond
from emulator.scenario.sense.sound import Sound

_TESTS_OF_ONE = ("path", "url")
_TESTS_BY_NAME = ("query", "header", "body")


def mistaken(story: Sound, rule: Path) -> Iterator[Finding]:
    """What is wrong with the `when` of a rule."""
    when = (*rule, "when")
    for key in _TESTS_OF_ONE:
        yield from _test(story, (*when, key))
    for key in _TESTS_BY_NAME:
        for name in story.keys((*when, key)):
            yield from _test(story, (*when, key, name))
    yield from pointers(story, (*when, "body"))
    yield from _span(story, (*when, "during"))
    if story.get((*when, "chance")) == 0:
        yield Finding((*when, "chance"), "expected a chance above 0: this rule would never act, got 0")


def pointers(story: Sound, path: Path) -> Iterator[Finding]:
    """Keys of a mapping that are no JSON Pointers."""
    for key in story.keys(path):
        yield from ill_pointed((*path, key), key, at_key=True)


def ill_pointed(path: Path, text: str, *, at_key: bool = False) -> Iterator[Finding]:
    """A text that is no JSON Pointer."""
    if not re.search(pointer.FORM.replace("$", r"\Z"), text):
        suggestion = None if text.startswith("/") else "/" + text.replace(".", "/")
        yield Finding(path, f"expected a JSON Pointer such as /rows/0/id, got {shown(text)}", suggestion, at_key=at_key)


def _test(story: Sound, path: Path) -> Iterator[Finding]:
    pattern = story.get((*path, "matches"))
    if isinstance(pattern, str):
        try:
            Pattern(pattern)
        except ValueError:
            message = "expected a regular expression without look-around and back-references"
            yield Finding((*path, "matches"), f"{message}, got {shown(pattern)}")
    alone = story.get((*path, "exists")) is False and len(story.keys(path)) > 1
    if alone:
        yield Finding((*path, "exists"), "expected no other test of what does not exist, got exists: false")


def _meant(said: object) -> str | None:
    likely = measures.likely_duration(said)
    return None if likely == said else likely


def _span(story: Sound, path: Path) -> Iterator[Finding]:
    wrong = [
        replace(each, suggestion=_meant(story.get(each.path)))
        for key in ("from", "to")
        for each in beyond(story, (*path, key), edge)
    ]
    yield from wrong
    said = story.get(path)
    if wrong or not isinstance(said, dict) or "to" not in said:
        return
    start, end = edge(said.get("from", 0)), edge(said["to"])
    if start.absolute == end.absolute and start.at >= end.at:
        yield Finding(path, f"expected an end after its beginning, got {said.get('from', 0)} to {said['to']}")

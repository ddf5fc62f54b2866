"""Whether faults and callbacks can ever act, and as they are meant to."""

import re
from collections.abc import Iterator
from typing import Any

from emulator.damage import WITHOUT_ANSWER
from emulator.scenario import measures, template
from emulator.scenario.forms import CHANGES
from emulator.scenario.mistakes import Finding, Path, listed, shown
from emulator.scenario.sense import asked
from emulator.scenario.sense.bounds import FOREVER, LONGEST_LATENCY, beyond, counted, drawn, too_long
from emulator.scenario.sense.sound import Sound
from emulator.scenario.story import ALWAYS
from emulator.scenario.vocabulary import Vocabulary

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile("[\t\x20-\x7e\x80-\U0010ffff]*")
_INSTEAD = ("error", "answer")


def mistaken(story: Sound) -> Iterator[Finding]:
    """What is wrong with them whatever the API."""
    for rule in story.each(("faults",)):
        yield from counted(story, (*rule, "calls"), (*rule, "every"))
        yield from drawn(story, (*rule, "latency"), LONGEST_LATENCY)
        yield from too_long(
            (*rule, "chunked_dribble", "over"), story.get((*rule, "chunked_dribble", "over")), LONGEST_LATENCY
        )
        yield from _too_slow(story, (*rule, "bandwidth"))
        for key in ("ahead", "behind"):
            yield from beyond(story, (*rule, "date", key), measures.microseconds)
        yield from asked.mistaken(story, rule)
        yield from _changes(story, rule)
        yield from _headers(story, (*rule, "headers"))
        yield from _headers(story, (*rule, "answer", "headers"))
        yield from _left_open(story, (*rule, "answer"))
        yield from _effect(story, rule)
    for rule in story.each(("limits",)):
        yield from beyond(story, (*rule, "body"), measures.octets)
        yield from asked.mistaken(story, rule)
        yield from _window(story, (*rule, "window"))
    for rule in story.each(("callbacks",)):
        yield from counted(story, (*rule, "calls"), (*rule, "every"))
        yield from drawn(story, (*rule, "delay"), FOREVER)
        yield from beyond(story, (*rule, "apart"), measures.microseconds)
        for wait in story.each((*rule, "retry")):
            yield from beyond(story, wait, measures.microseconds)
        yield from asked.mistaken(story, rule)
        yield from _changes(story, rule)
        yield from _unsaid(story, rule)
        yield from _headers(story, (*rule, "headers"))


def never(story: Sound, words: Vocabulary) -> Iterator[Finding]:
    """Those that can never act under this API."""
    if story.each(("callbacks",)) and not words.callbacks:
        yield Finding(("callbacks",), f"expected no callbacks: {words.api} calls nobody back", at_key=True)
    known = _accounts(story)
    for section in ("jobs", "limits", "faults", "callbacks"):
        for rule in story.each((section,)):
            account = story.get((*rule, "when", "account"))
            if account is not None and known and account not in known:
                message = f"expected one of the accounts {listed(known, 'or')}, got {shown(account)}"
                yield Finding((*rule, "when", "account"), message)
    yield from _not_of_a_job(story, words)
    yield from _overtaken(story)


def _accounts(story: Sound) -> list[str]:
    """The names of the accounts that the file lists; none where one of them goes without."""
    names = [story.get((*each, "account")) for each in story.each(("accounts",))]
    return [] if None in names else list(dict.fromkeys(names))


def _not_of_a_job(story: Sound, words: Vocabulary) -> Iterator[Finding]:
    for rule in story.each(("faults",)):
        operation = story.get((*rule, "operation"))
        counted_per_job = story.get((*rule, "per")) == "job"
        if counted_per_job and isinstance(operation, str) and operation not in words.of_jobs:
            yield Finding((*rule, "per"), f"expected account or namespace: {operation} is not about one job, got 'job'")


def _overtaken(story: Sound) -> Iterator[Finding]:
    """Errors and answers that an earlier one, which is always given, leaves no call to."""
    always: dict[str, int] = {}
    for place, rule in enumerate(story.each(("faults",))):
        said = story.get(rule)
        if said is None or not any(key in said for key in _INSTEAD):
            continue
        named = said.get("operation")
        operations = [named] if isinstance(named, str) else named or []
        above = {always[each] for each in operations if each in always}
        if operations and all(each in always for each in operations):
            yield Finding(rule, f"expected a fault that can act, got one below faults[{min(above)}], which answers all")
        elif "when" not in said and _all_calls(said):
            always |= {each: place for each in operations if each not in always}


def _all_calls(said: dict[str, Any]) -> bool:
    try:
        return measures.ordinals(said.get("calls"), said.get("every")) == ALWAYS
    except ValueError:
        return False


def _changes(story: Sound, rule: Path) -> Iterator[Finding]:
    for key in ("set", "replace"):
        yield from asked.pointers(story, (*rule, key))
    for path in story.each((*rule, "remove")):
        text = story.get(path)
        if isinstance(text, str):
            yield from asked.ill_pointed(path, text)


def _unsaid(story: Sound, rule: Path) -> Iterator[Finding]:
    """A callback with another body than the vendor's is sent unchecked, and the file has to say that it may be."""
    said = story.get(rule) or {}
    changes = [key for key in CHANGES if key in said]
    if changes and not said.get("breaks_contract"):
        leave = f"expected `breaks_contract: true` beside {listed(changes)}"
        yield Finding((*rule, changes[0]), f"{leave}: a callback that is changed is not checked", at_key=True)


def _headers(story: Sound, path: Path) -> Iterator[Finding]:
    for name in story.keys(path):
        if not _TOKEN.fullmatch(name):
            yield Finding((*path, name), f"expected the name of a header, got {shown(name)}", at_key=True)
        given = story.get((*path, name))
        values = given if isinstance(given, list) else [given]
        if any(isinstance(each, str) and not _VALUE.fullmatch(each) for each in values):
            yield Finding((*path, name), "expected a header on one line, without control characters")


def _left_open(story: Sound, path: Path) -> Iterator[Finding]:
    for key in ("headers", "body", "text"):
        try:
            template.template(story.get((*path, key)))
        except ValueError as error:
            yield Finding((*path, key), str(error))
    name = story.get((*path, "file"))
    if isinstance(name, str) and "${" in name:
        yield Finding((*path, "file"), "expected the name of a file with nothing left open in it")
    kind = story.get((*path, "content_type"))
    if isinstance(kind, str) and not re.fullmatch(r"[\w.+-]+/[\w.+-]+(; ?[\w.-]+=[\w.-]+)*", kind):
        yield Finding((*path, "content_type"), f"expected a media type such as text/csv, got {shown(kind)}")


def _effect(story: Sound, rule: Path) -> Iterator[Finding]:
    """With no call made and nothing said instead, only some faults have anything to act on."""
    said = story.get(rule)
    if said is None or said.get("effect") != "before" or any(key in said for key in _INSTEAD):
        return
    if said.get("fault") not in WITHOUT_ANSWER:
        needs = f"expected an error, an answer or one of the faults {listed(sorted(WITHOUT_ANSWER), 'or')}"
        yield Finding((*rule, "effect"), f"{needs} beside `effect: before`: there is no answer to act on")


def _window(story: Sound, path: Path) -> Iterator[Finding]:
    wrong = list(beyond(story, path, measures.microseconds))
    yield from wrong
    if not wrong and story.get(path) is not None and not measures.microseconds(story.get(path)):
        yield Finding(path, f"expected a window of some length, got {shown(story.get(path))}")


def _too_slow(story: Sound, path: Path) -> Iterator[Finding]:
    yield from beyond(story, path, measures.octets)
    if story.get(path) == "0B" or re.fullmatch("0+[KMG]?i?B", str(story.get(path))):
        yield Finding(path, "expected some bandwidth, got none: the fault TIMEOUT never answers")

"""The rules of a scenario in plain words, one sentence or a few for each.

What a field comes to is said by the entry of its name in one of the tables. A field that no table names would be
passed over in silence; a test finds it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from emulator import pointer
from emulator.damage import FAULTS, Damage, HeaderChange
from emulator.job import END, Lifecycle, Step
from emulator.pointer import Change
from emulator.scenario import phrases
from emulator.scenario.condition import Condition, Test
from emulator.scenario.measures import size_text
from emulator.scenario.story import ALWAYS, CallbackRule, Edge, Fault, JobRule, Limit, Reply, Span, When

Texts = Mapping[Any, str]
"""What the vendor's table says of each error code."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Puts rules into words of one API."""

    lifecycle: Lifecycle
    texts: Texts

    def job(self, rule: JobRule, n: int = 0) -> str:
        """What the n-th job rule, from 0, lets a job live through."""
        rest = n and rule.when == When()
        whose = "every other submission" if rest else about(rule.when, "submission")
        stays = rule.repeat == "last" and not self._ends(rule.steps[-1])
        told = [f"{whose}: {self.life(rule.steps)}{', and stays so' if stays else ''}", *_each(JOB, rule)]
        return " ".join(map(phrases.sentence, told))

    def life(self, steps: tuple[Step, ...]) -> str:
        """All steps, one clause for each."""
        clauses = [f"begins {self.state(steps[0])}"]
        for before, step in pairwise(steps):
            clauses.append(f"{phrases.wait(step.after)} {self._arrives(before, step)}")
        return ", then ".join(clauses)

    def fault(self, rule: Fault) -> str:
        """What goes wrong on which calls."""
        error = [] if rule.error is None else [f"answered with {self.error(rule.error)}"]
        return phrases.sentence(f"{about(rule.when, 'call')}: {', '.join([*error, *_each(FAULT, rule)])}")

    def limit(self, rule: Limit) -> str:
        """How much may be asked, and what is answered to more."""
        per = "" if rule.when.per == "namespace" else f" per {rule.when.per}"
        told = f"{about(rule.when, 'call')}: at most {phrases.series(_bounds(rule))}{per}"
        costs = "".join(f", of which one of {name} costs {units}" for name, units in rule.weights.items())
        silent = "" if rule.retry_after else ", without Retry-After"
        return phrases.sentence(f"{told}{costs}; more is answered with {self.error(rule.error)}{silent}")

    def callback(self, rule: CallbackRule) -> str:
        """What becomes of which calls to the client."""
        return phrases.sentence(f"{about(rule.when, 'callback')}: {', '.join(_each(CALLBACK, rule))}")

    def error(self, entry: Mapping[str, Any]) -> str:
        """An entry of the vendor's error table: its code and text, another status if there is one."""
        text = self.texts.get(entry["code"], "")
        for name, value in entry.items():
            text = text.replace(f"{{{name}}}", phrases.value(value))
        text = f" ({text.rstrip('.')})" if text else ""
        return f"error {entry['code']}{text}" + (f" with status {entry['status']}" if "status" in entry else "")

    def state(self, step: Step) -> str:
        """The state of a step, with its progress and its error."""
        progress = "" if step.progress is None else f" at {step.progress} %"
        error = "" if step.error is None else f" with {self.error(step.error)}"
        return ("where the API itself arrives" if step.state == END else step.state) + progress + error

    def _ends(self, step: Step) -> bool:
        return step.state == END or self.lifecycle.is_final(step.state)

    def _arrives(self, before: Step, step: Step) -> str:
        if self._ends(step):
            return f"ends {self.state(step)}"
        return f"{'is still' if step.state == before.state else 'is'} {self.state(step)}"


def _each(table: Mapping[str, Callable[[Any], str]], rule: object) -> list[str]:
    return [said for name, say in table.items() if (said := say(getattr(rule, name)))]


# When -----------------------------------------------------------------------


def about(when: When, noun: str) -> str:
    """To what a rule applies: `the third submission whose report is stock/all`."""
    told = [phrases.which(when.nth, noun), *_each(WHEN, when)]
    return " ".join(told) + ("" if when.nth == ALWAYS or when.per == "namespace" else f", counted per {when.per}")


def _about(asked: Mapping[str, Any]) -> str:
    told = [f"{key} is {phrases.value(value)}" for key, value in asked.items()]
    return f"whose {phrases.series(told)}" if told else ""


def _operations(names: frozenset[str] | None) -> str:
    return f"of {phrases.series(sorted(names), 'or')}" if names else ""


def _asked(conditions: tuple[Condition, ...]) -> str:
    return f"where {phrases.series(map(_condition, conditions))}" if conditions else ""


_PLACES = {"path": "the path", "query": "the parameter {}", "header": "the header {}", "body": "{} of the body"}


def _condition(condition: Condition) -> str:
    whole = condition.place == "body" and not condition.name
    place = "the body" if whole else _PLACES[condition.place].format(condition.name)
    return f"{place} {_test(condition.test)}"


def _test(test: Test) -> str:
    if not test.exists:
        return "is absent"
    told = [
        f"{verb} {phrases.value(given)}"
        for verb, given in (("is", test.equals), ("contains", test.contains))
        if given is not pointer.ABSENT
    ]
    told += [f"matches {test.matches.text}"] if test.matches else []
    return phrases.series(told) or "is present"


def _during(span: Span | None) -> str:
    if span is None:
        return ""
    if span.end is None:
        return f"from {_edge(span.start)} on"
    if not (span.start.absolute or span.end.absolute):
        return f"from {phrases.duration(span.start.at)} to {_edge(span.end)}"
    return f"from {_edge(span.start)} to {_edge(span.end)}"


def _edge(edge: Edge) -> str:
    return phrases.instant(edge.at) if edge.absolute else f"{phrases.duration(edge.at)} after the clock's start"


WHEN: Mapping[str, Callable[[Any], str]] = {
    "operations": _operations,
    "about": _about,
    "asked": _asked,
    "account": lambda name: "" if name is None else f"by the account {name}",
    "during": _during,
    "states": lambda names: f"while the job is {phrases.series(sorted(names), 'or')}" if names else "",
    "chance": lambda share: "" if share == 1 else f"with a chance of {share * 100:g} %",
}
"""What is said of a condition; counting (`nth`, `per`) is in the noun."""

# Jobs -----------------------------------------------------------------------

_REPEATS = {
    "last": "",
    "cycle": "after the last step it goes on from the second",
    "none": "once its last state has been seen, it is gone",
}

JOB: Mapping[str, Callable[[Any], str]] = {
    "result": lambda result: f"of its result: {phrases.value(result)}" if result else "",
    "repeat": lambda repeat: _REPEATS[repeat],
}
"""What is said of a job rule after its steps."""

# Faults ---------------------------------------------------------------------


def reply(given: Reply | None) -> str:
    """An answer that a scenario gives itself."""
    if given is None:
        return ""
    headers = f", {phrases.series(given.headers)}" if given.headers else ""
    kind = "JSON" if given.json else "text"
    body = "no body" if given.body is None else f"{kind} of its own"
    media = f" as {given.content_type}" if given.content_type else ""
    return f"answered with status {given.status}{headers} and {body}{media}"


def change(given: Change) -> str:
    """What is done to a JSON body."""
    told = [f"without {phrases.series(given.remove)}"] if given.remove else []
    told += [f"with {place} replaced by {phrases.value(new)}" for place, new in given.replace.items()]
    told += [f"with {place} set to {phrases.value(new)}" for place, new in given.set.items()]
    return f"its body {phrases.series(told)}" if told else ""


def damage(given: Damage) -> str:
    """What goes wrong on the wire."""
    return ", ".join(_each(DAMAGE, given))


def headers(given: Mapping[str, HeaderChange]) -> str:
    """What is done to headers."""
    return phrases.series(
        f"without {name}" if value is None else f"with {name}: {phrases.value(value)}" for name, value in given.items()
    )


DAMAGE: Mapping[str, Callable[[Any], str]] = {
    "fault": lambda name: f"{FAULTS[name]} ({name})" if name else "",
    "dribble": lambda it: f"in {it.chunks} pieces over {phrases.duration(it.over)}" if it else "",
    "bandwidth": lambda rate: f"at {rate} bytes a second" if rate else "",
    "headers": headers,
    "date": lambda by: f"its Date {phrases.duration(abs(by))} {'ahead' if by > 0 else 'behind'}" if by else "",
}
"""What is said of damage on the wire."""

FAULT: Mapping[str, Callable[[Any], str]] = {
    "answer": reply,
    "change": change,
    "damage": damage,
    "latency": lambda latency: "" if latency is None else f"answered after {phrases.drawn(latency)}",
    "effect": lambda effect: "and nothing is done" if effect == "before" else "",
    "breaks_contract": lambda may: "and may break the contract" if may else "",
}
"""What is said of a fault after its error."""

# Limits ---------------------------------------------------------------------


def _bounds(rule: Limit) -> list[str]:
    told = []
    if rule.requests is not None:
        at_once = "" if rule.burst is None else f" ({rule.burst} at once)"
        told.append(f"{phrases.counted(rule.requests, 'unit')} in {phrases.duration(rule.window)}{at_once}")
    told += [] if rule.parallel is None else [f"{phrases.counted(rule.parallel, 'call')} at a time"]
    return told + ([] if rule.body is None else [f"{size_text(rule.body)} of body"])


# Callbacks ------------------------------------------------------------------


def _retry(waits: tuple[int, ...] | None) -> str:
    if waits is None:
        return ""
    return f"tried again after {phrases.series(map(phrases.duration, waits))}" if waits else "never tried again"


CALLBACK: Mapping[str, Callable[[Any], str]] = {
    "delay": lambda delay: "" if delay is None else f"comes after {phrases.drawn(delay)}",
    "copies": lambda n: "" if n == 1 else f"comes {phrases.times(n)}" if n else "never comes",
    "apart": lambda apart: f"{phrases.duration(apart)} apart" if apart else "",
    "retry": _retry,
    "before_answer": lambda before: "comes before the answer that causes it" if before else "",
    "headers": headers,
    "change": change,
    "malformed": lambda malformed: "its body breaks off in the middle" if malformed else "",
}
"""What is said of a callback rule."""

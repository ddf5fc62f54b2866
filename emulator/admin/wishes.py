"""Which exchanges are meant: a filter from a query or from a body, both of which say the same things.

A name that nothing has is refused: a filter with a slip in it would match nothing, and "never called" be satisfied.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.admin.api import Call
from emulator.admin.paging import number
from emulator.contract import openapi
from emulator.matching import BadFilter, Filter, Sequence, read
from emulator.matching.filters import BOUNDS, TEXTS, text_pattern
from emulator.problem import Problem
from emulator.scenario.mistakes import nearest

Wish = Mapping[str, Any]

PAGING = frozenset({"limit", "offset"})
_SEVERAL = frozenset({*TEXTS, "status"})


def asked(call: Call) -> Filter:
    """The filter in the body. Problem 422."""
    return _filter(call, call.body)


def queried(call: Call) -> Filter:
    """The filter in the query. Problem 422."""
    wish = {name: _value(name, call.request.query.getall(name)) for name in call.request.query if name not in PAGING}
    violations = openapi.load("admin").message("find").violations(wish)
    if violations:
        raise Problem(422, f"{violations[0].pointer or 'the query'}: {violations[0].text}")
    return _filter(call, wish)


def _value(name: str, texts: list[str]) -> Any:  # noqa: ANN401 - as a body would have it
    if name in _SEVERAL:
        return texts
    text = texts[-1]
    return number(text) if name in BOUNDS and text.isascii() and text.isdigit() else text


def sequence(call: Call) -> Sequence:
    """The sequence in the body. Problem 422."""
    try:
        told = Sequence(call.body["sequence"], strict=call.body.get("strict", False))
    except BadFilter as error:
        raise Problem(422, str(error)) from None
    for step in told.steps:
        _refuse_unknown(call, {each.name: each.wanted for each in step.asked.conditions})
    return told


def _filter(call: Call, wish: Wish) -> Filter:
    _refuse_unknown(call, wish)
    try:
        return read(wish)
    except BadFilter as error:
        raise Problem(422, str(error)) from None


def _refuse_unknown(call: Call, wish: Wish) -> None:
    """Problem 422 if an API or an operation is named that there is not."""
    apis = call.namespaces.origin.hooks
    operations = [name for api in apis for name in openapi.load(api).operations]
    for key, known in (("api", apis), ("operation", operations)):
        for name in _names(wish.get(key)):
            if not any(map(text_pattern(name), known)):
                raise _unknown(key, name, known)


def _names(wanted: Any) -> Iterator[str]:  # noqa: ANN401 - text, null, or a list of them
    for each in wanted if isinstance(wanted, list) else [wanted]:
        if each is not None:
            yield each


def _unknown(key: str, name: str, known: Iterable[str]) -> Problem:
    near = nearest(name, known)
    hint = f"; did you mean {near!r}?" if near else ""
    said = "no API is called" if key == "api" else "no API has an operation"
    return Problem(422, f"{said} {name!r}{hint}", candidates=[near] if near else [])

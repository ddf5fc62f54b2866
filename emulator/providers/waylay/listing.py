"""Listings: paging, the attributes to render, filters, sorting."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.waylay.objects import Entity
from emulator.providers.waylay.query import Test, clauses, value_at

SKIP, LIMIT = 0, 100
FILTER_LENGTH = 256
SEARCHED = ("id", "name", "alias", "owner", "provider", "providerId", "customer")
"""The fields that the fuzzy `filter` looks at. The vendor says: multiple."""


def listing(request: Request, entities: Sequence[Entity]) -> Answer:
    """The page of `entities` that was asked for; `X-Count` is how many there are. ApiError bad-request."""
    skip, limit = page(request)
    rendered = rendering(request)
    values = [rendered(each) for each in entities[skip : skip + limit]]
    payload = {"values": values, "skip": skip, "limit": limit, "total": len(entities)}
    return Answer(200, payload, headers={"X-Count": str(len(entities))})


def page(request: Request) -> tuple[int, int]:
    """`skip` and `limit`."""
    return _number(request, "skip", SKIP), _number(request, "limit", LIMIT)


def rendering(request: Request) -> Callable[[Entity], Entity]:
    """What to show of an entity: `field`, repeated, and `fields`, comma-separated. Its id is always shown."""
    asked = request.query.getall("field", [])
    asked += [name for text in request.query.getall("fields", []) for name in text.split(",")]
    if not asked:
        return lambda entity: entity
    names = {"id", *asked}
    return lambda entity: {key: value for key, value in entity.items() if key in names}


def one_of(request: Request, name: str, choices: tuple[str, ...]) -> str:
    """A parameter that has one of a few values; the first is its default. ApiError bad-request."""
    value = request.query.get(name, choices[0])
    if value not in choices:
        raise ApiError("bad-request", text=f"'{name}' parameter must be one of {', '.join(choices)}")
    return value


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not re.fullmatch("[0-9]{1,9}", text):
        raise ApiError("bad-request", text=f"'{name}' parameter must be a whole number from 0")
    return int(text)


# Filters --------------------------------------------------------------------


def filters(request: Request, whole: tuple[str, ...] = ()) -> Iterator[Test]:
    """A test for each filter that the query names. `whole`: attributes to be equal. ApiError bad-request."""
    query = request.query
    if "id" in query:
        ids = set(query.getall("id"))
        yield lambda entity: entity["id"] in ids
    for key in whole:
        if key in query:
            yield lambda entity, key=key, value=query[key]: entity.get(key) == value  # type: ignore[misc]
    if "filter" in query:
        yield _fuzzy(query["filter"])
    yield from clauses(request)


def chosen(entities: Iterable[Entity], tests: Iterator[Test]) -> list[Entity]:
    """The entities that pass all tests."""
    all_tests = list(tests)
    return [each for each in entities if all(test(each) for test in all_tests)]


def _fuzzy(text: str) -> Test:
    if len(text) > FILTER_LENGTH:
        raise ApiError("bad-request", text=f"'filter' parameter can only be {FILTER_LENGTH} characters")
    needle = text.casefold()
    return lambda entity: any(needle in str(entity.get(key, "")).casefold() for key in SEARCHED)


# Sorting --------------------------------------------------------------------


def in_order(request: Request, entities: list[Entity]) -> list[Entity]:
    """Sorted by `sort`, whatever the types of its values; those without one come last, equals by id."""
    key = request.query.get("sort", "id")
    descending = one_of(request, "order", ("ascending", "descending")) == "descending"
    by_id = sorted(entities, key=lambda entity: str(entity["id"]))
    having = [each for each in by_id if value_at(each, key) is not None]
    lacking = [each for each in by_id if value_at(each, key) is None]
    return sorted(having, key=lambda entity: _rank(value_at(entity, key)), reverse=descending) + lacking


def _rank(value: Any) -> tuple[int, float, str]:  # noqa: ANN401 - JSON is any of six types
    if isinstance(value, int | float):
        return (0, value, "")
    return (1, 0, str(value))

"""Values with places left open: `${request.query.name}`, filled in when an answer is given.

The language is closed: names from a table, no expressions, one pass. What is filled in is never looked at again, so
that whatever a client sends comes back as it was.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from emulator.clock import Duration
from emulator.scenario import measures
from emulator.scenario.mistakes import listed, nearest, shown

PLACE = re.compile(r"\$\{([^${}\s]{1,200})\}")

Fill = Callable[["Name"], Any]
"""What a name stands for; None if for nothing."""


@dataclass(frozen=True, slots=True)
class Name:
    """What stands between `${` and `}`: a word of the table, what of it, and for `now` how much later."""

    word: str
    part: str = ""
    later: Duration = Duration(0)


NAMES: Mapping[str, str] = MappingProxyType(
    {
        "request.method": "The method of the request.",
        "request.path": "Its path, as it was sent.",
        "request.query": "request.query.NAME: a parameter of its query.",
        "request.header": "request.header.NAME: one of its headers.",
        "request.params": "request.params.NAME: a parameter in its path.",
        "request.body": "Its JSON body; request.body.a.b or request.body./a/b: what stands there.",
        "account": "Whose credentials it carries.",
        "sequence": "Its number among the requests of the namespace.",
        "job.id": "The id of the job it is about.",
        "job.state": "The state of that job.",
        "job.created": "When that job was submitted.",
        "now": "The instant, as RFC 3339; now+5m and now-1h are later and earlier.",
        "now.unix": "Whole seconds since 1970.",
        "uuid": "A drawn UUID, another one at each place.",
        "faker": "faker.NAME: a drawn value, such as faker.name, faker.company or faker.email.",
    }
)
"""What may be left open."""

FAKERS = (
    "address", "bs", "city", "color_name", "company", "country", "country_code", "currency_code", "date", "ean13",
    "email", "file_name", "first_name", "iban", "ipv4", "job", "last_name", "name", "phone_number", "postcode",
    "sentence", "street_address", "text", "url", "user_name", "word",
)  # fmt: skip
"""Providers of Faker that scenarios may name."""

_NOW = re.compile(r"now([+-])(.+)")
_WITH_PART = frozenset({"request.query", "request.header", "request.params", "request.body", "faker"})
_PART_MAY_LACK = frozenset({"request.body"})


def name(text: str) -> Name:
    """What stands between the braces; ValueError for anything that the table does not hold."""
    if moved := _NOW.fullmatch(text):
        later = measures.microseconds(moved.group(2))
        return Name("now", later=Duration(later if moved.group(1) == "+" else -later))
    word = next((each for each in _WITH_PART if text == each or text.startswith(f"{each}.")), text)
    part = text[len(word) + 1 :]
    if word not in NAMES or (word in _WITH_PART - _PART_MAY_LACK and not part):
        near = nearest(text, NAMES)
        hint = f" (did you mean {near!r}?)" if near else ""
        raise ValueError(f"expected one of {listed(NAMES, 'or')} in ${{...}}, got {shown(text)}{hint}")
    if word == "faker" and part not in FAKERS:
        near = nearest(part, FAKERS)
        hint = f" (did you mean {near!r}?)" if near else ""
        raise ValueError(f"expected faker. and one of {listed(FAKERS, 'or')}, got {shown(part)}{hint}")
    return Name(word, part)


class Text:
    """A text with places; a text that is one place alone takes the value as it is, number or list."""

    __slots__ = ("_parts", "text")

    def __init__(self, text: str) -> None:
        """ValueError for a place that means nothing."""
        self.text = text
        pieces = PLACE.split(text)
        self._parts: list[str | Name] = [
            name(piece) if place % 2 else piece for place, piece in enumerate(pieces) if place % 2 or piece
        ]

    @property
    def names(self) -> list[Name]:
        """What it leaves open."""
        return [each for each in self._parts if isinstance(each, Name)]

    def filled(self, fill: Fill) -> Any:  # noqa: ANN401 - JSON is any of six types
        """With everything filled in."""
        if len(self._parts) == 1 and isinstance(self._parts[0], Name):
            return fill(self._parts[0])
        return "".join(each if isinstance(each, str) else _text(fill(each)) for each in self._parts)


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def template(value: Any) -> Any:  # noqa: ANN401 - JSON in; the same with its open texts as `Text`
    """A JSON value with its texts that leave something open made ready; ValueError."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: template(each) for key, each in value.items()})
    if isinstance(value, list | tuple):
        return tuple(map(template, value))
    return Text(value) if isinstance(value, str) and PLACE.search(value) else value


def filled(value: Any, fill: Fill) -> Any:  # noqa: ANN401
    """JSON that may be changed and encoded, out of what `template` made."""
    if isinstance(value, Text):
        return value.filled(fill)
    if isinstance(value, Mapping):
        return {key: filled(each, fill) for key, each in value.items()}
    return [filled(each, fill) for each in value] if isinstance(value, tuple) else value


def left_open(value: Any) -> Iterator[Name]:  # noqa: ANN401
    """Everything that a template leaves open."""
    if isinstance(value, Text):
        yield from value.names
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from left_open(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from left_open(each)

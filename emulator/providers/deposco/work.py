"""What an import is asked to do, and what came of it, as it is kept."""

from dataclasses import dataclass
from typing import Any

Entity = dict[str, Any]
Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """What an import remembers of its request."""

    entity_type: str
    entities: list[Entity]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the entities of an import, without a word of those that got in: there may be very many."""

    failing: dict[int, Texts]
    """By the number of an entity: what is wrong with it, if it comes to be processed."""
    done: int
    """So many have been processed."""
    drawn: tuple[str, int] | None = None
    """The account and the ordinal by which their order is drawn; None is the order of the request."""


NOTHING_YET = Outcome({}, 0)

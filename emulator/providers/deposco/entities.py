"""The twelve types of entities, and what each must hold.

What is required is documented with the body of each type's own POST; some business keys are seen in live payloads,
the others inferred. An entity needs nothing else to succeed.
"""

from collections.abc import Sequence
from types import NoneType
from typing import Any, NamedTuple

from emulator.providers.deposco.settings import DeposcoWorld
from emulator.providers.deposco.work import Entity, Outcome, Texts

BusinessKey = dict[str, str]


class Kind(NamedTuple):
    """A type of entities. Its business key is a name of its own, and the part of a reference that makes it unique."""

    path: str
    required: tuple[str, ...]
    name: str
    longest: int
    """Characters of the name, at most."""
    reference: str
    part: str


BUSINESS_UNIT = ("businessUnit", "code")
FACILITY = ("facility", "number")

_ORDER = ("businessUnit", "number")
_SHIPPED = ("shipToContact", "shipToAddress")

KINDS: dict[str, Kind] = {
    "Trading Partner": Kind("/tradingPartners", ("code",), "code", 20, *BUSINESS_UNIT),
    "Item": Kind("/items", ("businessUnit", "number", "packs"), "number", 40, *BUSINESS_UNIT),
    "Kit": Kind("/kitHeaders", ("name", "businessUnit"), "name", 50, *BUSINESS_UNIT),
    "Location": Kind("/locations", ("businessUnit", "facility", "locator"), "locator", 150, *FACILITY),
    "Zone": Kind("/zones", ("businessUnit", "facility", "name"), "name", 30, *FACILITY),
    "Container": Kind("/containers", ("businessUnit", "lpnNumber", "number"), "number", 30, *BUSINESS_UNIT),
    "Sales Order": Kind("/orders/salesOrders", (*_ORDER, *_SHIPPED), "number", 50, *BUSINESS_UNIT),
    "Purchase Order": Kind("/orders/purchaseOrders", _ORDER, "number", 50, *BUSINESS_UNIT),
    "Customer Return": Kind("/orders/customerReturns", (*_ORDER, "shipToFacility"), "number", 50, *BUSINESS_UNIT),
    "Vendor Return": Kind(
        "/orders/vendorReturns", (*_ORDER, *_SHIPPED, "shipFromFacility"), "number", 50, *BUSINESS_UNIT
    ),
    "Outbound Transfer Order": Kind(
        "/orders/outboundTransferOrders", (*_ORDER, "shipFromFacility"), "number", 50, *BUSINESS_UNIT
    ),
    "Inbound Transfer Order": Kind("/orders/inboundTransferOrders", _ORDER, "number", 50, *BUSINESS_UNIT),
}

NULL = "{field} must not be null"
BLANK = "{field} must not be blank"
NO_TEXT = "{field} must be text"
SIZE = "{field} size must be between {min} and {max}"
"""The form of the last is seen live; the words of the others are ours."""

IDS = 10**15
"""Ids are drawn below this: so many that no two meet, so few that a client's double holds them."""


def violations(kind: Kind, entities: Sequence[Entity]) -> dict[int, Texts]:
    """What is wrong with those that anything is wrong with, by their number, one text each.

    It goes field by field: ten megabytes of entities are judged at one instant, and others wait meanwhile.
    """
    found: dict[int, list[str]] = {}
    columns = {field: [each.get(field) for each in entities] for field in kind.required}
    for field, values in columns.items():
        for n in _wrong(values, text=field == kind.name):
            found.setdefault(n, []).append(_violation(field, values[n]))
    for n in _too_long(columns[kind.name], kind.longest):
        found.setdefault(n, []).append(SIZE.format(field=kind.name, min=0, max=kind.longest))
    return {n: tuple(texts) for n, texts in found.items()}


def _wrong(values: Sequence[Any], *, text: bool) -> Sequence[int]:
    """The numbers of those that are missing or blank, or no text where it must be `text`."""
    if not text and {str, NoneType}.isdisjoint(map(type, values)):
        return ()
    return [
        n
        for n, value in enumerate(values)
        if (not value or value.isspace() if isinstance(value, str) else value is None or text)
    ]


def _too_long(names: Sequence[Any], longest: int) -> Sequence[int]:
    """The numbers of those of more characters."""
    return [n for n, name in enumerate(names) if isinstance(name, str) and len(name) > longest]


def _violation(field: str, value: Any) -> str:  # noqa: ANN401 - JSON is any of six types
    if value is None:
        return NULL.format(field=field)
    text = BLANK if isinstance(value, str) else NO_TEXT
    return text.format(field=field)


def business_key(kind: Kind, entity: Entity) -> BusinessKey:
    """`{"number": "SKU-1", "businessUnit.code": "BU1"}`: as much of it as the entity holds. The dot is literal."""
    name, part = entity.get(kind.name), _referred(entity.get(kind.reference), kind.part)
    key = {kind.name: name} if isinstance(name, str) else {}
    if isinstance(part, str):
        key[f"{kind.reference}.{kind.part}"] = part
    return key


def _referred(reference: Any, part: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """What `{"businessKey": {...}}` holds under that name."""
    key = reference.get("businessKey") if isinstance(reference, dict) else None
    return key.get(part) if isinstance(key, dict) else None


def id_of(world: DeposcoWorld, entity_type: str, key: BusinessKey) -> int:
    """The id of the resource: the same for the same business key, whoever asks and whenever."""
    return 1 + world.chance.below(IDS, "entity", entity_type, *key.values())


def resources(world: DeposcoWorld, entity_type: str) -> dict[tuple[str, ...], Entity]:
    """By business key: what imports have created, and updated since.

    No answer tells of them. So it is worked out when somebody asks, and not at the instant at which an import ends.
    """
    known: dict[tuple[str, ...], Entity] = {}
    for submission, outcome in world.objects.imports:
        if submission.entity_type == entity_type:
            for n in in_order(world, outcome, len(submission.entities))[: outcome.done]:
                if n not in outcome.failing:
                    _put(known, KINDS[entity_type], submission.entities[n])
    return known


def _put(known: dict[tuple[str, ...], Entity], kind: Kind, entity: Entity) -> None:
    """Create it, or update what is there by the same business key."""
    identity = tuple(business_key(kind, entity).values())
    known[identity] = known[identity] | entity if identity in known else entity


def in_order(world: DeposcoWorld, outcome: Outcome, count: int) -> Sequence[int]:
    """The numbers of so many entities, in the order in which they are processed."""
    return range(count) if outcome.drawn is None else world.chance.shuffled(count, *outcome.drawn, "order")

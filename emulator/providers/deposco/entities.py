"""The twelve types of entities, and what each must hold.

What is required is documented with the body of each type's own POST; some business keys are seen in live payloads,
the others inferred. An entity needs nothing else to succeed.
"""

from typing import Any, NamedTuple

from emulator.providers.deposco.settings import DeposcoWorld

Entity = dict[str, Any]
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


def violations(kind: Kind, entity: Entity) -> tuple[str, ...]:
    """What is wrong with an entity, one text each."""
    found = [_violation(field, entity.get(field)) for field in kind.required if _wrong(kind, field, entity)]
    name = entity.get(kind.name)
    if isinstance(name, str) and len(name) > kind.longest:
        found.append(SIZE.format(field=kind.name, min=0, max=kind.longest))
    return tuple(found)


def _wrong(kind: Kind, field: str, entity: Entity) -> bool:
    value = entity.get(field)
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or field == kind.name


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


def put(world: DeposcoWorld, entity_type: str, key: BusinessKey, entity: Entity) -> None:
    """Create it, or update what is there by the same business key."""
    known, identity = world.objects.entities.setdefault(entity_type, {}), tuple(key.values())
    known[identity] = known[identity] | entity if identity in known else entity

"""What scenarios may say of Waylay: which batches, what becomes of them, and what is there from the beginning."""

from typing import Any

from emulator.providers.waylay.accounts import the_user
from emulator.providers.waylay.errors import ERRORS
from emulator.providers.waylay.objects import Objects
from emulator.providers.waylay.settings import WaylayWorld
from emulator.scenario.story import thawed

TEXT: dict[str, Any] = {"type": "string"}
ID = {"type": "string", "minLength": 1, "description": "By which it is named."}

FAILURE: dict[str, Any] = {
    "type": "object",
    "description": "What is said of an item that fails.",
    "properties": {"statusCode": {"type": "integer", "minimum": 400, "maximum": 599}, "error": TEXT},
    "required": ["statusCode", "error"],
    "additionalProperties": False,
    "examples": [{"statusCode": 403, "error": ERRORS["forbidden"][1]}],
}

WHEN = {
    "entity": {"enum": ["resource", "resourcetype"], "description": "What the batch is about."},
    "action": {"enum": ["delete", "patchOrInsert"], "description": "What it does to them."},
}

RESULT: dict[str, dict[str, Any]] = {
    "failure": {
        "type": "object",
        "additionalProperties": FAILURE,
        "description": "Items that fail, by id. They are left as they are.",
    },
    "fail_share": {"type": "number", "minimum": 0, "maximum": 1, "description": "The share of items that fail."},
    "fail_count": {"type": "integer", "minimum": 0, "maximum": 1_000_000, "description": "How many items fail, drawn."},
    "fail_with": FAILURE | {"description": "What is said of those; by default 403."},
}

ACCOUNT = {
    "resources": {
        "type": "array",
        "description": "Resources that are there from the beginning.",
        "items": {
            "type": "object",
            "properties": {
                "id": ID,
                **dict.fromkeys(("name", "alias", "owner", "icon", "parentId", "resourceTypeId"), TEXT),
                **dict.fromkeys(("provider", "providerId", "customer", "firmware"), TEXT),
                "tags": {"type": "array", "items": TEXT},
                "lastMessageTimestamp": {"type": "integer"},
            },
            "required": ["id"],
        },
    },
    "resourcetypes": {
        "type": "array",
        "description": "Resource types that are there from the beginning.",
        "items": {"type": "object", "properties": {"id": ID, "name": TEXT}, "required": ["id"]},
    },
}


def seeded(world: WaylayWorld) -> Objects:
    """What the scenario says is there from the beginning."""
    objects, by = Objects(), the_user(world)
    for account in world.declared:
        for each in account.get("resourcetypes", ()):
            objects.types[each["id"]] = thawed(each)
        for each in account.get("resources", ()):
            objects.put(thawed(each), world.now(), by)
    return objects

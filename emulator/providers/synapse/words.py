"""What scenarios may say of Synapse: which jobs, what becomes of them, who may call, and what is there."""

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.providers.synapse import files, tables
from emulator.providers.synapse.errors import EXCEPTIONS
from emulator.providers.synapse.objects import Objects
from emulator.providers.synapse.users import USER_SCHEMA
from emulator.providers.synapse.work import JOB_TYPES
from emulator.world import World

WHEN: dict[str, dict[str, Any]] = {
    "concreteType": {
        "enum": sorted(each.rsplit(".", 1)[-1] for each in JOB_TYPES),
        "description": "The type of the job: the class of its request, without its package.",
    },
    "table": {"type": "string", "description": "The table it is about."},
    "user": {"type": "integer", "description": "The ID of the user who launches it."},
}

RESULT: dict[str, dict[str, Any]] = {
    "cancelable": {"type": "boolean", "description": "Whether the job is set up to be cancelable: it ends when told."},
    "progressMessage": {"type": "string", "description": "What it says of its progress; {n} is progressCurrent."},
    "progressTotal": {"type": "integer", "minimum": 1, "maximum": 2**53, "description": "What a `progress` of 100 is."},
}

ACCOUNT: dict[str, dict[str, Any]] = {
    **USER_SCHEMA,
    "tables": {
        "type": "array",
        "description": "Tables that are there from the beginning.",
        "items": {
            "type": "object",
            "properties": tables.TABLE_SCHEMA,
            "required": ["id"],
            "additionalProperties": False,
        },
    },
    "files": {
        "type": "array",
        "description": "Files that are there from the beginning.",
        "items": {
            "type": "object",
            "properties": files.FILE_SCHEMA,
            "required": ["id", "name", "content"],
            "additionalProperties": False,
        },
    },
}


def seeded(world: World[Any, Any]) -> Objects:
    """What the scenario says is there from the beginning."""
    objects = Objects()
    for account in world.declared:
        for each in account.get("tables", ()):
            objects.tables[each["id"]] = tables.seeded(world, each)
        for each in account.get("files", ()):
            objects.files[each["id"]] = files.seeded(world, each)
    return objects


def nonsense(rule: Mapping[str, Any]) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """Jobs end by exceptions, and by no error of the table."""
    for n, step in enumerate(rule.get("steps", ())):
        error = step.get("error")
        code = error.get("code") if isinstance(error, Mapping) else error
        if code is not None and code not in EXCEPTIONS:
            yield ("steps", n, "error"), f"expected an exception such as IllegalArgumentException, got {code!r}"

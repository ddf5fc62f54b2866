"""Resource Type. https://docs.waylay.io/#/api/resources/?id=resource-type

A type that is in use by resources stays. Updates, which the vendor runs asynchronously, are not emulated.
"""

from collections.abc import Iterator

from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.waylay.listing import chosen, filters, listing, rendering
from emulator.providers.waylay.messages import body, uri
from emulator.providers.waylay.query import Test
from emulator.providers.waylay.resources import new_id
from emulator.providers.waylay.settings import WaylayWorld


def create_resourcetype(world: WaylayWorld, request: Request) -> Answer:
    """201 with its URI; its constraints are in effect at once. ApiError validation, type-exists."""
    said = body(request)
    kind = {"id": said.get("id") or new_id(world), **said}
    if kind["id"] in world.objects.types:
        raise ApiError("type-exists", id=kind["id"])
    if "$constraints" in kind:
        kind["$constraints"] = [{"constraintId": each, "status": "ineffect"} for each in kind["$constraints"]]
    world.objects.types[kind["id"]] = kind
    where = uri(request, "resourcetypes", kind["id"])
    return Answer(201, {"statusCode": 201, "uri": where, "entity": kind}, headers={"Location": where})


def list_resourcetype(world: WaylayWorld, request: Request) -> Answer:
    """A page of those that satisfy all filters, by id. ApiError bad-request."""
    found = chosen(world.objects.types.values(), _filters(request))
    return listing(request, sorted(found, key=lambda kind: str(kind["id"])))


def _filters(request: Request) -> Iterator[Test]:
    yield from filters(request)
    if "template" in request.query:
        wanted = request.query["template"]
        yield lambda kind: any(each["templateName"] == wanted for each in kind.get("templates", ()))


def get_resourcetype(world: WaylayWorld, request: Request) -> Answer:
    """The type. ApiError no-type."""
    type_id = request.params["resourceTypeId"]
    if type_id not in world.objects.types:
        raise ApiError("no-type", id=type_id)
    return Answer(200, rendering(request)(world.objects.types[type_id]))


def delete_resourcetype(world: WaylayWorld, request: Request) -> Answer:
    """204. ApiError no-type, type-in-use."""
    remove(world, request.params["resourceTypeId"])
    return Answer(204)


def remove(world: WaylayWorld, type_id: str) -> None:
    """It is gone, unless resources are of it. ApiError no-type, type-in-use."""
    if type_id not in world.objects.types:
        raise ApiError("no-type", id=type_id)
    users = len(world.objects.of_type.of(type_id))
    if users:
        raise ApiError("type-in-use", n=users)
    del world.objects.types[type_id]

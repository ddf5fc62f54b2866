"""Resource. https://docs.waylay.io/#/api/resources/

A resource models a device or another thing. One that is the parent of others, or to which others refer, stays.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from emulator.exchange import Answer, Request
from emulator.provider import ApiError
from emulator.providers.waylay.accounts import user, uuid
from emulator.providers.waylay.errors import detailed
from emulator.providers.waylay.listing import chosen, filters, in_order, listing, one_of, page, rendering
from emulator.providers.waylay.messages import body, timestamp, uri
from emulator.providers.waylay.objects import Change, Entity
from emulator.providers.waylay.place import near
from emulator.providers.waylay.query import Test
from emulator.providers.waylay.settings import WaylayWorld

# Create ---------------------------------------------------------------------


def create_resource(world: WaylayWorld, request: Request) -> Answer:
    """201 with its URI. ApiError validation, resource-exists."""
    said = body(request, detailed)
    resource = {"id": said.get("id") or new_id(world), **said}
    if resource["id"] in world.objects.resources:
        raise ApiError("resource-exists", id=resource["id"])
    world.objects.put(resource, world.now(), user(world, request))
    where = uri(request, "resources", resource["id"])
    return Answer(201, {"statusCode": 201, "uri": where, "entity": resource}, headers={"Location": where})


def new_id(world: WaylayWorld) -> str:
    """The id of an entity that came without one."""
    world.objects.made += 1
    return uuid(world.chance, "entity", world.objects.made)


# Query ----------------------------------------------------------------------


def list_resources(world: WaylayWorld, request: Request) -> Answer:
    """A page of those that satisfy all filters. ApiError bad-request."""
    found = chosen(world.objects.resources.values(), _filters(request))
    return listing(request, in_order(request, found))


def _filters(request: Request) -> Iterator[Test]:
    yield from filters(request, whole=("resourceTypeId", "provider", "customer"))
    if "tag" in request.query:
        tags = set(request.query.getall("tag"))
        yield lambda resource: tags <= set(resource.get("tags", ()))
    if one_of(request, "toplevelOnly", ("false", "true")) == "true":
        yield lambda resource: "parentId" not in resource
    yield from near(request)


# Retrieve -------------------------------------------------------------------


def get_resource(world: WaylayWorld, request: Request) -> Answer:
    """The resource. ApiError no-resource."""
    return Answer(200, rendering(request)(find(world, request)))


def find(world: WaylayWorld, request: Request) -> Entity:
    """The resource that the path names. ApiError no-resource."""
    resource_id = request.params["resourceId"]
    resource = world.objects.resources.get(resource_id)
    if resource is None:
        raise ApiError("no-resource", id=resource_id)
    return resource


def list_children(world: WaylayWorld, request: Request) -> Answer:
    """Those that have it as parent. ApiError no-resource."""
    found = find(world, request)["id"]
    return _those(world, request, world.objects.children.of(found))


def list_referrers(world: WaylayWorld, request: Request) -> Answer:
    """Those that refer to it. ApiError no-resource."""
    found = find(world, request)["id"]
    return _those(world, request, world.objects.referrers.of(found))


def _those(world: WaylayWorld, request: Request, ids: Iterable[str]) -> Answer:
    return listing(request, [world.objects.resources[each] for each in sorted(ids)])


def list_changes(world: WaylayWorld, request: Request) -> Answer:
    """What has happened to it, oldest first; also of one that is gone. ApiError no-resource."""
    resource_id = request.params["resourceId"]
    changes = world.objects.changes.get(resource_id)
    if changes is None:
        raise ApiError("no-resource", id=resource_id)
    skip, limit = page(request)
    payload = [_change(each) for each in changes[skip : skip + limit]]
    return Answer(200, payload, headers={"X-Count": str(len(changes))})


def _change(change: Change) -> dict[str, Any]:
    return {
        "time": timestamp(change.at),
        "resourceId": change.resource["id"],
        "userId": change.user,
        "change": change.change,
        "resource": change.resource,
    }


# Update ---------------------------------------------------------------------


def replace_resource(world: WaylayWorld, request: Request) -> Answer:
    """The resource as it is from now on; the id in the path counts. ApiError validation."""
    resource = body(request, detailed) | {"id": request.params["resourceId"]}
    world.objects.put(resource, world.now(), user(world, request))
    return Answer(200, resource)


def patch_resource(world: WaylayWorld, request: Request) -> Answer:
    """The resource with some attributes changed, or a new one. ApiError validation."""
    changes = body(request, detailed) | {"id": request.params["resourceId"]}
    return Answer(200, patch(world, user(world, request), changes))


def patch(world: WaylayWorld, by: str, changes: Entity) -> Entity:
    """Set what `changes` names, remove what it has as null; a new resource where there is none of its id."""
    before = world.objects.resources.get(changes["id"], {})
    after = {key: value for key, value in (before | changes).items() if value is not None}
    world.objects.put(after, world.now(), by)
    return after


# Remove ---------------------------------------------------------------------


def delete_resource(world: WaylayWorld, request: Request) -> Answer:
    """204. ApiError no-resource, resource-in-use."""
    remove(world, user(world, request), request.params["resourceId"])
    return Answer(204)


def remove(world: WaylayWorld, by: str, resource_id: str) -> None:
    """It is gone, unless others hold on to it. ApiError no-resource, resource-in-use."""
    if resource_id not in world.objects.resources:
        raise ApiError("no-resource", id=resource_id)
    holders = world.objects.holders(resource_id)
    if holders:
        raise ApiError("resource-in-use", n=holders)
    world.objects.remove(resource_id, world.now(), by)

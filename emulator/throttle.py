"""The limits that a scenario sets on an API's calls, beside those that the vendor has."""

from typing import Any, NamedTuple

from emulator.clock import Duration
from emulator.contract.openapi import Operation
from emulator.exchange import Request
from emulator.limit import Bucket
from emulator.scenario.story import Limit, Situation
from emulator.world import World

AnyWorld = World[Any, Any]


class Exceeded(NamedTuple):
    """A limit that a call is beyond, and how long until it would not be."""

    limit: Limit
    wait: Duration


def exceeded(world: AnyWorld, operation: Operation, request: Request) -> Exceeded | None:
    """The first limit that this call is beyond; it counts with those before."""
    for limit in world.scenario.limits:
        situation = world.situation(request.account, job=request.params.get(operation.job or "", ""))
        if limit.when.meets(situation) and world.due(limit, situation):
            wait = _beyond(world, limit, situation, operation, request)
            if wait is not None:
                world.hit(limit.name)
                return Exceeded(limit, wait)
    return None


def _beyond(
    world: AnyWorld, limit: Limit, situation: Situation, operation: Operation, request: Request
) -> Duration | None:
    if limit.body is not None and len(request.body) > limit.body:
        return Duration(0)
    scope = (limit.name, *world.scope(limit.when.per, situation))
    if limit.parallel is not None:
        held = " ".join(scope)
        if world.under_way[held] >= limit.parallel:
            return Duration(0)
        world.begin(held)
        request.holds += (held,)
    if limit.requests is None:
        return None
    bucket = world.buckets.setdefault(scope, Bucket())
    weight = limit.weights.get(operation.id, 1)
    if bucket.spend(world.clock, weight, limit.requests, limit.window, limit.burst or limit.requests):
        return None
    return bucket.wait(weight, limit.requests, limit.window)

"""Snapshots: a namespace as one document, another namespace made of it, or a second one beside it.

A long document is read in a thread, and into a namespace of its own: until all of it is known to be sound, nobody's
state is touched.
"""

import asyncio
import json

from emulator.admin.api import Call, Handler
from emulator.admin.namespaces import check_new, told
from emulator.exchange import Answer
from emulator.namespace import Namespace
from emulator.namespaces import NamespacesFull
from emulator.problem import Problem
from emulator.sealing import encode
from emulator.snapshot import Document, Unreadable, restored, written


async def get_snapshot(call: Call) -> Answer:
    """All of its state, the journal's exchanges too if that is asked for."""
    call.namespace.clock.catch_up()
    return Answer(200, written(call.namespace, journal=call.request.query.get("journal") == "true"))


async def put_snapshot(call: Call) -> Answer:
    """The namespace is what the document says, from now on. Problem 422, 503; nothing has changed then."""
    made = await asyncio.to_thread(_made, call, call.namespace.name, call.body)
    return Answer(200, told(await _placed(call, made)))


async def fork_namespace(call: Call) -> Answer:
    """A second namespace, like the first in all but its name. Problem 404, 409, 422, 503."""
    name, to = call.request.params["name"], call.body["to"]
    if name not in call.namespaces:
        raise Problem(404, f"there is no namespace {name!r}")
    check_new(call, to)
    first = call.namespaces.get(name)
    first.clock.catch_up()
    document = encode(written(first, journal=True))
    made = await asyncio.to_thread(lambda: _made(call, to, json.loads(document)))
    check_new(call, to)  # somebody may have been quicker
    return Answer(201, told(await _placed(call, made)))


def _made(call: Call, name: str, document: Document) -> Namespace:
    """A namespace that nobody can reach yet. Problem 422."""
    made = call.namespaces.unplaced(name)
    try:
        restored(document, made)
    except Unreadable as error:
        violations = [{"pointer": error.pointer, "detail": error.detail}]
        raise Problem(422, str(error), violations=violations) from None
    return made


async def _placed(call: Call, made: Namespace) -> Namespace:
    """The same, in its place. Problem 503."""
    try:
        await call.namespaces.place(made)
    except NamespacesFull as full:
        raise Problem(503, str(full)) from None
    return made


HANDLERS: dict[str, Handler] = {
    "getSnapshot": get_snapshot,
    "putSnapshot": put_snapshot,
    "forkNamespace": fork_namespace,
}

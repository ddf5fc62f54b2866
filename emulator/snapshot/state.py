"""A namespace -> a document, and a document -> a namespace.

What is drawn from the seed and what follows from the scenarios is left out and made again; so are the calls that are
under way and whoever waits or listens, for they are not state.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import orjson

from emulator.callback import Delivery
from emulator.job import Job
from emulator.journal import Exchange
from emulator.limit import Bucket
from emulator.namespace import AnyWorld, Namespace
from emulator.origin import Origin
from emulator.scenario.story import ClockSetting, Scenario
from emulator.snapshot import sense
from emulator.snapshot.reading import Reader, Unreadable
from emulator.snapshot.types import Kind, closed
from emulator.snapshot.writing import Writer
from emulator.world import Account, Due

VERSION = 1
Document = dict[str, Any]

WORLD: Mapping[str, Any] = {
    "jobs": dict[str, Job],
    "accounts": dict[str, Account],
    "counts": dict[tuple[str, ...], int],
    "buckets": dict[tuple[str, ...], Bucket],
    "hits": dict[str, int],
    "asked": dict[tuple[str, ...], int],
}
"""What is kept of a world beside the vendor's own objects."""

SETTINGS = Mapping[str, Any]
COUNTED = ("owed", "delivered", "dropped", "attempts")


def kinds(origin: Origin) -> Mapping[type, Kind]:
    """The types that namespaces of this server may hold."""
    return closed(frozenset(each.data for each in origin.hooks.values()))


# Writing ------------------------------------------------------------------------


def written(namespace: Namespace, *, journal: bool = False) -> Document:
    """All of its state; the exchanges of its journal too if `journal`. It is caught up with its clock before."""
    clock, outbox, kept = namespace.clock, namespace.outbox, namespace.journal
    writer = Writer(kinds(namespace.origin))
    document = {
        "version": VERSION,
        "namespace": namespace.name,
        "seed": namespace.seed,
        "sequence": namespace.sequence,
        "clock": {
            "now": clock.now(),
            "began": clock.began,
            "rate": clock.rate,
            "step": clock.step,
            "skip": clock.skips,
        },
        "origin": _origin(writer, namespace.origin),
        "scenarios": _each(writer, namespace.scenarios),
        "settings": _each(writer, namespace.settings),
        "worlds": {api: _world(writer, world) for api, world in namespace.worlds.items()},
        "agenda": [[when, writer.told(event)] for when, event in clock.agenda()],
        "outbox": {
            "kept": [writer.told(each) for each in outbox.kept],
            "due": [writer.told(each) for each in outbox.awaited()],
            "counts": {name: outbox.counts[name] for name in COUNTED},
            "evicted": outbox.evicted,
        },
        "journal": {
            "written": kept.written,
            "evicted": kept.evicted,
            "dropped": kept.dropped,
            "exchanges": [writer.told(each) for each in kept] if journal else None,
        },
        "types": writer.types,
        "records": writer.records,
    }
    return document | {"digest": _digest(document)}


def _origin(writer: Writer, origin: Origin) -> Document:
    return {
        "seed": origin.seed,
        "clock": writer.told(origin.clock),
        "defaults": _each(writer, origin.defaults),
        "scenarios": _each(writer, origin.scenarios),
        "settings": _each(writer, origin.settings),
    }


def _world(writer: Writer, world: AnyWorld) -> Document:
    return {name: writer.told(getattr(world, name)) for name in (*WORLD, "objects")}


def _each(writer: Writer, values: Mapping[str, Any]) -> Document:
    return {name: writer.told(each) for name, each in values.items()}


def _digest(document: Document) -> str:
    """SHA-256 of all that the document says, however it is laid out."""
    said = {key: value for key, value in document.items() if key != "digest"}
    try:
        text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a whole number of more than 64 bits
        text = json.dumps(said, sort_keys=True).encode()
    return sha256(text).hexdigest()


# Reading ------------------------------------------------------------------------


def restored(document: Document, namespace: Namespace) -> None:
    """Let `namespace`, which is new, be what the document says. Unreadable, and it is good for nothing then."""
    if document["version"] != VERSION:
        raise Unreadable("/version", f"expected {VERSION}, got {document['version']}")
    reader = Reader(kinds(namespace.origin), document["types"], document["records"])
    namespace.origin = _read_origin(reader, document["origin"], namespace.origin)
    namespace.scenarios = _read_scenarios(reader, document["scenarios"], namespace.origin, "/scenarios")
    namespace.settings = dict(_read_each(reader, document["settings"], namespace.origin, "/settings", SETTINGS))
    namespace.seed, namespace.sequence = document["seed"], document["sequence"]
    _read_clock(document["clock"], namespace)
    for api, said in document["worlds"].items():
        _read_world(reader, said, namespace, api)
    _read_agenda(reader, document, namespace)
    _read_outbox(reader, document["outbox"], namespace)
    sense.check(namespace)
    if document["digest"] != _digest(document):
        raise Unreadable("/digest", "the document is not as it was written")
    _read_journal(reader, document["journal"], namespace)


def _read_origin(reader: Reader, said: Document, origin: Origin) -> Origin:
    defaults = _read_scenarios(reader, said["defaults"], origin, "/origin/defaults")
    for api, each in defaults.items():
        sense.check_default(each, f"/origin/defaults/{api}")
    return replace(
        origin,
        defaults={**origin.defaults, **defaults},
        scenarios=_read_scenarios(reader, said["scenarios"], origin, "/origin/scenarios"),
        seed=said["seed"],
        clock=reader.value(said["clock"], ClockSetting, "/origin/clock"),
        settings=dict(_read_each(reader, said["settings"], origin, "/origin/settings", SETTINGS)),
    )


def _read_scenarios(reader: Reader, said: Document, origin: Origin, pointer: str) -> dict[str, Scenario]:
    found = dict(_read_each(reader, said, origin, pointer, Scenario))
    for api, each in found.items():
        sense.check_scenario(each, api, origin, f"{pointer}/{api}")
    return found


def _read_each(
    reader: Reader,
    said: Document,
    origin: Origin,
    pointer: str,
    hint: Any,  # noqa: ANN401 - an annotation
) -> Iterator[tuple[str, Any]]:
    """By API."""
    for api, each in said.items():
        if api not in origin.hooks:
            raise Unreadable(f"{pointer}/{api}", "this server has no such API")
        yield api, reader.value(each, hint, f"{pointer}/{api}")


def _read_clock(said: Document, namespace: Namespace) -> None:
    try:
        namespace.clock.run_at(said["rate"], step=said["step"], skips=said["skip"])
    except ValueError as error:
        raise Unreadable("/clock", str(error)) from None
    if said["began"] > said["now"]:
        raise Unreadable("/clock/began", "a clock does not begin after what it says")
    namespace.clock.resume(said["now"], said["began"], ())


def _read_world(reader: Reader, said: Document, namespace: Namespace, api: str) -> None:
    pointer = f"/worlds/{api}"
    if api not in namespace.origin.hooks:
        raise Unreadable(pointer, "this server has no such API")
    hooks = namespace.origin.hooks[api]
    sense.check_settings(namespace, api, pointer)
    try:
        world = namespace.world(api)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise Unreadable(pointer, f"no world begins as its scenario says: {error}") from None
    for name, hint in {**WORLD, "objects": hooks.data.objects}.items():
        setattr(world, name, reader.value(said[name], hint, f"{pointer}/{name}"))
    for account in world.accounts.values():
        account.lane.lifecycle = hooks.lifecycle


def _read_agenda(reader: Reader, document: Document, namespace: Namespace) -> None:
    now = namespace.clock.now()
    agenda: list[tuple[int, Any]] = []
    for n, (when, said) in enumerate(document["agenda"]):
        event = reader.value(said, Due | Delivery, f"/agenda/{n}/1")
        if when < now:
            raise Unreadable(f"/agenda/{n}/0", "that is over")
        if isinstance(event, Due) and event.api not in namespace.worlds:
            raise Unreadable(f"/agenda/{n}/1", f"there is no world of {event.api}")
        agenda.append((when, event))
    namespace.clock.resume(now, namespace.clock.began, agenda)


def _read_outbox(reader: Reader, said: Document, namespace: Namespace) -> None:
    kept = [reader.value(each, Delivery, f"/outbox/kept/{n}") for n, each in enumerate(said["kept"])]
    namespace.outbox.resume(kept, said["counts"], said["evicted"])
    for n, each in enumerate(said["due"]):
        namespace.outbox.fall_due(reader.value(each, Delivery, f"/outbox/due/{n}"))


def _read_journal(reader: Reader, said: Document, namespace: Namespace) -> None:
    told = said["exchanges"]
    exchanges = [reader.value(each, Exchange, f"/journal/exchanges/{n}") for n, each in enumerate(told or ())]
    left_out = said["written"] - said["dropped"] - said["evicted"] if told is None else 0
    namespace.journal.resume(
        exchanges, written=said["written"], evicted=said["evicted"] + left_out, dropped=said["dropped"]
    )

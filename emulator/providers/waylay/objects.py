"""Resources and resource types: what there is, who names whom, what has changed.

An entity is a plain JSON object and never altered: a new one takes its place, so the log of changes may keep the old.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emulator.clock import Instant

Entity = dict[str, Any]

REFERENCE = "/resources/"
"""What a `$ref` to a resource begins with; its id follows."""


class Change(NamedTuple):
    """An entry of a resource's change log."""

    at: Instant
    user: str
    change: str  # created, updated, deleted
    resource: Entity


@dataclass(slots=True)
class Index:
    """Which resources name an id, in the order in which they came to, so that nobody looks through all of them."""

    named_by: dict[str, dict[str, None]] = field(default_factory=dict)

    def of(self, target: str) -> Mapping[str, None]:
        """The ids of those that name `target`."""
        return self.named_by.get(target, {})

    def link(self, source: str, targets: Iterator[str]) -> None:
        """`source` names these from now on; nobody holds on to himself."""
        for target in targets:
            if target != source:
                self.named_by.setdefault(target, {})[source] = None

    def unlink(self, source: str, targets: Iterator[str]) -> None:
        """`source` names these no longer."""
        for target in targets:
            named_by = self.named_by.get(target, {})
            named_by.pop(source, None)
            if not named_by:
                self.named_by.pop(target, None)


@dataclass
class Objects:
    """What Waylay keeps beside batch operations."""

    resources: dict[str, Entity] = field(default_factory=dict)
    types: dict[str, Entity] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    made: int = 0
    """How many ids have been given to entities that came without one."""
    children: Index = field(default_factory=Index)
    referrers: Index = field(default_factory=Index)
    of_type: Index = field(default_factory=Index)

    def put(self, resource: Entity, at: Instant, user: str) -> None:
        """A new resource, or what one is from now on."""
        before = self.resources.get(resource["id"])
        if before:
            self._unlink(before)
        self.resources[resource["id"]] = resource
        self._link(resource)
        self._log(resource, at, user, "updated" if before else "created")

    def remove(self, resource_id: str, at: Instant, user: str) -> None:
        """It is gone; its log of changes stays."""
        resource = self.resources.pop(resource_id)
        self._unlink(resource)
        self._log(resource, at, user, "deleted")

    def holders(self, resource_id: str) -> int:
        """How many resources have it as parent or refer to it, each counted once."""
        return len({*self.children.of(resource_id), *self.referrers.of(resource_id)})

    def _link(self, resource: Entity) -> None:
        for index, names in self._names(resource):
            index.link(resource["id"], names)

    def _unlink(self, resource: Entity) -> None:
        for index, names in self._names(resource):
            index.unlink(resource["id"], names)

    def _names(self, resource: Entity) -> Iterator[tuple[Index, Iterator[str]]]:
        yield self.children, _named(resource, "parentId")
        yield self.of_type, _named(resource, "resourceTypeId")
        yield self.referrers, references(resource)

    def _log(self, resource: Entity, at: Instant, user: str, change: str) -> None:
        self.changes.setdefault(resource["id"], []).append(Change(at, user, change, resource))


def references(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON is any of six types
    """The ids of resources to which `value` refers: `{"$ref": "/resources/<id>"}`, however deep."""
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith(REFERENCE):
            yield target.removeprefix(REFERENCE)
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


def _named(resource: Entity, key: str) -> Iterator[str]:
    if key in resource:
        yield resource[key]

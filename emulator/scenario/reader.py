"""YAML text -> plain values, and where in the file each of them stands.

The text comes from strangers, so it is bounded before it is believed: bytes, depth, nodes, aliases and what
they expand to. Values are made from the parser's events, one by one and without recursion; composing nodes, as
PyYAML does, ends the interpreter at a hundred thousand brackets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import events

from emulator.scenario import scalars
from emulator.scenario.mistakes import Finding, Mistake, Path, Position, ScenarioError, shown
from emulator.scenario.syntax import Refused, not_yaml, position_of

LONGEST = 1 << 20
"""Bytes of a scenario file."""
DEEPEST = 64
MOST_NODES = 100_000
MOST_ALIASES = 100

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's value in dicts, lists, strings, ints, floats, bools and None; positions count from 1."""

    value: Any
    positions: dict[Path, Position]
    """Where each value begins."""
    keys: dict[Path, Position]
    """Where the key of each value begins."""
    findings: tuple[Finding, ...] = ()
    """What is wrong but did not stop the reading: duplicate keys, numbers too big. Not to be loaded then."""

    def position(self, path: Path, *, key: bool = False) -> Position:
        """Where a path stands; of one that the file does not hold, the nearest thing around it."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))


def read(data: bytes, file: str) -> Document:
    """The one document in `data`; ScenarioError when it is not YAML within bounds. `file` is for messages."""
    try:
        return _document(_text(data))
    except Refused as refused:
        raise ScenarioError([Mistake(file, *refused.position, (), refused.message)]) from None


def _text(data: bytes) -> str:
    if len(data) > LONGEST:
        raise Refused((1, 1), f"expected at most {LONGEST} bytes, got {len(data)}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(errors="replace")
        raise Refused(_after(before), f"expected UTF-8, got the byte 0x{data[error.start]:02x}") from None
    text = text.removeprefix("\ufeff")
    if wrong := _NOT_TEXT.search(text):
        message = f"expected text, got the control character U+{ord(wrong[0]):04X}"
        raise Refused(_after(text[: wrong.start()]), message)
    return text


def _after(before: str) -> Position:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _document(text: str) -> Document:
    builder, tape = _Builder(), _Tape()
    try:
        for event in tape.unrolled(yaml.parse(text, Loader=_LOADER)):
            builder.take(event)
    except (yaml.YAMLError, ValueError) as error:
        raise not_yaml(error, text, tape.last) from None
    return Document(builder.value, builder.positions, builder.keys, tuple(builder.findings))


class _Tape:
    """The events so far, aliases replaced by what they stand for: an anchor is a stretch of it."""

    def __init__(self) -> None:
        self._events: list[Any] = []
        self._stretches: dict[str, tuple[int, int | None]] = {}
        self._open: list[tuple[str | None, int]] = []
        self._nodes = 0
        self._aliases = 0
        self._documents = 0

    @property
    def last(self) -> Any:  # noqa: ANN401
        """The last event there was."""
        return self._events[-1] if self._events else None

    def unrolled(self, parsed: Iterator[Any]) -> Iterator[Any]:
        """Each event that makes a value. `Refused` beyond the bounds."""
        for event in parsed:
            if isinstance(event, events.AliasEvent):
                yield from self._replay(event)
            elif isinstance(event, events.DocumentStartEvent):
                self._begin(event)
            elif isinstance(event, events.NodeEvent | events.CollectionEndEvent):
                yield self._record(event)

    def _begin(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events are untyped where it matters
        self._documents += 1
        if self._documents > 1:
            raise Refused(position_of(event.start_mark), "expected one document, got a second")

    def _replay(self, alias: Any) -> Iterator[Any]:  # noqa: ANN401
        self._aliases += 1
        at = position_of(alias.start_mark)
        if self._aliases > MOST_ALIASES:
            raise Refused(at, f"expected at most {MOST_ALIASES} aliases, got more")
        if alias.anchor not in self._stretches:
            raise Refused(at, f"expected an anchor that stands above, got {shown(alias.anchor)}")
        first, end = self._stretches[alias.anchor]
        if end is None:
            raise Refused(at, f"expected an anchor that is complete, got {shown(alias.anchor)} inside itself")
        for event in self._events[first:end]:
            yield self._record(event)

    def _record(self, event: Any) -> Any:  # noqa: ANN401
        self._events.append(event)
        if isinstance(event, events.CollectionEndEvent):
            self._close(*self._open.pop())
            return event
        self._count(event)
        if isinstance(event, events.CollectionStartEvent):
            self._open_at(event)
        else:
            self._close(event.anchor, len(self._events) - 1)
        return event

    def _count(self, event: Any) -> None:  # noqa: ANN401
        self._nodes += 1
        if self._nodes > MOST_NODES:
            message = f"expected at most {MOST_NODES} values, aliases counted as what they stand for, got more"
            raise Refused(position_of(event.start_mark), message)

    def _open_at(self, event: Any) -> None:  # noqa: ANN401
        first = len(self._events) - 1
        self._open.append((event.anchor, first))
        if event.anchor:
            self._stretches[event.anchor] = (first, None)
        if len(self._open) > DEEPEST:
            raise Refused(position_of(event.start_mark), f"expected at most {DEEPEST} levels, got more")

    def _close(self, anchor: str | None, first: int) -> None:
        if anchor:
            self._stretches[anchor] = (first, len(self._events))


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being filled. Of a mapping, `key` is the one whose value comes next."""

    path: Path
    content: Any
    key: str | None = None
    seen: dict[str, Position] = field(default_factory=dict)

    @property
    def wants_key(self) -> bool:
        return isinstance(self.content, dict) and self.key is None

    def next_path(self) -> Path:
        return (*self.path, len(self.content) if self.key is None else self.key)

    def put(self, value: Any) -> None:  # noqa: ANN401
        if self.key is None:
            self.content.append(value)
        else:
            self.content[self.key] = value
            self.key = None


class _Builder:
    """Events in, values and positions out."""

    def __init__(self) -> None:
        self.value: Any = None
        self.positions: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}
        self.findings: list[Finding] = []
        self._frames: list[_Frame] = []

    def take(self, event: Any) -> None:  # noqa: ANN401
        """The next event of the document."""
        if isinstance(event, events.CollectionEndEvent):
            self._frames.pop()
        elif self._frames and self._frames[-1].wants_key:
            self._key(self._frames[-1], event)
        else:
            self._node(event)

    def _node(self, event: Any) -> None:  # noqa: ANN401
        path = self._frames[-1].next_path() if self._frames else ()
        self.positions[path] = position_of(event.start_mark)
        if isinstance(event, events.ScalarEvent):
            self._put(self._scalar(path, event))
            return
        if event.tag not in scalars.COLLECTION_TAGS:
            self._find(path, f"expected no tag but !!map or !!seq, got {shown(event.tag)}")
        content: Any = {} if isinstance(event, events.MappingStartEvent) else []
        self._put(content)
        self._frames.append(_Frame(path, content))

    def _put(self, value: Any) -> None:  # noqa: ANN401
        if self._frames:
            self._frames[-1].put(value)
        else:
            self.value = value

    def _scalar(self, path: Path, event: Any) -> scalars.Scalar:  # noqa: ANN401
        try:
            return _meaning(event)
        except ValueError as error:
            self._find(path, str(error))
            return str(event.value)

    def _key(self, frame: _Frame, event: Any) -> None:  # noqa: ANN401
        at = position_of(event.start_mark)
        if not isinstance(event, events.ScalarEvent):
            raise Refused(at, "expected a string as key, got a mapping or a list")
        path = (*frame.path, event.value)
        frame.key = event.value
        self.keys[path] = at
        self._judge_key(frame, path, event)
        frame.seen.setdefault(event.value, at)

    def _judge_key(self, frame: _Frame, path: Path, event: Any) -> None:  # noqa: ANN401
        if first := frame.seen.get(event.value):
            message = f"expected each key once, got {shown(event.value)} again, as on line {first[0]}"
            self._find(path, message, at_key=True)
        elif event.value == "<<" and event.implicit[0]:
            self._find(path, "expected every key written out, got the merge key '<<'", at_key=True)
        elif not _is_string(event):
            self._find(path, f"expected a string as key, got {event.value or 'nothing'}", event.value, at_key=True)

    def _find(self, path: Path, message: str, suggestion: str | None = None, *, at_key: bool = False) -> None:
        self.findings.append(Finding(path, message, suggestion or None, at_key))


def _meaning(event: Any) -> scalars.Scalar:  # noqa: ANN401
    if event.tag is not None:
        return scalars.tagged(event.tag, event.value)
    return scalars.plain(event.value) if event.implicit[0] else str(event.value)


def _is_string(event: Any) -> bool:  # noqa: ANN401
    try:
        return isinstance(_meaning(event), str)
    except ValueError:
        return False

"""`serve --watch`: scenario files that change are read again, and played wherever they are in play.

A file that is broken changes nothing: what it was last is played on, the log tells its mistakes once, and `ready` tells
them as long as they are there. Files are read in a thread; what was read is put in play between two exchanges.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from emulator import engine
from emulator.admin.api import Call, Handler
from emulator.exchange import Answer
from emulator.job import NOTHING
from emulator.namespace import Namespace
from emulator.namespaces import Namespaces
from emulator.origin import Origin, ScenarioConflict
from emulator.scenario.library import Library, UnknownScenario
from emulator.scenario.mistakes import Mistake, ScenarioError
from emulator.scenario.story import Scenario

log = logging.getLogger("emulator.watch")

QUIET_MILLISECONDS = 50
"""How long nothing more must change before what has changed is read."""
LONGEST_MILLISECONDS = 500

Key = tuple[str, str]
"""Name and digest: one way in which a story has been told."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at the files has found."""

    changed: Mapping[Key, Scenario] = field(default_factory=dict)
    """By what is in play: what it has become."""
    broken: Mapping[str, tuple[Mistake, ...]] = field(default_factory=dict)
    """By name: why it cannot be played."""


class Watch:
    """Keeps what is in play as its files have it."""

    def __init__(
        self,
        namespaces: Namespaces,
        library: Library,
        named: Sequence[str],
        directories: Sequence[Path],
        roused: Callable[[Namespace], None] = lambda _namespace: None,
    ) -> None:
        """`named` are scenarios by name or by file; `roused` is told of a namespace in which something has changed."""
        self._namespaces = namespaces
        self._library = library
        self._files = frozenset(each for each in named if Path(each).is_file())
        self._folders = tuple({Path(each).resolve().parent for each in self._files})
        self._directories = tuple(directories)
        self._roused = roused
        self._known: dict[str, Scenario] = {}  # as they were read last, nothing given for their parameters
        self._broken: Mapping[str, tuple[Mistake, ...]] = {}
        self._looking = asyncio.Lock()
        self.handlers: dict[str, Handler] = {"getReady": self.get_ready}

    async def get_ready(self, call: Call) -> Answer:
        """Everything is loaded and bound; what has been broken since, is told."""
        told = [each.told() for mistakes in self._broken.values() for each in mistakes]
        return Answer(200, {"status": "ready", "apis": sorted(call.namespaces.origin.hooks), "broken": told})

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Watch while the body runs."""
        stop = asyncio.Event()
        tasks = [
            asyncio.create_task(self._follow(stop, paths, recursive=recursive), name="watch")
            for paths, recursive in ((self._directories, True), (self._folders, False))
            if paths
        ]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    async def _follow(self, stop: asyncio.Event, paths: Sequence[Path], *, recursive: bool) -> None:
        """Look whenever something changes there; and every few seconds, for there are disks that tell nothing."""
        from watchfiles import awatch  # noqa: PLC0415 - an extra: only who watches needs it

        logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it counts changes, those of other files too
        changes = awatch(
            *paths,
            watch_filter=None,
            debounce=LONGEST_MILLISECONDS,
            step=QUIET_MILLISECONDS,
            stop_event=stop,
            yield_on_timeout=True,
            recursive=recursive,
        )
        try:
            async for _ in changes:
                await self._look_out()
        except (OSError, RuntimeError) as error:  # no more watches to be had, for one
            log.error("%s: changes are not noticed: %s", ", ".join(map(str, paths)), error)  # noqa: TRY400 - it says all

    async def _look_out(self) -> None:
        """`look`; a mistake of ours ends one look, not the watch."""
        try:
            await self.look()
        except Exception:
            log.exception("what has changed could not be played")

    async def look(self) -> None:
        """Read what is watched, play what has changed, and tell what is broken and what is well again."""
        async with self._looking:
            playing = {(each.name, each.digest): each for each in self._in_play()}
            seen = await asyncio.to_thread(self._read, list(playing.values()))
            self._tell(seen.broken)
            if seen.changed:
                self._play(seen.changed)

    # Reading, in a thread ---------------------------------------------------

    def _read(self, playing: Sequence[Scenario]) -> Seen:
        watched = [each for each in playing if each.name in self._files or "/" in each.name]
        known, broken = self._found({*self._files, *self._shelved()}, {each.name for each in watched})
        changed: dict[Key, Scenario] = {}
        for each in watched:
            if each.name not in broken:
                try:
                    told = self._anew(each, self._known.get(each.name, known[each.name]))
                except ScenarioError as error:
                    broken[each.name] = error.mistakes
                else:
                    changed |= {(each.name, each.digest): told} if told.digest != each.digest else {}
        self._known |= known
        return Seen(changed, broken)

    def _found(
        self, watched: set[str], playing: set[str]
    ) -> tuple[dict[str, Scenario], dict[str, tuple[Mistake, ...]]]:
        """Each of these as its file has it, or what is wrong with it. What is not played may be gone."""
        known: dict[str, Scenario] = {}
        broken: dict[str, tuple[Mistake, ...]] = {}
        for name in sorted(watched | playing):
            try:
                known[name] = self._library.find(name, files=name in self._files)
            except ScenarioError as error:
                broken[name] = error.mistakes
            except UnknownScenario:
                if name in playing:
                    broken[name] = (Mistake(name, 1, 1, (), "expected the file that is being played, got none"),)
        return known, broken

    def _anew(self, playing: Scenario, before: Scenario) -> Scenario:
        """What is in play as its file has it now, with what was given for its parameters. ScenarioError."""
        given = {key: value for key, value in playing.parameters.items() if before.parameters.get(key) != value}
        found = self._library.find(playing.name, files=playing.name in self._files, given=given or NOTHING)
        if found.api != playing.api:
            message = f"expected {playing.api!r}, of which it is since it is played, got {found.api!r}"
            raise ScenarioError([Mistake(playing.name, 1, 1, ("api",), message)])
        return found

    def _shelved(self) -> Iterator[str]:
        for directory in self._directories:
            yield from (f"{each.parent.name}/{each.stem}" for each in directory.glob("*/*.yaml"))

    # Playing, between two exchanges -----------------------------------------

    def _in_play(self) -> Iterator[Scenario]:
        for each in (self._namespaces, *self._namespaces):
            yield from each.origin.scenarios.values()
            yield from each.origin.defaults.values()
        for namespace in self._namespaces:
            yield from namespace.scenarios.values()

    def _play(self, changed: Mapping[Key, Scenario]) -> None:
        self._namespaces.origin = _renewed(self._namespaces.origin, changed)
        for each in self._namespaces:
            _retell(each, changed, self._roused)
        for name in sorted({each.name for each in changed.values()}):
            log.info("%s has changed and is played from now on", name)

    def _tell(self, broken: Mapping[str, tuple[Mistake, ...]]) -> None:
        """Of each mistake once, and once that it is gone."""
        for name, mistakes in broken.items():
            if self._broken.get(name) != mistakes:
                for each in mistakes:
                    log.warning("%s", each)
        for name in self._broken.keys() - broken.keys():
            log.info("%s is well again", name)
        self._broken = broken


def _renewed(origin: Origin, changed: Mapping[Key, Scenario]) -> Origin:
    return replace(
        origin,
        scenarios={api: _latest(each, changed) for api, each in origin.scenarios.items()},
        defaults={api: _latest(each, changed) for api, each in origin.defaults.items()},
    )


def _latest(scenario: Scenario, changed: Mapping[Key, Scenario]) -> Scenario:
    return changed.get((scenario.name, scenario.digest), scenario)


def _retell(namespace: Namespace, changed: Mapping[Key, Scenario], roused: Callable[[Namespace], None]) -> None:
    """Let a namespace play what has changed of that which it plays. Living jobs keep their plan."""
    namespace.clock.catch_up()
    before, namespace.origin = namespace.origin, _renewed(namespace.origin, changed)
    playing = {api: _latest(each, changed) for api, each in namespace.scenarios.items()}
    anew = [each for api, each in playing.items() if each is not namespace.scenarios[api]]
    for each in anew:
        _play(namespace, each, namespace.settings.get(each.api, NOTHING))
    fallbacks = [api for api, each in namespace.origin.defaults.items() if each is not before.defaults[api]]
    for api in fallbacks:
        if world := namespace.worlds.get(api):
            engine.play(world, namespace.scenario(api), namespace.origin.defaults[api])
    if anew or fallbacks:
        roused(namespace)


def _play(namespace: Namespace, scenario: Scenario, settings: Mapping[str, Any]) -> None:
    """Play it; where its clock or its seed come too late, all of it but those."""
    try:
        namespace.play(scenario, settings)
    except ScenarioConflict:
        namespace.play(replace(scenario, clock=None, seed=None), settings)

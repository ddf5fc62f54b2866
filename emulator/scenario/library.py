"""Names -> scenarios: a file's path, then the user's directories, then what is shipped."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from emulator.job import NOTHING
from emulator.scenario.beside import Folder
from emulator.scenario.loader import Placed, digest, load, tell
from emulator.scenario.mistakes import Mistake, ScenarioError, listed, nearest, shown
from emulator.scenario.override import flags, settled
from emulator.scenario.reader import LONGEST, read
from emulator.scenario.settings import kinds
from emulator.scenario.story import Scenario
from emulator.scenario.vocabulary import Vocabulary

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SUFFIX = ".yaml"
_INLINE = "inline"
_ABBREVIATED = 8


class UnknownScenario(LookupError):  # noqa: N818 - nothing went wrong but the name
    """No scenario has this name, or several do: `candidates` are those it may have meant."""

    def __init__(self, name: str, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.candidates = candidates


class Library:
    """The scenarios within reach, each loaded on first use and again only when its file has changed."""

    def __init__(
        self,
        vocabularies: Mapping[str, Vocabulary],
        shipped: Traversable,
        directories: Sequence[Path] = (),
    ) -> None:
        """Both hold `<api>/<story>.yaml`. NotADirectoryError when one of `directories` is missing."""
        for directory in directories:
            if not directory.is_dir():
                raise NotADirectoryError(f"expected a directory of scenarios, got {str(directory)!r}")
        self._vocabularies = dict(vocabularies)
        self._shelves: tuple[Traversable, ...] = (*directories, shipped)
        self._loaded: dict[tuple[str, str], tuple[bytes, Folder, Scenario]] = {}

    def names(self) -> list[str]:
        """All names, `api/story`, sorted."""
        found = (
            f"{api}/{story}" for api in self._vocabularies for shelf in self._shelves for story in _stories(shelf / api)
        )
        return sorted(set(found))

    def default(self, api: str) -> Scenario:
        """`api/default`."""
        return self.find(f"{api}/default", files=False)

    def find(self, name: str, *, files: bool = True, given: Mapping[str, Any] = NOTHING) -> Scenario:
        """The scenario of this name, or in this file; UnknownScenario, or ScenarioError when it is broken.

        With `files` false, names that come over the wire reach only what the library holds. `given` are values for
        its parameters.
        """
        return self.extending(name, (), files=files, given=given)

    def extending(
        self, name: str, chain: tuple[str, ...], *, files: bool, given: Mapping[str, Any] = NOTHING
    ) -> Scenario:
        """`find`, for one that the scenarios of `chain` extend, each the one before it."""
        if files and _is_file(Path(name)):
            return self._load(Path(name), name, None, chain, given)
        api, story, file = self._place(name)
        return self._load(file, f"{api}/{story}", api, chain, given)

    def chosen(
        self, name: str, values: Mapping[str, Any], *, files: bool = False
    ) -> tuple[Scenario, Mapping[str, Any]]:
        """The scenario of this name with its parameters out of `values`, and what the rest of them set beyond it.

        UnknownScenario, ScenarioError.
        """
        return self._parted(lambda given: self.find(name, files=files, given=given), values)

    def overridden(
        self, names: Sequence[str], texts: Sequence[str]
    ) -> tuple[list[Scenario], dict[str, Mapping[str, Any]]]:
        """The scenarios of these names with their parameters out of texts like `rows=5`, and by API what the rest set.

        UnknownScenario, ScenarioError, BadSetting.
        """
        plain = [self.find(name) for name in names]
        given, beyond = flags(texts, self._vocabularies, plain)
        return [
            self.find(name, given=given.get(each.api, NOTHING)) for name, each in zip(names, plain, strict=True)
        ], beyond

    def told(self, text: str, values: Mapping[str, Any]) -> tuple[Scenario, Mapping[str, Any]]:
        """Likewise of a scenario given on the spot. ScenarioError."""
        return self._parted(lambda given: self.parse(text, given), values)

    def _parted(
        self, find: Callable[[Mapping[str, Any]], Scenario], values: Mapping[str, Any]
    ) -> tuple[Scenario, Mapping[str, Any]]:
        scenario = find(NOTHING)
        given = {name: value for name, value in values.items() if name in scenario.parameters}
        beyond = {name: value for name, value in values.items() if name not in given}
        return find(given) if given else scenario, self.settled(scenario.api, beyond)

    def source(self, name: str) -> bytes:
        """The file of this name as somebody wrote it; UnknownScenario, or ScenarioError when it cannot be read."""
        return _content(Path(name) if _is_file(Path(name)) else self._place(name)[2])

    def parse(self, text: str, given: Mapping[str, Any] = NOTHING) -> Scenario:
        """The scenario in YAML given on the spot, by the name `inline:<digest>`; ScenarioError."""
        document = read(text.encode(errors="surrogatepass"), _INLINE)
        name = f"{_INLINE}:{digest(document.value)[:_ABBREVIATED]}"
        return tell(document, Placed(_INLINE, name, Folder(self, None)), self._vocabularies, given)

    def settled(self, api: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Settings given beside a scenario of that API, in Python types; ScenarioError."""
        return settled(api, values, self._vocabularies)

    def written(self, api: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Settings of that API as a file would say them."""
        known = kinds(self._vocabularies[api].settings)
        return {name: known[name].written(value) for name, value in values.items()}

    def _place(self, name: str) -> tuple[str, str, Traversable]:
        """API, story and file of this name; UnknownScenario."""
        api, separator, story = name.rpartition("/")
        if not separator:
            api, story = self._only(name).split("/")
        file = self._file(api, story)
        if file is None:
            raise self._unknown(name)
        return api, story, file

    def _only(self, story: str) -> str:
        named = tuple(f"{api}/{story}" for api in sorted(self._vocabularies) if self._file(api, story))
        if len(named) > 1:
            raise UnknownScenario(story, f"{shown(story)} names several scenarios: {listed(named)}", named)
        if not named:
            raise self._unknown(story)
        return named[0]

    def _file(self, api: str, story: str) -> Traversable | None:
        """Where a story is kept. What could leave the shelves is no name."""
        if api not in self._vocabularies or not _NAME.fullmatch(story):
            return None
        places = (shelf / api / f"{story}{_SUFFIX}" for shelf in self._shelves)
        return next((place for place in places if _is_file(place)), None)

    def _unknown(self, name: str) -> UnknownScenario:
        candidates = self._near(name)
        hint = f" (did you mean {listed(candidates, 'or')}?)" if candidates else ""
        return UnknownScenario(name, f"no scenario is called {shown(name)}{hint}", candidates)

    def _near(self, name: str) -> tuple[str, ...]:
        names = self.names()
        if "/" in name:
            return tuple(each for each in [nearest(name, names)] if each)
        story = nearest(name, [each.partition("/")[2] for each in names])
        return tuple(each for each in names if story and each.endswith(f"/{story}"))

    def _load(
        self,
        file: Traversable,
        name: str,
        api: str | None,
        chain: tuple[str, ...],
        given: Mapping[str, Any],
    ) -> Scenario:
        if str(file) in chain:
            raise ValueError(f"expected a scenario that does not extend this one in turn, got {shown(name)}")
        data = _content(file)
        known = None if given else self._loaded.get((str(file), name))
        if known and known[0] == data and known[1].unchanged():
            return known[2]
        folder = Folder(self, Path(str(file)).parent, (*chain, str(file)))
        scenario = load(data, Placed(str(file), name, folder, api), self._vocabularies, given)
        if not given:
            self._loaded[str(file), name] = data, folder, scenario
        return scenario


def _content(file: Traversable) -> bytes:
    """The file, or a byte more of it than may be; ScenarioError when it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(LONGEST + 1)
    except OSError as error:
        message = f"expected a file that can be read, got {error.strerror or error}"
        raise ScenarioError([Mistake(str(file), 1, 1, (), message)]) from None


def _is_file(place: Traversable) -> bool:
    try:
        return place.is_file()
    except (OSError, ValueError):  # a name too long, a NUL: no file is called that
        return False


def _stories(folder: Traversable) -> Iterator[str]:
    try:
        entries = list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        message = f"expected a directory that can be read, got {error.strerror or error}"
        raise ScenarioError([Mistake(str(folder), 1, 1, (), message)]) from None
    for entry in entries:
        story = entry.name.removesuffix(_SUFFIX)
        if entry.name.endswith(_SUFFIX) and _NAME.fullmatch(story) and _is_file(entry):
            yield story

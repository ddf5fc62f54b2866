"""Settings given beside a scenario: by `--set` on the command line, by `set` in the admin API.

They are read as a file's `settings` are, mistakes and all, and win over them. What a scenario leaves open as a
parameter of that name is filled first.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.scenario import parameters, settings
from emulator.scenario.loader import Placed, tell
from emulator.scenario.mistakes import Mistake, ScenarioError, listed, nearest, shown
from emulator.scenario.reader import Document, read
from emulator.scenario.story import Scenario
from emulator.scenario.vocabulary import Vocabulary


class BadSetting(ValueError):  # noqa: N818 - reads as what it says
    """A `KEY=VALUE` that sets nothing."""


def settled(api: str, values: Mapping[str, Any], vocabularies: Mapping[str, Vocabulary]) -> Mapping[str, Any]:
    """What `values` set, in Python types; ScenarioError with all that is wrong with them."""
    document = Document({"version": 1, "api": api, "settings": dict(values)}, {}, {})
    return tell(document, Placed("set", "set"), vocabularies).settings


def assigned(text: str) -> tuple[str, Any]:
    """`link_lives=5m` as the key and what its value is in YAML; BadSetting."""
    key, separator, value = text.partition("=")
    if not (separator and key):
        raise BadSetting(f"expected KEY=VALUE, such as queued_tasks=2, got {shown(text)}")
    try:
        document = read(value.encode(errors="surrogatepass"), text)
    except ScenarioError as error:
        raise _bad(text, error.mistakes[0]) from None
    if document.findings:
        raise BadSetting(f"{text}: {document.findings[0].message}")
    return key, document.value


ByApi = dict[str, Mapping[str, Any]]


def flags(
    texts: Iterable[str], vocabularies: Mapping[str, Vocabulary], scenarios: Iterable[Scenario] = ()
) -> tuple[ByApi, ByApi]:
    """What texts like `queued_tasks=2` or `kladana.queued_tasks=2` come to; BadSetting. The last one wins.

    By API, the parameters of the scenarios that they fill; and the settings that they set.
    """
    left_open = {each.api: each.parameters for each in scenarios}
    given: ByApi = {}
    chosen: ByApi = {}
    named = {f"{api}.{name}" for api, names in left_open.items() for name in names}
    for text in texts:
        key, value = assigned(text)
        if meant := _meant(key, named, "parameter"):
            api, name = meant
            _check(text, {name: value}, left_open[api])
            given[api] = {**given.get(api, {}), name: value}
            continue
        api, name = _owner(key, vocabularies, named)
        try:
            chosen[api] = {**chosen.get(api, {}), **settled(api, {name: value}, vocabularies)}
        except ScenarioError as error:
            raise _bad(text, error.mistakes[0]) from None
    return given, chosen


def _check(text: str, given: Mapping[str, Any], left_open: Mapping[str, Any]) -> None:
    for mistake in parameters.unlike(given, left_open):
        raise BadSetting(f"{text}: {mistake}")


def _owner(key: str, vocabularies: Mapping[str, Vocabulary], others: set[str]) -> tuple[str, str]:
    """The API that a key is about, and the setting's own name. `others` might have been meant instead."""
    known = {f"{api}.{name}" for api, words in vocabularies.items() for name in settings.kinds(words.settings)}
    meant = _meant(key, known, "setting")
    if meant is None:
        words = others | known
        near = nearest(key, words if "." in key else {each.partition(".")[2] for each in words})
        raise BadSetting(f"no API has a setting {shown(key)}" + (f" (did you mean {near!r}?)" if near else ""))
    return meant


def _meant(key: str, known: Iterable[str], what: str) -> tuple[str, str] | None:
    """The API and the name that a key with or without its API stands for."""
    meant = sorted(each for each in known if key in (each, each.partition(".")[2]))
    if len(meant) > 1:
        raise BadSetting(f"{shown(key)} is a {what} of several APIs: say {listed(meant, 'or')}")
    if not meant:
        return None
    api, _, name = meant[0].partition(".")
    return api, name


def _bad(text: str, mistake: Mistake) -> BadSetting:
    hint = "" if mistake.suggestion is None else f" (did you mean {mistake.suggestion!r}?)"
    return BadSetting(f"{text}: {mistake.message}{hint}")

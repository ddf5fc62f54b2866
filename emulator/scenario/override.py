"""Settings given beside a scenario: by `--set` on the command line, by `set` in the admin API.

They are read as a file's `settings` are, mistakes and all, and win over them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.scenario import settings
from emulator.scenario.loader import tell
from emulator.scenario.mistakes import Mistake, ScenarioError, listed, nearest, shown
from emulator.scenario.reader import Document, read
from emulator.scenario.vocabulary import Vocabulary


class BadSetting(ValueError):  # noqa: N818 - reads as what it says
    """A `KEY=VALUE` that sets nothing."""


def settled(api: str, values: Mapping[str, Any], vocabularies: Mapping[str, Vocabulary]) -> Mapping[str, Any]:
    """What `values` set, in Python types; ScenarioError with all that is wrong with them."""
    document = Document({"version": 1, "api": api, "settings": dict(values)}, {}, {})
    return tell(document, "set", "set", vocabularies).settings


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


def flags(texts: Iterable[str], vocabularies: Mapping[str, Vocabulary]) -> dict[str, Mapping[str, Any]]:
    """By API what texts like `queued_tasks=2` or `kladana.queued_tasks=2` set; BadSetting. The last one wins."""
    chosen: dict[str, Mapping[str, Any]] = {}
    for text in texts:
        key, value = assigned(text)
        api, name = _owner(key, vocabularies)
        try:
            chosen[api] = {**chosen.get(api, {}), **settled(api, {name: value}, vocabularies)}
        except ScenarioError as error:
            raise _bad(text, error.mistakes[0]) from None
    return chosen


def _owner(key: str, vocabularies: Mapping[str, Vocabulary]) -> tuple[str, str]:
    """The API that a key is about, and the setting's own name."""
    known = {f"{api}.{name}" for api, words in vocabularies.items() for name in settings.kinds(words.settings)}
    meant = sorted(each for each in known if key in (each, each.partition(".")[2]))
    if not meant:
        near = nearest(key, known if "." in key else {each.partition(".")[2] for each in known})
        raise BadSetting(f"no API has a setting {shown(key)}" + (f" (did you mean {near!r}?)" if near else ""))
    if len(meant) > 1:
        raise BadSetting(f"{shown(key)} is a setting of several APIs: say {listed(meant, 'or')}")
    api, _, name = meant[0].partition(".")
    return api, name


def _bad(text: str, mistake: Mistake) -> BadSetting:
    hint = "" if mistake.suggestion is None else f" (did you mean {mistake.suggestion!r}?)"
    return BadSetting(f"{text}: {mistake.message}{hint}")

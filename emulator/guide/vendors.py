"""What is special about each API: its states, its settings, its accounts, the scenarios that are shipped for it."""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.guide.markdown import code, table
from emulator.guide.reference import Reference
from emulator.job import Lifecycle
from emulator.provider import AnyProvider
from emulator.providers import ERROR_TEXTS
from emulator.scenario.library import Library
from emulator.scenario.settings import properties
from emulator.scenario.telling import sections, told
from emulator.scenario.vocabulary import Vocabulary

_ALL = ("settings", "when", "result", "account")
_TITLES = {
    "when": "What `when` of a job rule may ask of a submission",
    "result": "What `result` of a job rule may say",
    "account": "What an entry of `accounts` may say",
}


def chapter(provider: AnyProvider, library: Library) -> Iterator[str]:
    """Everything about one API."""
    words = provider.vocabulary
    yield from (f"## {words.api}", "", f"{provider.title}.", "")
    yield from (f"### {words.api}: states", "", *_states(words.lifecycle))
    yield from (f"### {words.api}: settings", "", *_keys(properties(words.settings)))
    for part, title in _TITLES.items():
        if keys := getattr(words, part):
            yield from (f"### {words.api}: {part}", "", f"{title}.", "", *_keys(keys))
    yield from (f"### {words.api}: operations", "", *_operations(provider))
    yield from (f"### {words.api}: errors", "", *_errors(words))
    yield from (f"### {words.api}: scenarios", "")
    for name in library.names():
        if name.startswith(f"{words.api}/"):
            yield from _scenario(name, library, words)


def _states(lifecycle: Lifecycle) -> Iterator[str]:
    rows = [
        (code(state) + (" (ours)" if state in lifecycle.ours else ""), ", ".join(map(code, following)) or "final")
        for state, following in lifecycle.follows.items()
    ]
    yield from table(("state", "what may follow"), rows)


def _keys(keys: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield from Reference().table({"properties": dict(keys)})


def _operations(provider: AnyProvider) -> Iterator[str]:
    rows = [(code(each.id), code(f"{each.method} {each.path}")) for each in provider.contract.operations.values()]
    yield from table(("operation", "request"), rows)


def _errors(words: Vocabulary) -> Iterator[str]:
    rows = [(code(each), text) for each, text in ERROR_TEXTS[words.api].items()]
    yield from ("<details><summary>The codes that `error` may name</summary>", "")
    yield from table(("code", "text"), rows)
    yield from ("</details>", "")


def _scenario(name: str, library: Library, words: Vocabulary) -> Iterator[str]:
    telling = told(library.find(name), words, ERROR_TEXTS[words.api])
    yield from (f"#### {name}", "", telling.about, "")
    entries = [*telling.begins, *(line for _, lines in sections(telling) for line in lines)]
    if entries:
        yield from (f"- {_escaped(entry)}" for entry in entries)
        yield ""


def _escaped(text: str) -> str:
    """What Markdown would take for a mark of its own."""
    return text.replace("<", "\\<").replace("*", "\\*").replace("_", "\\_")

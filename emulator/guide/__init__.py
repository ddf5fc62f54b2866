"""docs/scenarios.md, written from what it speaks of: the schema of scenarios, the vocabularies, the shipped files.

markdown    headings, tables, YAML within a line
reference   every key of the language
vendors     what is special about each API, and its scenarios in words
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.app import library
from emulator.cli.scenarios import STARTER
from emulator.damage import FAULTS
from emulator.guide.markdown import anchor, code, table
from emulator.guide.reference import Reference
from emulator.guide.vendors import chapter
from emulator.providers import PROVIDERS
from emulator.scenario import grammar
from emulator.scenario.template import FAKERS, NAMES

INTRODUCTION = f"""\
# Scenarios

<!-- Written by `make bundle`. -->

A scenario is a story about asynchronous jobs, told before it happens, in YAML: what each job lives through, and what
goes wrong on which calls. What it does not say happens as the API's `default` scenario has it.

`emulator init` writes this one, and the schema by which editors complete and check what you write:

```yaml
{STARTER}```

- **Job rules.** A submission is given the first rule of `jobs` whose `when` it meets, and lives through its `steps`.
  Living jobs keep their plan when another scenario is played.
- **Waits** count from the step before, in virtual time: a duration, `{{uniform: [5s, 30s]}}`,
  `{{lognormal: {{median: 200ms, p99: 2s}}}}`, `{{polls: 2}}`, or `release` for until somebody releases the job.
- **`end`** is the state at which the API itself arrives, after looking at what was asked.
- **Faults.** All rules of `faults` that match a call act on it, in order. An `error` replaces the call; what happens on
  the wire happens to the finished answer. Latency is real time.
- **Chance** is drawn from the seed, the account and the number of the job: same seed and same conversation, same story.
- `emulator validate` names every mistake with its line and the nearest right word; `emulator show` tells a scenario in
  words, as below.
"""

VALUES = (
    ("duration", "A number and a unit, or several: ms, s, m, h, d. A plain 0 is no time.", "`250ms`, `5s`, `1h30m`"),
    ("size", "A number and a unit: B, KB, MB, GB, KiB, MiB, GiB.", "`500KB`, `10MB`, `2MiB`"),
    ("count or range", "From 1: one, from one to another, or from one on.", "`3`, `2..3`, `3..`"),
    ("date and time", "RFC 3339, with a zone.", "`2026-03-01T09:00:00Z`"),
    ("error", "A code of the vendor's table, or a mapping with it.", "`1016`, `{code: 1016, status: 403}`"),
)


def text() -> str:
    """The whole page."""
    body = list(_body())
    contents = [line for line in body if line.startswith(("## ", "### "))]
    return "\n".join([INTRODUCTION, "## Contents", "", *map(_entry, contents), "", *body]).rstrip() + "\n"


def _entry(heading: str) -> str:
    marks, _, title = heading.partition(" ")
    return f"{'  ' * (len(marks) - 2)}- [{title}](#{anchor(title)})"


def _body() -> Iterator[str]:
    yield from ("## Kinds of values", "", *table(("kind", "what it is", "for example"), VALUES))
    yield from ("## Every key", "")
    yield from _reference()
    yield from ("## What `fault` may name", "", *table(("fault", "what happens"), _rows(FAULTS)))
    yield from ("## What texts may leave open", "", "`${...}` within a text is filled in when the answer is given.", "")
    yield from table(("name", "what it stands for"), _rows(NAMES))
    yield from (f"After `faker.`: {', '.join(map(code, FAKERS))}.", "")
    for provider in PROVIDERS:
        yield from chapter(provider, library())


def _reference() -> Iterator[str]:
    reference = Reference()
    file = {"properties": grammar.top([each.name for each in PROVIDERS]), "required": ["version", "api"]}
    sections = list(reference.sections("file", file))
    for title, about, schema in sections:
        yield from (f"### {title}", "")
        yield from (about, "") if about else ()
        yield from reference.table(schema)


def _rows(told: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(code(name), about) for name, about in told.items()]

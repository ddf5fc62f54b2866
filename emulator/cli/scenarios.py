"""Scenario files: `validate`, `show`, `init`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.cli.exits import BAD_INPUT, stop
from emulator.cli.shelf import in_directories, library

if TYPE_CHECKING:
    from emulator.cli.reports import Wrong
    from emulator.scenario.library import Library
    from emulator.scenario.story import Scenario
    from emulator.scenario.telling import Told

SUFFIXES = (".yaml", ".yml")

# Validate -------------------------------------------------------------------


@click.command()
@click.argument("named", nargs=-1, required=True, metavar="FILE|DIR|NAME...")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@in_directories
def validate(named: tuple[str, ...], form: str, directories: tuple[Path, ...]) -> None:
    r"""Check scenarios, and tell every mistake with its place.

    \b
    emulator validate my-story.yaml
    emulator validate stories/ kladana/queue-full
    emulator validate stories/ --format sarif > mistakes.sarif
    """
    from emulator.cli.reports import FORMS

    shelf = library(directories)
    names = [each for name in named for each in _within(name)]
    wrong = [each for name in names for each in _wrong(shelf, name)]
    scenarios = _counted(len(names), "scenario")
    if wrong or form != "text":
        click.echo(FORMS[form](wrong))
    if wrong:
        stop(f"{scenarios}, {_counted(len(wrong), 'mistake')}", BAD_INPUT)
    if form == "text":
        click.echo(f"{scenarios}, no mistakes")


def _within(name: str) -> list[str]:
    """The files of a directory and of those below it; of anything else, its name."""
    if not Path(name).is_dir():
        return [name]
    found = sorted(str(each) for each in Path(name).rglob("*") if each.suffix in SUFFIXES and each.is_file())
    if not found:
        stop(f"{name} holds no {' and no '.join(f'*{suffix}' for suffix in SUFFIXES)}", BAD_INPUT)
    return found


def _wrong(shelf: "Library", name: str) -> "Iterator[Wrong]":
    from emulator.scenario.library import UnknownScenario
    from emulator.scenario.mistakes import ScenarioError

    try:
        shelf.find(name)
    except ScenarioError as error:
        yield from error.mistakes
    except UnknownScenario as unknown:
        yield unknown


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


# Show -----------------------------------------------------------------------


@click.command()
@click.argument("name")
@click.option("--source", is_flag=True, help="Print the file as it was written.")
@click.option("--format", "form", type=click.Choice(["text", "json", "mermaid"]), default="text", show_default=True)
@in_directories
def show(name: str, source: bool, form: str, directories: tuple[Path, ...]) -> None:  # noqa: FBT001 - click's way
    r"""Tell a scenario in plain words, and draw the lives that its jobs may have.

    \b
    emulator show kladana/queue-full
    emulator show kladana/queue-full --format mermaid > lives.mmd
    emulator show kladana/default --source > my-story.yaml
    """
    from emulator.scenario.library import UnknownScenario
    from emulator.scenario.mistakes import ScenarioError

    shelf = library(directories)
    try:
        told = shelf.source(name) if source else _SHOWN[form](shelf.find(name))
    except (UnknownScenario, ScenarioError) as error:
        stop(str(error), BAD_INPUT)
    click.echo(told, nl=not source)


def _in_words(scenario: "Scenario") -> str:
    from emulator.scenario.telling import lines

    told = list(lines(_told(scenario)))
    drawn = _drawn(scenario) if scenario.jobs else ""
    return "\n".join([*told, "", drawn]) if drawn else "\n".join(told)


def _as_json(scenario: "Scenario") -> str:
    from dataclasses import asdict

    return json.dumps(asdict(_told(scenario)) | {"lives": _drawn(scenario)}, ensure_ascii=False, indent=1)


def _drawn(scenario: "Scenario") -> str:
    from emulator.app import vocabularies
    from emulator.scenario.drawing import lives

    return "\n".join(lives(scenario, vocabularies()[scenario.api].lifecycle))


def _told(scenario: "Scenario") -> "Told":
    from emulator.app import vocabularies
    from emulator.providers import ERROR_TEXTS
    from emulator.scenario.telling import told

    return told(scenario, vocabularies()[scenario.api], ERROR_TEXTS[scenario.api])


_SHOWN: dict[str, Callable[["Scenario"], str]] = {"text": _in_words, "json": _as_json, "mermaid": _drawn}

# Init -----------------------------------------------------------------------

STARTER = """\
# yaml-language-server: $schema=./scenario.json
#
# A story about asynchronous jobs, told before it happens. Play it with
#
#     emulator serve --scenario starter.yaml
#
# Editors that know the YAML language server complete and check it as you write; so does `emulator validate`.
# What it may speak of is told by `emulator list operations` and `emulator states kladana`.

version: 1
api: kladana
about: The second report fails, and every fifth poll of a task is slow.

# Time stands still until you move it: emulator clock advance 5m
clock: {mode: frozen, start: 2026-03-01T09:00:00Z}

# What no vendor's page settles, or what you want otherwise than it is.
settings:
  queued_tasks: 4
  link_lives: 5m

# What a job lives through. The first rule that matches a submission wins.
jobs:
  - when: {nth: 2}
    steps:
      - {state: PENDING}
      - {state: PROCESSING, after: 2s}
      - {state: API_ERROR, after: {uniform: [5s, 30s]}, error: 1016}
  - steps:
      - {state: PENDING}
      - {state: PROCESSING, after: 500ms}
      - {state: end, after: 2s} # where the API itself arrives

# What goes wrong with calls. All rules that match a call act, in order.
faults:
  - {operation: getTask, every: 5, latency: 1s}
"""


@click.command()
@click.argument("directory", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
def init(directory: Path) -> None:
    r"""Write a scenario to begin with, and its schema for editors.

    \b
    emulator init
    emulator init stories
    """
    from emulator import data

    schema = (data.directory("schemas") / "scenario.json").read_text(encoding="utf-8")
    files = {directory / "starter.yaml": STARTER, directory / "scenario.json": schema}
    for file in files:
        if file.exists():
            stop(f"{file} is there already, and stays as it is", BAD_INPUT)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            with file.open("x", encoding="utf-8") as stream:
                stream.write(text)
    except OSError as error:
        stop(f"{directory}: {error.strerror}", BAD_INPUT)
    for file in files:
        click.echo(file)

"""What the emulator knows: `list`, `states`, `schema`."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.cli.exits import BAD_INPUT, stop
from emulator.cli.shelf import in_directories, library
from emulator.cli.table import aligned

if TYPE_CHECKING:
    from emulator.job import Lifecycle

# List -----------------------------------------------------------------------


@click.command(name="list")
@click.argument("what", type=click.Choice(["scenarios", "operations", "apis"]), default="scenarios")
@in_directories
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects.")
def listing(what: str, directories: tuple[Path, ...], as_json: bool) -> None:  # noqa: FBT001 - click's way
    r"""List scenarios, or the operations and APIs they speak of.

    \b
    emulator list
    emulator list operations --json
    """
    rows = list(_LISTS[what](directories))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(aligned([list(row.values()) for row in rows])))


def _scenarios(directories: tuple[Path, ...]) -> Iterator[dict[str, str]]:
    from emulator.scenario.mistakes import ScenarioError

    shelf = library(directories)
    try:
        names = shelf.names()
    except ScenarioError as error:
        stop(str(error), BAD_INPUT)
    for name in names:
        try:
            yield {"name": name, "about": shelf.find(name, files=False).about}
        except ScenarioError as error:
            yield {"name": name, "about": f"(cannot be loaded: {error.mistakes[0]})"}


def _operations(_directories: tuple[Path, ...]) -> Iterator[dict[str, str]]:
    from emulator.providers import PROVIDERS

    for provider in PROVIDERS:
        for each in provider.contract.operations.values():
            yield {"api": each.api, "operation": each.id, "method": each.method, "path": each.path}


def _apis(_directories: tuple[Path, ...]) -> Iterator[dict[str, str]]:
    from emulator.providers import PROVIDERS

    for each in PROVIDERS:
        yield {"api": each.name, "paths": " ".join(each.mounts), "title": each.title}


_LISTS: dict[str, Callable[[tuple[Path, ...]], Iterator[dict[str, str]]]] = {
    "scenarios": _scenarios,
    "operations": _operations,
    "apis": _apis,
}

# States ---------------------------------------------------------------------


@click.command()
@click.argument("api")
def states(api: str) -> None:
    r"""Draw the states of an API's jobs, as a Mermaid diagram.

    \b
    emulator states kladana
    emulator states waylay > waylay.mmd
    """
    from emulator.app import vocabularies

    known = vocabularies()
    click.echo("\n".join(_diagram(known[_one_of(api, list(known))].lifecycle)))


def _diagram(lifecycle: "Lifecycle") -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in lifecycle.follows:
        if (told := f"{state} (ours)" if state in lifecycle.ours else state) != _id(state):
            yield f'    state "{told}" as {_id(state)}'
    yield f"    [*] --> {_id(lifecycle.initial)}"
    for state, following in lifecycle.follows.items():
        for after in following:
            yield f"    {_id(state)} --> {_id(after)}"
        if lifecycle.is_final(state):
            yield f"    {_id(state)} --> [*]"


def _id(state: str) -> str:
    return re.sub(r"\W", "_", state)


# Schema ---------------------------------------------------------------------


@click.command()
@click.argument("name", metavar="API|scenario")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print YAML instead of JSON.")
def schema(name: str, as_yaml: bool) -> None:  # noqa: FBT001 - click's way
    r"""Print an API's OpenAPI document, or the schema of scenarios.

    \b
    emulator schema kladana
    emulator schema scenario > scenario.json
    """
    click.echo(_as_yaml(_schema(name)) if as_yaml else _schema(name), nl=False)


def _schema(name: str) -> str:
    from emulator import data

    files = {each.name: each / "bundle.json" for each in data.directory("schemas").iterdir() if each.is_dir()}
    files["scenario"] = data.directory("schemas") / "scenario.json"
    return files[_one_of(name, sorted(files))].read_text(encoding="utf-8")


def _as_yaml(text: str) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    told: str = yaml.dump(json.loads(text), Dumper=dumper, allow_unicode=True, sort_keys=False, width=120)
    return told


def _one_of(name: str, known: list[str]) -> str:
    """The name, if there is something of that name; else the program ends."""
    from emulator.scenario.mistakes import listed, nearest

    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean {near!r}?" if near else f"there are {listed(known)}"
        stop(f"nothing here is called {name!r}: {hint}", BAD_INPUT)
    return name

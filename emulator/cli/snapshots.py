"""Verbs for the state of a running server: `snapshot`, `restore`, `fork`."""

import json
import sys
from typing import Any, BinaryIO

import click

from emulator.cli.exits import BAD_INPUT, REFUSED, stop
from emulator.cli.server import of_a_server, refusal, server


@click.command()
@click.option("--journal", is_flag=True, help="With the exchanges of the journal.")
@of_a_server
def snapshot(journal: bool, **where: Any) -> None:  # noqa: ANN401, FBT001 - click's way
    r"""Print a namespace of a server as one JSON document.

    \b
    emulator snapshot > state.json
    emulator snapshot --namespace test-17 --journal > state.json
    """
    told = server(**where).ask("GET", f"/snapshot?journal={str(journal).lower()}")
    sys.stdout.write(json.dumps(told, separators=(",", ":")) + "\n")


@click.command()
@click.argument("file", type=click.File("rb"))
@of_a_server
def restore(file: BinaryIO, **where: Any) -> None:  # noqa: ANN401 - click's way
    r"""Make a namespace of a server what `snapshot` has printed; FILE may be -.

    \b
    emulator restore state.json
    emulator restore state.json --namespace test-18
    """
    try:
        document = json.loads(file.read())
    except ValueError as error:
        stop(f"{file.name}: not JSON: {error}", BAD_INPUT)
    asked = server(**where)
    said = asked.exchange("PUT", "/snapshot", document)
    if said.status != 200:  # noqa: PLR2004 - HTTP's own number
        stop(f"{file.name}: {refusal(said)}", REFUSED)
    told = said.payload
    click.echo(f"{asked.url} stands at {told['clock']['now']}, jobs: {told['jobs']}, requests: {told['requests']}")


@click.command()
@click.argument("name")
@click.argument("to")
@of_a_server
def fork(name: str, to: str, **where: Any) -> None:  # noqa: ANN401 - click's way
    r"""Make a second namespace that is like the first in all but its name.

    \b
    emulator fork default what-if
    emulator fork test-17 test-18 --url http://127.0.0.1:8087
    """
    from urllib.parse import quote

    told = server(**where).ask("POST", f"/namespaces/{quote(name, safe='')}/fork", {"to": to})
    click.echo(f"{told['name']} stands at {told['clock']['now']}, jobs: {told['jobs']}")

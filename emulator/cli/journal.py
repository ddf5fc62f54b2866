"""What a running server was asked, and what came of it: `requests`, `wait`, `timeline`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from emulator.cli.exits import BAD_INPUT, REFUSED, stop
from emulator.cli.server import Server, of_a_server, server
from emulator.cli.table import aligned

PAGE = 1000
"""Rows that are asked for at a time: as many as the server gives."""

Verb = TypeVar("Verb", bound=Callable[..., Any])

_SEVERAL = {
    "api": "Of this API.",
    "operation": "This operationId: `getTask`.",
    "job": "About this job.",
    "account": "Of this account.",
    "method": "With this method.",
    "path": "At this path: `/api/*/async/*`.",
    "status": "With this status: 202, or 4xx.",
    "rule": "On which this rule acted.",
    "fault": "On which this fault acted.",
    "scenario": "On which a rule of this scenario acted.",
    "contract": "Whose answer has kept, broken or waived its contract.",
}
"""Flags that may be given more than once: any of the values will do."""
_SINGLE = {
    "since": "From this virtual instant on.",
    "until": "Up to this virtual instant.",
}


def of_a_filter(verb: Verb) -> Verb:
    """The flags by which a verb is told which exchanges are meant; it hands them on to `_wish`."""
    verb = click.option("--after", type=click.IntRange(0), help="With a greater number than this.")(verb)
    for name, about in reversed(_SINGLE.items()):
        verb = click.option(f"--{name}", help=about)(verb)
    for name, about in reversed(_SEVERAL.items()):
        verb = click.option(f"--{name}", multiple=True, help=about)(verb)
    return verb


def _parted(flags: dict[str, Any]) -> tuple[dict[str, Any], Server]:
    """The flags of a filter as the admin API has it, and the server that the others name."""
    asked = {name: flags.pop(name) for name in (*_SEVERAL, *_SINGLE, "after")}
    wish = {name: list(said) if name in _SEVERAL else said for name, said in asked.items() if said not in ((), None)}
    return wish, server(**flags)


# Requests -------------------------------------------------------------------


@click.command()
@of_a_filter
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of all that is known of each.")
@click.option("--har", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTTP Archive; - is stdout.")
@of_a_server
def requests(as_json: bool, har: Path | None, **flags: Any) -> None:  # noqa: ANN401, FBT001 - click's way
    r"""List what a server was asked; `*` in a flag stands for any text.

    \b
    emulator requests --operation getTask --status 4xx
    emulator requests --job 3f2a... --har job.har
    """
    wish, asked = _parted(flags)
    if har is not None:
        _archive(asked, wish, har)
        return
    rows = list(_pages(asked, wish))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif rows:
        click.echo("\n".join(aligned([_row(each) for each in rows])))


def _pages(asked: Server, wish: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All that match; those that come meanwhile too."""
    last = wish.get("after", 0)
    while True:
        page = asked.ask("POST", "/requests/find", wish | {"after": last, "limit": PAGE})["requests"]
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1]["sequence"]


def _row(exchange: dict[str, Any]) -> tuple[object, ...]:
    request = exchange["request"]
    return (
        exchange["sequence"],
        exchange["at"],
        exchange["api"],
        exchange["operation"] or "-",
        exchange["response"]["status"],
        exchange["job"] or "-",
        f"{request['method']} {request['target']}",
    )


def _archive(asked: Server, wish: dict[str, Any], file: Path) -> None:
    from urllib.parse import urlencode

    archive = json.dumps(asked.ask("GET", f"/requests.har?{urlencode(wish, doseq=True)}"), ensure_ascii=False)
    if str(file) == "-":
        click.echo(archive)
        return
    try:
        file.write_text(archive + "\n", encoding="utf-8")
    except OSError as error:
        stop(f"{file}: {error.strerror or error}", BAD_INPUT)


# Wait -----------------------------------------------------------------------


@click.command()
@of_a_filter
@click.option("--at-least", type=click.IntRange(1), default=1, show_default=True, help="How many must match.")
@click.option("--timeout", default="10s", show_default=True, help="For how long, in real time: at most 120s.")
@of_a_server
def wait(at_least: int, timeout: str, **flags: Any) -> None:  # noqa: ANN401 - click's way
    r"""Wait until a server was asked something: exit code 0, else 1.

    \b
    emulator wait --operation getTask --at-least 3 --timeout 10s
    emulator wait --job 3f2a... --status 302 --namespace test-17
    """
    wish, asked = _parted(flags)
    told = asked.ask("POST", "/requests/wait", wish | {"at_least": at_least, "timeout": timeout})
    if not told["satisfied"]:
        near = "".join(f"; {_miss(each)}" for each in told["near_misses"][:1])
        stop(f"{told['count']} of {at_least} came within {timeout}{near}", REFUSED)
    click.echo(f"{told['count']} came")


def _miss(miss: dict[str, Any]) -> str:
    """What came nearest, and what of it is not as wished."""
    wrong = [f"{each['condition']} is {_shown(each['found'])}, not {_shown(each['wanted'])}" for each in miss["failed"]]
    return f"the nearest is #{miss['sequence']} {miss['method']} {miss['target']}: {', '.join(wrong)}"


def _shown(value: Any) -> str:  # noqa: ANN401 - JSON is any of six types
    if isinstance(value, list):
        return " or ".join(map(_shown, value))
    return "nothing" if value is None else str(value)


# Timeline -------------------------------------------------------------------


@click.command()
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="Print what the server says as it is.")
@of_a_server
def timeline(job: str, as_json: bool, **where: Any) -> None:  # noqa: ANN401, FBT001 - click's way
    r"""Tell what happened to a job: its states, the calls about it, its callbacks.

    \b
    emulator timeline 3f2a6c1e-154d-11f1-0ac3-686f11ad7439
    emulator timeline 10421 --namespace test-17 --json
    """
    from urllib.parse import quote

    told = server(**where).ask("GET", f"/jobs/{quote(job, safe='')}/timeline")
    click.echo(json.dumps(told) if as_json else "\n".join(_timeline(told)))


def _timeline(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['api']} job {told['job']} of account {told['account'] or '(none)'}: {told['state']}"
    events = [(each["at"], f"+{each['after']}", each["kind"], each["text"]) for each in told["events"]]
    yield from aligned(events) if events else ()
    if told["evicted"]:
        yield f"({told['evicted']} exchanges were forgotten to make room; some may have been about this job)"

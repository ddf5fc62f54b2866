"""Verbs for a running server: `clock`, `scenario`, `reset`, `healthcheck`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from emulator.cli.exits import BAD_INPUT, REFUSED, stop
from emulator.cli.server import Said, found, of_a_server, refusal, server
from emulator.cli.table import aligned

CLOCK = "[advance DURATION | to INSTANT | freeze | rate N | step DURATION | skip]"
SCENARIO = "[use NAME|FILE]"

as_it_is = click.option("--json", "as_json", is_flag=True, help="Print what the server says as it is.")

# Clock ----------------------------------------------------------------------


@click.command()
@click.argument("change", nargs=-1, metavar=CLOCK)
@as_it_is
@of_a_server
def clock(change: tuple[str, ...], as_json: bool, **where: Any) -> None:  # noqa: ANN401, FBT001 - click's way
    r"""Show a server's clock, or move it.

    \b
    emulator clock
    emulator clock advance 5m --namespace test-17
    """
    wanted = _wanted(change)
    told = server(**where).ask(*(("POST", "/clock", wanted) if wanted else ("GET", "/clock")))
    click.echo(json.dumps(told) if as_json else "\n".join(_clock(told)))


def _wanted(change: tuple[str, ...]) -> dict[str, Any] | None:
    """The words as the admin API has them; None for none."""
    from emulator.scenario.measures import instant, microseconds
    from emulator.scenario.pace import step_length

    wanted: dict[str, Any] | None = None
    match change:
        case ():
            pass
        case ("advance", text):
            wanted = {"advance": _measured(text, microseconds)}
        case ("to", text):
            wanted = {"to": _measured(text, instant)}
        case ("freeze",):
            wanted = {"mode": "frozen"}
        case ("rate", text):
            wanted = {"rate": _rate(text)}
        case ("step", text):
            wanted = {"step": _measured(text, step_length)}
        case ("skip",):
            wanted = {"mode": "skip"}
        case _:
            stop(f"clock takes {CLOCK}, not {' '.join(change)!r}", BAD_INPUT)
    return wanted


def _measured(text: str, measure: Callable[[str], int]) -> str:
    """The text, if it is one."""
    try:
        measure(text)
    except ValueError as error:
        stop(f"clock: {error}", BAD_INPUT)
    return text


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0
    if not 0 < rate <= 1_000_000:  # noqa: PLR2004 - as the admin API has it
        stop(f"clock: rate is a number above 0 and up to 1000000, not {text!r}; freeze holds the clock", BAD_INPUT)
    return rate


def _clock(told: dict[str, Any]) -> Iterator[str]:
    listed = told.get("happened", [])
    for each in listed:
        yield "  ".join(str(value) for value in each.values())
    if told.get("count", 0) > len(listed):
        yield f"... and {told['count'] - len(listed)} more"
    measure = {"rate": f" {told['rate']:g}", "step": f" {told.get('step')}"}
    pace = told["mode"] + measure.get(told["mode"], "")
    to_come = f"{told['pending']} to come, the next at {told['next']}" if told["pending"] else "nothing to come"
    yield f"{told['now']}  {pace}  {to_come}"


# Scenario -------------------------------------------------------------------


@click.command()
@click.argument("change", nargs=-1, metavar=SCENARIO)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="With `use`: a setting to go with it.")
@as_it_is
@of_a_server
def scenario(
    change: tuple[str, ...],
    settings: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 - click's way
    **where: Any,  # noqa: ANN401
) -> None:
    r"""Show what a server plays, or let it play another scenario.

    \b
    emulator scenario
    emulator scenario use kladana/queue-full --set running_tasks=2
    """
    match change:
        case () if not settings:
            told = server(**where).ask("GET", "/scenario")
            click.echo(json.dumps(told) if as_json else "\n".join(_playing(told)))
        case ("use", name):
            told = _use(name, _settings(settings), where)
            click.echo(json.dumps(told) if as_json else f"{told['api']} plays {told['name']}")
        case _:
            stop(f"scenario takes {SCENARIO}, not {' '.join(change)!r}", BAD_INPUT)


def _use(name: str, settings: dict[str, Any], where: dict[str, Any]) -> Any:  # noqa: ANN401 - the server's answer
    file = Path(name)
    wanted = {"yaml": _text(file)} if file.is_file() else {"name": name}
    said = server(**where).exchange("PUT", "/scenario", wanted | {"set": settings})
    if said.status != 200:  # noqa: PLR2004 - HTTP's own number
        _refuse(said, name if "yaml" in wanted else None)
    return said.payload


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{file}: {error}", BAD_INPUT)


def _settings(texts: tuple[str, ...]) -> dict[str, Any]:
    from emulator.scenario.override import BadSetting, assigned

    try:
        return dict(map(assigned, texts))
    except BadSetting as error:
        stop(str(error), BAD_INPUT)


def _refuse(said: Said, file: str | None) -> NoReturn:
    """Every mistake in its line, by the name that the file has here."""
    mistakes = said.payload.get("mistakes", ()) if isinstance(said.payload, dict) else ()
    if not mistakes:
        stop(refusal(said), REFUSED)
    lines = []
    for each in mistakes:
        place = f"{file or each['file']}:{each['line']}:{each['column']}: " + (each["path"] and f"{each['path']}: ")
        hint = f" (did you mean {each['suggestion']!r}?)" if each["suggestion"] is not None else ""
        lines.append(place + each["message"] + hint)
    stop("\n".join(lines), REFUSED)


def _playing(told: dict[str, Any]) -> Iterator[str]:
    for each in told["scenarios"]:
        yield f"{each['api']} plays {each['name']} ({each['digest'][:8]})"
        yield from aligned([(f"  {rule['name']}", rule["hits"]) for rule in each["rules"]])


# Reset, healthcheck ---------------------------------------------------------


@click.command()
@of_a_server
def reset(**where: Any) -> None:  # noqa: ANN401 - click's way
    r"""Make a namespace of a server as it was when it was made.

    \b
    emulator reset
    emulator reset --namespace test-17
    """
    asked = server(**where)
    asked.ask("POST", "/reset")
    click.echo(f"{asked.url} is as it was in the beginning")


@click.command()
@of_a_server
def healthcheck(**where: Any) -> None:  # noqa: ANN401 - click's way
    r"""Whether a server answers: exit code 0, else 1.

    \b
    emulator healthcheck
    emulator healthcheck --url http://127.0.0.1:8087
    """
    try:
        asked = found(**where)
    except ValueError as error:
        stop(str(error), REFUSED)
    if asked.exchange("GET", "/health").status != 200:  # noqa: PLR2004 - HTTP's own number
        stop(f"{asked.url} is not healthy", REFUSED)

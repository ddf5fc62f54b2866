"""`emulator serve`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from emulator.cli.exits import BAD_INPUT, CANNOT_BIND, stop
from emulator.log import configure


@click.command()
@click.option("--host", envvar="EMULATOR_HOST", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    envvar="EMULATOR_PORT",
    default=8087,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--storage-port",
    type=click.IntRange(0, 65535),
    help="Hand out download links on this port, as a vendor's storage has a host of its own.",
)
@click.option("--port-file", type=click.Path(path_type=Path), help="Write the real port here once ready.")
@click.option("--scenario", multiple=True, metavar="NAME", help="Play this scenario (api/story, or a file).")
@click.option(
    "--scenarios",
    envvar="EMULATOR_SCENARIOS",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Look for scenarios here first.",
)
@click.option(
    "--set",
    "settings",
    envvar="EMULATOR_SERVE_SET",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting that no scenario overrides: queued_tasks=2, or kladana.queued_tasks=2.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="What all chance is drawn from.")
@click.option("--rate", default=1.0, show_default=True, help="Seconds of server time in each real one.")
@click.option("--frozen", is_flag=True, help="Let the clock stand still until it is advanced.")
@click.option("--start", metavar="INSTANT", help="When the clock starts: 2026-03-01T09:00:00Z. Default: now.")
@click.option("--admin-token", envvar="EMULATOR_ADMIN_TOKEN", help="What /__admin asks for.")
@click.option(
    "--allow-callback-to",
    multiple=True,
    metavar="HOST|CIDR",
    help="Call receivers of this name or in this network too; loopback and private ones are called anyway.",
)
@click.option("--debug-headers/--no-debug-headers", default=True, help="X-Emulator-* headers on vendors' answers.")
@click.option("--log-format", type=click.Choice(["auto", "text", "json"]), default="auto", show_default=True)
@click.option("--print-config", is_flag=True, help="Print what the flags come to, and stop.")
def serve(log_format: str, print_config: bool, **flags: Any) -> None:  # noqa: ANN401, FBT001 - click's way
    r"""Serve all APIs on one port.

    \b
    emulator serve
    emulator serve --port 0 --port-file port --frozen --start 2026-03-01T09:00:00Z
    emulator serve --scenario kladana/queue-full --rate 60
    """
    as_json = configure(log_format)
    config = _config(flags)
    if print_config:
        click.echo(json.dumps({key: _shown(key, value) for key, value in vars(config).items()}, indent=2))
        return
    import asyncio

    from emulator.app import CannotBind
    from emulator.app import serve as run

    try:
        asyncio.run(run(config, lambda url: _ready(url, config, as_json=as_json)))
    except CannotBind as error:
        stop(f"{error}; --port 0 takes a free port", CANNOT_BIND)
    except OSError as error:
        stop(str(error), BAD_INPUT)
    except _bad_files() as error:
        stop(str(error), BAD_INPUT)


def _config(flags: dict[str, Any]) -> Any:  # noqa: ANN401 - Config, imported late
    """The flags as a Config; a beginner's mistake ends here, in one line."""
    from emulator.app import Config

    rate, frozen, start = flags.pop("rate"), flags.pop("frozen"), flags.pop("start")
    if not 0 < rate <= 1_000_000:  # noqa: PLR2004 - as the admin API has it
        stop(f"--rate is a number above 0 and up to 1000000, not {rate:g}; --frozen holds the clock", BAD_INPUT)
    for directory in flags["scenarios"]:
        if not directory.is_dir():
            stop(f"--scenarios: {directory} is not a directory", BAD_INPUT)
    config = Config(**flags, rate=0 if frozen else rate, start=None if start is None else _instant(start))
    if not config.loopback and config.admin_token is None:
        return _with_token(config)
    return config


def _instant(text: str) -> int:
    from emulator.scenario.measures import instant

    try:
        return instant(text)
    except ValueError as error:
        stop(f"--start: {error}", BAD_INPUT)


def _with_token(config: Any) -> Any:  # noqa: ANN401 - Config, imported late
    """Beyond loopback the admin API asks for a token: one is made up and told."""
    from dataclasses import replace

    token = os.urandom(16).hex()
    click.echo(f"admin token: {token}", err=True)
    return replace(config, admin_token=token)


def _ready(url: str, config: Any, *, as_json: bool) -> None:  # noqa: ANN401 - Config, imported late
    """The one line that others wait for."""
    if as_json:
        told = {"event": "ready", "url": url, "pid": os.getpid(), "seed": config.seed}
        click.echo(json.dumps(told))
    else:
        click.echo(f"emulator ready on {url} (pid {os.getpid()}, seed {config.seed})")
    sys.stdout.flush()


def _shown(key: str, value: Any) -> Any:  # noqa: ANN401 - any flag
    if key == "admin_token" and value:
        return "[redacted]"
    return (
        [str(each) for each in value] if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
    )


def _bad_files() -> tuple[type[Exception], ...]:
    from emulator.courier.allowed import NotAllowable
    from emulator.namespace import ScenarioConflict
    from emulator.scenario.library import UnknownScenario
    from emulator.scenario.mistakes import ScenarioError
    from emulator.scenario.override import BadSetting

    return (ScenarioError, UnknownScenario, ScenarioConflict, BadSetting, NotAllowable)

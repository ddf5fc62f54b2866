"""`emulator serve`."""

import gc
import json
import os
import sys
from collections.abc import Callable
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
@click.option(
    "--admin-port",
    envvar="EMULATOR_ADMIN_PORT",
    type=click.IntRange(0, 65535),
    help="Serve /__admin on this port alone, but for health and ready; 0 takes a free one.",
)
@click.option(
    "--port-file",
    type=click.Path(path_type=Path),
    help="Write the real port here once ready; that of --admin-port on a second line.",
)
@click.option(
    "--tls",
    envvar="EMULATOR_TLS",
    type=click.Choice(["self"]),
    help="Serve https by a certificate made for this run, for loopback and the vendors' own hosts.",
)
@click.option(
    "--tls-host",
    envvar="EMULATOR_TLS_HOST",
    multiple=True,
    metavar="NAME",
    help="A further name or address that it is for.",
)
@click.option(
    "--tls-ca-file",
    envvar="EMULATOR_TLS_CA_FILE",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write here what clients are to trust then.",
)
@click.option(
    "--tls-cert",
    envvar="EMULATOR_TLS_CERT",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Serve https by this certificate (PEM, with its chain).",
)
@click.option(
    "--tls-key",
    envvar="EMULATOR_TLS_KEY",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Its key (PEM, without a password).",
)
@click.option(
    "--trust-proxy", is_flag=True, help="Believe X-Forwarded-Proto and X-Forwarded-Host, for the links handed out."
)
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
@click.option("--rate", type=float, show_default="1", help="Seconds of server time in each real one.")
@click.option("--frozen", is_flag=True, help="Let the clock stand still until it is advanced.")
@click.option("--step", metavar="DURATION", help="Let each request move the clock by so much, and nothing else: 5s.")
@click.option("--skip", is_flag=True, help="Let a poll that would show nothing new go to the job's next event.")
@click.option("--start", metavar="INSTANT", help="When the clock starts: 2026-03-01T09:00:00Z. Default: now.")
@click.option("--admin-token", envvar="EMULATOR_ADMIN_TOKEN", help="What /__admin asks for.")
@click.option(
    "--allow-callback-to",
    multiple=True,
    metavar="HOST|CIDR",
    help="Call receivers of this name or in this network too; loopback and private ones are called anyway.",
)
@click.option("--debug-headers/--no-debug-headers", default=True, help="X-Emulator-* headers on vendors' answers.")
@click.option(
    "--max-connections",
    default=20_000,
    show_default=True,
    type=click.IntRange(1),
    help="Hold so many connections at once, or as many as the system allows; the next is answered 503.",
)
@click.option(
    "--max-jobs",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(1),
    help="Hold so many jobs in all namespaces together; the next submission is answered 503.",
)
@click.option(
    "--namespaces",
    default=1000,
    show_default=True,
    type=click.IntRange(1),
    help="Hold so many namespaces; the idlest goes when one more is wanted, and if none is idle that is answered 503.",
)
@click.option("--declared-only", is_flag=True, help="Make no namespace by its mention: unknown names are answered 404.")
@click.option(
    "--credential",
    multiple=True,
    metavar="TOKEN=NAMESPACE",
    help="Serve whoever carries this token, login or key in that namespace, if neither prefix nor header names one.",
)
@click.option("--watch", is_flag=True, help="Play scenario files anew when they change.")
@click.option("--log-format", type=click.Choice(["auto", "text", "json"]), default="auto", show_default=True)
@click.option("--print-config", is_flag=True, help="Print what the flags come to, and stop.")
def serve(log_format: str, print_config: bool, **flags: Any) -> None:  # noqa: ANN401, FBT001 - click's way
    r"""Serve all APIs on one port.

    \b
    emulator serve
    emulator serve --port 0 --port-file port --frozen --start 2026-03-01T09:00:00Z
    emulator serve --scenario kladana/queue-full --rate 60
    emulator serve --tls self --tls-ca-file ca.pem --port 443
    """
    as_json = configure(log_format)
    config = _config(flags)
    if print_config:
        click.echo(json.dumps({key: _shown(key, value) for key, value in vars(config).items()}, indent=2))
        return
    gc.disable()  # what is loaded stays: to look through it again and again is a tenth of a start
    try:
        _run(config, as_json=as_json)
    finally:
        gc.enable()


def _run(config: Any, *, as_json: bool) -> None:  # noqa: ANN401 - Config, imported late
    """Serve until told to stop; what is wrong with a file or an address is told in one line."""
    import asyncio

    from emulator.app import CannotBind
    from emulator.app import serve as run
    from emulator.wire import new_loop

    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(run(config, lambda url, admin: _ready(url, admin, config, as_json=as_json)))
    except CannotBind as error:
        stop(f"{error}; --port 0 takes a free port", CANNOT_BIND)
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}" if error.filename else str(error), BAD_INPUT)
    except _bad_files() as error:
        stop(str(error), BAD_INPUT)


def _config(flags: dict[str, Any]) -> Any:  # noqa: ANN401 - Config, imported late
    """The flags as a Config; a beginner's mistake ends here, in one line."""
    from emulator.config import Config

    clock = _clock({name: flags.pop(name) for name in ("rate", "frozen", "step", "skip", "start")})
    for directory in flags["scenarios"]:
        if not directory.is_dir():
            stop(f"--scenarios: {directory} is not a directory", BAD_INPUT)
    if flags["watch"]:
        _check_watch(flags["scenario"], flags["scenarios"])
    _check_tls(flags)
    config = Config(**flags, **clock)
    if not config.loopback and config.admin_token is None:
        return _with_token(config)
    return config


def _check_watch(scenarios: tuple[str, ...], directories: tuple[Path, ...]) -> None:
    """There is something to watch, and something that watches."""
    from importlib.util import find_spec

    if not directories and not any(Path(each).is_file() for each in scenarios):
        stop("--watch: there is no file to watch; name one by --scenario, or a directory by --scenarios", BAD_INPUT)
    if find_spec("watchfiles") is None:
        stop("--watch wants an extra: pip install 'async-api-emulator[watch]'", BAD_INPUT)


def _check_tls(flags: dict[str, Any]) -> None:
    """Two files, or a certificate of our own, or no TLS; and what makes one."""
    from importlib.util import find_spec

    own, files = flags["tls"] is not None, [flags["tls_cert"] is not None, flags["tls_key"] is not None]
    if own and any(files):
        stop("--tls self makes its own certificate: --tls-cert and --tls-key do not go with it", BAD_INPUT)
    if any(files) and not all(files):
        stop("--tls-cert and --tls-key go together: a certificate, and its key", BAD_INPUT)
    for flag in ("tls_host", "tls_ca_file"):
        if flags[flag] and not own:
            stop(f"--{flag.replace('_', '-')} is about the certificate that --tls self makes", BAD_INPUT)
    if own and find_spec("trustme") is None:
        stop("--tls self wants an extra: pip install 'async-api-emulator[tls]'", BAD_INPUT)


def _clock(flags: dict[str, Any]) -> dict[str, Any]:
    """What the flags come to that speak of the clock."""
    from emulator.scenario.measures import instant
    from emulator.scenario.pace import step_length

    rate, step, start = flags["rate"], flags["step"], flags["start"]
    told = [f"--{name}" for name in ("rate", "frozen", "step", "skip") if flags[name] not in (None, False)]
    if len(told) > 1:
        stop(f"{' and '.join(told)} do not go together: the clock runs in one way", BAD_INPUT)
    if rate is not None and not 0 < rate <= 1_000_000:  # noqa: PLR2004 - as the admin API has it
        stop(f"--rate is a number above 0 and up to 1000000, not {rate:g}; --frozen holds the clock", BAD_INPUT)
    return {
        "rate": 0 if flags["frozen"] or step is not None or flags["skip"] else 1 if rate is None else rate,
        "step": 0 if step is None else _read("--step", step_length, step),
        "skip": flags["skip"],
        "start": None if start is None else _read("--start", instant, start),
    }


def _read(flag: str, measure: Callable[[str], int], text: str) -> int:
    try:
        return measure(text)
    except ValueError as error:
        stop(f"{flag}: {error}", BAD_INPUT)


def _with_token(config: Any) -> Any:  # noqa: ANN401 - Config, imported late
    """Beyond loopback the admin API asks for a token: one is made up and told."""
    from dataclasses import replace

    token = os.urandom(16).hex()
    click.echo(f"admin token: {token}", err=True)
    return replace(config, admin_token=token)


def _ready(url: str, admin: str | None, config: Any, *, as_json: bool) -> None:  # noqa: ANN401 - Config, imported late
    """The one line that others wait for; `admin` is where the admin API is, if it is elsewhere."""
    if as_json:
        told = {"event": "ready", "url": url, "pid": os.getpid(), "seed": config.seed}
        click.echo(json.dumps(told if admin is None else told | {"admin_url": admin}))
    else:
        elsewhere = "" if admin is None else f"admin {admin}, "
        click.echo(f"emulator ready on {url} ({elsewhere}pid {os.getpid()}, seed {config.seed})")
    sys.stdout.flush()


def _shown(key: str, value: Any) -> Any:  # noqa: ANN401 - any flag
    if key == "admin_token" and value:
        return "[redacted]"
    if key == "credential":
        return [f"[redacted]={each.rpartition('=')[2]}" for each in value]
    return (
        [str(each) for each in value] if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
    )


def _bad_files() -> tuple[type[Exception], ...]:
    from emulator.app import BadCredential
    from emulator.courier.allowed import NotAllowable
    from emulator.origin import ScenarioConflict
    from emulator.scenario.library import UnknownScenario
    from emulator.scenario.mistakes import ScenarioError
    from emulator.scenario.override import BadSetting
    from emulator.tls import TlsError

    return (ScenarioError, UnknownScenario, ScenarioConflict, BadSetting, NotAllowable, TlsError, BadCredential)

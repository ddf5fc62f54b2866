"""The scenarios within reach of a verb."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from emulator.cli.exits import BAD_INPUT, stop

Verb = TypeVar("Verb", bound=Callable[..., Any])


def in_directories(verb: Verb) -> Verb:
    """The option by which a verb learns of the user's own scenarios."""
    return click.option(
        "--scenarios",
        "directories",
        envvar="EMULATOR_SCENARIOS",
        multiple=True,
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Look for scenarios here first.",
    )(verb)


def library(directories: tuple[Path, ...]) -> Any:  # noqa: ANN401 - Library, imported late
    """What those directories and the package hold; ends the program where one of them is none."""
    from emulator import app

    for each in directories:
        if not each.is_dir():
            stop(f"--scenarios: {each} is not a directory", BAD_INPUT)
    return app.library(directories)

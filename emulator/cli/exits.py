"""How a verb ends that cannot go on: one line on stderr, and an exit code."""

import sys
from typing import Never

import click

REFUSED = 1
"""A verification found problems, or a server refuses or is away."""
BAD_INPUT = 2
CANNOT_BIND = 3


def stop(message: str, code: int) -> Never:
    """Say why, and end."""
    click.echo(f"emulator: {message}", err=True)
    sys.exit(code)

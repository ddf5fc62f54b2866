"""A server at work in this process, and what everybody who speaks to it needs."""

import asyncio
import signal
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from emulator.namespaces import Namespaces
from tests.campaign.report import Report

STUCK = 60
"""Seconds after which a server that lets nothing else happen is interrupted; its client shares its loop."""


@dataclass
class House:
    """A server at work, its loop, somebody who is called back, and the report."""

    runner: asyncio.Runner
    namespaces: Namespaces
    port: int
    receiver: str
    report: Report
    problems: list[str]
    """What has been logged as an error, by anybody."""
    about: str = ""
    """Which seed has drawn what is said."""

    def run(self, something: Coroutine[Any, Any, Any]) -> Any:
        """Do it. Stuck if it lets nothing else happen for a long time."""
        signal.setitimer(signal.ITIMER_REAL, STUCK)
        try:
            return self.runner.get_loop().run_until_complete(something)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


class Stuck(AssertionError):  # noqa: N818 - reads as what it says
    """The server is busy with one thing, and does not come to an end."""


def interrupt(_number: int, _frame: object) -> None:
    """What is done when the alarm goes off."""
    raise Stuck(f"nothing else could happen for {STUCK} s")

"""A conversation that is held a second time: what is compared, and what is done otherwise."""

from typing import Any

from emulator.clock import MILLISECOND, iso
from emulator.namespace import Namespace
from emulator.scenario.measures import microseconds


def history(namespace: Namespace) -> list[Any]:
    """All that has been said and has happened, but for what the real clock says."""
    exchanges = [{key: value for key, value in each.told().items() if key != "wall"} for each in namespace.journal]
    jobs = [(api, job.id, [(iso(at), step.state) for at, step in job.moments]) for api, job in namespace.jobs()]
    return [*exchanges, *jobs]


def halves(wait: str) -> list[str]:
    """The same length in two."""
    whole = microseconds(wait) // MILLISECOND
    return [f"{whole // 2}ms", f"{whole - whole // 2}ms"]

"""The rounds: each peer is asked the same so many times, one after the other, and again."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.benchmarks.load import load
from tests.benchmarks.peers.exchange import Request
from tests.benchmarks.peers.process import Server, Unable, cpu
from tests.benchmarks.server import p99

FEW, WARM_UP, REQUESTS, ROUNDS = 64, 3000, 1000, 5
LONG = 1.5
"""Seconds: of a slow server so many fewer are asked, that a round takes about as long; at least `FEW`."""
PATIENCE = 60.0
"""Seconds after which a round is given up."""


@dataclass(frozen=True)
class Figures:
    """One round: CPU microseconds a request, requests a second, and milliseconds that 99 in 100 take at most."""

    cpu: float
    rate: float
    p99: float


@dataclass
class Series:
    """One request, its figures round by round, and how many a second there were of it last."""

    request: Request
    figures: list[Figures] = field(default_factory=list)
    rate: float = 0

    def size(self, most: int) -> int:
        """How many requests a round has."""
        return min(most, max(FEW, int(self.rate * LONG)))


@dataclass
class Entrant:
    """A peer that runs, and what is measured of it; `unable` says why there is no more."""

    server: Server
    poll: Series
    submit: Series
    unable: str = ""


def measure(entrants: Iterable[Entrant]) -> None:
    """Find out how fast each is, warm it up, then let them have their rounds in turn."""
    able = list(entrants)
    for most, counts in ((FEW, False), (WARM_UP, False), *((REQUESTS, True),) * ROUNDS):
        for entrant in able:
            try:
                asyncio.run(one_round(entrant, most, counts=counts))
            except Unable as reason:
                entrant.unable = str(reason)
        able = [entrant for entrant in able if not entrant.unable]


async def one_round(entrant: Entrant, most: int, *, counts: bool) -> None:
    """At most so many polls, then as many submissions."""
    for series in (entrant.poll, entrant.submit):
        figures = await one(entrant.server, series.request, series.size(most))
        series.rate = figures.rate
        if counts:
            series.figures.append(figures)


async def one(server: Server, request: Request, requests: int) -> Figures:
    """So many of one request; `Unable` if any is not answered as expected, or all of them not in time."""
    url, headers = server.origin + request.path, dict(request.headers)
    before = cpu(server.pid)
    try:
        async with asyncio.timeout(PATIENCE):
            measured = await load(
                server.pid, url, headers, request.status, requests, method=request.method, body=request.body
            )
    except TimeoutError as error:
        raise Unable(f"{requests} requests took over {PATIENCE:.0f} s") from error
    except SystemExit as error:
        raise Unable(str(error).partition("\r\n")[0]) from error
    took = cpu(server.pid) - before
    return Figures(took / requests * 1e6, requests / measured.wall, p99(measured.waits))

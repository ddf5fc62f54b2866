"""What all parts of the campaign share: its sizes, what it reports, and a server whose pauses on the wire are short.

`SEED`, `REQUESTS`, `MINUTES` (of the soak; conversations take no longer either), `SECONDS_EACH` (of the foreign tool,
for each document) and `STRIDE` (streams are split at every so manieth boundary) are read from the environment.
`make test` runs a smoke size of each part; `make campaign` runs all of it and prints a table.
"""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from emulator.app import Config, make_app
from emulator.clock import MILLISECOND
from emulator.wire.stage import Stage
from tests.callbacks.receiver import Receiver, receiving
from tests.callbacks.receiver import reset as cut
from tests.campaign.house import House, interrupt
from tests.campaign.report import REPORT, Report
from tests.conftest import START


@dataclass(frozen=True)
class Sizes:
    """How much of each part there is to be."""

    seed: int
    requests: int
    minutes: float
    seconds_each: int
    stride: int


SMOKE = Sizes(seed=0, requests=400, minutes=0.01, seconds_each=0, stride=0)
FULL = Sizes(
    seed=int(os.environ.get("SEED", "0")),
    requests=int(os.environ.get("REQUESTS", "200000")),
    minutes=float(os.environ.get("MINUTES", "60")),
    seconds_each=int(os.environ.get("SECONDS_EACH", "60")),
    stride=int(os.environ.get("STRIDE", "1")),
)


class Problems(logging.Handler):
    """What anybody in this process calls an error, tracebacks and forgotten exceptions of tasks among it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """What is printed at the end."""
    return request.config.stash.setdefault(REPORT, Report())


@pytest.fixture
def problems(report: Report) -> Iterator[list[str]]:
    """What is logged as an error meanwhile."""
    handler = Problems()
    logging.getLogger().addHandler(handler)
    yield handler.told
    logging.getLogger().removeHandler(handler)
    report.counts["tracebacks"] += len(handler.told)
    for each in handler.told:
        report.blame(each)
    assert not handler.told


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is kept waiting on the wire for more than a moment, whatever a scenario says."""
    wait = Stage.wait

    async def moment(stage: Stage, incoming: Any, ended: asyncio.Event, duration: int | None = None) -> bool:
        return await wait(stage, incoming, ended, min(duration or MILLISECOND, MILLISECOND))

    monkeypatch.setattr(Stage, "wait", moment)


@pytest.fixture
def house(report: Report, problems: list[str], hurried: None) -> Iterator[House]:
    """A server, and somebody who is called back: at /good he takes all, at /bad none, at /cut he hangs up."""
    before = signal.signal(signal.SIGALRM, interrupt)
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:  # the own one of pytest-asyncio stays as it is
        stack = AsyncExitStack()
        app = make_app(Config(rate=0, start=START))
        port, receiver = runner.run(stack.enter_async_context(_at_work(app)))
        yield House(runner, app._shell._namespaces, port, receiver, report, problems)
        runner.run(stack.aclose())
        left = runner.run(_left())
        assert not left, left
    signal.signal(signal.SIGALRM, before)


@asynccontextmanager
async def _at_work(app: Any) -> AsyncIterator[tuple[int, str]]:
    async with app.at_work(drain_seconds=0.1) as listener, receiving() as receiver:
        receiver.afterwards = _by_path
        yield await listener.listen("127.0.0.1", 0), receiver.url.removesuffix("/hook")


async def _by_path(receiver: Receiver, request: Any) -> Any:
    del receiver.heard[:]  # nobody looks, and a campaign is long
    kinds = {"/good": 200, "/bad": 503}
    status = kinds.get(request.path)
    if status is None:
        return await cut(receiver, request)
    return web.Response(status=status)


async def _left() -> list[str]:
    """The tasks that are still at work, but this one."""
    await asyncio.sleep(0.1)
    return [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table, after a campaign, or with -v."""
    report = config.stash.get(REPORT, None)
    if report and (config.option.markexpr == "campaign" or config.option.verbose > 0):
        terminalreporter.section("campaign")
        for line in report.lines():
            terminalreporter.write_line(line)

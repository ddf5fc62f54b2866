"""For pytest: a server for the session, a namespace for each test, and what happened in it when the test fails.

Nothing is imported that a run without these fixtures does not need.
"""

import hashlib
import os
import re
import shlex
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emulator.client import ClockWish, Namespace, Receiver
    from emulator.inprocess import Emulator, Flags

MARKER = "scenario(name, *, seed=None, set=None): play this scenario in the test's namespace; one marker for each API"
JOBS_TOLD = 10
"""Jobs whose timelines a report carries: the last ones."""


@dataclass(frozen=True)
class Story:
    """What a marker says."""

    name: str | Path
    seed: int | None = None
    set: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Stage:
    """Where a test plays."""

    namespace: "Namespace"
    seed: int


STAGE = pytest.StashKey[Stage]()

# Options --------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--emulator-url`, `--emulator-seed`."""
    group = parser.getgroup("emulator")
    group.addoption(
        "--emulator-url",
        metavar="URL",
        help="Use the emulator that runs there, with the token in EMULATOR_ADMIN_TOKEN. "
        "Default: $EMULATOR_URL, else a server of the session's own.",
    )
    group.addoption(
        "--emulator-seed",
        metavar="N",
        type=int,
        default=0,
        help="What all chance is drawn from in tests whose marker names no seed. Default: 0.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker is known."""
    config.addinivalue_line("markers", MARKER)


# Fixtures -------------------------------------------------------------------


@pytest.fixture(scope="session")
def emulator_flags() -> "Flags":
    """Flags of the session's own server, as `emulator serve` has them. Override it: `{"scenarios": ["stories"]}`."""
    return {}


@pytest.fixture(scope="session")
def emulator_server(pytestconfig: pytest.Config, emulator_flags: "Flags") -> Iterator["Emulator"]:
    """The server: the one at `--emulator-url`, or one in a thread; each worker of pytest-xdist has its own then."""
    from emulator.inprocess import Emulator  # noqa: PLC0415 - only who asks for it pays for it

    url = pytestconfig.getoption("--emulator-url") or os.environ.get("EMULATOR_URL")
    token = os.environ.get("EMULATOR_ADMIN_TOKEN")
    with Emulator(url, token=token) if url else Emulator(**emulator_flags) as server:
        if not server.apis:
            raise pytest.UsageError(f"whoever answers at {url} emulates nothing")
        yield server


@pytest.fixture
def emulator_clock() -> "ClockWish":
    """How the clock of a test's namespace runs. Override it: `"real"`, `"skip"`, a rate such as 60, or a mapping."""
    return "frozen"


@pytest.fixture
def emulator(
    request: pytest.FixtureRequest, emulator_server: "Emulator", emulator_clock: "ClockWish"
) -> Iterator["Namespace"]:
    """A namespace of the test's own, dropped afterwards: frozen clock, and what the markers `scenario` name."""
    stories = _stories(request.node)
    seed = _seed(request.node, request.config.getoption("--emulator-seed"))
    with emulator_server.fresh(_name(request.node), seed=seed, clock=emulator_clock) as namespace:
        _play(namespace, stories)
        request.node.stash[STAGE] = Stage(namespace, seed)
        yield namespace
        del request.node.stash[STAGE]


@pytest.fixture
def emulator_receiver(emulator: "Namespace") -> Iterator["Receiver"]:
    """Somebody to be called back; deliveries carry the instants of the test's namespace."""
    from emulator.client import Receiver  # noqa: PLC0415 - only who asks for it pays for it

    with Receiver(now=emulator.clock.now) as receiver:
        yield receiver


# Markers --------------------------------------------------------------------


def _stories(node: pytest.Item) -> list[Story]:
    """What the markers say; that of the module first, so that the test's own wins."""
    return [_story(mark, node.path.parent) for mark in reversed(list(node.iter_markers("scenario")))]


def _play(namespace: "Namespace", stories: Iterable[Story]) -> None:
    from emulator.client import ProblemError  # noqa: PLC0415 - loaded already

    for each in stories:
        try:
            namespace.scenario(each.name, each.set)
        except (ProblemError, OSError) as error:
            raise _mistake(f"({str(each.name)!r}): {error}") from None


def _story(mark: pytest.Mark, folder: Path) -> Story:
    """A file is looked for beside the test."""
    try:
        story = Story(*mark.args, **mark.kwargs)
    except TypeError as error:
        raise _mistake(f": {error}; it is {MARKER}") from None
    beside = folder / story.name
    return Story(beside, story.seed, story.set) if beside.is_file() else story


def _seed(node: pytest.Item, otherwise: int) -> int:
    """That of the nearest marker which names one. Two that are equally near must agree."""
    nearest: dict[object, set[int]] = {}
    for owner, mark in node.iter_markers_with_node("scenario"):
        if mark.kwargs.get("seed") is not None:
            nearest.setdefault(owner, set()).add(mark.kwargs["seed"])
    for seeds in nearest.values():
        if len(seeds) > 1:
            raise _mistake(": a namespace has one seed, but the markers name several")
        return seeds.pop()
    return otherwise


def _mistake(told: str) -> BaseException:
    """What is wrong with a marker, shown without a traceback."""
    return pytest.fail.Exception(f"@pytest.mark.scenario{told}", pytrace=False)


def _name(node: pytest.Item) -> str:
    """The test's name and something of its own: others may use the same server at the same time."""
    told = re.sub(r"[^A-Za-z0-9._-]+", "-", node.name)[:40].strip("-")
    return f"{told}-{hashlib.sha256(node.nodeid.encode()).hexdigest()[:8]}-{os.urandom(4).hex()}"


# When a test fails ----------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure carries what happened in the test's namespace, and how to have it once more."""
    report = yield
    stage = item.stash.get(STAGE, None)
    if stage and report.failed and call.when != "teardown":
        report.sections.append(("emulator", "\n".join(_told(item, stage))))
    return report


def _told(item: pytest.Item, stage: Stage) -> Iterator[str]:
    from emulator.client import EmulatorError  # noqa: PLC0415 - loaded already

    yield f"replay: pytest {shlex.quote(item.nodeid)} --emulator-seed={stage.seed}"
    try:
        jobs = stage.namespace.jobs.list()
        if len(jobs) > JOBS_TOLD:
            yield f"the last {JOBS_TOLD} of {len(jobs)} jobs:"
        yield from (stage.namespace.timeline(each) for each in jobs[-JOBS_TOLD:])
    except EmulatorError as error:
        yield f"no timeline: {error}"

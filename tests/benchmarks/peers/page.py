"""docs/peers.md: the table of what was measured, and what each peer does for it."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import fill

from tests.benchmarks.load import CONNECTIONS
from tests.benchmarks.peers.roster import Peer
from tests.benchmarks.peers.rounds import FEW, LONG, REQUESTS, ROUNDS, WARM_UP, Entrant, Figures

HEAD = """# Beside its peers

What `make peers` measured, and nothing else: the emulator and other servers that stand in for an API, asked the same
on the same machine. It installs them under `.peers` from PyPI and the npm registry, in the versions that are pinned in
`tests/benchmarks/peers/`, and writes this page.

    make peers                                               all of them, and this page
    .venv/bin/python -m tests.benchmarks.peers Prism         some of them, by their names in the table
"""
STARTS = 3
EXCHANGE = (
    "**Poll**: `GET /api/remap/1.2/async/{id}` of a task that exists. **Submit**: `POST /resources/v1/batch` with a "
    "batch that is to delete two resources, which starts a job. Whoever can sends the bytes that the emulator sends, "
    'none of them packed. "A wrong one" is the status of the same submission with an empty list of ids, which the '
    "vendor's JSON Schema does not allow: a 2xx says that nobody looked."
)
METHOD = (
    f"{CONNECTIONS} connections ask again as soon as they are answered. All servers run at the same time and have "
    f"their rounds in turn: one to warm up, of {WARM_UP:,} requests, then {ROUNDS} of {REQUESTS:,}; of who is slow "
    f"fewer, so that a round of it takes {LONG} s or {FEW} requests. The best round counts, figure by figure: whatever "
    "else the machine does only adds. Each server is held on one core, with all its threads and children; who asks has "
    "another. CPU is user and system of all its processes, in microseconds a request. "
    f'"Ready" is from the start of the process to its first answer, on that core, the least of {STARTS}; "idle" is '
    "what it holds half a second later. Lines for each request are switched off where there is a flag for it, and else "
    "go to /dev/null; all other settings are the peers' own, but for what is said below."
)
TABLE = """
| | poll: CPU | a second | p99 | submit: CPU | a second | p99 | a wrong one | bytes of a poll | ready | idle |
|---|--:|--:|--:|--:|--:|--:|---|--:|--:|--:|
"""


@dataclass(frozen=True)
class Entry:
    """A line of the table: seconds until ready, MB held then, and what came of a poll and of a wrong submission."""

    peer: Peer
    ready: float = 0
    memory: float = 0
    size: int = 0
    refused: int = 0
    entrant: Entrant | None = None
    unable: str = ""


def text(entries: Sequence[Entry], load: Sequence[float]) -> str:
    """The page; `load` is the machine's before all this."""
    return "".join((HEAD, *method(load), TABLE, *map(line, entries), *notes(entries)))


def method(load: Sequence[float]) -> Iterator[str]:
    """What was done, and on what."""
    before = ", ".join(f"{each:.1f}" for each in load)
    node, java = first_line("node", "--version"), first_line("java", "-version")
    yield "\n" + wrapped(
        f"Python {platform.python_version()}; Node.js: {node}; Java: {java}; {os.cpu_count()} cores. Load of the "
        f"machine before it: {before}."
    )
    yield from ("\n" + wrapped(paragraph) for paragraph in (EXCHANGE, METHOD))


def first_line(*command: str) -> str:
    """What a program says of its version."""
    if not shutil.which(command[0]):
        return "none"
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return (told.stdout or told.stderr).partition("\n")[0]


def line(entry: Entry) -> str:
    """One line of the table; of who could not be measured, the reason."""
    name = f"| {entry.peer.name} {entry.peer.version} |"
    reason = entry.unable or (entry.entrant.unable if entry.entrant else "")
    if reason or not entry.entrant:
        return f"{name} not measured: {reason} {'|' * 10}\n"
    cells = [
        *figures(entry.entrant.poll.figures),
        *figures(entry.entrant.submit.figures),
        str(entry.refused),
        str(entry.size),
        f"{entry.ready:.2f} s",
        f"{entry.memory:.0f} MB",
    ]
    return f"{name} {' | '.join(cells)} |\n"


def figures(rounds: Sequence[Figures]) -> tuple[str, str, str]:
    """The best of the rounds, each figure by itself."""
    cpu, rate, p99 = (
        min(each.cpu for each in rounds),
        max(each.rate for each in rounds),
        min(each.p99 for each in rounds),
    )
    return f"{cpu:.0f} us", f"{rate:,.0f}", f"{p99:.1f} ms"


def notes(entries: Sequence[Entry]) -> Iterator[str]:
    """What is compared: what each does for a poll and a submission."""
    yield "\n## What each does for it\n\n"
    for entry in entries:
        yield wrapped(f"- **{entry.peer.name}**: {entry.peer.does}", "  ")


def wrapped(paragraph: str, indent: str = "") -> str:
    """A paragraph in lines as long as those of the other pages."""
    return fill(paragraph, 120, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False) + "\n"

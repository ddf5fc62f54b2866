"""All benchmarks, one after the other, as one table; with `--write`, docs/performance.md is written from it.

python tests/benchmarks/table.py [--write] [NAME...]
"""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs/performance.md"
ALL = {
    "exchanges": "Exchanges, beside a bare routed aiohttp handler that sends the same bytes",
    "rules": "A scenario of many rules",
    "start": "A start",
    "delay": "A delay that a scenario asks for",
    "rows": "A large result",
    "crowd": "Many jobs",
    "deposco": "A large import, and what others feel of it",
}
INTRODUCTION = """# Performance

What `make bench` measured, and nothing else. Each table is made by one script, which says at its head what it does:

    make bench                                          all of them, and this page
    python tests/benchmarks/NAME.py                     one of them

CPU is the server's own (user and system), the least of several rounds taken in turn with what it is compared to:
whatever else the machine does only adds. What is told in milliseconds suffers from a machine that has other work.
"""


def rows(name: str) -> Iterator[str]:
    """The rows of one benchmark, as they come."""
    command = [sys.executable, str(HERE / f"{name}.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield from process.stdout
    if process.returncode:
        raise SystemExit(f"{name} has failed")


def sections(names: list[str]) -> Iterator[str]:
    """The page, piece by piece."""
    yield INTRODUCTION
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    yield f"\nPython {platform.python_version()}, {os.cpu_count()} cores; load of the machine before it: {load}.\n"
    for name in names:
        yield f"\n## {ALL[name]}\n\n`{name}.py`\n\n| | measured | wanted |\n|---|---|---|\n"
        yield from rows(name)


def main() -> None:
    asked = [each for each in sys.argv[1:] if each != "--write"]
    page = ""
    for piece in sections(asked or list(ALL)):
        sys.stdout.write(piece)
        sys.stdout.flush()
        page += piece
    if "--write" in sys.argv:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()

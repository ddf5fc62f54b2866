"""A server to be measured, in a process of its own, and what is told of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

FLAGS = ("--port", "0", "--frozen", "--log-format", "json", "--set", "kladana.queued_tasks=1000000000")
HEADERS = {"Authorization": "Bearer token", "Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "benchmark"}
"""Without packing: a poll that wants it is a case of its own."""
REPORT, TASKS = "/api/remap/1.2/report/stock/bystore", "/api/remap/1.2/async"


@contextmanager
def running(*command: str) -> Iterator[tuple[int, str]]:
    """The process id and the base URL of `python COMMAND`, which tells the latter in its first line, as JSON."""
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            yield process.pid, json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def emulator(*flags: str) -> AbstractContextManager[tuple[int, str]]:
    """The emulator, its clock frozen, with room for every submission."""
    return running("-m", "emulator", "serve", *FLAGS, *flags)


def memory(pid: int, field: str = "VmRSS") -> float:
    """MB that a process holds, or has held at most (`VmHWM`)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024


def tell(what: str, measured: str, wanted: str) -> None:
    """One row of the table."""
    sys.stdout.write(f"| {what} | {measured} | {wanted} |\n")
    sys.stdout.flush()


def p99(waits: list[float]) -> float:
    """So long 99 in 100 take at most, in milliseconds."""
    return sorted(waits)[int(len(waits) * 0.99)] * 1000

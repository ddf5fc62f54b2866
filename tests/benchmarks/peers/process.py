"""A peer as processes of this machine: started on its core, ready, and what they have taken together."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.load import CORES, cpu_seconds
from tests.benchmarks.server import memory

PATIENCE = 30.0
"""Seconds until a peer must answer."""


class Unable(Exception):  # noqa: N818 -- reads as what it says
    """A peer cannot be measured; the text says why."""


@dataclass(frozen=True)
class Server:
    """One that answers: its first process, its port, and the seconds it took from its start to its first answer."""

    pid: int
    port: int
    took: float

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def started(command: list[str], files: Mapping[str, str], port: int) -> Iterator[Server]:
    """Run the command beside those files until it answers anything at all; it ends with the block."""
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        with run(command, folder) as process:
            try:
                yield Server(process.pid, port, until_ready(process, port))
            finally:
                process.kill()


def run(command: list[str], folder: str) -> subprocess.Popen[bytes]:
    """A process on the core for servers; `Unable` if there is no such program."""
    os.sched_setaffinity(0, CORES[:1])  # what is started inherits it, with every thread
    try:
        return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise Unable(f"{Path(command[0]).name}: {error.strerror}") from error
    finally:
        os.sched_setaffinity(0, CORES[-1:])


def until_ready(process: subprocess.Popen[bytes], port: int) -> float:
    """Seconds until the process that was just begun answers; `Unable` if it never does."""
    began = time.perf_counter()
    while not answers(port):
        if process.poll() is not None:
            raise Unable(f"ended with {process.returncode} before it answered")
        if time.perf_counter() - began > PATIENCE:
            raise Unable(f"did not answer in {PATIENCE:.0f} s")
        time.sleep(0.005)
    return time.perf_counter() - began


def answers(port: int) -> bool:
    """Whether anything at that port answers in HTTP, with whatever status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(each for child in children(pid) for each in family(child))]


def children(pid: int) -> Iterator[int]:
    """Those that any thread of a process has begun."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # it has ended meanwhile, its children are another thread's
            yield from map(int, (thread / "children").read_text(encoding="ascii").split())


def cpu(pid: int) -> float:
    """Seconds of CPU, user and system, that a process and its descendants have taken, with all their threads."""
    return sum(cpu_seconds(each) for each in family(pid))


def held(pid: int) -> float:
    """MB that they hold."""
    return sum(memory(each) for each in family(pid))

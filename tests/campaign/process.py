"""A server in a process of its own: its log, and how much memory it takes."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    """One that runs."""

    process: subprocess.Popen
    origin: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.origin.rsplit(":", 1)[1])

    @property
    def memory(self) -> int:
        """Resident bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found[1]) * 1024

    @property
    def files(self) -> int:
        """How many files it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def errors(self) -> list[str]:
        """The lines of its log that are no mere notes, and whatever is no line of a log at all."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.startswith("{") or _level(line) in ("error", "critical")]


def _level(line: str) -> str:
    told = json.loads(line).get("level", "")
    return told if isinstance(told, str) else ""


@contextmanager
def serving(folder: Path, *flags: str) -> Iterator[Server]:
    """A server on a free port; it must end well."""
    port_file, log = folder / "port", folder / "log"
    command = [
        sys.executable,
        "-m",
        "emulator",
        "serve",
        "--port",
        "0",
        "--port-file",
        port_file,
        "--log-format",
        "json",
    ]
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen([*command, *flags], stdout=subprocess.PIPE, stderr=out, text=True)
    try:
        assert process.stdout
        assert "ready" in process.stdout.readline()
        yield Server(process, f"http://127.0.0.1:{port_file.read_text(encoding='ascii').strip()}", log)
    finally:
        process.terminate()
        assert process.wait(15) == 0
        assert process.stdout
        process.stdout.close()

"""What a start costs: seconds until the server is ready and until `--help` is told, and the memory of an idle server.

The least of the rounds counts. It reports, and never fails on a figure. Bytecode is made before, as by whoever
installs the package: where Python is told to write none, each start would compile again what has been edited.

    python tests/benchmarks/start.py
"""

import compileall
import subprocess
import sys
import time
from pathlib import Path

from server import emulator, memory, tell

PACKAGE = Path(__file__).parents[2] / "emulator"
ROUNDS = 5


def ready() -> tuple[float, float]:
    """Seconds until the line that says so, and MB held then."""
    began = time.perf_counter()
    with emulator() as (pid, _):
        took = time.perf_counter() - began
        time.sleep(0.5)  # what is loaded beside the first exchanges is held too
        return took, memory(pid)


def helped() -> float:
    """Seconds until `emulator --help` has ended."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "emulator", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    compileall.compile_dir(PACKAGE, quiet=1)
    starts = [ready() for _ in range(ROUNDS)]
    tell("ready to serve", f"{min(took for took, _ in starts):.2f} s", "under 0.8 s")
    tell("`emulator --help`", f"{min(helped() for _ in range(ROUNDS)):.2f} s", "under 0.15 s")
    tell("memory of an idle server", f"{min(held for _, held in starts):.1f} MB", "under 65 MB")


if __name__ == "__main__":
    main()

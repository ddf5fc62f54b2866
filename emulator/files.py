"""Files that we write for others to read."""

import contextlib
import os
from pathlib import Path
from tempfile import mkstemp


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that whoever finds it finds all of it. OSError, which names it.

    What is there already and is no plain file (a pipe, a terminal) is written to: it cannot be replaced.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data, mode)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _replace(path: Path, data: bytes, mode: int) -> None:
    descriptor, beside = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise

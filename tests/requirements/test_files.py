"""Files that we write: whole or not at all, and one line says why not."""

import errno
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from emulator.cli import main
from emulator.files import write_whole

pytestmark = pytest.mark.requirement("F-4")


def test_what_is_written_is_whole_and_others_may_read_it(tmp_path):
    path = tmp_path / "port"
    path.write_text("an older and longer one")
    write_whole(path, b"8087\n")
    assert path.read_bytes() == b"8087\n"
    assert path.stat().st_mode & 0o777 == 0o644
    write_whole(path, b"secret", 0o600)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["port"]


def test_a_link_is_followed_and_a_pipe_is_written_to(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole(tmp_path / "link", b"1")
    assert (tmp_path / "target").read_bytes() == b"1"
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole(tmp_path / "pipe", b"2")
    assert os.read(reading, 9) == b"2"
    os.close(reading)


def test_when_the_disk_is_full_what_was_there_stays_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "port"
    path.write_text("old")
    script = (
        "import resource, sys; from pathlib import Path; from emulator.files import write_whole\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try: write_whole(Path(sys.argv[1]), b'x' * 100)\n"
        "except OSError as error: print(error.errno, error.filename)"
    )
    told = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert told.stdout == f"{errno.EFBIG} {path}\n"
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["port"]


@pytest.mark.parametrize(
    ("place", "told"),
    [("/dev/full", "No space left on device"), ("/nowhere/port", "No such file or directory"), ("/", "Is a directory")],
)
def test_a_port_file_that_cannot_be_written_is_one_line_and_exit_code_2(place, told):
    outcome = CliRunner().invoke(main, ["serve", "--port", "0", "--port-file", place])
    assert outcome.exit_code == 2
    assert outcome.output.splitlines()[-1] == f"emulator: {place}: {told}"
    assert "Traceback" not in outcome.output


def test_where_nothing_can_be_written_init_says_so():
    outcome = CliRunner().invoke(main, ["init", "/proc/stories"])
    assert (outcome.exit_code, outcome.output) == (2, "emulator: /proc/stories: No such file or directory\n")

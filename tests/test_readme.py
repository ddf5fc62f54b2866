"""What the README prints is what happens."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from emulator.app import library

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SESSION = [
    (command, lines)
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for command, lines in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


@pytest.mark.skipif(not shutil.which("curl"), reason="the session is written for curl")
def test_the_curl_session_works_as_printed(server_process, tmp_path):
    script = "set -u\n"
    for command, _ in SESSION:
        script += f"{command}\nprintf '\\n--\\n'\n"
    base = f"{server_process}/ns/readme"
    script = script.replace("http://127.0.0.1:8087", base).replace("/tmp/", f"{tmp_path}/")
    script = script.replace("cut -c 1-64", f"cut -c 1-{64 + len(base) - len('http://127.0.0.1:8087')}")
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    said = [each.strip() for each in run.stdout.replace(base, "http://127.0.0.1:8087").split("\n--\n")]
    for (command, expected), answer in zip(SESSION, said, strict=False):
        pattern = re.escape(expected.strip()).replace(r"\.\.\.", r".+?")
        assert re.fullmatch(pattern, answer), f"{command}\n{answer}"


def test_the_example_scenarios_load():
    examples = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert [len(library().parse(each).faults) for each in examples] == [1, 1]

"""The npm package `moysklad`, driven by a script of its own language."""

import os
import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("moysklad.test.cjs")
PACKAGES = Path(sys.prefix) / "node_modules"


def test_what_the_package_experiences(origin):
    environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(PACKAGES), "EMULATOR": origin}
    command = ["node", "--test", "--test-reporter=tap", SCRIPT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), done.stdout

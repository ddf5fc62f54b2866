"""The recipes for other languages, as `docs/recipes.md` prints them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

RECIPES = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("language", "command", "file"),
    [("js", ["node"], "report.mjs"), ("java", ["java"], "Report.java")],
    ids=["node", "java"],
)
def test_a_recipe_prints_what_it_says(base, tmp_path, language, command, file):
    if not shutil.which(command[0]):
        pytest.skip(f"there is no {command[0]} here")
    (source,) = re.findall(rf"^```{language}\n(.*?)^```", RECIPES, re.DOTALL | re.MULTILINE)
    (tmp_path / file).write_text(source)
    environment = {**os.environ, "EMULATOR": base}
    run = subprocess.run(
        [*command, tmp_path / file], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == re.findall(r"^// (.*)", source, re.MULTILINE)

"""What the recipes print is what happens; those for Node and Java are run by `make clients`."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from emulator import Emulator
from emulator.cli import main

pytest_plugins = ("pytester",)

DOCS = Path(__file__).parents[1] / "docs"
RECIPES = (DOCS / "recipes.md").read_text(encoding="utf-8")
GUIDE = (DOCS / "python.md").read_text(encoding="utf-8")
PLUGINS = ("emulator.pytest_plugin", "pytest_asyncio.plugin")


def blocks(language, text=RECIPES):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_python_recipes_pass(pytester, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("EMULATOR_URL", raising=False)
    recipes = [*blocks("python"), blocks("python", GUIDE)[0]]
    pytester.makepyfile(**{f"test_{number}": block for number, block in enumerate(recipes)})
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    result = pytester.runpytest_inprocess(*(f"-p{name}" for name in PLUGINS), "-pno:cacheprovider")
    assert result.parseoutcomes() == {"passed": 7}


@pytest.mark.skipif(not shutil.which("curl"), reason="the recipe is written for curl")
def test_the_curl_recipe_prints_what_it_says():
    (script,) = blocks("bash")
    with Emulator() as running:
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "EMULATOR": running.namespace("recipe").url}
        run = subprocess.run(["bash", "-euc", script], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == re.findall(r"^# (.*)", script, re.MULTILINE)


def test_the_guide_without_pytest_works_as_printed():
    script = blocks("python", GUIDE)[1]
    with Emulator() as running:
        exec(script.replace("http://127.0.0.1:8087", running.url), {})
        assert running.namespace("mine").clock.state().mode == "frozen"


@pytest.mark.parametrize("file", ["compose.yaml", "github-actions.yml"])
def test_the_image_is_run_as_it_wants_to_be(file):
    told = yaml.safe_load((DOCS / "examples" / file).read_text(encoding="utf-8"))
    (service,) = [each for each in (told, *told.get("jobs", {}).values()) if "services" in each]
    run = service["services"]["emulator"]
    given = run.get("environment", run.get("env"))
    assert given == {"EMULATOR_ADMIN_TOKEN": "test-only"}
    assert run["image"].startswith("async-api-emulator:")
    assert [each.rpartition(":")[2] for each in run["ports"]] == ["8087"]
    health = run.get("options") or " ".join(run["healthcheck"]["test"])
    assert "emulator healthcheck" in health
    assert {"healthcheck", "serve"} <= main.commands.keys()

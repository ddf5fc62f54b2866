"""The wheel holds all that the server needs, and serves from an environment of its own."""

import hashlib
import json
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.packaging import sbom

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from the source distribution, as an installer would."""
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(target.glob("*.whl"))


def test_the_wheel_carries_schemas_and_scenarios(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in [*(ROOT / "schemas").rglob("*.json"), *(ROOT / "scenarios").rglob("*.yaml")]:
        assert f"emulator/_data/{path.relative_to(ROOT)}" in names
    assert "emulator/py.typed" in names


@pytest.mark.requirement("S-35")
def test_two_builds_have_one_hash(wheel, tmp_path):
    """One was made of the source distribution, the other of the tree, whose files are younger and lie elsewhere."""
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (again,) = tmp_path.glob("*.whl")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()


@pytest.mark.requirement("S-35")
def test_a_bill_of_materials_names_all_that_is_needed_and_who_needs_it(wheel):
    told = sbom.document(wheel)
    assert told == sbom.document(wheel)
    root = told["metadata"]["component"]
    assert root["hashes"][0]["content"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    refs = {each["bom-ref"] for each in told["components"]} | {root["bom-ref"]}
    assert len(refs) == len(told["components"]) + 1
    assert {each["ref"] for each in told["dependencies"]} == refs
    needed = {ref for each in told["dependencies"] for ref in each["dependsOn"]}
    assert needed == refs - {root["bom-ref"]}
    names = {each["name"].lower() for each in told["components"]}
    assert {"aiohttp", "yarl", "click", "orjson"} <= names
    assert "pytest" not in names


def test_it_serves_from_a_clean_environment(wheel, tmp_path):
    """The dependencies are those already installed here; the package is the wheel's alone."""
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    zipfile.ZipFile(wheel).extractall(site)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = [str(python), "-c", "import emulator; print(emulator.__file__)"]
    assert subprocess.check_output(where, text=True, cwd=tmp_path).startswith(str(site))
    command = [str(python), "-m", "emulator", "serve", "--port", "0", "--log-format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            url = json.loads(process.stdout.readline())["url"]
            with urllib.request.urlopen(f"{url}/__admin/ready") as response:
                assert "kladana" in json.load(response)["apis"]
        finally:
            process.terminate()
        assert process.wait(10) == 0

"""`snapshot`, `restore`, `fork` at the terminal."""

import json
import urllib.request

import pytest
from click.testing import CliRunner

from emulator.cli import main

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"


def run(*words, told=None):
    return CliRunner().invoke(main, [str(word) for word in words], input=told)


@pytest.fixture
def asked(server_process):
    """The base URL of a namespace with one job."""
    url = f"{server_process}/ns/asked"
    request = urllib.request.Request(url + SUBMIT, headers={"Authorization": "Bearer t"})
    urllib.request.urlopen(request).close()
    yield url
    urllib.request.urlopen(
        urllib.request.Request(f"{server_process}/__admin/namespaces/asked", method="DELETE")
    ).close()


def test_what_is_printed_is_restored_elsewhere(asked, tmp_path):
    printed = run("snapshot", "--journal", "--url", asked)
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.stdout)["journal"]["written"] == 1
    file = tmp_path / "state.json"
    file.write_text(printed.stdout)
    elsewhere = asked.replace("asked", "elsewhere")
    for name, told in ((file, None), ("-", printed.stdout)):
        restored = run("restore", name, "--url", elsewhere, told=told)
        assert (restored.exit_code, restored.stdout.count("\n")) == (0, 1), restored.output
        assert restored.stdout.startswith(f"{elsewhere} stands at ")
        assert restored.stdout.endswith("jobs: 1, requests: 1\n")
    assert "kladana" in run("requests", "--url", elsewhere).stdout


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [("{", 2, "not JSON"), ("{}", 1, "version"), ('{"version": 1}', 1, "required"), ("", 2, "not JSON")],
)
def test_what_is_no_snapshot_is_told_in_a_line(asked, tmp_path, text, code, said):
    file = tmp_path / "state.json"
    file.write_text(text)
    refused = run("restore", file, "--url", asked)
    assert (refused.exit_code, refused.stderr.count("\n")) == (code, 1), refused.output
    assert said in refused.stderr


def test_a_file_that_is_not_there_is_bad_usage(tmp_path):
    assert run("restore", tmp_path / "nothing.json").exit_code == 2


def test_a_fork_is_made_once(asked, server_process):
    made = run("fork", "asked", "what-if", "--url", server_process)
    assert (made.exit_code, made.stdout[:19]) == (0, "what-if stands at 2"), made.output
    again = run("fork", "asked", "what-if", "--url", server_process)
    assert (again.exit_code, again.stderr) == (
        1,
        "emulator: there is a namespace 'what-if' already: reset or drop it\n",
    )

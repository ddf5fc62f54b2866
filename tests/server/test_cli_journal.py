"""`requests`, `wait`, `timeline`: what a running server was asked, at the terminal."""

import json
import threading
import urllib.request

import pytest
from click.testing import CliRunner

from emulator.cli import main

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TASKS = "/api/remap/1.2/async"


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def ask(url):
    request = urllib.request.Request(url, headers={"Authorization": "Bearer t"})
    with urllib.request.urlopen(request) as response:
        return response.headers["X-Emulator-Job"]


@pytest.fixture
def held(server_process, request):
    """The base URL of a namespace of the test's own, its clock held still; and the job of a short conversation."""
    name = f"held-{abs(hash(request.node.name))}"
    wish = json.dumps({"clock": {"mode": "frozen", "start": "2026-03-01T09:00:00Z"}}).encode()
    made = urllib.request.Request(
        f"{server_process}/__admin/namespaces/{name}", wish, {"Content-Type": "application/json"}, method="PUT"
    )
    urllib.request.urlopen(made).close()
    url = f"{server_process}/ns/{name}"
    job = ask(url + SUBMIT)
    ask(f"{url}{TASKS}/{job}")
    return url, job


def test_exchanges_are_listed_one_in_a_line(held):
    url, job = held
    result = run("requests", "--url", url)
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.output.splitlines()]
    assert rows[0] == ["1", "2026-03-01T09:00:00.000000Z", "kladana", "getStockByStore", "202", job, "GET", SUBMIT]
    assert [row[3] for row in rows] == ["getStockByStore", "getTask"]


@pytest.mark.parametrize(
    ("flags", "numbers"),
    [
        (("--operation", "getTask"), [2]),
        (("--operation", "getTask", "--operation", "getStock*"), [1, 2]),
        (("--status", "2xx", "--path", "*/async/*"), [2]),
        (("--after", 1), [2]),
        (("--since", "2026-03-02T00:00:00Z"), []),
    ],
)
def test_those_that_match_are_listed_as_json(held, flags, numbers):
    result = run("requests", "--url", held[0], "--json", *flags)
    assert [each["sequence"] for each in json.loads(result.output)] == numbers


def test_where_nothing_matches_nothing_is_printed(held):
    result = run("requests", "--url", held[0], "--status", "5xx")
    assert (result.exit_code, result.output) == (0, "")


def test_pages_are_asked_for_until_there_is_no_more(held, monkeypatch):
    monkeypatch.setattr("emulator.cli.journal.PAGE", 1)
    assert len(json.loads(run("requests", "--url", held[0], "--json").output)) == 2


def test_exchanges_are_written_as_an_archive(held, tmp_path):
    url, job = held
    target = tmp_path / "job.har"
    result = run("requests", "--url", url, "--job", job, "--status", "200", "--har", target)
    assert (result.exit_code, result.output) == (0, "")
    archive = json.loads(target.read_text())
    assert [each["_operation"] for each in archive["log"]["entries"]] == ["getTask"]
    assert len(json.loads(run("requests", "--url", url, "--har", "-").output)["log"]["entries"]) == 2


def test_a_file_that_cannot_be_written_and_a_filter_that_is_none_end_in_one_line(held, tmp_path):
    result = run("requests", "--url", held[0], "--har", tmp_path / "nowhere" / "job.har")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    result = run("requests", "--url", held[0], "--operation", "getTusk")
    assert result.exit_code == 1
    assert result.stderr == "emulator: no API has an operation 'getTusk'; did you mean 'getTask'?\n"


def test_what_was_asked_already_is_not_waited_for(held):
    result = run("wait", "--url", held[0], "--operation", "getTask", "--timeout", "120s")
    assert (result.exit_code, result.output) == (0, "1 came\n")


def test_what_is_asked_meanwhile_ends_the_wait(held):
    url, job = held
    asking = threading.Thread(target=ask, args=(f"{url}{TASKS}/{job}",))
    asking.start()
    result = run("wait", "--url", url, "--operation", "getTask", "--at-least", 2, "--timeout", "120s")
    asking.join()
    assert (result.exit_code, result.output) == (0, "2 came\n")


def test_a_wait_in_vain_ends_with_what_came_nearest(held):
    url, job = held
    result = run("wait", "--url", url, "--operation", "getTask", "--status", "4xx", "--timeout", "10ms")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"emulator: 0 of 1 came within 10ms; the nearest is #2 GET {TASKS}/{job}: status is 200, not 4xx\n"
    )


@pytest.mark.parametrize("words", [("--at-least", "0"), ("--after", "x")])
def test_a_number_that_is_none_is_bad_usage(words):
    assert run("wait", *words).exit_code == 2


def test_a_timeline_is_told_line_by_line(held):
    url, job = held
    lines = run("timeline", job, "--url", url).output.splitlines()
    assert lines[0].startswith(f"kladana job {job} of account ")
    assert [line.split()[2] for line in lines[1:]] == ["submission", "state", "poll"]
    told = json.loads(run("timeline", job, "--url", url, "--json").output)
    assert [each["kind"] for each in told["events"]] == ["submission", "state", "poll"]


def test_a_job_that_there_is_not_has_no_timeline(held):
    result = run("timeline", "no/body", "--url", held[0])
    assert (result.exit_code, result.stderr) == (1, "emulator: this namespace has no job 'no/body'\n")

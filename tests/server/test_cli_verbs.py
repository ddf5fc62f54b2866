"""The verbs beside `serve`: what they print, and how they end."""

import http.server
import json
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator

from emulator.cli import main

ROOT = Path(__file__).parents[2]
FINE = "version: 1\napi: kladana\nabout: Fine.\n"
BROKEN = "version: 1\napi: kladana\nsettings: {quued_tasks: 4}\nseed: -1\n"
SARIF = json.loads((Path(__file__).parent / "sarif-subset.json").read_text(encoding="utf-8"))


def run(*words, env=None):
    return CliRunner().invoke(main, [str(word) for word in words], env=env)


def ends_in_one_line(result, code, told):
    assert result.exit_code == code, result.output
    assert result.stderr.count("\n") == 1
    assert told in result.stderr
    assert result.stdout == ""


def refuses_usage(result, told):
    """One line of our own, or click's two lines of usage and its one line."""
    assert result.exit_code == 2, result.output
    assert told in result.stderr
    assert result.stdout == ""
    assert isinstance(result.exception, SystemExit)


@pytest.fixture
def stories(tmp_path):
    """Two files of somebody's that are fine, and one that is broken."""
    (tmp_path / "fine" / "kladana").mkdir(parents=True)
    (tmp_path / "fine" / "kladana" / "mine.yaml").write_text(FINE)
    (tmp_path / "fine" / "other.yml").write_text(FINE)
    (tmp_path / "fine" / "notes.txt").write_text("not a scenario")
    (tmp_path / "broken.yaml").write_text(BROKEN)
    return tmp_path


# Validate -------------------------------------------------------------------------


def test_what_is_fine_is_counted(stories):
    result = run("validate", stories / "fine", "kladana/queue-full", stories / "fine" / "other.yml")
    assert (result.exit_code, result.output) == (0, "4 scenarios, no mistakes\n")
    assert run("validate", stories / "fine" / "other.yml").output == "1 scenario, no mistakes\n"


def test_every_mistake_of_every_file_is_told_with_its_place(stories):
    result = run("validate", stories, "kladana/quue-full")
    broken = stories / "broken.yaml"
    lines = result.stdout.splitlines()
    assert result.exit_code == 2
    assert lines[0].startswith(f"{broken}:3:12: settings.quued_tasks: expected one of the keys ")
    assert lines[0].endswith("got 'quued_tasks' (did you mean 'queued_tasks'?)")
    assert lines[1].startswith(f"{broken}:4:7: seed: expected a number of at least 0, got -1")
    assert lines[2] == "no scenario is called 'kladana/quue-full' (did you mean 'kladana/queue-full'?)"
    assert result.stderr == "emulator: 4 scenarios, 3 mistakes\n"


def test_mistakes_are_listed_as_json(stories):
    result = run("validate", stories, "kladana/quue-full", "--format", "json")
    first, second, third = json.loads(result.stdout)
    assert result.exit_code == 2
    assert {key: first[key] for key in ("file", "line", "column", "path", "suggestion")} == {
        "file": str(stories / "broken.yaml"),
        "line": 3,
        "column": 12,
        "path": "settings.quued_tasks",
        "suggestion": "queued_tasks",
    }
    assert (second["path"], second["suggestion"]) == ("seed", None)
    assert (third["file"], third["line"], third["suggestion"]) == (None, None, "kladana/queue-full")


def test_mistakes_are_a_log_of_sarif(stories):
    (stories / "odd {0}.yaml").write_text("a: [b\n")
    (stories / "braces.yaml").write_text("version: 1\napi: kladana\nseed: '{0}'\n")
    result = run("validate", stories, "kladana/quue-full", "--format", "sarif")
    log = json.loads(result.stdout)
    assert [error.message for error in Draft7Validator(SARIF).iter_errors(log)] == []
    (told,) = log["runs"]
    rules = [each["id"] for each in told["tool"]["driver"]["rules"]]
    results = told["results"]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in results)
    places = [each["locations"][0]["physicalLocation"] for each in results if "locations" in each]
    assert places[1] == {
        "artifactLocation": {"uri": (stories / "broken.yaml").as_uri()},
        "region": {"startLine": 3, "startColumn": 12},
    }
    assert [each["ruleId"] for each in results] == [
        "mistake", "misspelt-word", "mistake", "unreadable-file", "unknown-scenario"
    ]  # fmt: skip
    assert results[0]["message"]["text"] == "seed: expected a whole number, got '{{0}}'"
    assert results[1]["message"]["text"].endswith("(did you mean 'queued_tasks'?)")


def test_a_file_is_named_as_a_uri_relative_to_where_the_verb_was_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my story.yaml").write_text(BROKEN)
    log = json.loads(run("validate", "my story.yaml", "--format", "sarif").stdout)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20story.yaml"


@pytest.mark.parametrize(("form", "empty"), [("json", []), ("sarif", {"results": []})])
def test_where_nothing_is_wrong_the_document_is_there_all_the_same(stories, form, empty):
    result = run("validate", stories / "fine", "--format", form)
    told = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert told == empty or told["runs"][0]["results"] == empty["results"]


def test_names_are_looked_up_in_the_users_directories_too(stories):
    assert run("validate", "kladana/mine", "--scenarios", stories / "fine").exit_code == 0
    assert run("validate", "kladana/mine", env={"EMULATOR_SCENARIOS": str(stories / "fine")}).exit_code == 0
    assert run("validate", "kladana/mine").exit_code == 2


@pytest.mark.parametrize("text", [b"\xff", b"\x00", b"[" * 100_000, b"{", b"", b"a: &a [*a]\n"])
def test_what_is_no_scenario_at_all_is_a_mistake_in_one_line(tmp_path, text):
    file = tmp_path / "odd.yaml"
    file.write_bytes(text)
    result = run("validate", file)
    assert (result.exit_code, result.stdout.count("\n")) == (2, 1)
    assert re.match(re.escape(str(file)) + r":\d+:\d+: expected ", result.stdout)


def test_a_directory_without_scenarios_is_bad_input(tmp_path):
    ends_in_one_line(run("validate", tmp_path), 2, "holds no *.yaml")


def test_all_that_is_shipped_is_fine():
    assert run("validate", ROOT / "scenarios").exit_code == 0


# List, show -----------------------------------------------------------------------


def test_scenarios_are_listed_with_what_they_are_about(stories):
    result = run("list", "--scenarios", stories / "fine")
    lines = dict(re.split(r"  +", line, maxsplit=1) for line in result.output.splitlines())
    assert result.exit_code == 0
    assert lines["kladana/mine"] == "Fine."
    assert lines["kladana/queue-full"].startswith("One report runs for an hour")


def test_columns_stand_one_below_the_other():
    starts = {re.match(r"\S+ +", line).end() for line in run("list").output.splitlines()}
    assert len(starts) == 1


def test_a_scenario_that_is_broken_is_listed_as_such(tmp_path):
    (tmp_path / "kladana").mkdir()
    (tmp_path / "kladana" / "bad.yaml").write_text(BROKEN)
    result = run("list", "--scenarios", tmp_path)
    assert result.exit_code == 0
    assert re.search(r"^kladana/bad +\(cannot be loaded: .*:3:12: ", result.output, re.MULTILINE)


def test_operations_are_listed_by_api_id_method_and_path():
    rows = [line.split() for line in run("list", "operations").output.splitlines()]
    assert ["kladana", "getTask", "GET", "/api/remap/1.2/async/{id}"] in rows


def test_apis_are_listed_with_their_paths():
    told = {each["api"]: each for each in json.loads(run("list", "apis", "--json").output)}
    assert "/api/remap/1.2" in told["kladana"]["paths"]


@pytest.mark.parametrize("what", ["scenarios", "operations", "apis"])
def test_every_list_is_json_too(what):
    text = run("list", what).output.splitlines()
    rows = json.loads(run("list", what, "--json").output)
    assert len(rows) == len(text)


def test_a_scenario_is_shown_in_plain_words_with_a_drawing():
    words, _, drawn = run("show", "queue-full").output.partition("stateDiagram-v2\n")
    assert words.startswith("kladana/queue-full\n\nOne report runs for an hour")
    assert "  1. Every submission: begins PENDING, then at once is PROCESSING, then after 1 h ends " in words
    assert "jobs0_1 --> jobs0_2: after 1 h" in drawn


def test_a_scenario_without_jobs_is_shown_without_a_drawing():
    told = run("show", "kladana/rate-limited").output
    assert "  2. rate_limit: 4 instead of 45. Units that a user may spend in each interval.\n" in told
    assert "stateDiagram" not in told


def test_errors_are_shown_with_the_vendors_texts():
    assert "error 1016 (Access Denied: " in run("show", "kladana/api-error").output


def test_a_scenario_is_shown_as_json_or_drawn_alone():
    told = json.loads(run("show", "api-error", "--format", "json").output)
    drawn = run("show", "api-error", "--format", "mermaid").output
    assert (told["name"], told["api"], told["lives"] + "\n") == ("kladana/api-error", "kladana", drawn)
    assert len(told["jobs"]) == drawn.count('state "Every submission"') == 1


def test_a_scenario_is_printed_as_it_was_written(stories):
    shipped = ROOT / "scenarios" / "kladana" / "queue-full.yaml"
    assert run("show", "queue-full", "--source").output == shipped.read_text(encoding="utf-8")
    assert run("show", stories / "broken.yaml", "--source").output == BROKEN


def test_what_is_broken_is_shown_only_as_it_was_written(stories):
    result = run("show", stories / "broken.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert ":3:12: settings.quued_tasks: " in result.stderr


# States, schema -------------------------------------------------------------------


def test_states_are_drawn_from_the_first_to_the_final_ones():
    lines = [line.strip() for line in run("states", "kladana").output.splitlines()]
    assert lines[:2] == ["stateDiagram-v2", "[*] --> PENDING"]
    assert {"PENDING --> PROCESSING", "PROCESSING --> DONE", "DONE --> [*]", "CANCEL --> [*]"} <= set(lines)
    assert "PROCESSING --> [*]" not in lines


def test_states_of_ours_are_marked():
    assert 'state "running (ours)" as running' in run("states", "waylay").output


@pytest.mark.parametrize("api", ["kladana", "waylay", "admin"])
def test_the_contract_of_an_api_is_printed(api):
    document = json.loads(run("schema", api).output)
    assert document["openapi"] == "3.1.0"
    assert yaml.safe_load(run("schema", api, "--yaml").output) == document


def test_the_schema_of_scenarios_is_printed():
    assert run("schema", "scenario").output == (ROOT / "schemas" / "scenario.json").read_text(encoding="utf-8")


# Init -----------------------------------------------------------------------------


def test_a_scenario_to_begin_with_is_written_beside_its_schema_and_is_fine(tmp_path):
    target = tmp_path / "new" / "stories"
    assert run("init", target).exit_code == 0
    assert (target / "starter.yaml").read_text().startswith("# yaml-language-server: $schema=./scenario.json\n")
    assert (target / "scenario.json").read_text() == (ROOT / "schemas" / "scenario.json").read_text()
    assert run("validate", target / "starter.yaml").exit_code == 0


async def test_what_is_written_is_valid_to_editors_and_plays(tmp_path, start_emulator):
    run("init", tmp_path)
    text = (tmp_path / "starter.yaml").read_text()
    schema = tmp_path / re.search(r"\$schema=(\S+)", text).group(1)
    editor = Draft7Validator(json.loads(schema.read_text()), format_checker=Draft7Validator.FORMAT_CHECKER)
    as_text = {**yaml.safe_load(text), "clock": {"mode": "frozen", "start": "2026-03-01T09:00:00Z"}}
    assert [error.message for error in editor.iter_errors(as_text)] == []
    emulator = await start_emulator(scenario=(str(tmp_path / "starter.yaml"),))
    for _ in range(3):
        task = await emulator.get(
            "/api/remap/1.2/report/stock/bystore?async=true", headers={"Authorization": "Bearer x"}
        )
        assert task.status == 202
    await emulator.advance("1m")
    assert [each["state"] for each in (await emulator.admin("GET", "/jobs"))["jobs"]] == ["DONE", "API_ERROR", "DONE"]


@pytest.mark.parametrize("name", ["starter.yaml", "scenario.json"])
def test_what_is_there_already_is_never_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine")
    ends_in_one_line(run("init", tmp_path), 2, name)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [(name, "mine")]


def test_where_nothing_can_be_written_is_bad_input(tmp_path):
    (tmp_path / "file").write_text("")
    ends_in_one_line(run("init", tmp_path / "file"), 2, "file")


# A running server -------------------------------------------------------------------


@pytest.fixture
def ask(server_process, request):
    """Run a verb against a namespace of the test's own, its clock frozen in 2027."""
    name = re.sub(r"\W", "-", request.node.name)[:64]
    where = ("--url", server_process, "--namespace", name)

    def asked(*words):
        return run(*words, *where)

    asked("clock", "freeze")
    asked("clock", "to", "2050-01-01T00:00:00Z")
    return asked


def test_the_clock_is_shown_moved_held_and_hurried(ask):
    assert ask("clock").output == "2050-01-01T00:00:00.000000Z  frozen  nothing to come\n"
    assert ask("clock", "advance", "1h30m").output.startswith("2050-01-01T01:30:00.000000Z")
    assert ask("clock", "to", "2050-01-02T00:00:00Z").output.startswith("2050-01-02T00:00:00.000000Z")
    assert "  rate 60  " in ask("clock", "rate", "60").output
    assert "  real  " in ask("clock", "rate", "1").output
    assert "  frozen  " in ask("clock", "freeze").output
    assert json.loads(ask("clock", "--json").output)["mode"] == "frozen"


def test_what_happened_on_the_way_is_listed(ask, server_process, request):
    name = re.sub(r"\W", "-", request.node.name)[:64]
    url = f"{server_process}/ns/{name}/api/remap/1.2/report/stock/bystore?async=true"
    urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": "Bearer x"})).close()
    assert "  frozen  1 to come, the next at 2050-01-01T00:00:00.500000Z" in ask("clock").output
    happened = ask("clock", "advance", "1h").output.splitlines()
    assert [line.split("  ")[3] for line in happened[:-1]] == ["PROCESSING", "DONE"]
    assert happened[-1].startswith("2050-01-01T01:00:00.000000Z")


def test_a_scenario_is_played_by_name_or_from_a_file(ask, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("version: 1\napi: kladana\nfaults: [{operation: getTask, error: 1049}]\n")
    assert ask("scenario", "use", "queue-full").output == "kladana plays kladana/queue-full\n"
    assert re.fullmatch(r"kladana plays inline:[0-9a-f]{8}\n", ask("scenario", "use", file).output)
    told = json.loads(ask("scenario", "use", "queue-full", "--set", "link_lives=2m", "--json").output)
    assert told["settings"]["link_lives"] == "2m"


def test_what_is_played_is_shown_with_how_often_each_rule_has_acted(ask):
    lines = ask("scenario").output.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("kladana plays"))
    assert re.fullmatch(r"kladana plays kladana/default \([0-9a-f]{8}\)", lines[at])
    assert lines[at + 1] == "  kladana/default jobs[0]  0"


def test_reset_brings_back_the_beginning(ask, server_process):
    ask("scenario", "use", "queue-full")
    assert server_process in ask("reset").output
    assert "kladana plays kladana/default " in ask("scenario").output


def test_the_mistakes_of_a_file_are_told_under_its_name(ask, tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)
    result = ask("scenario", "use", file)
    first, second = result.stderr.splitlines()
    assert result.exit_code == 1
    assert first.startswith(f"emulator: {file}:3:12: settings.quued_tasks: ")
    assert first.endswith("(did you mean 'queued_tasks'?)")
    assert second.startswith(f"{file}:4:7: seed: ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["scenario", "use", "kladana/quue-full"], "kladana/queue-full"),
        (["scenario", "use", "queue-full", "--set", "quued_tasks=4"], "queued_tasks"),
        (["clock", "to", "2000-01-01T00:00:00Z"], "backwards"),
        (["clock", "advance", "3650d1s"], "clock"),
    ],
)
def test_where_the_server_refuses_its_reason_is_told(ask, words, told):
    result = ask(*words)
    assert result.exit_code in (1, 2)
    assert result.stderr.count("\n") == 1
    assert told in result.stderr


def test_a_url_may_hold_the_namespace_and_the_environment_may_hold_the_url(server_process):
    url = f"{server_process}/ns/by-url/"
    assert run("clock", "freeze", env={"EMULATOR_URL": url}).exit_code == 0
    assert "  frozen  " in run("clock", "--url", server_process, "--namespace", "by-url").output
    host, port = server_process.removeprefix("http://").split(":")
    env = {"EMULATOR_HOST": "0.0.0.0", "EMULATOR_PORT": port, "EMULATOR_NAMESPACE": "by-url"}
    assert host == "127.0.0.1"
    assert "  frozen  " in run("clock", env=env).output


def test_a_server_with_a_token_is_asked_with_it(tmp_path):
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--admin-token", "open sesame"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = json.loads(process.stdout.readline())["url"]
        ends_in_one_line(run("clock", "--url", url), 1, "token")
        assert run("clock", "--url", url, "--token", "open sesame").exit_code == 0
        assert run("clock", "--url", url, env={"EMULATOR_ADMIN_TOKEN": "open sesame"}).exit_code == 0
        assert run("healthcheck", "--url", url).exit_code == 0
        process.terminate()


VERBS = (["clock"], ["clock", "freeze"], ["scenario"], ["scenario", "use", "default"], ["reset"], ["healthcheck"])


@pytest.mark.parametrize("words", VERBS)
def test_a_server_that_is_away_is_exit_code_1_with_one_line(words):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ends_in_one_line(run(*words, "--url", f"http://127.0.0.1:{port}"), 1, f"no answer from http://127.0.0.1:{port}")


class Stranger(http.server.BaseHTTPRequestHandler):
    """A server that is no emulator."""

    def do_GET(self):
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<html>")

    do_POST = do_PUT = do_GET  # noqa: N815 - the names that the module looks for

    def log_message(self, *_words):
        pass


@pytest.fixture(scope="module")
def stranger():
    with http.server.HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("words", VERBS[:-1])
def test_a_server_of_somebody_else_is_told_from_ours(stranger, words):
    ends_in_one_line(run(*words, "--url", stranger), 1, "404; is it an emulator?")


# Bad usage --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["validate"], "FILE|DIR|NAME"),
        (["validate", "x", "--scenarios", "/nowhere"], "/nowhere"),
        (["list", "senarios"], "scenarios"),
        (["list", "--scenarios", "/nowhere"], "/nowhere"),
        (["show"], "NAME"),
        (["show", "queue-full", "--format", "yaml"], "mermaid"),
        (["validate", "queue-full", "--format", "xml"], "sarif"),
        (["show", "queue-ful"], "kladana/queue-full"),
        (["show", "/nowhere.yaml"], "/nowhere.yaml"),
        (["show", "/"], "no scenario"),
        (["states"], "API"),
        (["states", "kladanna"], "kladana"),
        (["states", "admin"], "there are 'kladana'"),
        (["schema", "senario"], "scenario"),
        (["schema", "../kladana"], "nothing here is called"),
        (["clock", "advence", "5m"], "advance DURATION"),
        (["clock", "advance"], "advance DURATION"),
        (["clock", "advance", "5 minutes"], "duration"),
        (["clock", "advance", "--", "-5m"], "duration"),
        (["clock", "to", "tomorrow"], "2026-03-01T09:00:00Z"),
        (["clock", "rate", "0"], "rate"),
        (["clock", "rate", "nan"], "rate"),
        (["clock", "rate", "fast"], "rate"),
        (["clock", "--url", "nonsense"], "http://127.0.0.1:8087"),
        (["clock", "--url", "http://127.0.0.1:x"], "--url"),
        (["clock", "--url", "ftp://127.0.0.1"], "--url"),
        (["clock", "--port", "x"], "'x' is not a valid"),
        (["clock", "--token", "a\nb"], "cannot ask"),
        (["scenario", "use"], "use NAME|FILE"),
        (["scenario", "used", "x"], "use NAME|FILE"),
        (["scenario", "--set", "queued_tasks=2"], "use NAME|FILE"),
        (["scenario", "use", "queue-full", "--set", "queued_tasks"], "KEY=VALUE"),
        (["scenario", "use", "queue-full", "--set", "=2"], "KEY=VALUE"),
        (["scenario", "use", "queue-full", "--set", "queued_tasks={"], "queued_tasks={"),
        (["scenari"], "scenario"),
    ],
)
def test_bad_usage_is_exit_code_2_and_no_traceback(words, told, stranger):
    refuses_usage(run(*words, env={"EMULATOR_PORT": stranger.rpartition(":")[2]}), told)


def test_a_file_that_is_not_text_is_bad_input(tmp_path):
    file = tmp_path / "odd.yaml"
    file.write_bytes(b"\xff")
    ends_in_one_line(run("scenario", "use", file), 2, str(file))


@pytest.mark.parametrize("verb", sorted(main.commands))
def test_the_help_of_each_verb_is_a_sentence_and_two_examples(verb):
    result = run(verb, "--help")
    sentence, examples = re.search(r"\n\n  (.+?)\n\n((?:  emulator .+\n)+)\n", result.output).groups()
    assert sentence.endswith((".", "else 1."))
    assert all(line.startswith(f"  emulator {verb}") for line in examples.splitlines())
    assert len(examples.splitlines()) >= 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["kladana.quued_tasks=2"], "kladana.queued_tasks"),
        (["queued_tasks=2", "kladana.queued_tasks=many"], "a whole number"),
    ],
)
def test_a_setting_that_no_api_has_stops_the_start(words, told):
    flags = [flag for word in words for flag in ("--set", word)]
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", *flags]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert told in result.stderr

"""The command, as somebody at a terminal meets it."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from click.testing import CliRunner

from emulator.cli import main

COMMAND = [sys.executable, "-m", "emulator"]


def run(*words, **kwargs):
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False, **kwargs)


@contextlib.contextmanager
def serving(*words):
    """A server process and the first line it said."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def test_the_ready_line_names_the_real_port_which_answers(tmp_path):
    port_file = tmp_path / "port"
    with serving("--port-file", str(port_file), "--log-format", "text") as (_, line):
        url = re.fullmatch(r"emulator ready on (http://127\.0\.0\.1:\d+) \(pid \d+, seed 0\)\n", line).group(1)
        assert url.endswith(":" + port_file.read_text().strip())
        with urllib.request.urlopen(f"{url}/__admin/ready") as response:
            assert json.load(response)["status"] == "ready"


def test_the_ready_line_is_json_where_nobody_looks():
    with serving("--seed", "7") as (process, line):
        ready = json.loads(line)
        assert (ready["event"], ready["pid"], ready["seed"]) == ("ready", process.pid, 7)


@pytest.mark.requirement("F-7")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_0(number):
    with serving() as (process, _):
        process.send_signal(number)
        assert process.wait(10) == 0


@pytest.mark.requirement("F-7")
def test_sigterm_lets_what_is_under_way_end(tmp_path):
    story = tmp_path / "slow.yaml"
    story.write_text("version: 1\napi: kladana\nabout: Slow.\nfaults: [{operation: getTasks, latency: 1s}]\n")
    with serving("--scenario", str(story)) as (process, line):
        host, port = re.search(r"http://(.+):(\d+)", line).groups()
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(
                b"GET /api/remap/1.2/async HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n"
            )
            requests = f"http://{host}:{port}/__admin/requests"
            while json.load(urllib.request.urlopen(requests))["total"] == 0:
                pass
            process.terminate()
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
        assert process.wait(10) == 0


@pytest.mark.requirement("F-6")
def test_a_port_that_is_taken_is_exit_code_3_with_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["serve", "--prot", "1"], "--port"),
        (["serve", "--port", "70000"], "70000"),
        (["serve", "--port", "x"], "'x' is not a valid"),
        (["serv"], "serve"),
        (["serve", "--rate", "0"], "--rate"),
        (["serve", "--rate", "nan"], "--rate"),
        (["serve", "--rate", "-1"], "--rate"),
        (["serve", "--start", "yesterday"], "--start"),
        (["serve", "--start", "2026-03-01"], "--start"),
        (["serve", "--seed", "-1"], "--seed"),
        (["serve", "--scenario", "kladana/quue-full"], "kladana/queue-full"),
        (["serve", "--scenario", "/nowhere.yaml"], "/nowhere.yaml"),
        (["serve", "--scenarios", "/nowhere"], "/nowhere"),
        (["serve", "--port", "0", "--port-file", "/nowhere/port"], "/nowhere/port"),
        (["serve", "--log-format", "xml"], "xml"),
    ],
)
def test_bad_usage_is_exit_code_2_and_no_traceback(words, told):
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2, result.stderr
    assert isinstance(result.exception, SystemExit)
    assert told in result.stderr
    assert result.stdout == ""


def test_a_broken_scenario_is_exit_code_2_with_its_place(tmp_path):
    story = tmp_path / "broken.yaml"
    story.write_text("version: 1\napi: kladana\nabout: Broken.\nsettings: {quued_tasks: 4}\n")
    result = run("serve", "--port", "0", "--scenario", str(story))
    assert result.returncode == 2
    assert f"{story}:4:12: " in result.stderr
    assert "queued_tasks" in result.stderr


def test_healthcheck_tells_a_server_from_none(tmp_path):
    with serving() as (_, line):
        url = json.loads(line)["url"]
        assert run("healthcheck", "--url", url).returncode == 0
    gone = run("healthcheck", "--url", url)
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)
    assert run("healthcheck", "--url", "nonsense").returncode == 1


@pytest.mark.requirement("S-22")
def test_beyond_loopback_a_token_is_made_up_told_once_and_asked_for():
    with serving("--host", "0.0.0.0") as (process, line):
        token = re.fullmatch(r"admin token: ([0-9a-f]{32})\n", process.stderr.readline()).group(1)
        port = json.loads(line)["url"].rsplit(":", 1)[1]
        clock = f"http://127.0.0.1:{port}/__admin/clock"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(clock)
        asked = urllib.request.Request(clock, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked) as response:
            assert response.status == 200


def test_print_config_shows_what_the_flags_come_to_but_no_secret():
    result = run("serve", "--seed", "3", "--frozen", "--admin-token", "s3cret", "--print-config")
    told = json.loads(result.stdout)
    assert (told["seed"], told["rate"], told["admin_token"]) == (3, 0, "[redacted]")


def test_flags_may_come_from_the_environment():
    result = run("serve", "--print-config", env={"EMULATOR_PORT": "9001", "EMULATOR_SERVE_SEED": "5"})
    told = json.loads(result.stdout)
    assert (told["port"], told["seed"]) == (9001, 5)


def test_the_package_and_its_help_stay_light():
    heavy = {"aiohttp", "faker", "jsonschema", "jsonschema_rs", "yaml", "asyncio"}
    code = "import emulator, emulator.cli, sys; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert not heavy & set(loaded)


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("rows=many", "rows=many: expected a whole number for the parameter rows, got 'many'"),
        ("rows=-1", "jobs[0].result.rows: expected a number of at least 0, got -1"),
        ("row=1", "did you mean 'rows'?"),
    ],
)
def test_a_parameter_that_cannot_be_filled_is_exit_code_2_and_one_line(tmp_path, flag, told):
    story = tmp_path / "rows.yaml"
    story.write_text(
        "version: 1\napi: kladana\nparameters: {rows: 250}\n"
        "jobs: [{steps: [{state: PENDING}, {state: PROCESSING}, {state: end}], result: {rows: '${parameters.rows}'}}]\n"
    )
    result = CliRunner().invoke(main, ["serve", "--port", "0", "--scenario", str(story), "--set", flag])
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert result.stderr.count("\n") == 1

"""What the machine does to us: clocks that jump, processes that are stopped, an environment with nothing in it."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from emulator import clock
from emulator.clock import HOUR, SECOND, Clock
from emulator.wire import connections

ROOT = Path(__file__).parents[2]
SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TOKEN = {"Authorization": "Bearer token"}


@pytest.mark.requirement("F-5", "I-9")
@pytest.mark.parametrize("jump", [-HOUR, 24 * HOUR, SECOND])
async def test_a_wall_clock_that_jumps_moves_nothing(start_emulator, monkeypatch, jump):
    emulator = await start_emulator(rate=1, start=None)
    answer = await emulator.get(SUBMIT, headers=TOKEN)
    status = answer.headers["Content-Location"]
    before = (await emulator.admin("GET", "/clock"))["now"]
    wall = clock.time.time_ns
    monkeypatch.setattr(clock.time, "time_ns", lambda: wall() + jump * 1000)
    after = (await emulator.admin("GET", "/clock"))["now"]
    assert before <= after
    assert clock.to_datetime(0).fromisoformat(after) - clock.to_datetime(0).fromisoformat(before) < HALF_A_MINUTE
    assert (await emulator.get(status, headers=TOKEN)).json["state"] in ("PENDING", "PROCESSING")


HALF_A_MINUTE = clock.to_datetime(30 * SECOND) - clock.to_datetime(0)


@pytest.mark.requirement("F-18")
def test_after_a_minute_in_which_nothing_ran_what_fell_due_happens_once_in_order_each_at_its_instant():
    told, now = [], [0]
    sleeper = Clock(lambda event: told.append((event, sleeper.now())), start=0, reading=lambda: now[0])
    for n in range(100):
        sleeper.at((n * 37 % 100) * SECOND, n * 37 % 100)
    now[0] = 60 * SECOND
    for _ in range(3):
        sleeper.catch_up()
    assert told == [(n, n * SECOND) for n in range(61)]


@pytest.mark.requirement("F-18")
def test_a_process_that_was_stopped_goes_on(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "emulator", "serve", "--port", "0", "--rate", "1000", "--log-format", "text"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        url = re.search(r"ready on (\S+)", process.stdout.readline())[1]
        asking = urllib.request.Request(url + SUBMIT, headers=TOKEN)
        status = urllib.request.urlopen(asking).headers["Content-Location"]
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        process.send_signal(signal.SIGCONT)
        with urllib.request.urlopen(f"{url}/__admin/jobs/{status.rpartition('/')[2]}") as answer:
            times = [each["at"] for each in json.load(answer)["moments"]]
        assert times == sorted(times)
        process.terminate()
        assert process.wait(10) == 0
        assert "Traceback" not in process.stderr.read()


@pytest.mark.requirement("F-19")
def test_it_starts_with_nothing_in_its_environment_and_in_a_directory_that_is_gone(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    code = "import os, sys; os.rmdir(os.getcwd()); from emulator.cli import main; main(sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-B", "-c", code, "serve", "--port", "0", "--log-format", "json"],
        env={"PYTHONPATH": str(ROOT)},
        cwd=gone,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        umask=0o777,
    ) as process:
        url = json.loads(process.stdout.readline())["url"]
        with urllib.request.urlopen(f"{url}/__admin/health") as answer:
            assert answer.status == 200
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.requirement("F-7")
def test_a_second_signal_ends_it_at_once(tmp_path):
    story = tmp_path / "slow.yaml"
    story.write_text("version: 1\napi: kladana\nabout: Slow.\nfaults: [{operation: getTasks, latency: 60s}]\n")
    with subprocess.Popen(
        [sys.executable, "-m", "emulator", "serve", "--port", "0", "--scenario", str(story), "--log-format", "text"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert "ready" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert "stopping" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) in (0, -signal.SIGTERM)
        assert "Traceback" not in process.stderr.read()


@pytest.mark.requirement("S-0")
def test_no_aiohttp_with_published_holes_is_installed_with_us():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (floor,) = [each for each in map(Requirement, told) if each.name == "aiohttp"]
    assert not floor.specifier.contains("3.14.2")
    assert floor.specifier.contains("3.14.3")


@pytest.mark.requirement("S-0")
def test_the_slow_and_lenient_parser_is_told_of(monkeypatch, caplog):
    connections.warn_of_parser()
    assert not caplog.records
    monkeypatch.setattr(connections.http_parser, "HttpRequestParser", connections.http_parser.HttpRequestParserPy)
    connections.warn_of_parser()
    assert "AIOHTTP_NO_EXTENSIONS" in caplog.text


HARMLESS = (ast.Name, ast.Attribute, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Constant, ast.Subscript)
ASKING = {"isinstance", "callable", "hasattr", "len", "all", "any"}


@pytest.mark.requirement("S-36")
def test_no_assertion_does_anything_so_that_none_is_missed_where_they_are_left_out():
    """`python -O` leaves them out, with whatever they would have done."""
    for path in sorted((ROOT / "emulator").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assert):
                called = [each.func for each in ast.walk(node.test) if isinstance(each, ast.Call)]
                names = {each.id if isinstance(each, ast.Name) else ast.unparse(each) for each in called}
                assert names <= ASKING, f"{path}:{node.lineno}"
                assert not [each for each in ast.walk(node.test) if isinstance(each, ast.NamedExpr | ast.Await)]

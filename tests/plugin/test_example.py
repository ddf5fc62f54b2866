"""The example project's own tests, on the project and on its copy with three mistakes."""

import os
import re
import shutil
from pathlib import Path

import pytest

pytest_plugins = ("pytester",)

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture
def example(pytester, monkeypatch):
    """Run the example's tests on this copy of it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(copy):
        for file in ("reports.py", "webhooks.py"):
            shutil.copy(EXAMPLES / copy / file, pytester.path)
        shutil.copy(EXAMPLES / "python" / "test_reports.py", pytester.path)
        return pytester.runpytest_inprocess("-pemulator.pytest_plugin", "-pno:cacheprovider", "-rf")

    return run


def test_the_example_passes_its_tests_and_an_hour_takes_no_time(example):
    began = os.times()
    assert example("python").parseoutcomes() == {"passed": 5}
    ended = os.times()
    assert ended.user + ended.system - began.user - began.system < 2, "seconds, whatever else this machine does"


def test_the_examples_tests_find_all_three_mistakes_of_its_copy(example):
    result = example("python-with-bugs")
    assert result.parseoutcomes() == {"passed": 2, "failed": 3}
    failed = re.findall(r"^FAILED test_reports\.py::(\w+)", result.stdout.str(), re.MULTILINE)
    assert failed == [
        "test_a_spent_limit_is_waited_out_and_no_longer",
        "test_a_link_that_has_died_is_replaced",
        "test_who_is_called_back_answers_as_the_vendor_wants",
    ]


def test_the_examples_tests_are_short():
    lines = (EXAMPLES / "python" / "test_reports.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) < 40

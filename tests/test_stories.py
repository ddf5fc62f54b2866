"""Every shipped story loads, and is played by a test of its own name, in the folder of its API."""

import re
from pathlib import Path

from emulator.app import library

HERE = Path(__file__).parent


def played(api: str) -> set[str]:
    """The names of the tests of that API, as stories are called."""
    sources = [file.read_text(encoding="utf-8") for file in sorted((HERE / api).glob("test_*.py"))]
    return {name.replace("_", "-") for text in sources for name in re.findall(r"def test_(\w+)\(", text)}


def test_each_story_says_what_it_is_about_in_a_sentence():
    told = {name: library().find(name).about for name in library().names()}
    assert [name for name, about in told.items() if not re.fullmatch(r"[A-Z].*\.", about)] == []


def test_there_is_no_story_without_a_test():
    stories = [name.split("/") for name in library().names() if not name.endswith("/default")]  # all tests play those
    tests = {api: played(api) for api, _ in stories}
    told = [f"{api}/{story}" for api, story in stories if not any(each.startswith(story) for each in tests[api])]
    assert told == []

"""The page about faults on the wire: its stories load, and it tells every fault. The clients are asked elsewhere."""

import re
from pathlib import Path

import pytest

from emulator.app import library
from emulator.damage import FAULTS

PAGE = (Path(__file__).parents[1] / "docs" / "faults.md").read_text(encoding="utf-8")
STORIES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("story", STORIES, ids=lambda each: re.findall("about: (.*)", each)[0])
def test_its_stories_load(tmp_path, story):
    (tmp_path / "story.yaml").write_text(story)
    assert library().find(str(tmp_path / "story.yaml")).faults


def test_every_fault_has_its_words_and_what_each_client_makes_of_it():
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `fault: ")]
    assert [row[:2] for row in rows] == [[f"`fault: {name}`", told] for name, told in FAULTS.items()]
    assert {len(row) for row in rows} == {6}

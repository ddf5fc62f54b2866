"""How long a shelf of scenarios takes to be loaded."""

import pytest

from emulator import data
from emulator.app import vocabularies
from emulator.scenario.library import Library
from tests.scenario.damage import spent
from tests.scenario.mutations import SHIPPED

FILES = 100


@pytest.mark.campaign
def test_a_hundred_files_are_loaded_within_a_second(tmp_path, record_property):
    for n in range(FILES):
        file = SHIPPED[n % len(SHIPPED)]
        (tmp_path / file.parent.name).mkdir(exist_ok=True)
        (tmp_path / file.parent.name / f"copy-{n}.yaml").write_bytes(file.read_bytes())
    shelf = Library(vocabularies(), data.directory("scenarios"), [tmp_path])
    names = [name for name in shelf.names() if "/copy-" in name]
    began = spent()
    for name in names:
        shelf.find(name)
    took = spent() - began
    record_property("seconds", took)
    assert len(names) == FILES
    assert took < 1

"""What a start does about the garbage collector."""

import gc

import pytest
from click.testing import CliRunner

from emulator import app
from emulator.cli import main


@pytest.fixture
def collector():
    """As it is, afterwards too."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.enable()


@pytest.mark.usefixtures("collector")
def test_the_collector_rests_while_a_server_is_loaded_and_no_longer(monkeypatch):
    seen = []

    async def serve(_config, _ready):
        seen.append(gc.isenabled())

    monkeypatch.setattr(app, "serve", serve)
    assert CliRunner().invoke(main, ["serve", "--port", "0"]).exit_code == 0
    assert (seen, gc.isenabled()) == ([False], True)


@pytest.mark.usefixtures("collector")
def test_a_server_that_is_ready_has_a_collector_that_leaves_what_is_loaded_alone():
    loaded = [[]]
    gc.disable()
    app.settle_interpreter()
    made_since = [[]]
    watched = {id(each) for each in gc.get_objects()}
    assert (id(loaded) in watched, id(made_since) in watched) == (False, True)
    assert gc.isenabled()
    assert gc.get_threshold() == (2_000, 20, 100)

"""The client's own time and the emulator's move together."""

import sys
import time
from datetime import UTC, datetime

import freezegun
import pytest
import time_machine

from emulator.client import EmulatorError, clock


class Mover:
    """Somebody else's way to move time."""

    def __init__(self):
        self.moves = []

    def move_to(self, target):
        self.moves.append(target)


@pytest.fixture(params=["time_machine", "freezegun"])
def installed(request, monkeypatch):
    """Only one of them is."""
    monkeypatch.setattr(clock, "_MOVERS", {request.param: clock._MOVERS[request.param]})


@pytest.mark.usefixtures("installed")
def test_the_clients_time_stands_where_the_clock_does_and_goes_with_it(space, client):
    with space.clock.together():
        assert datetime.now(UTC) == space.clock.now() == datetime(2026, 3, 1, 9, tzinfo=UTC)
        task = client.submit()
        space.clock.advance("1h")
        assert datetime.now(UTC) == datetime(2026, 3, 1, 10, tzinfo=UTC)
        assert time.time() == space.clock.now().timestamp()
        assert client.state(task) == "DONE"
        space.clock.to("2026-03-02T00:00:00Z")
        assert datetime.now(UTC).day == 2
    assert datetime.now(UTC).year != 1970
    assert abs(time.time() - datetime.now(UTC).timestamp()) < 60
    assert time.time() > datetime(2026, 3, 3, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "start", [lambda: time_machine.travel(0, tick=False), lambda: freezegun.freeze_time("1970-01-01")]
)
def test_time_that_somebody_has_stopped_already_is_moved(space, start):
    with start() as stopped, space.clock.together(stopped) as mover:
        assert mover is stopped
        space.clock.advance("5m")
        assert time.time() == datetime(2026, 3, 1, 9, 5, tzinfo=UTC).timestamp()


def test_whatever_can_be_moved_is_told_of_each_change_until_the_end(space):
    mover = Mover()
    with space.clock.together(mover):
        space.clock.advance("1s")
        space.clock.freeze()
    space.clock.advance("1s")
    assert [each.second for each in mover.moves] == [0, 1, 1]


@pytest.mark.usefixtures("installed")
def test_a_server_in_this_process_still_delays_its_answers_in_real_time(space, client):
    space.scenario("version: 1\napi: kladana\nfaults: [{operation: getTask, latency: 20ms}]\n")
    with space.clock.together():
        began = time.perf_counter() if "time_machine" in clock._MOVERS else 0
        assert client.state(client.submit()) == "PENDING"
        assert not began or time.perf_counter() - began >= 0.02


def test_without_either_it_says_what_is_missing(space, monkeypatch):
    monkeypatch.setattr(clock, "find_spec", lambda _name: None)
    with pytest.raises(EmulatorError, match="install time_machine or freezegun"), space.clock.together():
        pass
    assert "time_machine" in sys.modules

"""What is owed, when it is due, and what is remembered of it. Nobody is called."""

import pytest

from emulator import callback
from emulator.callback import Attempt, Callback, Outbox
from emulator.clock import SECOND, Clock


def made(**more):
    rest = {"id": "c", "api": "test", "account": "a", "url": "http://x", "body": b"", "timeout": 1}
    return Callback(**rest, accepted=frozenset({200}), **more)


class Told:
    """An outbox with the clock it goes by."""

    def __init__(self):
        self.clock = Clock(self._happen, start=0, rate=0)
        self.witnessed = []
        self.outbox = Outbox(self.clock, lambda delivery, attempt: self.witnessed.append((delivery, attempt)))

    def _happen(self, delivery):
        self.outbox.fall_due(delivery)

    def stand_at(self, when):
        with pytest.raises(StopIteration):
            self.clock.advance(when - self.clock.now()).send(None)

    def tried(self, status=None, reason=None):
        delivery = self.outbox.take()
        self.outbox.made(delivery, Attempt(self.clock.now(), status, reason, 1))
        return delivery


@pytest.fixture
def told():
    return Told()


def test_what_is_owed_without_delay_is_due_when_the_clock_is_looked_at(told):
    told.outbox.owe(made())
    assert told.outbox.due == 0
    told.clock.catch_up()
    assert told.outbox.due == 1


@pytest.mark.requirement("I-7")
def test_it_is_due_after_its_delay_and_not_before(told):
    told.outbox.owe(made(), 5)
    told.stand_at(4)
    assert told.outbox.take() is None
    told.stand_at(5)
    assert told.outbox.take().due == 5


def test_those_due_at_one_instant_are_taken_in_the_order_they_were_owed(told):
    for name in "abc":
        told.outbox.owe(made(job=name))
    told.clock.catch_up()
    assert [told.outbox.take().callback.job for _ in range(3)] == ["a", "b", "c"]


def test_each_further_attempt_waits_as_long_as_it_says(told):
    told.outbox.owe(made(waits=(5 * SECOND, 0, 60 * SECOND)))
    tried = []
    for when in (0, 5 * SECOND, 5 * SECOND, 65 * SECOND):
        told.stand_at(when - 1 if when > told.clock.now() else when)
        assert (told.outbox.due == 0) is (told.clock.now() < when)
        told.stand_at(when)
        tried.append(told.tried(500).due)
    assert tried[-1] == 65 * SECOND
    assert [attempt.at for _, attempt in told.witnessed] == [0, 5 * SECOND, 5 * SECOND, 65 * SECOND]


def test_an_accepted_answer_ends_it(told):
    told.outbox.owe(made(waits=(1, 1)))
    told.clock.catch_up()
    delivery = told.tried(200)
    assert (delivery.status, told.clock.pending(), told.outbox.pending) == ("delivered", 0, 0)


@pytest.mark.parametrize("came", [{"status": 500}, {"status": 302}, {"reason": "no answer within 50 ms"}])
def test_after_the_last_attempt_it_is_dropped(told, came):
    told.outbox.owe(made(waits=(0,)))
    for _ in range(2):
        assert told.outbox.pending == 1
        told.clock.catch_up()
        delivery = told.tried(**came)
    assert (delivery.status, told.clock.pending(), told.outbox.pending) == ("dropped", 0, 0)
    assert dict(told.outbox.counts) == {"owed": 1, "attempts": 2, "dropped": 1}


def test_the_oldest_are_forgotten_and_counted(told, monkeypatch):
    monkeypatch.setattr(callback, "KEPT", 3)
    for name in "abcde":
        told.outbox.owe(made(job=name))
    assert [each.callback.job for each in told.outbox.kept] == ["c", "d", "e"]
    assert (told.outbox.evicted, told.outbox.counts["owed"]) == (2, 5)
    told.clock.catch_up()
    assert told.tried(200).callback.job == "a"


def test_a_closed_one_owes_nothing_and_notes_nothing(told):
    told.outbox.owe(made(waits=(0,)))
    told.clock.catch_up()
    delivery = told.outbox.take()
    told.outbox.owe(made())
    told.outbox.close()
    told.outbox.made(delivery, Attempt(0, 500, None, 1))
    assert (told.outbox.take(), delivery.attempts, told.witnessed) == (None, [], [])

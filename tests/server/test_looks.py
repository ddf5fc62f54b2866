"""The sockets that a server looks at: a few at a time, whoever has waited longest first."""

import asyncio
import selectors
import socket
import sys
from contextlib import ExitStack

import pytest

from emulator.wire import new_loop
from emulator.wire.looks import AT_A_TIME

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the event loop's own selector is used")

SOCKETS = 4 * AT_A_TIME


@pytest.fixture
def selector():
    loop = new_loop()
    try:
        yield loop._selector
    finally:
        loop.close()


@pytest.fixture
def pairs(selector):
    """Sockets that are looked at, and by each the other end, in the order in which they have something to read."""
    for key in list(selector.get_map().values()):  # the loop's own
        selector.unregister(key.fileobj)
    with ExitStack() as stack:
        made = {}
        for _ in range(SOCKETS):
            ours, theirs = (stack.enter_context(each) for each in socket.socketpair())
            selector.register(ours, selectors.EVENT_READ)
            made[ours] = theirs
        for theirs in made.values():
            theirs.send(b"x")
        yield made


def served(selector, told, order):
    for key, _ in told:
        key.fileobj.recv(1)
        order.append(key.fileobj)


def test_each_look_finds_the_next_few(selector, pairs):
    order = []
    for _ in range(SOCKETS // AT_A_TIME):
        told = selector.select(0)
        assert len(told) == AT_A_TIME
        served(selector, told, order)
    assert order == list(pairs)
    assert selector.select(0) == []


def test_nobody_waits_for_all_others_twice(selector, pairs):
    order, late = [], None
    for _ in range(40):
        told = selector.select(0)
        if late is not None:
            late.send(b"x")  # whoever was served last asks again just after the look
        served(selector, told, order)
        for key, _ in told[:-1]:
            pairs[key.fileobj].send(b"x")
        late = pairs[told[-1][0].fileobj]
    waits = [order.index(each, at + 1) - at for at, each in enumerate(order[: -2 * SOCKETS])]
    assert max(waits) <= SOCKETS + AT_A_TIME


def test_several_that_ask_are_answered_together(selector, pairs):
    assert selector._answers.together is False
    selector.select(0)
    assert selector._answers.together is True
    while selector._answers.together:
        served(selector, selector.select(0), [])
    next(iter(pairs.values())).send(b"x")
    assert (len(selector.select(0)), selector._answers.together) == (1, False)


def test_a_connection_that_breaks_is_told_to_whoever_waits(selector, pairs):
    ours, theirs = next(iter(pairs.items()))
    ours.recv(1)
    selector.modify(ours, selectors.EVENT_WRITE | selectors.EVENT_READ)
    theirs.close()
    told = {key.fileobj: events for _ in range(4) for key, events in selector.select(0)}
    assert told[ours] == selectors.EVENT_READ | selectors.EVENT_WRITE


@pytest.mark.parametrize("timeout", [0, 0.001, -1])
def test_a_look_ends_when_its_time_is_over(selector, pairs, timeout):
    order = []
    while told := selector.select(0):
        served(selector, told, order)
    assert selector.select(timeout) == []


def test_the_loop_is_an_ordinary_one_otherwise():
    async def some():
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(b"said\n")
        heard = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return heard

    ours, theirs = socket.socketpair()
    with theirs, asyncio.Runner(loop_factory=new_loop) as runner:
        theirs.send(b"heard\n")
        assert runner.run(some()) == b"heard\n"
        assert theirs.recv(10) == b"said\n"

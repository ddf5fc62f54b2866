"""Many who want to be served at once."""

import asyncio

from emulator.clock import pause
from emulator.wire.turns import Turns


async def test_so_many_are_served_and_then_others_get_a_look_in():
    turns, served = Turns(3), []

    async def ask(n):
        await turns.take()
        served.append(n)

    asked = [asyncio.create_task(ask(n)) for n in range(10)]
    counts = []
    while len(served) < len(asked):
        await pause(0)
        counts.append(len(served))
    assert served == list(range(10))
    assert [count for count in counts if count] == [3, 6, 9, 10]


async def test_whoever_comes_alone_does_not_wait():
    turns = Turns(1)
    for _ in range(3):
        await turns.take()
        await pause(0)
    coroutine = turns.take()
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits")

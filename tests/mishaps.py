"""What shipped stories of the same name do, whichever API they are about."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from emulator.clock import MILLISECOND, SECOND, monotonic
from tests.conftest import Emulator, Reply

Ask = Callable[[], Awaitable[Reply]]
"""One call of a client, the same each time."""

GOOD = range(200, 300)


async def play(emulator: Emulator, story: str, **parameters: Any) -> None:
    """The story with these parameters."""
    await emulator.admin("PUT", "/scenario", {"name": story, "set": parameters})


async def jobs(emulator: Emulator) -> int:
    """How many there are."""
    return (await emulator.admin("GET", "/jobs"))["total"]


async def answer_lost(emulator: Emulator, submit: Ask) -> None:
    """Of seven submissions the fifth has no answer, and all of them are there."""
    for n in range(1, 8):
        if n == 5:
            with pytest.raises(aiohttp.ClientError):
                await submit()
        else:
            assert (await submit()).status in GOOD
        assert await jobs(emulator) == n
        await emulator.advance("3s")  # a queue has an end


async def gateway_timeout(emulator: Emulator, submit: Ask) -> None:
    """The first submission is done, though a proxy says 504."""
    told = await submit()
    assert (told.status, told.headers["Content-Type"]) == (504, "text/html")
    assert await jobs(emulator) == 1
    assert (await submit()).status in GOOD
    assert await jobs(emulator) == 2


async def outage(emulator: Emulator, submit: Ask, look: Callable[[Reply], Awaitable[Reply]]) -> None:
    """From the fifth to the tenth minute there is nothing but a proxy's page. `look` is told how `submit` went."""
    made = await submit()
    await emulator.advance("4m59s")
    assert (await look(made)).status in GOOD
    for by in ("1s", "4m59s"):
        await emulator.advance(by)
        for told in (await look(made), await submit()):
            assert (told.status, told.headers["Content-Type"]) == (503, "text/html")
    assert await jobs(emulator) == 1
    await emulator.advance("1s")
    assert (await look(made)).status in GOOD
    assert (await submit()).status in GOOD


async def flaky(ask: Ask) -> None:
    """Of forty calls about four fail, whatever the others come to."""
    told = [(await ask()).status for _ in range(40)]
    assert 1 <= told.count(502) <= 10
    assert len(set(told)) == 2


async def slow_answers(emulator: Emulator, story: str, ask: Ask) -> None:
    """An answer takes as long as the story says, more or less."""
    await play(emulator, story, median="40ms", p99="41ms")
    began = monotonic()
    assert (await ask()).status in GOOD
    assert monotonic() - began >= 35 * MILLISECOND


async def skewed_clock(ask: Ask) -> None:
    """The clock stands at nine, and `Date` does not."""
    assert (await ask()).headers["Date"] == "Sun, 01 Mar 2026 09:10:00 GMT"


async def breaks_off(ask: Ask) -> Reply:
    """One answer does, and the next is whole."""
    with pytest.raises(aiohttp.ClientPayloadError):
        await ask()
    whole = await ask()
    assert whole.status in GOOD
    return whole


async def bad_day(emulator: Emulator, submit: Ask) -> None:
    """The rules of one story and those that another adds: of thirty submissions each kind meets some."""
    lost = refused = 0
    for _ in range(30):
        try:
            refused += (await submit()).status == 502
        except aiohttp.ClientError:
            lost += 1
    rules = {rule["name"].partition("/")[2]: rule["hits"] for rule in await rules_of(emulator)}
    assert rules["one-in-three-partly-failed jobs[0]"] == (30 - refused) // 3
    assert rules["bad-day faults[0]"] == 6
    assert rules["bad-day faults[1]"] == refused > 0
    assert 4 <= lost <= 6
    assert await jobs(emulator) == 30 - refused


async def rules_of(emulator: Emulator) -> list[dict[str, Any]]:
    """Those of the story in play, each with how often it has acted."""
    playing = (await emulator.admin("GET", "/scenario"))["scenarios"]
    return [rule for each in playing if "default" not in each["name"] for rule in each["rules"]]


async def comes_slowly(ask: Ask, bandwidth: int) -> None:
    """So many bytes in each second; those of the first tenth of it come at once."""
    began = monotonic()
    late = int((await ask()).headers["Content-Length"]) - bandwidth // 10
    assert late > 0
    assert (monotonic() - began) / SECOND >= 0.8 * late / bandwidth

"""How a clock is told, and how a wish for one is read."""

from collections.abc import Mapping
from typing import Any

from emulator.clock import Clock, iso
from emulator.problem import Problem
from emulator.scenario.measures import duration_text
from emulator.scenario.pace import clock_setting
from emulator.scenario.story import ClockSetting


def running(clock: Clock[Any]) -> dict[str, Any]:
    """What time it is, and how it moves."""
    step = {"step": duration_text(clock.step)} if clock.step else {}
    return {"now": iso(clock.now()), "mode": clock.mode, "rate": clock.rate, **step}


def wished(wish: Mapping[str, Any]) -> ClockSetting:
    """The clock that somebody wishes for. Problem 422."""
    try:
        return clock_setting(wish)
    except ValueError as error:
        raise Problem(422, str(error)) from None

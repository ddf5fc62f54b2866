"""How a clock starts and runs, in the words that scenario files and the admin API share."""

from collections.abc import Mapping
from typing import Any

from emulator.clock import Duration
from emulator.scenario import measures
from emulator.scenario.mistakes import shown
from emulator.scenario.story import ClockSetting

STILL = frozenset({"frozen", "skip"})
"""Modes in which no time passes by itself."""


def clock_setting(said: Mapping[str, Any]) -> ClockSetting:
    """`{"rate": 60}`, `{"step": "5s"}` or `{"mode": "skip"}`, and where it starts. ValueError if a text is none.

    That `mode`, `rate` and `step` exclude each other is for the schemas to say.
    """
    mode = said.get("mode", "real")
    step = step_length(said["step"]) if "step" in said else Duration(0)
    return ClockSetting(
        rate=said.get("rate", 0 if step or mode in STILL else 1),
        start=measures.instant(said["start"]) if "start" in said else None,
        step=step,
        skips=mode == "skip",
    )


def step_length(text: str) -> Duration:
    """`5s` as 5,000,000. ValueError for anything else, and for no time at all."""
    step = measures.microseconds(text)
    if not step:
        raise ValueError(f"expected a step of some length, got {shown(text)}")
    return step

"""A server with faults, and clients that see bytes."""

import pytest

from emulator.clock import MILLISECOND
from emulator.wire import acting, stage
from tests.server.line import Line


@pytest.fixture
def soon(monkeypatch):
    """Five seconds are some milliseconds here, and who waits looks up often."""
    monkeypatch.setattr(acting, "SLOW_CLOSE", 20 * MILLISECOND)
    monkeypatch.setattr(stage, "_LOOK_UP", 5 * MILLISECOND)


@pytest.fixture
async def connect():
    """A connection to an emulator, which ends with the test."""
    lines = []

    async def made(emulator):
        lines.append(await Line.to(emulator))
        return lines[-1]

    yield made
    for each in lines:
        await each.leave()


@pytest.fixture
def play(start_emulator, connect, soon, tmp_path):
    """A server with these faults, and a connection to it."""

    async def start(*faults, api="kladana", more="", debug_headers=False):
        story = tmp_path / "story.yaml"
        listed = "".join(f"  - {{{fault}}}\n" for fault in faults)
        story.write_text(f"version: 1\napi: {api}\nabout: Wire.\n{more}\nfaults:\n{listed}")
        emulator = await start_emulator(scenario=(str(story),), debug_headers=debug_headers)
        return emulator, await connect(emulator)

    return start

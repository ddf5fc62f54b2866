"""Coroutines that a test without an event loop of its own runs to their end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(
    coroutine: Coroutine[Any, Any, Result], loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
) -> Result:
    """`asyncio.run`, but that the thread's own event loop, which pytest-asyncio keeps, is left as it is."""
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(coroutine)

"""What waits for the server waits in a thread, so that an event loop goes on meanwhile.

That matters where the client under test, or the receiver of its callbacks, lives on the same loop.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def awaited(call: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The call as a coroutine function."""

    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(partial(call, *args, **kwargs))

    return run

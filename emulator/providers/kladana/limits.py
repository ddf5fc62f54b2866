"""Limits. https://dev.kladana.com/doc/api/remap/1.2/#restrictions

45 units in three seconds, and five calls at a time of a user, twenty of an account. Off unless a scenario turns them
on: a limit that nobody asked for is a mistake of the emulator. The headers are on every answer all the same.
"""

from functools import lru_cache

from emulator.clock import MILLISECOND
from emulator.contract.openapi import Operation
from emulator.exchange import Answer, Request
from emulator.limit import Window
from emulator.provider import ApiError
from emulator.providers.kladana.settings import KladanaWorld, Settings

HEAVY = frozenset({"getStockAll", "getStockByStore"})
"""The operations that weigh more than others, since 2026."""

RATE, PARALLEL = 1049, 1073
EXTENDED_CODES = {RATE: "429002", PARALLEL: "429005"}


def spend(world: KladanaWorld, request: Request, operation: Operation | None) -> None:
    """Count the call. ApiError 1049 if the user's window is spent, 1073 if too many calls are under way."""
    settings = world.settings
    if settings.rate_limited:
        window, weight = _window(world, request), _weight(settings, operation)
        if not window.spend(world.clock, weight, settings.rate_limit, settings.rate_interval):
            raise ApiError(RATE)
    if settings.parallel_limited:
        _hold(world, request)


def _hold(world: KladanaWorld, request: Request) -> None:
    """Count a call that is under way until its answer has gone out. ApiError 1073 if it is one too many."""
    settings = world.settings
    holds = f"user {request.account} {request.user.name}", f"account {request.account}"
    if (
        world.under_way[holds[0]] >= settings.parallel_per_user
        or world.under_way[holds[1]] >= settings.parallel_per_account
    ):
        raise ApiError(PARALLEL)
    world.begin(*holds)
    request.holds += holds


def _weight(settings: Settings, operation: Operation | None) -> int:
    heavy = operation is not None and operation.id in HEAVY
    return settings.stock_weight if heavy else settings.request_weight


def _window(world: KladanaWorld, request: Request) -> Window:
    """The user's window."""
    windows, key = world.objects.windows, (request.account, request.user.name)
    if key not in windows:
        windows[key] = Window()
    return windows[key]


def tell(world: KladanaWorld, request: Request, answer: Answer, refused: int | None = None) -> None:
    """Tell on an answer what may still be asked, and when again. Milliseconds of the client's own time."""
    settings, waits = world.settings, 0
    if refused == RATE:
        left, waits = 0, world.clock.told(_window(world, request).ends - world.now(), MILLISECOND)
    elif not request.user:
        left = settings.rate_limit
    elif settings.rate_limited:
        left = _window(world, request).left(settings.rate_limit)
    else:  # each call finds a new window, as if there had been none before
        left = max(settings.rate_limit - _weight(settings, request.operation), 0)
    interval = world.clock.told(settings.rate_interval, MILLISECOND)
    answer.headers |= _headers(settings.rate_limit, left, interval, waits, refused)


@lru_cache(maxsize=256)
def _headers(limit: int, left: int, interval: int, waits: int, refused: int | None) -> dict[str, str]:
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-Lognex-Retry-TimeInterval": str(interval),
        "X-Lognex-Reset": str(waits),
    }
    if refused != PARALLEL:
        headers["X-Lognex-Retry-After"] = str(waits)
    if refused in EXTENDED_CODES:
        headers["X-Lognex-Auth"] = EXTENDED_CODES[refused]
    return headers

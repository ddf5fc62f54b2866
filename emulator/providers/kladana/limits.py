"""Limits. https://dev.kladana.com/doc/api/remap/1.2/#restrictions

45 units in three seconds, and five calls at a time of a user, twenty of an account. Off unless a scenario turns them
on: a limit that nobody asked for is a mistake of the emulator. The headers are on every answer all the same.
"""

from emulator.clock import MILLISECOND
from emulator.contract.openapi import Operation
from emulator.exchange import Answer, Request
from emulator.limit import Window
from emulator.provider import ApiError
from emulator.providers.kladana.settings import KladanaWorld

HEAVY = frozenset({"getStockAll", "getStockByStore"})
"""The operations that weigh more than others, since 2026."""

RATE, PARALLEL = 1049, 1073
EXTENDED_CODES = {RATE: "429002", PARALLEL: "429005"}


def spend(world: KladanaWorld, request: Request, operation: Operation | None) -> None:
    """Count the call. ApiError 1049 if the user's window is spent, 1073 if too many calls are under way."""
    settings = world.settings
    heavy = operation is not None and operation.id in HEAVY
    weight = settings.stock_weight if heavy else settings.request_weight
    window = _window(world, request)
    if not settings.rate_limited:  # each call finds a new window, as if there had been none before
        window.ends = 0
    if not window.spend(world.now(), weight, settings.rate_limit, settings.rate_interval):
        raise ApiError(RATE)
    holds = f"user {request.account} {request.user.name}", f"account {request.account}"
    if settings.parallel_limited and (
        world.under_way[holds[0]] >= settings.parallel_per_user
        or world.under_way[holds[1]] >= settings.parallel_per_account
    ):
        raise ApiError(PARALLEL)
    world.begin(*holds)
    request.holds = holds


def _window(world: KladanaWorld, request: Request) -> Window:
    """The user's window."""
    return world.objects.windows.setdefault((request.account, request.user.name), Window())


def tell(world: KladanaWorld, request: Request, answer: Answer, refused: int | None = None) -> None:
    """Tell on an answer what may still be asked, and when again. Milliseconds of the client's own time."""
    settings = world.settings
    window = _window(world, request) if request.user else Window()
    limited = refused == RATE
    waits = world.clock.told(window.ends - world.now(), MILLISECOND) if limited else 0
    answer.headers |= {
        "X-RateLimit-Limit": str(settings.rate_limit),
        "X-RateLimit-Remaining": "0" if limited else str(window.left(settings.rate_limit)),
        "X-Lognex-Retry-TimeInterval": str(world.clock.told(settings.rate_interval, MILLISECOND)),
        "X-Lognex-Reset": str(waits),
    }
    if refused != PARALLEL:
        answer.headers["X-Lognex-Retry-After"] = str(waits)
    if refused in EXTENDED_CODES:
        answer.headers["X-Lognex-Auth"] = EXTENDED_CODES[refused]

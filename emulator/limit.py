"""How much may be asked in a time: windows that fill with calls and empty all at once."""

from typing import Any

from emulator.clock import Clock, Duration, Instant


class Window:
    """So many units in each interval, which begins with the first call after the last one has ended."""

    __slots__ = ("ends", "refused", "spent")

    def __init__(self) -> None:
        self.ends: Instant = 0
        self.spent = 0
        self.refused = False

    def spend(self, clock: Clock[Any], weight: int, limit: int, interval: Duration) -> bool:
        """Take `weight` units out of the window that the clock stands in; False, taking none, if too few are left.

        A clock that skips goes to the end of a window rather than have it refuse twice.
        """
        if self.refused and self.spent + weight > limit:
            clock.skip_to(self.ends)
        if clock.now() >= self.ends:
            self.ends, self.spent, self.refused = clock.now() + interval, 0, False
        if self.spent + weight > limit:
            self.refused = True
            return False
        self.spent += weight
        return True

    def left(self, limit: int) -> int:
        """Units that may still be spent."""
        return max(limit - self.spent, 0)


class Bucket:
    """So many units at once, which come back one by one: as many in each interval as the limit says."""

    __slots__ = ("at", "level", "refused")

    def __init__(self) -> None:
        self.at: Instant | None = None
        self.level = 0
        """Units times the interval: so it is a whole number, however the time is cut."""
        self.refused = False

    def spend(self, clock: Clock[Any], weight: int, limit: int, interval: Duration, burst: int) -> bool:
        """Take `weight` units; False, taking none, if too few have come back. One that skips is refused only once."""
        self._fill(clock.now(), limit, interval, burst)
        if self.refused and self.level < weight * interval:
            clock.skip_to(clock.now() + self.wait(weight, limit, interval))
            self._fill(clock.now(), limit, interval, burst)
        self.refused = self.level < weight * interval
        if not self.refused:
            self.level -= weight * interval
        return not self.refused

    def wait(self, weight: int, limit: int, interval: Duration) -> Duration:
        """How long until so many units are there."""
        return Duration(max(0, -(-(weight * interval - self.level) // limit)))

    def _fill(self, now: Instant, limit: int, interval: Duration, burst: int) -> None:
        full = burst * interval
        self.level = full if self.at is None else min(full, self.level + (now - self.at) * limit)
        self.at = now

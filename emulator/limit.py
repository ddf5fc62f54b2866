"""How much may be asked in a time: windows that fill with calls and empty all at once."""

from emulator.clock import Duration, Instant


class Window:
    """So many units in each interval, which begins with the first call after the last one has ended."""

    __slots__ = ("ends", "spent")

    def __init__(self) -> None:
        self.ends: Instant = 0
        self.spent = 0

    def spend(self, now: Instant, weight: int, limit: int, interval: Duration) -> bool:
        """Take `weight` units out of the window that `now` lies in; False, taking none, if too few are left."""
        if now >= self.ends:
            self.ends, self.spent = now + interval, 0
        if self.spent + weight > limit:
            return False
        self.spent += weight
        return True

    def left(self, limit: int) -> int:
        """Units that may still be spent."""
        return max(limit - self.spent, 0)

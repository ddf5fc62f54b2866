"""A queue with room for so many waiting and so many running jobs, and room for so many jobs in all."""

import heapq
from collections.abc import Callable

from emulator.job import Job, Lifecycle


class LaneFull(Exception):  # noqa: N818 - it is a state, not a mistake of the program
    """There is no room for one more waiting job."""


class TooManyJobs(Exception):  # noqa: N818 - the same
    """All namespaces together hold as many jobs as they may. `limit` is how many."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class Capacity:
    """How many jobs all namespaces of a process may hold together."""

    __slots__ = ("_count", "_sure", "limit")

    def __init__(self, limit: int, count: Callable[[], int]) -> None:
        """`count` is how many there are; it is asked once in many submissions, for it may take a while."""
        self.limit = limit
        self._count = count
        self._sure = 0

    def take(self) -> None:
        """Room for one more. TooManyJobs if there is none."""
        if self._sure <= 0:
            self._sure = min(_SURE, self.limit - self._count())
            if self._sure <= 0:
                raise TooManyJobs(self.limit)
        self._sure -= 1


_SURE = 1000
"""So many are let in between two counts: what else adds jobs meanwhile is noticed soon."""


class Lane:
    """Counts of who waits and who runs, and the line of those whose wait is over and who want a slot.

    A limit of None is no limit. Slots go in the order of submission among the jobs in line.
    """

    __slots__ = ("lifecycle", "line", "running", "running_limit", "waiting", "waiting_limit")

    def __init__(self, lifecycle: Lifecycle, waiting_limit: int | None, running_limit: int | None) -> None:
        self.lifecycle = lifecycle
        self.line: list[tuple[int, Job]] = []
        self.waiting = 0
        self.running = 0
        self.waiting_limit = waiting_limit
        self.running_limit = running_limit

    @property
    def full(self) -> bool:
        """Whether one more waiting job would be one too many."""
        return self.waiting_limit is not None and self.waiting >= self.waiting_limit

    @property
    def busy(self) -> bool:
        """Whether no slot is free."""
        return self.running_limit is not None and self.running >= self.running_limit

    def wants_slot(self, job: Job) -> bool:
        """Whether its next step takes a slot that it does not hold yet."""
        step, running = job.upcoming, self.lifecycle.running
        return step is not None and step.state in running and job.state not in running

    def line_up(self, job: Job) -> None:
        """Its wait is over and it wants a slot: it stands in line, if only for a moment."""
        heapq.heappush(self.line, (job.ordinal, job))

    def next_in_line(self) -> Job | None:
        """Take the first in line, if a slot is free; those who have left meanwhile are forgotten."""
        while self.line and not self.busy:
            job = heapq.heappop(self.line)[1]
            if job.wait_over and self.wants_slot(job):
                return job
        return None

    def moved(self, before: str | None, after: str | None) -> None:
        """A job went from one state to another, has come (before is None) or is gone (after is None)."""
        waiting, running = self.lifecycle.waiting, self.lifecycle.running
        self.waiting += (after in waiting) - (before in waiting)
        self.running += (after in running) - (before in running)

"""The engine once more, slow and plain: nothing is kept that can be looked for, and every job is looked at each time.

It shares no code with the engine but the draw of how long a wait is, whose key is part of what a seed means.
"""

from dataclasses import dataclass, field

from emulator.chance import Chance

GRAPH = {
    "QUEUED": {"RUNNING", "CANCELLED"},
    "RUNNING": {"RUNNING", "PAUSED", "DONE", "FAILED", "CANCELLED"},
    "PAUSED": {"RUNNING", "CANCELLED"},
    "DONE": set(),
    "FAILED": set(),
    "CANCELLED": set(),
}
FINAL = {state for state, following in GRAPH.items() if not following}

AT_ONCE, POLLS, RELEASE = "at once", "polls", "release"


@dataclass
class ModelJob:
    account: str
    ordinal: int
    fails: bool
    plan: list  # of (state, wait); a wait is AT_ONCE, (POLLS, n), RELEASE, or a distribution
    moments: list = field(default_factory=list)
    polls: int = 0
    over: bool = True
    due: tuple | None = None  # when, and the how many instants were set before

    @property
    def state(self):
        return self.moments[-1][1]


class Model:
    def __init__(self, seed, waiting, running):
        self.chance = Chance(seed, "test")
        self.waiting, self.running = waiting, running
        self.now = 0
        self.jobs = []
        self.set = 0

    def of(self, account):
        return [job for job in self.jobs if job.account == account]

    def count(self, account, state):
        return sum(job.state == state for job in self.of(account))

    def full(self, account):
        return self.waiting is not None and self.count(account, "QUEUED") >= self.waiting

    def submit(self, account, plan, *, fails):
        job = ModelJob(account, len(self.of(account)) + 1, fails, list(plan))
        self._move(job)
        self.jobs.append(job)
        self._settle()
        return job

    def poll(self, job):
        wait = job.plan[0][1] if job.plan else RELEASE
        if isinstance(wait, tuple) and not job.over and job.polls >= wait[1]:
            self.release(job)
        job.polls += 1
        return job.state

    def release(self, job):
        if job.plan:
            job.over = True
            self._settle()

    def cancel(self, job):
        job.plan, job.over = [("CANCELLED", AT_ONCE)], True
        self._settle()

    def limit(self, waiting, running):
        self.waiting, self.running = waiting, running
        self._settle()

    def move_to(self, when):
        while due := [job for job in self.jobs if not job.over and job.due and job.due[0] <= when]:
            first = min(due, key=lambda job: job.due)
            self.now = first.due[0]
            first.over = True
            self._settle()
        self.now = when

    def _settle(self):
        """As long as anybody can move: first who needs no slot for it, then who was submitted first."""
        while movable := [job for job in self.jobs if self._can_move(job)]:
            self._move(min(movable, key=self._takes_slot))

    def _can_move(self, job):
        if not job.plan or not job.over:
            return False
        free = self.running is None or self.count(job.account, "RUNNING") < self.running
        return free or not self._takes_slot(job)

    def _takes_slot(self, job):
        return job.plan[0][0] == "RUNNING" and job.state != "RUNNING"

    def _move(self, job):
        state, _ = job.plan.pop(0)
        if state == "end":
            state = "FAILED" if job.fails else "DONE"
        job.moments.append((self.now, state))
        job.polls, job.due = 0, None
        wait = job.plan[0][1] if job.plan else RELEASE
        job.over = wait == AT_ONCE
        if not isinstance(wait, str | tuple):
            unit = self.chance.unit(job.account, job.ordinal, "after", len(job.moments))
            self.set += 1
            job.due = self.now + wait.quantile(unit), self.set

"""What must hold of a namespace after whatever has been done to it, and what should have been seen once."""

from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

from emulator.callback import Delivery
from emulator.clock import SECOND, to_instant
from emulator.job import Job, Polls, Release
from emulator.journal import Exchange
from emulator.namespace import Namespace
from tests.campaign.report import Report
from tests.conftest import Reply

AnyWorld = Any


THE_VENDORS_OWN = (b"cannot be cast to class",)
"""What Synapse says with 500 to whoever asks one service for the job of another: it does so itself."""


class Watch:
    """Looks at one namespace from step to step, between two resets."""

    def __init__(self, namespace: Namespace, report: Report) -> None:
        self.namespace = namespace
        self._report = report
        self.begin()

    def begin(self) -> None:
        """The namespace is new, or has just been reset."""
        self._clock = self.namespace.clock
        self._now = self._clock.now()
        self._sequence = 0
        self._moments: dict[Job, int] = {}
        self._ids: dict[tuple[str, str], Job] = {}
        self._most: dict[tuple[str, str], tuple[int, int]] = {}

    def check(self) -> None:
        """Everything that must hold; AssertionError names what does not."""
        namespace = self.namespace
        if namespace.clock is not self._clock:  # a story that has come before anything was said brings its own
            self.begin()
        assert namespace.clock.now() >= self._now, "the clock has gone back"
        self._now = namespace.clock.now()
        due = namespace.clock.next_due()
        assert due is None or due >= self._now, "something due has not happened"
        for exchange in self._new():
            self._exchange(exchange)
        journal = namespace.journal
        assert journal.written == namespace.sequence == len(journal) + journal.evicted + journal.dropped
        for world in namespace.worlds.values():
            for job in list(world.jobs.values()):
                self._job(world, job)
            self._lanes(world)
        self._callbacks()

    # One exchange

    def told(self, reply: Reply) -> None:
        """An answer has come: it is dated by the clock, unless a rule would have it otherwise."""
        date = reply.headers.get("Date")
        last = next(reversed(self.namespace.journal._exchanges), None)
        if date and last and not any(" faults[" in each for each in last.rules):
            at = to_instant(parsedate_to_datetime(date))
            assert at <= self.namespace.clock.now() < at + SECOND or self.namespace.clock.step, "a wrong Date"

    def _new(self) -> Iterator[Exchange]:
        """Those written since the last look, in order."""
        found = []
        for exchange in reversed(self.namespace.journal._exchanges):
            if exchange.sequence <= self._sequence:
                break
            found.append(exchange)
        for exchange in reversed(found):
            assert exchange.sequence > self._sequence, "a sequence number came twice"
            self._sequence = exchange.sequence
            yield exchange

    def _exchange(self, exchange: Exchange) -> None:
        assert exchange.at <= self._now
        report, rules = self._report, exchange.rules
        if exchange.contract != "kept":
            assert exchange.contract.startswith("waived by ") or any(" faults[" in each for each in rules), exchange
            report.saw("contract broken by a rule")
        if exchange.status >= 500 and not self._asked_for(exchange):
            report.counts["5xx unscripted"] += 1
            report.blame(f"{exchange.status} of {exchange.method} {exchange.target} {exchange.request_body[:300]!r}")
        if any(" faults[" in each for each in rules):
            report.counts["faults survived"] += 1
        if exchange.fault:
            report.saw(f"fault {exchange.fault}")
        if any(" limits[" in each for each in rules):
            report.saw("limit reached")
        if exchange.api == "kladana":
            _saw_of_kladana(exchange, report)
        if exchange.method == "HEAD" and exchange.status == 200:
            report.saw("HEAD answered")

    def _asked_for(self, exchange: Exchange) -> bool:
        """Whether a scenario is behind a 5xx: its faults and limits, the end of a job, or the state of a stack."""
        if any(" faults[" in each or " limits[" in each for each in exchange.rules):
            return True
        world = self.namespace.worlds[exchange.api]
        job = world.jobs.get(exchange.job or "")
        if job and any(step.error for _, step in job.moments):
            return True
        if any(each in exchange.answer_body for each in THE_VENDORS_OWN):
            self._report.saw("the vendor's own 500")
            return True
        return exchange.status == 503 and getattr(world.settings, "stack_status", "READ_WRITE") != "READ_WRITE"

    # Jobs and lanes

    def _job(self, world: AnyWorld, job: Job) -> None:
        known = self._moments.get(job)
        if known is None:
            other = self._ids.setdefault((world.api, job.id), job)
            assert other is job, f"two jobs of {world.api} are called {job.id}"
        if known == len(job.moments):
            return
        assert known is None or known < len(job.moments), "a moment has been forgotten"
        self._moments[job] = len(job.moments)
        lifecycle, plan = world.hooks.lifecycle, [step.state for step in job.rule.steps]
        lived = [step.state for _, step in job.moments]
        assert lived[0] == lifecycle.initial
        told = set(pairwise(plan)) | ({(plan[-1], plan[1])} if len(plan) > 1 and job.rule.repeat == "cycle" else set())
        for before, after in pairwise(lived):
            assert lifecycle.allows(before, after) or (before, after) in told, (world.api, lived, plan)
        instants = [at for at, _ in job.moments]
        assert instants == sorted(instants)
        assert instants[-1] <= self._now
        self._saw_of(world, job, lived)

    def _saw_of(self, world: AnyWorld, job: Job, lived: list[str]) -> None:
        lifecycle, report = world.hooks.lifecycle, self._report
        for state in lived:
            report.saw(f"{world.api} {state}")
        if "CANCEL" in lived:
            report.saw(f"cancelled while {lived[lived.index('CANCEL') - 1]}")
        if lifecycle.is_final(job.state) and any(isinstance(each.after, Polls) for each in job.rule.steps):
            report.saw("ended by polls")
        if any(isinstance(each.after, Release) for each in job.rule.steps[: len(lived)]):
            report.saw("released")

    def _lanes(self, world: AnyWorld) -> None:
        """Lanes count what there is, and never let in more than they had room for."""
        lifecycle = world.hooks.lifecycle
        states = Counter((job.account, job.state) for job in world.jobs.values())
        for name, account in world.accounts.items():
            lane = account.lane
            counted = [sum(states[name, state] for state in some) for some in (lifecycle.waiting, lifecycle.running)]
            assert [lane.waiting, lane.running] == counted, f"{world.api}: a lane has lost count"
            limits = (lane.waiting_limit, lane.running_limit)
            most = self._most.get((world.api, name), (0, 0))
            room = tuple(max(was, 10**9 if limit is None else limit) for was, limit in zip(most, limits, strict=True))
            self._most[world.api, name] = (room[0], room[1])
            assert lane.waiting <= room[0], f"{world.api}: too many wait"
            assert lane.running <= room[1], f"{world.api}: too many run"
            stuck = any(job.upcoming and job.wait_over for job in account.jobs)
            assert not stuck or lane.busy, f"{world.api}: somebody waits for a slot that is free"

    # Callbacks

    def _callbacks(self) -> None:
        outbox = self.namespace.outbox
        counts = outbox.counts
        assert outbox.pending >= 0
        assert counts["attempts"] >= counts["delivered"] + counts["dropped"]
        for delivery in outbox.kept:
            self._delivery(delivery)
        ahead = sum(isinstance(event, Delivery) for _, event in self.namespace.clock.agenda())
        assert outbox.pending >= ahead

    def _delivery(self, delivery: Delivery) -> None:
        attempts = [each.at for each in delivery.attempts]
        assert attempts == sorted(attempts)
        assert not attempts or attempts[0] >= delivery.owed
        assert len(attempts) <= 1 + len(delivery.callback.waits)
        accepted = [each.status in delivery.callback.accepted for each in delivery.attempts]
        assert not any(accepted[:-1]), "tried again after it was taken"
        assert (delivery.status == "delivered") == any(accepted)
        if delivery.status != "owed":
            self._report.saw(f"callback {delivery.status}")
        if len(attempts) > 1:
            self._report.saw("callback tried again")
        if delivery.callback.before_answer:
            self._report.saw("callback before the answer")


def _saw_of_kladana(exchange: Exchange, report: Report) -> None:
    """Full queues, links and results that are gone: by the vendor's codes, if nobody but the vendor says so."""
    if any(" faults[" in each for each in exchange.rules):
        return
    for code, what in {b"61002": "queue full", b"61003": "result deleted", b"61007": "cancelled too late"}.items():
        if b":" + code in exchange.answer_body.replace(b" ", b""):
            report.saw(what)
    if exchange.operation == "downloadResult":
        report.saw("link expired" if exchange.status == 401 else f"link answered {exchange.status}")

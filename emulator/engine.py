"""The verbs: play, submit, find, poll, release, divert, turn. What happens to jobs; nothing of HTTP or of any vendor.

A job goes on when the wait of its next step is over and, where that step takes a slot of its lane, when one is free.
Everything here is a plain function that runs to its end: there is no moment at which half of it has happened.
"""

from collections.abc import Mapping
from typing import Any

from emulator.chance import Distribution, Fixed
from emulator.job import AT_ONCE, END, Job, Polls, Release, Step
from emulator.lane import LaneFull
from emulator.scenario.story import JobRule, Scenario
from emulator.world import Account, Due, World

AnyWorld = World[Any, Any]


class NoRule(LookupError):  # noqa: N818 - reads as what it says
    """No rule applies to a submission: the API's default scenario lacks one without conditions."""


def play(world: AnyWorld, scenario: Scenario, fallback: Scenario) -> None:
    """Tell this story from now on. Limits change at once: whoever stands in line for a slot it adds, goes on."""
    world.play(scenario, fallback)
    for account in world.accounts.values():
        _serve(world, account)


def submit(
    world: AnyWorld,
    account: str,
    request: Any,  # noqa: ANN401 - whatever the provider remembers of it
    about: Mapping[str, Any],
    rules: tuple[JobRule, ...] | None = None,
) -> Job:
    """A new job of `account`, in its first state. LaneFull if its lane has no room, TooManyJobs if nobody has.

    `about` is what rules may ask of it. `rules`, or those that the client prefers, are asked before the world's.
    """
    holder = world.account(account)
    if holder.lane.full:
        raise LaneFull
    if world.capacity:
        world.capacity.take()
    before = world.follow() if rules is None else rules
    asked = (*before, *(each for each in world.rules if each not in before)) if before else world.rules
    rule = _first_match(world, about, asked, account)
    holder.submitted += 1
    job = Job(
        id=world.hooks.job_id(world, account, holder.submitted),
        account=account,
        ordinal=holder.submitted,
        request=request,
        rule=rule,
        plan=rule.steps,
    )
    world.jobs[job.id] = job
    holder.jobs.append(job)
    _go_on(world, holder, job)
    return job


def find(world: AnyWorld, job_id: str) -> Job | None:
    """The job of that id, if there is one, and it is not gone once it has been seen in its last state."""
    job = world.jobs.get(job_id)
    if job and job.polls and job.upcoming is None and job.rule.repeat == "none":
        world.account(job.account).jobs.remove(job)
        forget(world, job)
        return None
    return job


def poll(world: AnyWorld, job: Job) -> None:
    """A client looks at a job; some steps wait for that. One that has seen its state before may find a later one."""
    if job.polls and world.clock.skips:
        _skip(world, job)
    step = job.upcoming
    if step and not job.wait_over and isinstance(step.after, Polls) and job.polls >= step.after.count:
        release(world, job)
    job.polls += 1


def release(world: AnyWorld, job: Job) -> None:
    """The wait of its next step, of whatever kind, is over now."""
    if job.upcoming and not job.wait_over:
        job.wait_over = True
        _go_on(world, world.account(job.account), job)


def divert(world: AnyWorld, job: Job, *steps: Step) -> None:
    """Forget the plan and follow `steps` from now on; the first is taken at once if a slot allows."""
    job.plan, job.next_step, job.wait_over = steps, 0, True
    _go_on(world, world.account(job.account), job)


def turn(job: Job, *steps: Step) -> None:
    """What comes next is `steps`, once the wait that is under way is over; the rest of the plan is forgotten."""
    job.plan = (*job.plan[: job.next_step], *steps)


def happen(world: AnyWorld, event: Due) -> None:
    """The wait that `event` stands for is over, unless the job has moved since."""
    if event.stands:
        release(world, event.job)


def forget(world: AnyWorld, job: Job) -> None:
    """The vendor no longer knows of it: it goes no further, and its place in its lane is free."""
    if world.jobs.pop(job.id, None) is None:
        return
    holder = world.account(job.account)
    holder.changes += 1
    job.plan, job.next_step, job.wait_over = (), 0, False
    holder.lane.moved(job.state, None)
    _serve(world, holder)


def length(world: AnyWorld, job: Job, wait: Distribution, moments: int) -> int:
    """How long that wait is for this job, if it is the one that follows so many moments."""
    if isinstance(wait, Fixed):
        return wait.duration
    return wait.quantile(world.chance.unit(job.account, job.ordinal, "after", moments))


def _skip(world: AnyWorld, job: Job) -> None:
    """Go to the job's next event; while it stands in line for a slot, to the next of any job of the namespace."""
    step = job.upcoming
    if step is None or (not job.wait_over and isinstance(step.after, Polls | Release)):
        return
    due = world.clock.next_due(
        lambda event: isinstance(event, Due) and event.stands and (job.wait_over or event.job is job)
    )
    if due is not None:
        world.clock.skip_to(due)


def _first_match(world: AnyWorld, about: Mapping[str, Any], rules: tuple[JobRule, ...], account: str) -> JobRule:
    """The first rule that applies. Each that would, but for its `nth`, counts the submission, whichever wins."""
    situation = world.situation(account, about)
    asked = [rule for rule in rules if rule.when.meets(situation)]
    applying = [rule for rule in asked if world.due(rule, situation)]
    if not applying:
        raise NoRule(f"no rule of {world.scenario.name} applies to {dict(about)}")
    world.hit(applying[0].name)
    return applying[0]


def _go_on(world: AnyWorld, holder: Account, job: Job) -> None:
    """Let `job` go as far as it can now, and after it whoever of the same account gets a slot by that."""
    _run(world, holder, job)
    _serve(world, holder)


def _serve(world: AnyWorld, holder: Account) -> None:
    """Give the free slots to those in line."""
    while following := holder.lane.next_in_line():
        _enter(world, holder, following)
        _run(world, holder, following)


def _run(world: AnyWorld, holder: Account, job: Job) -> None:
    """Let it go as far as it can without a slot that it does not hold; for that it stands in line like all others."""
    while job.wait_over and job.upcoming:
        if job.moments and holder.lane.wants_slot(job):
            holder.lane.line_up(job)
            return
        _enter(world, holder, job)


def _enter(world: AnyWorld, holder: Account, job: Job) -> None:
    before = job.state if job.moments else None
    step = job.plan[job.next_step]
    if step.state == END or step.state in world.hooks.lifecycle.earned:
        step = world.hooks.end(world, job)
    job.enter(world.now(), step)
    holder.changes += 1
    holder.lane.moved(before, step.state)
    job.wait_over = False
    _wait(world, job)
    world.hooks.changed(world, job)
    world.witness(world, job)


def _wait(world: AnyWorld, job: Job) -> None:
    """Set the wait of the next step going."""
    step = job.upcoming
    if step is None and job.rule.repeat == "cycle" and job.plan is job.rule.steps:
        job.next_step = 1
        step = job.upcoming
    if step is None or isinstance(step.after, Polls | Release):
        return
    if step.after == AT_ONCE:
        job.wait_over = True
    else:
        due = world.now() + length(world, job, step.after, len(job.moments))
        world.clock.at(due, Due(world.api, job, len(job.moments)))

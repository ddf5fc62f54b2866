"""What an import lives through, and where it arrives.

One import of an account is processed at a time; the others wait their turn. It must complete within one hour, or it
stops where it is.
"""

from collections.abc import Sequence

from emulator import engine
from emulator.clock import HOUR, Instant
from emulator.job import END, Job, Lifecycle, Polls, Release, Step
from emulator.provider import ApiError, api_error
from emulator.providers.deposco.entities import in_order
from emulator.providers.deposco.rows import judged, named
from emulator.providers.deposco.settings import DeposcoWorld
from emulator.providers.deposco.work import NOTHING_YET, Outcome
from emulator.world import Due

LIFECYCLE = Lifecycle(
    {
        "queued": ("Processing",),
        "Processing": ("Success", "Partially Failed", "Failed", "Error"),
        "Success": (
            "Partially Failed",
            "Failed",
        ),  # seen live, after a late check; Failed, if of the one entity there is
        "Partially Failed": (),
        "Failed": (),
        "Error": (),
    },
    waiting=frozenset({"queued"}),
    running=frozenset({"Processing"}),
    ours=frozenset({"queued"}),
    earned=frozenset({"Success", "Partially Failed", "Failed", "Error"}),
)


STOPPED = Step(END, after=Release())
"""Where an import arrives that is stopped: released at that instant, and by nothing else."""


def request_id(world: DeposcoWorld, account: str, ordinal: int) -> str:
    """A lower-case version 4 UUID."""
    digits = f"{world.chance.bits(account, ordinal, 'id') & ~(0xF << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# One hour ---------------------------------------------------------------------


def changed(world: DeposcoWorld, job: Job) -> None:
    """On being processed: mark the instant at which it is to be stopped."""
    stops = _stops(world, job) if job.state == "Processing" else None
    if stops is None:
        return
    if world.now() >= stops or job.upcoming is None:  # else a plan that never leaves Processing would go on
        engine.turn(job, STOPPED)
    world.clock.at(stops, Due(world.api, job, len(job.moments)))


def _stops(world: DeposcoWorld, job: Job) -> Instant | None:
    """When it is to be stopped; None if it may run for ever, or is known to end before that."""
    lives, ends = world.settings.import_lives, _planned(world, job)
    if lives is None or (ends is not None and ends <= _begun(job) + lives):
        return None
    return _begun(job) + lives


def _begun(job: Job) -> Instant:
    return next(at for at, step in job.moments if step.state == "Processing")


def _planned(world: DeposcoWorld, job: Job) -> Instant | None:
    """When it is to leave Processing; None where polls or somebody decide that."""
    ends = job.changed
    for moments, step in enumerate(job.plan[job.next_step :], len(job.moments)):
        if isinstance(step.after, Polls | Release):
            return None
        ends += engine.length(world, job, step.after, moments)
        if step.state != "Processing":
            return ends
    return None


def _done(world: DeposcoWorld, job: Job) -> int:
    """Entities processed so far: as the scenario has it in percent, or evenly over the time planned."""
    count = len(job.request.entities)
    if job.step.progress is not None:
        return count * job.step.progress // 100
    begun, ends = _begun(job), _planned(world, job)
    # An import of no planned length is half done when it is stopped: so there is something to see.
    length = 2 * (world.settings.import_lives or HOUR) if ends is None else ends - begun
    return min(count, count * (world.now() - begun) // max(length, 1))


# What comes of it -------------------------------------------------------------


def end(world: DeposcoWorld, job: Job) -> Step:
    """Where an import arrives. A failure that the scenario names wins; a success does not, over what has failed."""
    if job.state != "Processing":
        return _late(world, job)
    wanted, stops = named(job), _stops(world, job)
    if stops is not None and world.now() >= stops:
        job.outcome, step = judged(world, job, _done(world, job)), Step("Error", error={"code": "stopped"})
    elif wanted.state == "Error":
        job.outcome, step = NOTHING_YET, wanted
    else:
        job.outcome = judged(world, job, len(job.request.entities))
        step = Step(_status(job.outcome, wanted.state))
    if job.outcome.done:
        world.objects.imports.append((job.request, job.outcome))
    return step


def _late(world: DeposcoWorld, job: Job) -> Step:
    """The flip: of what was a success, a late check finds some wrong. What is there stays there."""
    wanted = named(job).state
    if job.state != "Success" or wanted not in ("Partially Failed", "Failed"):
        return job.step
    job.outcome = judged(world, job, len(job.request.entities))
    return Step(_status(job.outcome, wanted))


def processed(world: DeposcoWorld, job: Job) -> tuple[Outcome, Sequence[int]]:
    """What came of it, and the numbers of the entities to show, those that are done first.

    None while it runs, unless the settings say so; then those still to come are among them.
    """
    over = job.outcome is not None
    if job.state in LIFECYCLE.ours or not (over or world.settings.partial_counts):
        return NOTHING_YET, ()
    outcome = job.outcome if over else judged(world, job, _done(world, job))
    numbers = in_order(world, outcome, len(job.request.entities))
    return outcome, numbers[: outcome.done] if over else numbers


def why(job: Job) -> ApiError:
    """Why it has ended as Error."""
    return api_error(job.step.error or {"code": "unexpected"})


def _status(outcome: Outcome, wanted: str) -> str:
    """Of an import whose entities have all been processed."""
    failures = len(outcome.failing)
    if failures == outcome.done and (failures or wanted == "Failed"):
        return "Failed"
    return "Partially Failed" if failures else "Success"

"""Which job is meant."""

from emulator import engine
from emulator.admin.api import Call
from emulator.job import Job
from emulator.problem import Problem


def find(call: Call) -> tuple[str, Job]:
    """The job that the path names, with the name of its API. Problem 404."""
    job_id = call.request.params["id"]
    for api, world in call.namespace.worlds.items():
        job = engine.find(world, job_id)
        if job:
            return api, job
    raise Problem(404, f"this namespace has no job {job_id!r}")

"""Links to results. https://dev.kladana.com/doc/api/remap/1.2/#links-to-files

A link needs no credentials: it is signed, and dies by itself. Nothing is kept of it but how many there were.
"""

import hmac
from hashlib import blake2b

from emulator import engine
from emulator.clock import SECOND, Instant
from emulator.exchange import Request
from emulator.job import Job
from emulator.providers.kladana.general import STORAGE, instant_of, object_id, uuid_at
from emulator.providers.kladana.settings import KladanaWorld


def deletion(world: KladanaWorld, job: Job) -> Instant:
    """When the result of a done task is deleted, and every link to it dies."""
    return job.changed + world.settings.result_lives


def new_link(world: KladanaWorld, job: Job) -> str:
    """A new link to the result. When it dies is in the time fields of its id, to the microsecond."""
    given = world.objects.links
    given[job.id] = nth = given.get(job.id, 0) + 1
    dies = world.now() + world.settings.link_lives
    link_id = uuid_at(dies, world.chance.bits(job.account, job.ordinal, "link", nth))
    account_id = object_id(world.chance, "account", job.account)
    path = f"{STORAGE}/batch/{account_id}/apiasynctaskresult/{link_id}"
    expires, name = str(dies // SECOND), f"asynctask_{job.id}_result.json"
    signature = _signature(world, path, expires, name)
    return f"{path}?temp_url_sig={signature}&temp_url_expires={expires}&filename={name}"  # nothing in it to be quoted


def _signature(world: KladanaWorld, *parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=20, key=world.secret).hexdigest()


def linked(world: KladanaWorld, request: Request) -> Job | None:
    """The task whose result a link leads or once led to; None if it was never ours."""
    said = request.query
    path, name = request.path.rstrip("/"), said.get("filename", "")
    signature = _signature(world, path, said.get("temp_url_expires", ""), name)
    if not hmac.compare_digest(signature.encode(), said.get("temp_url_sig", "").encode()):
        return None
    return engine.find(world, name.removeprefix("asynctask_").removesuffix("_result.json"))


def dead(world: KladanaWorld, request: Request, job: Job) -> bool:
    """Whether the link that is asked for, or the result itself, has died."""
    return world.now() >= min(instant_of(request.params["linkId"]), deletion(world, job))

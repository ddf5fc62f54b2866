"""The callback. https://developer.ivvy.com/getting-started/batch/run

One POST to `callbackUrl` when the batch has ended, with the document that `results` answers from then on. Nothing else
of it is published: not its headers, nor what the receiver should answer, nor whether it is tried again.
"""

import logging
from typing import Any

from emulator.callback import Callback
from emulator.contract import openapi
from emulator.exchange import JSON
from emulator.job import Job
from emulator.providers.ivvy.settings import IvvyWorld
from emulator.sealing import encode

log = logging.getLogger("emulator.providers.ivvy")

RESULTS = openapi.load("ivvy").message("results")

HEADERS = (("Content-Type", JSON),)
ACCEPTED = frozenset(range(200, 300))


def document(job: Job) -> dict[str, Any]:
    """What has come of a batch that has finished."""
    return {"asyncId": job.id, "results": job.outcome}


def post(world: IvvyWorld, job: Job) -> None:
    """The callback is owed once more."""
    settings, told = world.settings, document(job)
    if not settings.callbacks:
        return
    if found := RESULTS.violations(told):
        log.error("a callback breaks the contract at %s: %s", found[0].pointer, found[0].text)
        return
    job.request.posted += 1
    world.owe(
        Callback(
            id=f"{job.id}-{job.request.posted}",
            api=world.api,
            account=job.account,
            job=job.id,
            url=job.request.callback_url,
            headers=HEADERS,
            body=encode(told),
            waits=(settings.callback_retry_after,) * settings.callback_retries,
            timeout=settings.callback_timeout,
            accepted=ACCEPTED,
        )
    )

"""What webhooks say. https://dev.kladana.com/doc/api/remap/1.2/#asynchronous-exchange-asynchronous-task-webhooks

A message names the task and says nothing of it: whoever is called asks for its status then.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from emulator.callback import Callback
from emulator.clock import Duration
from emulator.contract import openapi
from emulator.exchange import JSON, Answer, Request
from emulator.job import Job
from emulator.provider import ApiError, together
from emulator.providers.kladana.general import BASE, object_id, uuid_at
from emulator.providers.kladana.settings import Hush, KladanaWorld, Webhook
from emulator.providers.kladana.tasks import LIFECYCLE
from emulator.providers.kladana.webhook_rules import TASK
from emulator.sealing import encode

log = logging.getLogger("emulator.providers.kladana")

EVENTS = openapi.load("kladana").message("webhook-events")

HEADERS = (
    ("User-Agent", "Kladana webhook touch agent 2.0 (/https://www.kladana.com)"),
    ("Content-Type", f"{JSON};charset=utf-8"),
)
ACCEPTED = frozenset({200, 204})
FURTHER_ATTEMPTS = (Duration(0),) * 3
"""One after the other, without a pause."""


def changed(world: KladanaWorld, job: Job) -> None:
    """A task has a new moment: whoever is registered for that is to be called."""
    hooks = world.objects.webhooks.get(job.account)
    if not hooks:
        return
    for action in _happenings(world, job):
        for hook in hooks.values():
            if (hook.entity_type, hook.action) == (TASK, action) and hook.enabled and not world.objects.hush(hook.url):
                _call(world, job, hook)


def _happenings(world: KladanaWorld, job: Job) -> Iterator[str]:
    """What the last moment of a task means to webhooks."""
    if len(job.moments) == 1:
        yield "CREATE"
    elif job.moments[-2][1].state != job.state:
        yield "UPDATE"
    if LIFECYCLE.is_final(job.state) and (job.state != "CANCEL" or world.settings.cancel_is_processed):
        yield "PROCESSED"


def _call(world: KladanaWorld, job: Job, hook: Webhook) -> None:
    message = {"events": [_event(world, job, hook)]}
    if found := EVENTS.violations(message):
        log.error("a webhook's message breaks the contract at %s: %s", found[0].pointer, found[0].text)
        return
    bits = world.chance.bits(job.account, job.ordinal, "requestId", len(job.moments), hook.id)
    request_id = uuid_at(world.now(), bits)
    world.owe(
        Callback(
            id=request_id,
            api=world.api,
            account=job.account,
            job=job.id,
            url=_with_request_id(hook.url, request_id),
            headers=HEADERS,
            body=encode(message),
            waits=FURTHER_ATTEMPTS,
            timeout=world.settings.webhook_timeout,
            accepted=ACCEPTED,
        )
    )


def _event(world: KladanaWorld, job: Job, hook: Webhook) -> dict[str, Any]:
    return {
        "meta": {"type": TASK, "href": f"{_base(world, job)}{BASE}/async/{job.id}"},
        **({"updatedFields": ["state"]} if hook.diff_type == "FIELDS" else {}),
        "action": hook.action,
        "accountId": object_id(world.chance, "account", job.account),
    }


def _base(world: KladanaWorld, job: Job) -> str:
    """The base that the client used, leading back to its namespace even where a header chose that."""
    return str(job.request.root) + world.prefix


def _with_request_id(url: str, request_id: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, f"requestId={request_id}")))))


# Turning webhooks off for one request --------------------------------------------------

DISABLE = "X-Lognex-WebHook-Disable"
DISABLE_BY_PREFIX = "X-Lognex-WebHook-DisableByPrefix"
_PREFIX = re.compile(r"https?://[^\s/?#@:,]+\.[^\s/?#@:.,]+(:\d+)?([/?#][^\s,]*)?")
"""Protocol and domain, both whole; a list with commas is none."""

Handler = Callable[[KladanaWorld, Request], Answer]


def heeding(*tables: Mapping[str, Any]) -> dict[str, Handler]:
    """The same, but that the webhooks which a request disables are not fired by what it causes. ApiError 3030."""
    return {name: _heeding(handler) for name, handler in together(*tables).items()}


def _heeding(handler: Handler) -> Handler:
    def handle(world: KladanaWorld, request: Request) -> Answer:
        world.objects.hush = _hush(request)
        try:
            return handler(world, request)
        finally:
            world.objects.hush = FOR_NONE

    return handle


FOR_NONE = Hush()


def _hush(request: Request) -> Hush:
    if DISABLE not in request.headers and DISABLE_BY_PREFIX not in request.headers:
        return FOR_NONE
    prefixes = request.headers.getall(DISABLE_BY_PREFIX, [])
    for prefix in prefixes:
        if not _PREFIX.fullmatch(prefix):
            raise ApiError(3030, header=DISABLE_BY_PREFIX, reason=prefix)
    return Hush(request.headers.get(DISABLE, "").lower() == "true", tuple(prefixes))

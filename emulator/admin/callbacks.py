"""The calls that are owed to the client, and the attempts that were made."""

from itertools import islice
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from emulator.admin.api import Call
from emulator.admin.paging import page
from emulator.callback import Attempt, Delivery
from emulator.clock import iso
from emulator.exchange import Answer
from emulator.journal import BODY_LIMIT, REDACTED, SECRET_HEADERS


async def list_callbacks(call: Call) -> Answer:
    """The callbacks of this namespace that are still kept, in the order in which they were owed."""
    call.namespace.clock.catch_up()
    limit, offset = page(call)
    outbox, query = call.namespace.outbox, call.request.query
    found = [
        each
        for each in outbox.kept
        if all(getattr(each.callback, key) == query[key] for key in ("api", "job") if key in query)
    ]
    return Answer(
        200,
        {
            "total": len(found),
            **{key: outbox.counts[key] for key in ("owed", "delivered", "dropped", "attempts")},
            "evicted": outbox.evicted,
            "callbacks": [_told(each) for each in islice(found, offset, offset + limit)],
        },
    )


def _told(delivery: Delivery) -> dict[str, Any]:
    callback = delivery.callback
    return {
        "id": callback.id,
        "api": callback.api,
        "account": callback.account,
        "job": callback.job,
        "status": delivery.status,
        "owed": iso(delivery.owed),
        "due": iso(delivery.due),
        "request": {
            "method": callback.method,
            "url": without_credentials(callback.url),
            "headers": {name.lower(): _shown(name, value) for name, value in callback.headers},
            "body": callback.body[:BODY_LIMIT].decode("utf-8", "replace"),
        },
        "attempts": [_attempt(each) for each in delivery.attempts],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": iso(attempt.at),
        "status": attempt.status,
        "reason": attempt.reason,
        "wall": {"took_us": attempt.wall_us},
    }


def _shown(name: str, value: str) -> str:
    return REDACTED if name.lower() in SECRET_HEADERS else value


def without_credentials(url: str) -> str:
    """A URL that may be shown: what stands before an `@` in its authority is nobody's business."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return REDACTED
    credentials, at, authority = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{REDACTED}@{authority}")) if at and credentials else url

"""What a webhook must be. https://dev.kladana.com/doc/api/remap/1.2/dictionaries/#entities-webhook"""

import re
from urllib.parse import urlsplit

from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.kladana.settings import KladanaWorld, Webhook

KIND = "webhook"
TASK = "async"

DICTIONARIES = """
    bonusprogram bonustransaction bundle cashier consignment contract counterparty country currency customentity
    employee expenseitem group organization processingplan processingplanfolder processingprocess processingstage
    product productfolder project region retailstore role saleschannel service store task taxrate uom variant
"""
DOCUMENTS = """
    cashin cashout commissionreportin commissionreportout counterpartyadjustment customerorder demand enter facturein
    factureout internalorder inventory invoicein invoiceout loss move paymentin paymentout payroll prepayment
    prepaymentreturn pricelist processing processingorder productionstagecompletion productiontask purchaseorder
    purchasereturn retaildemand retaildrawercashin retaildrawercashout retailsalesreturn retailshift salesreturn supply
"""
ENTITY_TYPES = frozenset({*DICTIONARIES.split(), *DOCUMENTS.split(), TASK})
"""Everything but `webhook`, `discount` and `notes`."""

ACTIONS = ("CREATE", "UPDATE", "DELETE")
TASK_ACTIONS = ("CREATE", "UPDATE", "PROCESSED")
DIFF_TYPES = ("NONE", "FIELDS")
REQUIRED = {"url": "url", "action": "action", "entityType": "entity_type"}
FIELDS_OF = REQUIRED | {"enabled": "enabled", "diffType": "diff_type"}
"""What a client may say of a webhook, and where it is kept. Whatever else it says is ignored."""

URL_LIMIT = 255
LIMIT, LIMIT_OF_APPLICATION = 5, 1


def hooks_of(world: KladanaWorld, request: Request) -> dict[str, Webhook]:
    """The webhooks of the account, by id."""
    return world.objects.webhooks.setdefault(request.account, {})


def _required(_world: KladanaWorld, _request: Request, hook: Webhook) -> None:
    for name, field in REQUIRED.items():
        if not getattr(hook, field):
            raise ApiError(3000, field=name, parameter=name)


def _entity_type(_world: KladanaWorld, _request: Request, hook: Webhook) -> None:
    if hook.entity_type not in ENTITY_TYPES:
        raise ApiError(30000, type=hook.entity_type)


def _action(_world: KladanaWorld, _request: Request, hook: Webhook) -> None:
    supported = TASK_ACTIONS if hook.entity_type == TASK else ACTIONS
    if hook.action not in (*ACTIONS, *TASK_ACTIONS):
        raise ApiError(30002, action=hook.action)
    if hook.action not in supported:
        raise ApiError(30008, type=hook.entity_type, action=hook.action, actions=", ".join(supported))


def _diff_type(_world: KladanaWorld, _request: Request, hook: Webhook) -> None:
    if hook.diff_type is None:
        return
    if hook.action != "UPDATE":
        raise ApiError(30009, action=hook.action, actions="UPDATE")
    if hook.diff_type not in DIFF_TYPES:
        raise ApiError(2029, value=hook.diff_type, field="diffType", valid=", ".join(DIFF_TYPES))


def _url(_world: KladanaWorld, _request: Request, hook: Webhook) -> None:
    if len(hook.url) > URL_LIMIT:
        raise ApiError(30010)
    if not _is_address(hook.url):
        raise ApiError(30005)


def _is_address(text: str) -> bool:
    """Whether it is http or https with a host. Which host, and whether it may be called, shows when it is called."""
    try:
        parts = urlsplit(text)
        valid_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and valid_port and not re.search(r"[\s\0]", text)


def _among_others(world: KladanaWorld, request: Request, hook: Webhook) -> None:
    """No second one alike, and not too many of a kind."""
    others = [each for each in hooks_of(world, request).values() if each.id != hook.id]
    alike = [each for each in others if (each.entity_type, each.action) == (hook.entity_type, hook.action)]
    if any(each.url == hook.url for each in alike):
        raise ApiError(30003)
    limit = LIMIT_OF_APPLICATION if hook.author.application else LIMIT
    if sum(each.author.application == hook.author.application for each in alike) >= limit:
        raise ApiError(30007, limit=limit)


RULES = (_required, _entity_type, _action, _diff_type, _url, _among_others)
"""In the order in which they are asked; the first that is broken is told."""

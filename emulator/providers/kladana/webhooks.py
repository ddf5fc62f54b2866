"""Webhooks. https://dev.kladana.com/doc/api/remap/1.2/dictionaries/#entities-webhook

An account registers addresses; the vendor calls them when a task is created, changes its state, or is processed.
Here they are registered; `notices` has what they say.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from emulator.contract.decoder import NotJson
from emulator.contract.message import Violation
from emulator.exchange import JSON, Answer, Request
from emulator.provider import ApiError
from emulator.providers.kladana.errors import MORE_INFO, language_of, told
from emulator.providers.kladana.filter import EQUALITY, Field, select, text_value
from emulator.providers.kladana.general import context, meta, object_id, owner, requested, uuid_at
from emulator.providers.kladana.paging import page
from emulator.providers.kladana.settings import KladanaWorld, Webhook
from emulator.providers.kladana.webhook_rules import FIELDS_OF, KIND, RULES, hooks_of

# Webhooks ------------------------------------------------------------------------


def get_webhooks(world: KladanaWorld, request: Request) -> Answer:
    """The webhooks of the account, in the order in which they were made."""
    _may_work_with(request)
    found = select(world, request, FIELDS, hooks_of(world, request).values())
    frame, rows = page(request, len(found))
    metadata = meta(request, KIND, "/entity/webhook") | {"href": requested(request)}
    return Answer(
        200,
        {
            "context": context(request),
            "meta": metadata | frame,
            "rows": [view(world, request, found[n]) for n in rows],
        },
    )


def save_webhooks(world: KladanaWorld, request: Request) -> Answer:
    """Create one, or create and change those of an array; what is wrong with one of them stands in its place."""
    _may_save(world, request)
    said = _body(request)
    if isinstance(said, list):
        return _each(world, request, said, lambda one: view(world, request, _save(world, request, one)))
    return Answer(200, view(world, request, _save(world, request, said)))


def get_webhook(world: KladanaWorld, request: Request) -> Answer:
    """One of them. ApiError 1021."""
    _may_work_with(request)
    return Answer(200, view(world, request, _find(world, request, request.params["id"])))


def change_webhook(world: KladanaWorld, request: Request) -> Answer:
    """Change what the body names, and leave the rest. ApiError 1021, and those of the rules."""
    _may_save(world, request)
    hook = _find(world, request, request.params["id"])
    return Answer(200, view(world, request, _keep(world, request, hook, _body(request))))


def delete_webhook(world: KladanaWorld, request: Request) -> Answer:
    """200 without a body. ApiError 1021."""
    _may_work_with(request)
    _forget(world, request, request.params["id"])
    return Answer(200)


def delete_webhooks(world: KladanaWorld, request: Request) -> Answer:
    """Delete those of an array; what is wrong with one of them stands in its place."""
    _may_work_with(request)
    gone = DELETED[language_of(request.headers.get("Accept-Language", ""))]
    return _each(
        world,
        request,
        _body(request),
        lambda one: {"info": gone.format(id=_forget(world, request, _id_in(one)))},
    )


DELETED = {
    "en": "Entity 'webhook' with UUID: {id} successfully deleted",
    "ru": "Сущность 'webhook' с UUID: {id} успешно удалена",  # noqa: RUF001 - Russian
}

OPERATIONS = {
    "getWebhooks": get_webhooks,
    "saveWebhooks": save_webhooks,
    "deleteWebhooks": delete_webhooks,
    "getWebhook": get_webhook,
    "changeWebhook": change_webhook,
    "deleteWebhook": delete_webhook,
}

FIELDS: Mapping[str, Field[Webhook]] = {
    "id": Field(lambda _world, hook: hook.id, text_value, EQUALITY),
}
"""By what the list can be filtered."""


def view(world: KladanaWorld, request: Request, hook: Webhook) -> dict[str, Any]:
    """The webhook as the vendor shows it."""
    author = {"authorApplication": owner(world, request, hook.author)} if hook.author.application else {}
    return {
        "meta": meta(request, KIND, f"/entity/webhook/{hook.id}"),
        "id": hook.id,
        "accountId": object_id(world.chance, "account", request.account),
        "entityType": hook.entity_type,
        "url": hook.url,
        "method": "POST",
        "enabled": hook.enabled,
        "action": hook.action,
        **({"diffType": hook.diff_type or "NONE"} if hook.action == "UPDATE" else {}),
        **author,
    }


def _may_work_with(request: Request) -> None:
    if not request.user.administrator:
        raise ApiError(30004)


def _may_save(world: KladanaWorld, request: Request) -> None:
    _may_work_with(request)
    if not world.settings.webhooks_in_plan:
        raise ApiError(30006)


def _find(world: KladanaWorld, request: Request, webhook_id: str) -> Webhook:
    found = hooks_of(world, request).get(webhook_id.lower())
    if found is None:
        raise ApiError(1021, type=KIND, id=webhook_id)
    return found


def _forget(world: KladanaWorld, request: Request, webhook_id: str) -> str:
    return hooks_of(world, request).pop(_find(world, request, webhook_id).id).id


def _save(world: KladanaWorld, request: Request, said: dict[str, Any]) -> Webhook:
    """Change the one that `meta` names, or make a new one."""
    if "meta" in said:
        return _keep(world, request, _find(world, request, _id_in(said)), said)
    made = world.objects.webhooks_made
    nth = made.get(request.account, 0) + 1
    new_id = uuid_at(world.now(), world.chance.bits(request.account, KIND, nth))
    hook = _keep(world, request, Webhook(new_id, request.user), said)
    made[request.account] = nth
    return hook


def _keep(world: KladanaWorld, request: Request, hook: Webhook, said: dict[str, Any]) -> Webhook:
    """What it becomes by what is said, if the rules allow that."""
    if said.get("method", "POST") != "POST":
        raise ApiError(30001, method=said["method"])
    changes = {field: said[name] for name, field in FIELDS_OF.items() if name in said}
    if "diffType" not in said and changes.get("action", hook.action) != "UPDATE":
        changes["diff_type"] = None
    changed = replace(hook, **changes)
    for rule in RULES:
        rule(world, request, changed)
    hooks_of(world, request)[hook.id] = changed
    return changed


# What a client says ----------------------------------------------------------------


def _body(request: Request) -> Any:  # noqa: ANN401 - an object, or an array of them
    """The body, as the contract has it. ApiError 1037, 2000, 2001, 2016."""
    assert request.operation
    assert request.operation.body
    if request.headers.get("Content-Type", JSON).partition(";")[0].strip().lower() != JSON:
        raise ApiError(1037)
    try:
        said = request.json
    except NotJson as error:
        raise ApiError(2001, line=error.line or 1, column=error.column or 1) from None
    violations = request.operation.body.violations(said)
    if violations:
        raise _refusal(violations[0])
    return said


def _refusal(violation: Violation) -> ApiError:
    """What breaks the contract: something else where an object must begin, or a value of the wrong type."""
    names = [part for part in violation.path if isinstance(part, str)]
    if not names:
        return ApiError(2000, line=1, column=1) if not violation.path else ApiError(2000)
    expected = violation.expected if isinstance(violation.expected, list) else [violation.expected]
    return ApiError(2016, field=".".join(names), type=expected[0], parameter=names[0])


def _id_in(said: dict[str, Any]) -> str:
    """The id that ends the href of `meta`. ApiError 1012."""
    found = re.search(r"/([^/?#]+)/?(?:[?#].*)?\Z", str((said.get("meta") or {}).get("href") or ""))
    if found is None:
        raise ApiError(1012)
    return found.group(1)


def _each(
    world: KladanaWorld, request: Request, said: list[Any], act: Callable[[dict[str, Any]], dict[str, Any]]
) -> Answer:
    """What comes of each; 400 if nothing came of any."""
    came = [_attempted(world, request, one, act) for one in said]
    failed = bool(came) and all("errors" in each for each in came)
    return Answer(400 if failed else 200, came)


def _attempted(
    world: KladanaWorld, request: Request, one: dict[str, Any], act: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    try:
        return act(one)
    except ApiError as error:
        language = language_of(request.headers.get("Accept-Language", ""))
        entry = told(error, language, world.settings.statuses).entry
        return {"errors": [entry | {"moreInfo": MORE_INFO.format(code=error.code)}]}

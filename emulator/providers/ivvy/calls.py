"""The calls within a batch, and what each would have answered alone.

The emulator keeps no events, contacts or invoices: a call gets the shape that its page shows, unless the scenario
says what it answers. A call that fails has the error object as its response, and no other call knows of it.
"""

from collections.abc import Callable
from typing import Any

from emulator.job import Job
from emulator.provider import ApiError
from emulator.providers.ivvy.actions import documented
from emulator.providers.ivvy.errors import ERROR_CODES, WHOLE_NUMBER, told
from emulator.providers.ivvy.messages import timestamp
from emulator.providers.ivvy.settings import IvvyWorld
from emulator.scenario.story import thawed

Call = dict[str, Any]
Params = dict[str, Any]
Response = dict[str, Any] | list[Any]


def name_of(call: Call) -> str:
    """`event.inviteContacts`."""
    return f"{call['namespace']}.{call['action']}"


# Parameters -----------------------------------------------------------------------


def whole(value: Any) -> bool:  # noqa: ANN401 - JSON is any of six types
    """Whether it is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def wholes(value: Any) -> bool:  # noqa: ANN401 - JSON is any of six types
    """Whether it is a list of them."""
    return isinstance(value, list) and all(whole(each) for each in value)


PARAMETERS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "event.inviteContacts": {"event": whole, "contacts": wholes},
    "contact.getContact": {"id": whole},
    "contact.addContactsToSubscriptionGroup": {"contacts": wholes, "group": whole},
}
"""Those that a call must bring, and of what kind."""

PAGING = {"perPage": 10, "start": 0}
"""What every list takes; the numbers are those of a call that does not say."""


def _check(name: str, params: Params) -> None:
    """ApiError 23016, 23017."""
    for key, fits in PARAMETERS.get(name, {}).items():
        if params.get(key) is None:
            raise ApiError(23017, name=key)
        if not fits(params[key]):
            raise ApiError(23016, name=key, additional=WHOLE_NUMBER)


# Answers --------------------------------------------------------------------------

INVITE_LINK = "http://www.example.com/event/{event}/invite/{contact}/{answer}"


def _invite_contacts(_world: IvvyWorld, _job: Job, _n: int, params: Params) -> Response:
    return {
        "results": [
            {
                "contact": contact,
                "status": True,
                "inviteLinkYes": INVITE_LINK.format(event=params["event"], contact=contact, answer="yes"),
                "inviteLinkNo": INVITE_LINK.format(event=params["event"], contact=contact, answer="no"),
            }
            for contact in params["contacts"]
        ]
    }


def _get_contact(_world: IvvyWorld, _job: Job, _n: int, params: Params) -> Response:
    contact = params["id"]
    named = {"firstName": "Contact", "lastName": f"{contact}", "email": f"contact{contact}@example.com"}
    return {"id": contact, **named}


def _save_contact(world: IvvyWorld, job: Job, n: int, params: Params) -> Response:
    """The id that the caller gave, or a new one."""
    contact = params.get("id")
    new = 1 + world.chance.below(99_999, job.account, job.ordinal, "contact", n)
    return {"success": True, "id": contact if whole(contact) else new}


def _subscribe(_world: IvvyWorld, _job: Job, _n: int, params: Params) -> Response:
    return [{"contactId": contact, "status": True} for contact in params["contacts"]]


def _empty_list(params: Params) -> Response:
    """ApiError 23016."""
    said = {key: params.get(key, default) for key, default in PAGING.items()}
    for key, value in said.items():
        if not whole(value) or value < 0:
            raise ApiError(23016, name=key, additional=WHOLE_NUMBER)
    return {"meta": {"totalResults": 0, **said, "count": 0}, "results": []}


ANSWERS: dict[str, Callable[[IvvyWorld, Job, int, Params], Response]] = {
    "test.ping": lambda world, _job, _n, _params: {"ack": timestamp(world.now())},
    "event.inviteContacts": _invite_contacts,
    "contact.getContact": _get_contact,
    "contact.addOrUpdateContact": _save_contact,
    "contact.addContactsToSubscriptionGroup": _subscribe,
}


def _answer(world: IvvyWorld, job: Job, n: int, call: Call) -> Response:
    """ApiError 403, 404, 23016, 23017."""
    namespace, action = call["namespace"], call["action"]
    if namespace == "batch":
        raise ApiError(403)
    if not documented(namespace, action):
        raise ApiError(404)
    name, params = name_of(call), call["params"] or {}
    _check(name, params)
    if name in ANSWERS:
        return ANSWERS[name](world, job, n, params)
    return _empty_list(params) if action.endswith("List") else {"success": True}


# Results --------------------------------------------------------------------------

FAILED_REQUEST = {"errorCode": 461, "message": ERROR_CODES[461], "specificCode": 0}
"""What a call answers that the scenario lets fail without saying how."""


def results(world: IvvyWorld, job: Job) -> list[dict[str, Any]]:
    """What has come of each call, in the order in which they were submitted."""
    failing = _failing(world, job)
    return [
        {
            "namespace": call["namespace"],
            "action": call["action"],
            "request": call["params"],
            "response": _failure(job) if n in failing else _response(world, job, n, call),
        }
        for n, call in enumerate(job.request.calls, start=1)
    ]


def _response(world: IvvyWorld, job: Job, n: int, call: Call) -> Response:
    scripted = job.rule.result.get("responses", {})
    if name_of(call) in scripted:
        answered: Response = thawed(scripted[name_of(call)])
        return answered
    try:
        return _answer(world, job, n, call)
    except ApiError as error:
        return told(error, world.settings.statuses)


def _failing(world: IvvyWorld, job: Job) -> set[int]:
    """The calls that the scenario lets fail, from 1: by place or name, so many of them, a share of them."""
    said, calls = job.rule.result, job.request.calls
    drawn = {n: world.chance.unit(job.account, job.ordinal, "fail", n) for n in range(1, len(calls) + 1)}
    named = {n for n in drawn if {n, name_of(calls[n - 1])} & {*said.get("fail", ())}}
    counted = sorted(drawn, key=lambda n: drawn[n])[: said.get("fail_count", 0)]
    shared = {n for n, unit in drawn.items() if unit < said.get("fail_share", 0)}
    return named | {*counted} | shared


def _failure(job: Job) -> Response:
    """The error object of a call that the scenario lets fail."""
    return dict(thawed(job.rule.result.get("fail_with", FAILED_REQUEST)))

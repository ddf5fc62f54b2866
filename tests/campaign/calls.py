"""What clients of each API say, beside their conversations; and who they are not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.deposco.conftest import items, of, order
from tests.ivvy.conftest import INVITE, PING, WRONG_ID
from tests.stories.conversations import BATCH, BULK, DO, JOB, QUERY, REMAP, Call
from tests.synapse.conftest import appending, changing, downloading, querying, uploading
from tests.waylay.conftest import deleting, patching


@dataclass(frozen=True)
class Said:
    """One request, ready to be sent to a namespace: `target` is below its prefix."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    bad: bool = False
    """Whether something has been done to it."""
    call: Call | None = None
    """What it was made from, if a client would say it so."""


def kladana(receiver: str) -> tuple[Call, ...]:
    """More of what clients of Kladana say."""
    hooks = [
        {"url": f"{receiver}/{path}", "action": "PROCESSED", "entityType": "async"} for path in ("good", "bad", "cut")
    ]
    task, hook, link = {"task": r"Content-Location: (\S+)"}, {"hook": r'"id":"([^"]+)"'}, {"link": r"Location: (\S+)"}
    report = f"{REMAP}/report"
    return (
        *(Call("POST", f"{REMAP}/entity/webhook", each, keep=hook) for each in hooks),
        Call("POST", f"{REMAP}/entity/webhook", hooks, keep=hook),
        Call("GET", f"{REMAP}/entity/webhook"),
        Call("DELETE", f"{REMAP}/entity/webhook/{{hook}}"),
        Call("PUT", f"{REMAP}/entity/webhook/{{hook}}", {"enabled": False}),
        Call("GET", f"{report}/stock/all?async=true&limit=3"),
        Call("GET", f"{report}/stock/byoperation?async=true", keep=task),
        Call("GET", f"{report}/stock/all?async=true&filter=quantityMode=nonEmpty", keep=task),
        Call("GET", f"{report}/profit/byproduct?async=true&momentFrom=2026-01-01", keep=task),
        Call("GET", f"{report}/money/plotseries?async=true", keep=task),
        Call("GET", f"{report}/dashboard/day?async=true", keep=task),
        Call("GET", f"{REMAP}/entity/assortment?async=true", keep=task),
        Call("GET", f"{REMAP}/async?filter=state=DONE&order=deletionDate,desc"),
        Call("GET", "{task}"),
        Call("GET", "{task}"),
        Call("GET", "{task}/result", keep=link),
        Call("GET", "{link}"),
        Call("GET", "{link}"),
        Call("PUT", "{task}/cancel"),
        Call("POST", f"{REMAP}/security/token"),
    )


def deposco(_receiver: str) -> tuple[Call, ...]:
    """More of what clients of Deposco say."""
    keep = {"request": r'"href":"([^"]+)"'}
    return (
        Call("POST", BULK, of("Item", *items(3)), keep=keep),
        Call("POST", BULK, of("Item", *items(2), {}), keep=keep),
        Call("POST", BULK, of("Item", {}, {"number": 7}), keep=keep),
        Call("POST", BULK, of("PurchaseOrder", order("PO-1"), order("PO-2")), keep=keep),
        *([Call("GET", "{request}")] * 6),
        Call("POST", BULK.replace("/latest", "/beta"), of("Item", *items(1)), keep=keep),
    )


def waylay(_receiver: str) -> tuple[Call, ...]:
    """More of what clients of Waylay say."""
    keep, resources, types = {"batch": r'"uri":"([^"]+)"'}, "/resources/v1/resources", "/resources/v1/resourcetypes"
    return (
        Call("POST", BATCH, deleting("thermometer-1", "ghent", "nobody"), keep=keep),
        Call("POST", BATCH, patching({"id": "thermometer-2", "name": "T"}, {"id": "new-1"}), keep=keep),
        Call("POST", BATCH, deleting("site", "prototype", entity="resourcetype"), keep=keep),
        Call("POST", BATCH, {"entity": "resource", "action": "delete", "query": {"provider": "LoRA"}}, keep=keep),
        *([Call("GET", "{batch}")] * 5),
        Call("POST", resources, {"id": "mine", "name": "Mine"}),
        Call("PUT", f"{resources}/mine", {"id": "mine", "name": "Ours"}),
        Call("PATCH", f"{resources}/mine", {"name": "Theirs"}),
        Call("DELETE", f"{resources}/mine"),
        Call("GET", f"{resources}?limit=2&sort=name,asc"),
        Call("GET", f"{resources}/ghent/children"),
        Call("POST", types, {"id": "kind", "name": "Kind"}),
        Call("DELETE", f"{types}/kind"),
        Call("DELETE", f"{types}/site"),
        Call(
            "POST", "/accounts/v1/tokens?grant_type=client_credentials", {"clientId": "key", "clientSecret": "secret"}
        ),
        Call("GET", "/accounts/v1/users/me"),
        Call("GET", "/"),
    )


def ivvy(receiver: str) -> tuple[Call, ...]:
    """More of what clients of iVvy say."""
    keep, asked = {"batch": r'"asyncId":"([^"]+)"'}, {"async": "{batch}"}
    return (
        *(
            Call("POST", f"{DO}run", {"jobs": jobs, "callbackUrl": f"{receiver}/{path}"}, keep=keep)
            for path in ("good", "bad", "cut")
            for jobs in ([PING], [INVITE, WRONG_ID], [PING, INVITE, WRONG_ID, INVITE])
        ),
        *([Call("POST", f"{DO}progress", asked)] * 4),
        *([Call("POST", f"{DO}{action}", asked) for action in ("results", "results", "restart", "repost")]),
        Call("POST", f"{DO}run", {"jobs": [PING] * 201, "callbackUrl": f"{receiver}/good"}),
        Call("POST", f"{DO}run", {"jobs": [{}], "callbackUrl": f"{receiver}/good"}),
        Call("POST", f"{DO}run", {"jobs": "none", "callbackUrl": ""}),
        Call("POST", "/api/1.0/test?action=ping", {}),
    )


def synapse(_receiver: str) -> tuple[Call, ...]:
    """More of what clients of Synapse say."""
    keep, token = {"job": r'"jobId":"(\d+)"'}, {"token": r'"token":"(\d+)"'}
    kinds = (downloading(), querying(mask=255), uploading(), changing(uploading()), changing(appending({"values": []})))
    statements = ("selec", "select * from nothing", "select * from syn124 join syn1", "select * from syn999", "'")
    return (
        *(Call("POST", JOB, each, keep=keep) for each in kinds),
        *(Call("POST", JOB, querying(each), keep=keep) for each in statements),
        *([Call("GET", f"{JOB}/{{job}}")] * 4),
        Call("GET", f"{JOB}/{{job}}/cancel"),
        Call("POST", f"{QUERY}/start", querying(), keep=token),
        Call("GET", f"{QUERY}/get/{{token}}"),
        Call("GET", f"{QUERY}/get/{{job}}"),
        Call("GET", "{url}"),
        Call("GET", "/repo/v1/version"),
        Call("HEAD", "/repo/v1/version"),
        Call("GET", "/repo/v1/userProfile"),
    )


MORE: Mapping[str, Callable[[str], tuple[Call, ...]]] = {
    "kladana": kladana, "deposco": deposco, "waylay": waylay, "ivvy": ivvy, "synapse": synapse,
}  # fmt: skip

KNOWN = {
    "kladana": ("498b8673-0308-11e6-9464-e4de00000089",),
    "deposco": ("498b8673-0308-11e6-9464-e4de00000089",),
    "waylay": ("ghent", "thermometer-1", "gateway-1", "site", "prototype", "mine", "nobody"),
    "ivvy": ("0" * 32,),
    "synapse": ("syn124", "syn1", "1", "501", "9999999"),
}
"""What may stand in a path, beside what answers have told."""
STRANGERS = ("", "nobody", "lavanda-token", "bob-token", "admin-token", "\u00e9", "a" * 500, "=")

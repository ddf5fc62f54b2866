"""What one client of each API says: submit, poll, list, fetch, cancel, and a mistake or two."""

from dataclasses import dataclass, field
from typing import Any

from tests.deposco.conftest import items, of
from tests.ivvy.conftest import INVITE, PING, WRONG_ID
from tests.synapse.conftest import downloading, querying, uploading
from tests.waylay.conftest import deleting, patching

NOBODY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Call:
    """One thing that is said. Names in braces, in path and body, are what earlier answers have been asked to keep."""

    method: str
    path: str
    body: Any = None
    after: str = "0"
    """How long after the last one; heeded where the test moves the clock."""
    keep: dict[str, str] = field(default_factory=dict)
    """By name: a pattern whose group is to be found in the head or the body of the answer."""


Conversation = tuple[Call, ...]

# Kladana ----------------------------------------------------------------------

REMAP = "/api/remap/1.2"
REPORT = f"{REMAP}/report/stock/bystore?async=true"
HOOK = {"url": "http://127.0.0.1:9/hook", "action": "PROCESSED", "entityType": "async"}
LINK = {"link": r"Location: (\S+)"}

KLADANA = (
    Call("POST", f"{REMAP}/entity/webhook", HOOK),
    Call("GET", REPORT, keep={"task": r"Content-Location: (\S+)"}),
    Call("GET", "{task}"),
    Call("GET", "{task}", after="1s"),
    Call("GET", REPORT, after="4s", keep={"second": r"Content-Location: (\S+)"}),
    Call("GET", f"{REMAP}/async"),
    Call("GET", "{second}"),
    Call("GET", "{task}", after="20s"),
    Call("GET", "{task}/result", keep=LINK),
    Call("GET", "{link}"),
    Call("PUT", "{second}/cancel"),
    Call("PUT", "{second}/cancel"),
    Call("GET", f"{REMAP}/async/{NOBODY}"),
    Call("GET", f"{REMAP}/report/stock/bystore?async=perhaps"),
    Call("GET", "{task}", after="59m"),
    Call("GET", "{task}", after="1h"),
    Call("GET", "{task}/result", keep=LINK),
)

# Deposco ----------------------------------------------------------------------

BULK = "/latest/async/bulkImports"
HREF = r'"href":"([^"]+)"'

DEPOSCO = (
    Call("POST", BULK, of("Item", *items(10)), keep={"request": HREF}),
    Call("GET", "{request}"),
    Call("POST", BULK, of("PurchaseOrder", {"number": "PO-1"}, {}), after="1s", keep={"second": HREF}),
    Call("GET", "{second}"),
    Call("GET", "{request}", after="1s"),
    Call("GET", f"/latest/async/{NOBODY}"),
    Call("POST", BULK, {"entityType": "Nothing"}),
    Call("GET", "{request}"),
    Call("GET", "{request}"),
    Call("GET", "{request}", after="59m"),
    Call("GET", "{second}", after="2h"),
)

# Waylay -----------------------------------------------------------------------

BATCH = "/resources/v1/batch"
URI = r'"uri":"([^"]+)"'

WAYLAY = (
    Call("POST", BATCH, deleting("device-1", "device-2", "device-3", "gateway-1"), keep={"batch": URI}),
    Call("GET", "{batch}"),
    Call("GET", "{batch}", after="1s"),
    Call("GET", "/resources/v1/resources"),
    Call("POST", BATCH, patching({"id": "device-1", "name": "One"}, {"name": "New"}), keep={"second": URI}),
    Call("GET", "{second}"),
    Call("POST", BATCH, deleting("busy", "used", "device", entity="resourcetype")),
    Call("DELETE", "/resources/v1/resourcetypes/used"),
    Call("GET", f"{BATCH}/{NOBODY}"),
    Call("POST", BATCH, {"entity": "resource", "action": "explode"}),
    Call("GET", "{second}", after="40m"),
    Call("GET", "/resources/v1/resources/device-1"),
    Call("GET", "{batch}"),
)

# iVvy -------------------------------------------------------------------------

DO = "/api/1.0/batch?action="
ASKED = {"async": "{batch}"}

IVVY = (
    Call("POST", f"{DO}run", {"jobs": [], "callbackUrl": ""}),
    Call(
        "POST",
        f"{DO}run",
        {"jobs": [INVITE, WRONG_ID, PING], "callbackUrl": "http://127.0.0.1:9/cb"},
        keep={"batch": r'"asyncId":"([^"]+)"'},
    ),
    Call("POST", f"{DO}progress", ASKED),
    Call("POST", f"{DO}results", ASKED),
    Call("POST", f"{DO}progress", ASKED, after="1s"),
    Call("POST", f"{DO}restart", ASKED),
    Call("POST", f"{DO}progress", ASKED, after="1s"),
    Call("POST", f"{DO}progress", ASKED, after="1m"),
    Call("POST", f"{DO}results", ASKED),
    Call("POST", f"{DO}repost", ASKED),
    Call("POST", f"{DO}progress", {"async": NOBODY.replace("-", "")}),
    Call("POST", f"{DO}results", ASKED, after="47h"),
)

# Synapse ----------------------------------------------------------------------

JOB = "/repo/v1/asynchronous/job"
QUERY = "/repo/v1/entity/syn124/table/query/async"
FILES = {
    "includeFileHandles": True,
    "includePreSignedURLs": True,
    "requestedFiles": [{"fileHandleId": "{file}", "associateObjectId": "syn124", "associateObjectType": "TableEntity"}],
}

SYNAPSE = (
    Call("POST", JOB, downloading(), keep={"job": r'"jobId":"(\d+)"'}),
    Call("GET", f"{JOB}/{{job}}"),
    Call("POST", f"{QUERY}/start", querying(), keep={"token": r'"token":"(\d+)"'}),
    Call("GET", f"{QUERY}/get/{{token}}"),
    Call("GET", f"{JOB}/{{job}}", after="1s", keep={"file": r'"resultsFileHandleId":"(\d+)"'}),
    Call("GET", f"{QUERY}/get/{{token}}"),
    Call("POST", "/file/v1/fileHandle/batch", FILES, keep={"url": r'"preSignedURL":"([^"]+)"'}),
    Call("GET", "{url}"),
    Call("POST", JOB, uploading(), keep={"second": r'"jobId":"(\d+)"'}),
    Call("GET", f"{JOB}/{{second}}/cancel"),
    Call("POST", JOB, {"concreteType": "org.example.Nothing"}),
    Call("GET", f"{JOB}/9999999"),
    Call("GET", f"{JOB}/{{second}}", after="1m"),
    Call("GET", f"{JOB}/{{job}}", after="40m"),
)

CONVERSATIONS: dict[str, Conversation] = {
    "kladana": KLADANA,
    "deposco": DEPOSCO,
    "waylay": WAYLAY,
    "ivvy": IVVY,
    "synapse": SYNAPSE,
}

HUGE = "kladana/huge-result"


def said_in(story: str) -> Conversation:
    """The conversation with its API; a result of a hundred thousand rows is not fetched each time."""
    calls = CONVERSATIONS[story.partition("/")[0]]
    return tuple(each for each in calls if story != HUGE or each.path != "{link}")


MOUNTS = {"kladana": REMAP, "deposco": "/latest/async", "waylay": BATCH, "ivvy": "/api/1.0", "synapse": "/repo/v1"}

CREDENTIALS = {
    "kladana": "romashka-token",
    "deposco": "deposco-token",
    "waylay": "a2V5OnNlY3JldA==",
    "ivvy": "acme-key",
    "ivvy/key-revoked": "new-key",
    "synapse": "test-token",
}
"""Of an API, and of a scenario that knows none of those."""

OTHERS = {
    "kladana/foreign-account": ("lavanda-token", (*KLADANA[:3], *KLADANA[5:7])),
    "synapse/default": ("bob-token", (Call("GET", f"{JOB}/9999999"), SYNAPSE[10])),
    "synapse/other-users-job": ("bob-token", (Call("GET", f"{JOB}/9999999"), SYNAPSE[10])),
}
"""What other accounts of a scenario say in the meantime. Ids of jobs are counted per namespace by Synapse, so nobody
else may launch any there; the rest keep theirs per account."""

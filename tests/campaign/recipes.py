"""A few things done in a row that bring about what chance alone hardly would: rare refusals, rare timing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.deposco.conftest import items, of
from tests.ivvy.conftest import PING
from tests.stories.conversations import BATCH, BULK, DO, JOB, LINK, QUERY, REMAP, REPORT, Call
from tests.synapse.conftest import downloading, querying
from tests.waylay.conftest import deleting

JSON = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A call, by whom, and with which headers beside the usual ones."""

    call: Call
    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """What it brings about, the story that is played before, if any, and what is done."""

    brings: str
    script: tuple[Asked | str, ...]
    """Requests, each once the one before is answered; a word is how long is waited, or `release`."""
    story: JSON | None = None
    at_once: bool = False
    """Whether they are sent over a connection each, none waiting for another's answer."""


def _recipe(brings: str, *script: Asked | Call | str, at_once: bool = False, **story: Any) -> Recipe:
    steps = tuple(Asked(each) if isinstance(each, Call) else each for each in script)
    return Recipe(brings, steps, story or None, at_once)


def _refusal(code: str, *script: Asked | Call | str, at_once: bool = False, **story: Any) -> Recipe:
    return _recipe(f"says {code}", *script, at_once=at_once, **story)


# Kladana ----------------------------------------------------------------------

HOOKS, TASKS = f"{REMAP}/entity/webhook", f"{REMAP}/async"
SERIES = f"{REMAP}/report/sales/plotseries?momentFrom=2018-09-01&momentTo="
TASK = {"task": r"Content-Location: (\S+)"}
SUBMIT, FETCH = Call("GET", REPORT, keep=TASK), Call("GET", "{task}/result", keep=LINK)
START = [{"state": "PENDING"}, {"state": "PROCESSING"}]
DONE = {"jobs": [{"steps": [*START, {"state": "DONE"}]}]}
HELD = {"jobs": [{"steps": [*START, {"state": "DONE", "after": "release"}]}]}


def _hook(action: str = "PROCESSED", kind: str = "async", number: int = 0, **more: str) -> Call:
    told = {"url": f"http://127.0.0.1:9/{number}", "action": action, "entityType": kind}
    return Call("POST", HOOKS, told | more)


KLADANA = (
    _refusal("1014", Call("GET", f"{TASKS}?filter=deletionDate%3D0001-01-01%2000:00")),
    _refusal("1041", Call("GET", f"{TASKS}?filter=state%3Dnobody")),
    _refusal("1058", Call("GET", f"{TASKS}?filter=%ff")),
    _refusal("1049", *[Call("GET", TASKS)] * 2, settings={"rate_limited": True, "rate_limit": 1}),
    _refusal(
        "1073",
        *[Call("GET", TASKS)] * 4,
        at_once=True,
        settings={"parallel_limited": True, "parallel_per_user": 1},
        faults=[{"latency": "1s"}],
    ),
    _refusal("2029", _hook("UPDATE", "demand", diffType="ALL")),
    _refusal(
        "30004",
        Asked(_hook(), "clerk"),
        accounts=[{"account": "a", "token": "clerk", "administrator": False}],
    ),
    _refusal("30006", _hook(), settings={"webhooks_in_plan": False}),
    _refusal("30007", *(_hook("UPDATE", "demand", number) for number in range(6))),
    _refusal("30008", _hook("DELETE")),
    _refusal("39001", Call("GET", f"{SERIES}2019-09-01&interval=hour")),
    _refusal("39002", Call("GET", f"{SERIES}2018-09-04&interval=week")),
    _refusal(
        "61004",
        SUBMIT,
        Call("GET", "{task}/result"),
        jobs=[{"steps": [{"state": "PENDING"}, {"state": "PROCESSING"}, {"state": "ERROR"}]}],
    ),
    _recipe("result deleted", SUBMIT, "1m", "2h", Call("GET", "{task}/result"), **DONE),
    _recipe("link answered 200", SUBMIT, "1m", FETCH, Call("GET", "{link}"), **DONE),
    _recipe("link expired", SUBMIT, "1m", FETCH, "6m", Call("GET", "{link}"), **DONE),
    _recipe("cancelled too late", SUBMIT, "1m", Call("PUT", "{task}/cancel"), **DONE),
    _recipe("cancelled while PENDING", SUBMIT, SUBMIT, Call("PUT", "{task}/cancel"), **HELD),
    _recipe("cancelled while PROCESSING", SUBMIT, Call("PUT", "{task}/cancel"), **HELD),
    _recipe("released", SUBMIT, "release", **HELD),
    _recipe("queue full", *[SUBMIT] * 6, **HELD),
)

# Deposco, Waylay, iVvy -----------------------------------------------------------------

DEPOSCO = (
    _recipe(
        "deposco Error",
        Call("POST", BULK, of("Item", *items(2))),
        jobs=[{"steps": [{"state": "queued"}, {"state": "Processing"}, {"state": "Error"}]}],
    ),
)

WAYLAY = (_refusal("invalid-action", Call("POST", BATCH, deleting("a") | {"action": "explode"})),)

IVVY = (
    _refusal("23017", Call("POST", f"{DO}run", {"jobs": [PING]})),
    _refusal(
        "463",
        Asked(Call("POST", f"{DO}run", {"jobs": [PING]}), "revoked"),
        accounts=[{"key": "revoked", "state": "revoked"}],
    ),
    _recipe(
        "callback before the answer",
        Call("POST", f"{DO}run", {"jobs": [PING], "callbackUrl": "{receiver}/good"}),
        "1m",
        callbacks=[{"before_answer": True}],
    ),
    _recipe(
        "ivvy paused",
        Call("POST", f"{DO}run", {"jobs": [PING, PING], "callbackUrl": "{receiver}/bad"}),
        "1m",
        jobs=[{"steps": [{"state": "running"}, {"state": "paused", "after": "1s"}], "stuck": True}],
    ),
)

# Synapse ----------------------------------------------------------------------

ARCHIVING = "org.sagebionetworks.repo.model.file.FileHandleArchivalRequest"
PROFILE = "/repo/v1/userProfile"
KEPT, TOKEN = {"job": r'"jobId":"(\d+)"'}, {"token": r'"token":"(\d+)"'}
LAUNCH = Asked(Call("POST", JOB, downloading(), keep=KEPT))
SHIPPED = Path(__file__).parents[2] / "scenarios/synapse/default.yaml"
ACCOUNTS = [
    *yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["accounts"],
    {"token": "old", "state": "expired"},
    {"token": "unsigned", "terms_signed": False},
]
"""Whoever is to be refused must be somebody: Synapse knows no other tokens than those that are listed."""
WAITING = [
    {"result": {"cancelable": True}, "steps": [{"state": "PROCESSING"}, {"state": "end", "after": {"polls": 2}}]}
]
HURRIED = {"accounts": ACCOUNTS, "jobs": [{"steps": [{"state": "PROCESSING"}, {"state": "end"}]}]}
SECRETS = QUERY.replace("syn124", "syn126")


def _of_synapse(code: str, *script: Asked | Call | str, at_once: bool = False, **story: Any) -> Recipe:
    return _refusal(code, *script, at_once=at_once, accounts=ACCOUNTS, **story)


SYNAPSE = (
    _of_synapse("no-body", Call("POST", JOB)),
    _of_synapse("admin-only", Call("POST", JOB, {"concreteType": ARCHIVING})),
    _of_synapse("bad-query", Call("GET", "/proddata.sagebase.org/1/x/y?X-Amz-Signature=%ff")),
    _of_synapse("expired-token", Asked(Call("GET", PROFILE), "old")),
    _of_synapse("no-terms", Asked(Call("GET", PROFILE), "unsigned")),
    _of_synapse("foreign-job", LAUNCH, Asked(Call("GET", f"{JOB}/{{job}}"), "bob-token")),
    _of_synapse("foreign-cancel", LAUNCH, Asked(Call("GET", f"{JOB}/{{job}}/cancel"), "bob-token")),
    _of_synapse("not-acceptable", Asked(Call("GET", PROFILE), headers={"Accept": "image/*"})),
    _of_synapse(
        "path-too-frequent",
        *[Call("GET", f"{JOB}/1")] * 2,
        settings={"limited_path": "/asynchronous/job/#", "path_requests": 1},
    ),
    _recipe("HEAD answered", Call("HEAD", "/repo/v1/version")),
    _recipe("the vendor's own 500", LAUNCH, "1m", Call("GET", f"{QUERY}/get/{{job}}"), **HURRIED),
    _of_synapse("too-large", Call("POST", JOB, {"concreteType": "a" * 2**21})),
    _of_synapse(
        "too-many-connections",
        *[Call("GET", PROFILE)] * 4,
        at_once=True,
        settings={"concurrent_limited": True, "concurrent_connections": 1},
        faults=[{"latency": "1s"}],
    ),
    _of_synapse(
        "JobCanceledException",
        Call("POST", f"{QUERY}/start", querying(), keep=TOKEN),
        Call("GET", f"{JOB}/{{token}}/cancel"),
        *[Call("GET", f"{QUERY}/get/{{token}}")] * 4,
        jobs=WAITING,
    ),
    _of_synapse(
        "UnauthorizedException",
        Asked(Call("POST", f"{SECRETS}/start", querying("select * from syn126"), keep=TOKEN), "bob-token"),
        *[Asked(Call("GET", f"{SECRETS}/get/{{token}}"), "bob-token")] * 2,
        jobs=[{"steps": [{"state": "PROCESSING"}, {"state": "end"}]}],
    ),
)

RECIPES: Mapping[str, tuple[Recipe, ...]] = {
    "kladana": KLADANA, "deposco": DEPOSCO, "waylay": WAYLAY, "ivvy": IVVY, "synapse": SYNAPSE,
}  # fmt: skip
"""By API."""

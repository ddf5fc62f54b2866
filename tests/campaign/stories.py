"""Stories that nobody would write: any plan, any fault, any limit of an API, drawn."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from emulator.damage import FAULTS
from emulator.providers import PROVIDERS
from emulator.scenario.vocabulary import Vocabulary
from tests.campaign.recipes import ACCOUNTS

STEP = "X-Campaign-Step"
WORDS: dict[str, Vocabulary] = {each.name: each.vocabulary for each in PROVIDERS}
WAITS = (None, "0s", "500ms", "3s", "1m", "2h", {"polls": 1}, {"polls": 3}, "release", {"uniform": ["1s", "20s"]},
         {"lognormal": {"median": "5s", "p99": "60s"}})  # fmt: skip
ROUND = ("1h", "2h", {"polls": 2}, "release")
"""Waits of what goes round and round: by seconds it would be a million moments in eight days, and nothing else."""
CLOCKS: tuple[dict[str, Any], ...] = (
    {"mode": "frozen", "start": "2026-03-01T09:00:00Z"},
    {"mode": "frozen", "start": "2026-03-01T09:00:00Z"},
    {"step": "700ms", "start": "2026-03-01T09:00:00Z"},
    {"mode": "skip", "start": "2026-03-01T09:00:00Z"},
)
SMALL = {
    "kladana": ({"queued_tasks": 1}, {"running_tasks": 2}, {"rate_limited": True, "rate_limit": 20},
    {"bare_json_accepted": True},
                {"queued_tasks": 2, "running_tasks": 1, "link_lives": "1m", "result_lives": "2m"},
                {"profile": "current"}),
    "deposco": ({"second_import": "waits"}, {"retry_after": True}, {"rate_limited": True, "rate_limit": 5},
    {"import_lives": "1m"}),
    "waylay": ({"authentication": "none"}, {"batches_live": "1m"}, {"tokens_live": "1m"}),
    "ivvy": ({"callback_retries": 3, "callback_retry_after": "20s"}, {"results_live": "1m"}, {"callbacks": False}),
    "synapse": ({"anonymous": True}, {"result_cache": True}, {"link_lives": "1m"},
    {"frequency_limited": True, "frequency_requests": 5},
                {"stack_status": "READ_ONLY"}, {"upload_launchable": False}, {"profile": "current"},
                {"rows_per_page": 2}),
}  # fmt: skip
"""Settings that bring an API to its bounds."""


def drawn(api: str, rng: Random) -> str:
    """A story of that API, as YAML (which JSON is). It may be refused: then that is told, and nothing changes."""
    words, story = WORDS[api], begun(api)
    if rng.random() < 0.5:
        story["settings"] = rng.choice(SMALL[api])
    if rng.random() < 0.6:
        story["jobs"] = [_job(words, rng)]
    if rng.random() < 0.75:
        story["faults"] = [_fault(words, rng) for _ in range(rng.choice((2, 4, 6, 9)))]
    if rng.random() < 0.15:
        limit = rng.choice(
            ({"requests": 3, "window": "5s"}, {"body": "1KB"}, {"requests": 2, "window": "1m", "per": "account"})
        )
        story["limits"] = [limit | {"error": _code(rng.choice(table(words.api)))}]
    if words.callbacks and rng.random() < 0.4:
        story["callbacks"] = [rng.choice(CALLBACKS)]
    if rng.random() < 0.1:
        story["progression"] = rng.choice(("immediate", "manual"))
    return json.dumps(story)


def begun(api: str) -> dict[str, Any]:
    """A story in which nothing happens yet."""
    known = {"accounts": ACCOUNTS} if api == "synapse" else {}  # it hears nobody whom no story lists
    return {"version": 1, "api": api, "about": "Drawn by a campaign.", **known}


def walk(api: str, mishaps: Sequence[str]) -> str:
    """A story of these errors of the API and faults, each for whoever asks for it in the header STEP."""
    faults = [
        {"when": {"header": {STEP: each}}} | ({"fault": each} if each in FAULTS else {"error": _code(each)})
        for each in mishaps
    ]
    return json.dumps(begun(api) | {"faults": faults})


def table(api: str) -> list[str]:
    """The codes of the API's errors, in order."""
    return sorted(map(str, WORDS[api].errors))


CALLBACKS = (
    {"copies": 2, "apart": "1s"}, {"copies": 0}, {"delay": "10s"}, {"before_answer": True}, {"malformed": True},
    {"retry": ["1s", "5s"]}, {"headers": {"X-A": "b"}},
)  # fmt: skip


def _job(words: Vocabulary, rng: Random) -> dict[str, Any]:
    """A walk through the lifecycle, with any waits on its way."""
    follows, state = words.lifecycle.follows, words.lifecycle.initial
    steps: list[dict[str, Any]] = [{"state": state}]
    while follows[state] and len(steps) < 6:
        if rng.random() < 0.2 and len(steps) > 1:
            steps.append({"state": "end"})
            break
        state = rng.choice(follows[state])
        steps.append({"state": state})
    cycle = rng.random() < 0.07
    for each in steps[1:]:
        if (wait := rng.choice(ROUND if cycle else WAITS)) is not None:
            each["after"] = wait
    if rng.random() < 0.15:
        steps[-1]["error"] = _code(rng.choice(table(words.api)))
    return (
        {"steps": steps}
        | ({"repeat": "cycle"} if cycle else {"repeat": "none"} if rng.random() < 0.08 else {})
        | ({"stuck": True} if follows.get(steps[-1]["state"]) else {})
    )


def _fault(words: Vocabulary, rng: Random) -> dict[str, Any]:
    kind = rng.randrange(9)
    fault: dict[str, Any] = rng.choice(WHENS).copy()
    if rng.random() < 0.25:
        fault["operation"] = rng.choice(sorted(words.operations))
    if kind <= 2:
        fault["fault"] = rng.choice(sorted(FAULTS))
    elif kind <= 5:
        fault["error"] = _code(rng.choice(table(words.api)))
    else:
        fault |= rng.choice(ACTS)
    if kind <= 5 and rng.random() < 0.2:
        fault["effect"] = rng.choice(("before", "after"))
    return fault


WHENS = ({}, {"calls": 1}, {"calls": "2..3"}, {"calls": 4}, {"every": 3}, {"every": 5}, {"when": {"chance": 0.3}})
ACTS = (
    {"latency": "1s"}, {"latency": {"uniform": ["1ms", "2s"]}}, {"chunked_dribble": {"chunks": 4, "over": "1s"}},
    {"bandwidth": "1KB"}, {"headers": {"X-A": "b", "Content-Type": None}}, {"date": {"ahead": "10m"}},
    {"date": {"behind": "1h"}},
    {"set": {"/state": "NOBODY"}, "breaks_contract": True}, {"remove": ["/id"], "breaks_contract": True},
    {"set": {"/a/b": 1}},
    {"answer": {"status": 418, "body": {"tea": "${uuid}"}}, "breaks_contract": True},
)  # fmt: skip


def _code(text: str) -> int | str:
    return int(text) if text.isdigit() else text

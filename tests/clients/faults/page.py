"""docs/faults.md: how to script what goes wrong on the wire, and what clients have been seen to make of it."""

from collections.abc import Mapping
from pathlib import Path

from emulator.damage import FAULTS, WITHOUT_ANSWER

PAGE = Path(__file__).parents[3] / "docs" / "faults.md"

INTRODUCTION = """\
# Faults on the wire

<!-- Written by `tests/clients/run python3 faults --write`. -->

What a client makes of a broken answer is decided long before its own code sees one: by the library it uses. So a
scenario can break answers at the level of bytes, and the table below says what four clients have been seen to make of
each fault.

```yaml
version: 1
api: kladana
about: The connection is reset when the second report is submitted.
faults:
  - {operation: getStockByStore, calls: 2, fault: CONNECTION_RESET_BY_PEER}
```

`emulator serve --scenario reset.yaml` plays it, and so does `PUT /__admin/scenario` in a namespace of your own.

## Which calls

Each rule counts the calls that meet its other conditions. Without an `operation` it is about every call; without
`calls` and `every` it acts on each. All rules that match a call act on it, in order.

```yaml
version: 1
api: kladana
about: Which calls something happens to.
faults:
  - {operation: getTask, fault: BAD_GATEWAY, calls: 3} # the third poll of each task
  - {operation: getTask, fault: TRUNCATED_BODY, calls: 2..4, per: namespace} # the second to the fourth of all polls
  - {operation: downloadResult, fault: TRUNCATED_GZIP, every: 5} # each fifth download
  - {operation: getTasks, fault: TIMEOUT, when: {chance: 0.1}} # one in ten, drawn by the seed
  - {fault: SERVICE_UNAVAILABLE, when: {during: {from: 5m, to: 10m}}} # everything, in a window of virtual time
  - {operation: getStockByStore, fault: EMPTY_RESPONSE, when: {query: {async: "true"}}} # submissions only
```

## Before or after the effect

A fault happens to the finished answer: the job has been made, the poll has been counted, and only the client does not
know. That is `effect: after`, the default. With `effect: before` the call never reaches the service. It goes with the
faults that need no answer to act on: {without}.

```yaml
version: 1
api: kladana
about: One submission is lost on its way there, another on its way back.
faults:
  - {operation: getStockByStore, calls: 1, effect: before, fault: GATEWAY_TIMEOUT} # there is no task
  - {operation: getStockByStore, calls: 2, fault: GATEWAY_TIMEOUT} # there is one
```

The journal (`emulator requests`, `GET /__admin/requests`) names the rule and the fault of each call, and the answer as
it would have been; its status is 0 where the call was never made.

## What else goes wrong

Beside `fault`, or without one, a rule may say:

```yaml
version: 1
api: kladana
about: Slow and strange answers.
faults:
  - {operation: getTask, latency: {lognormal: {median: 200ms, p99: 2s}}} # the answer begins later
  - {operation: getTasks, chunked_dribble: {chunks: 5, over: 2s}} # its body comes in pieces
  - {operation: downloadResult, bandwidth: 10KB} # so much of it in each second
  - {operation: getTaskResult, headers: {Location: null, Retry-After: "120"}} # headers are set, repeated, taken away
  - {operation: getTask, date: {ahead: 10m}} # the server's clock is wrong
```

Time on the wire is real time, whatever the virtual clock does. A reset of the namespace and the end of the server let
everybody go who waits: what is left of the answer comes at once. If the headers leave out where the body ends, the end
of the connection says it. Where an answer has no body (`HEAD`, 204, 304), nothing is wrong with one.

## What clients make of it

Each client asks for a list of tasks (`{operation: getTasks, fault: ...}` acts on every call), follows redirects, reads
JSON, and has a limit of one second: requests {requests}, httpx {httpx}, aiohttp {aiohttp}, and the `fetch` of Node 20.
`A` of `B` is an error and what it was raised for in the end; `200, then` says that the error came only when the body
was read, and `200, whole` that nothing was noticed. Calls are counted where the client asked again by itself.

"""


def text(seen: Mapping[str, Mapping[str, str]], versions: Mapping[str, str]) -> str:
    """The whole page: what each client has made of each fault, by fault and client."""
    without = ", ".join(f"`{name}`" for name in FAULTS if name in WITHOUT_ANSWER)
    head = INTRODUCTION.replace("{without}", without)
    for client, version in versions.items():
        head = head.replace(f"{{{client}}}", version)
    clients = list(next(iter(seen.values())))
    rows = [["in YAML", "what happens", *clients], ["---"] * (2 + len(clients))]
    rows += [[f"`fault: {name}`", FAULTS[name], *seen[name].values()] for name in FAULTS]
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)

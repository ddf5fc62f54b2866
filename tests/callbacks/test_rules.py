"""What scenarios make of calls that are owed to the client: late, twice, never, spoilt."""

import json

import pytest

from tests.callbacks.receiver import receiving
from tests.ivvy.conftest import Ivvy

API = "/api/remap/1.2"
TOKEN = {"Authorization": "Bearer token"}
HOOK = {"action": "PROCESSED", "entityType": "async"}


@pytest.fixture
async def receiver():
    """Somebody who is called back."""
    async with receiving() as found:
        yield found


class Clients:
    """A client of Kladana that has a webhook, and one of iVvy that wants callbacks; both are called at one place."""

    def __init__(self, emulator, receiver):
        self.emulator, self.receiver = emulator, receiver

    async def play(self, api, rules):
        yaml = f"version: 1\napi: {api}\ncallbacks:\n" + "".join(f"  - {{{each}}}\n" for each in rules)
        self.scenario = (await self.emulator.admin("PUT", "/scenario", {"yaml": yaml}))["name"]

    async def kladana(self, *rules, tasks=1):
        """Webhooks are owed for so many tasks, under these rules; the ids of the tasks."""
        await self.play("kladana", rules)
        said = HOOK | {"url": self.receiver.url}
        reply = await self.emulator.call("POST", f"{API}/entity/webhook", json=said, headers=TOKEN)
        assert reply.status == 200, reply.text
        return [await self.task() for _ in range(tasks)]

    async def task(self):
        reply = await self.emulator.get(f"{API}/report/stock/bystore?async=true", headers=TOKEN)
        assert reply.status == 202, reply.text
        return reply.headers["X-Emulator-Job"]

    async def ivvy(self, *rules):
        """A callback is owed for a batch, under these rules; its id."""
        await self.play("ivvy", rules)
        return await Ivvy(self.emulator).run(url=self.receiver.url)

    async def advance(self, *spans):
        """How many calls have been heard after each of them."""
        heard = []
        for each in spans:
            await self.emulator.advance(each)
            heard.append(len(self.receiver.heard))
        return heard

    async def hits(self, api):
        told = (await self.emulator.admin("GET", "/scenario"))["scenarios"]
        (played,) = [each for each in told if each["api"] == api]
        return [rule["hits"] for rule in played["rules"] if "callbacks" in rule["name"]]


@pytest.fixture
def clients(emulator, receiver):
    return Clients(emulator, receiver)


async def test_late(clients, receiver):
    (task,) = await clients.kladana("delay: 1h")
    assert await clients.advance("59m", "2m") == [0, 1]
    assert json.loads(receiver.heard[0].body)["events"][0]["meta"]["href"].endswith(task)
    assert await clients.hits("kladana") == [1]


async def test_late_by_chance_and_the_same_for_the_same_seed(start_emulator, receiver):
    owed = []
    for _ in range(2):
        clients = Clients(await start_emulator(seed=7), receiver)
        await clients.kladana("delay: {uniform: [1h, 2h]}", tasks=3)
        await clients.emulator.advance("59m")
        told = (await clients.emulator.admin("GET", "/callbacks"))["callbacks"]
        owed.append([each["due"] for each in told])
    assert owed[0] == owed[1]
    assert len(set(owed[0])) == 3


async def test_twice_with_the_same_id(clients, receiver):
    await clients.kladana("copies: 3, apart: 10m")
    assert await clients.advance("1m", "10m", "10m", "1h") == [1, 2, 3, 3]
    assert len({each.query["requestId"] for each in receiver.heard}) == 1
    assert len({each.body for each in receiver.heard}) == 1


async def test_never(clients):
    await clients.kladana("copies: 0")
    assert await clients.advance("1d") == [0]
    assert await clients.hits("kladana") == [1]
    assert (await clients.emulator.admin("GET", "/callbacks"))["callbacks"] == []


async def test_tried_again_as_the_scenario_has_it(clients, receiver):
    receiver.afterwards = 500
    await clients.ivvy("retry: [1m, 1h]")
    assert await clients.advance("30s", "2m", "1h", "1d") == [1, 2, 3, 3]


async def test_never_tried_again_where_the_vendor_would(clients, receiver):
    receiver.afterwards = 500
    await clients.kladana("retry: []")
    assert await clients.advance("1d") == [1]


async def test_headers_are_set_and_taken_away(clients, receiver):
    await clients.kladana("headers: {X-Signature: wrong, user-agent: null, content-type: text/plain}")
    await clients.advance("1h")
    told = {name.lower(): value for name, value in receiver.heard[0].headers.items()}
    assert (told["x-signature"], told["content-type"]) == ("wrong", "text/plain")
    assert "Kladana" not in told.get("user-agent", "")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("set: {/results: null}", {"results": None}),
        ("replace: {/asyncId: unknown, /nowhere: 1}", {"asyncId": "unknown"}),
        ("remove: [/asyncId]", {"asyncId": "gone"}),
        ("set: {/results/0/status: EXPLODED}", {}),
    ],
)
async def test_another_body(clients, receiver, change, expected):
    batch = await clients.ivvy(f"{change}, breaks_contract: true")
    await clients.advance("1h")
    told = json.loads(receiver.heard[0].body)
    assert {key: told.get(key, "gone") for key in expected} == expected
    assert told.get("asyncId") == batch or "/asyncId" in change
    if "EXPLODED" in change:
        assert told["results"][0]["status"] == "EXPLODED"


async def test_a_body_that_breaks_off(clients, receiver):
    await clients.ivvy("calls: 1, malformed: true, retry: []")
    await clients.advance("1h")
    batch = await Ivvy(clients.emulator).run(url=receiver.url)
    await clients.advance("1h")
    broken, whole = (each.body for each in receiver.heard)
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken)
    assert json.loads(whole)["asyncId"] == batch


async def test_only_where_its_conditions_hold(clients, receiver):
    tasks = await clients.kladana(
        "when: {url: {contains: /elsewhere}}, copies: 0",
        "when: {header: {Content-Type: text/plain}}, copies: 0",
        "when: {body: {/events/0/action: CREATE}}, copies: 0",
        "when: {account: somebody-else}, copies: 0",
        "when: {during: {to: 0s, from: 2026-03-01T08:00:00Z}}, copies: 0",
        "when: {url: {matches: 'requestId='}, body: {/events/0/action: PROCESSED}}, calls: 2, copies: 2",
        tasks=3,
    )
    await clients.advance("1h")
    assert await clients.hits("kladana") == [0, 0, 0, 0, 0, 1]
    named = [json.loads(each.body)["events"][0]["meta"]["href"].rpartition("/")[2] for each in receiver.heard]
    assert sorted(named) == sorted([*tasks, tasks[1]])


async def test_rules_act_one_after_the_other(clients, receiver):
    await clients.ivvy("copies: 2, apart: 1m", "calls: 1, delay: 1h", "headers: {X-A: b}")
    assert await clients.advance("30m", "1h") == [0, 2]
    assert [each.headers["X-A"] for each in receiver.heard] == ["b", "b"]
    assert await clients.hits("ivvy") == [1, 1, 1]


async def test_counts_per_job(clients, receiver):
    await clients.ivvy("calls: 1, per: job, copies: 0")
    await Ivvy(clients.emulator).run(url=receiver.url)
    assert await clients.advance("1h") == [0]
    assert await clients.hits("ivvy") == [2]

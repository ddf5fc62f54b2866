"""Random conversations with one namespace, by hypothesis: whatever is said and done, what must hold holds."""

import asyncio
import json
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from emulator.clock import MILLISECOND, iso
from emulator.job import Release
from emulator.namespaces import Namespaces
from emulator.scenario.measures import microseconds
from tests.campaign.calls import Said
from tests.campaign.dialling import Dial
from tests.campaign.report import Report
from tests.campaign.saying import APIS, Client
from tests.campaign.stories import drawn
from tests.campaign.watching import Watch
from tests.conftest import Reply
from tests.stories.conversations import HUGE
from tests.stories.talk import STORIES

CLOCKS: tuple[dict[str, Any], ...] = (
    {"mode": "frozen", "start": "2026-03-01T09:00:00Z"},
    {"mode": "frozen", "start": "2026-03-01T09:00:00Z"},
    {"step": "700ms", "start": "2026-03-01T09:00:00Z"},
    {"mode": "skip", "start": "2026-03-01T09:00:00Z"},
)
WAITS = ("0s", "1ms", "250ms", "1s", "3s", "5s", "20s", "1m", "6m", "1h", "49h", "8d")
DRAWS = st.integers(0, 2**32 - 1)
REPLAYED = 8
"""One in so many conversations is held a second time, and compared."""


@dataclass
class House:
    """A server at work, its loop, somebody who is called back, and the report."""

    runner: asyncio.Runner
    namespaces: Namespaces
    port: int
    receiver: str
    report: Report
    problems: list[str]
    """What has been logged as an error, by anybody."""


Act = tuple[str, Any]
"""One thing that was done: its kind, and with what."""


class Conversation(RuleBasedStateMachine):
    """One namespace, a client of each API, and whatever comes to their minds."""

    house: House

    @initialize(seed=st.integers(0, 9), clock=st.sampled_from(CLOCKS), api=st.sampled_from(APIS), draw=DRAWS)
    def begin(self, seed: int, clock: dict[str, Any], api: str, draw: int) -> None:
        house, rng = self.house, Random(draw)
        self.twice = draw % REPLAYED == 0
        self.api = api
        self.made = {"seed": seed, "clock": clock}
        self.acts: list[Act] = []
        self.dial = Dial(house.port)
        self.clients = {each: Client(each, house.receiver) for each in APIS}
        self._make()
        if rng.random() < 0.7:
            self._do(("play", {"name": self._story(rng)}))

    @rule(draw=DRAWS)
    def talk(self, draw: int) -> None:
        """A few things that a client says."""
        self._say(Random(draw), ("plausible",))

    @rule(draw=DRAWS)
    def go_on_talking(self, draw: int) -> None:
        """The same, so that it is said more often than other things happen."""
        self._say(Random(draw), ("plausible", "plausible", "allowed"))

    @rule(draw=DRAWS)
    def stray(self, draw: int) -> None:
        """What a client says that has mistakes, or means no good."""
        self._say(Random(draw), ("allowed", "wrong", "wrong"))

    @rule(wait=st.sampled_from(WAITS))
    def advance(self, wait: str) -> None:
        self._do(("advance", wait))

    @rule(draw=DRAWS)
    def play(self, draw: int) -> None:
        """Another story, shipped or drawn."""
        rng = Random(draw)
        wish = {"name": self._story(rng)} if rng.random() < 0.25 else {"yaml": drawn(self._api(rng), rng)}
        if any(True for _ in self.namespace.jobs()):
            self.house.report.saw("story changed while jobs live")
        self._do(("play", wish))

    @precondition(lambda self: any(True for _ in self.namespace.jobs()))
    @rule(draw=DRAWS)
    def release(self, draw: int) -> None:
        jobs = [job for _, job in self.namespace.jobs()]
        waiting = [job for job in jobs if job.upcoming and isinstance(job.upcoming.after, Release)]
        self._do(("release", Random(draw).choice(waiting or jobs).id))

    @precondition(lambda self: len(self.acts) > 12)
    @rule()
    def reset(self) -> None:
        if any(True for _ in self.namespace.jobs()):
            self.house.report.saw("reset while jobs live")
        self._do(("reset", None))

    def teardown(self) -> None:
        """Told again, it is the same; and when the namespace is gone, so is all that was at work for it."""
        house = self.house
        if not hasattr(self, "namespace"):
            return
        if self.twice:
            self._again()
        house.runner.run(self._end())
        assert not house.problems, house.problems

    # How it is done

    def _say(self, rng: Random, kinds: tuple[str, ...]) -> None:
        for _ in range(rng.choice((1, 3, 6, 12))):
            client = self.clients[self._api(rng)]
            said: Said = getattr(client, rng.choice(kinds))(rng, self.namespace.clock.now())
            self._do(("say", said))
            if self.reply is not None:
                client.hear(said, self.reply)

    def _api(self, rng: Random) -> str:
        return self.api if rng.random() < 0.85 else rng.choice(APIS)

    def _story(self, rng: Random) -> str:
        api = self._api(rng)
        return rng.choice([each for each in STORIES if each.startswith(f"{api}/") and each != HUGE])

    def _make(self) -> None:
        name = "campaign"
        self.house.runner.run(self._admin("DELETE", f"/namespaces/{name}", at=""))  # one that went wrong is still there
        made = self.house.runner.run(self._admin("PUT", f"/namespaces/{name}", self.made, at=""))
        assert made.status == 201, made.text
        self.prefix = f"/ns/{name}"
        self.namespace = self.house.namespaces.get(name)
        self.watch = Watch(self.namespace, self.house.report)

    def _do(self, act: Act) -> None:
        self.acts.append(act)
        self.house.runner.run(self._act(act))
        self.watch.check()
        assert not self.house.problems, self.house.problems

    async def _act(self, act: Act, *, halved: bool = False) -> None:
        kind, what = act
        report = self.house.report
        if kind == "say":
            await self._exchange(what)
        elif kind == "advance":
            for part in halves(what) if halved else [what]:
                assert (await self._admin("POST", "/clock", {"advance": part})).status == 200
        elif kind == "play":
            told = await self._admin("PUT", "/scenario", what)
            assert told.status in (200, 409, 422), told.text
            report.counts["stories played" if told.status == 200 else "stories refused"] += 1
        elif kind == "release":
            told = await self._admin("POST", f"/jobs/{what}/release", {})
            assert told.status in (200, 404, 415, 400), told.text
        elif kind == "reset":
            assert (await self._admin("POST", "/reset")).status == 204
            assert not self.namespace.clock.pending()
            assert not list(self.namespace.jobs())
            self.watch.begin()
            for client in self.clients.values():
                client.forget()

    async def _exchange(self, said: Said) -> None:
        report = self.house.report
        written, now = self.namespace.journal.written, self.namespace.clock.now()
        self.reply = await self.dial.ask(self.prefix, said)
        report.counts["requests"] += 1
        report.counts["bad requests"] += said.bad
        heard = self.namespace.journal.written - written
        assert heard in (0, 1), "one request was written down twice"
        assert self.namespace.clock.now() >= now
        if self.reply is None:
            assert heard, f"no answer to {said}, and no rule that says so"
            last = self.namespace.journal._exchanges[-1]
            assert any(" faults[" in each for each in last.rules), f"no answer to {said}, and no rule that says so"
            report.saw("answer lost")
        elif heard:
            self.watch.told(self.reply)
        else:
            assert self.reply.status < 500, (said, self.reply)

    async def _admin(self, method: str, path: str, body: Any = None, *, at: str | None = None) -> Reply:
        said = Said(
            method,
            f"/__admin{path}",
            {"Content-Type": "application/json"},
            b"" if body is None else json.dumps(body).encode(),
        )
        reply = await self.dial.ask(self.prefix if at is None else at, said)
        assert reply is not None, said
        assert reply.status < 500, (said, reply)
        self.house.report.counts["admin calls"] += 1
        return reply

    def _again(self) -> None:
        """The same acts in a new namespace of that name, time passing by halves: the same journal, the same jobs."""
        before = self._history()
        self.house.runner.run(self._end())
        self.dial = Dial(self.house.port)
        self._make()
        for act in self.acts:
            self.house.runner.run(self._act(act, halved=True))
        assert self._history() == before
        self.house.report.counts["conversations held twice"] += 1

    def _history(self) -> list[Any]:
        exchanges = [
            {key: value for key, value in each.told().items() if key != "wall"} for each in self.namespace.journal
        ]
        jobs = [
            (api, job.id, [(iso(at), step.state) for at, step in job.moments]) for api, job in self.namespace.jobs()
        ]
        return [*exchanges, *jobs]

    async def _end(self) -> None:
        outbox = self.namespace.outbox
        assert (await self._admin("DELETE", f"/namespaces/{self.namespace.name}", at="")).status == 204
        await self.dial.close()
        assert outbox.closed
        assert not self.namespace.clock.pending()


def halves(wait: str) -> list[str]:
    """The same length in two."""
    whole = microseconds(wait) // MILLISECOND
    return [f"{whole // 2}ms", f"{whole - whole // 2}ms"]

"""Random conversations with one namespace, by hypothesis: whatever is said and done, what must hold holds."""

import asyncio
import json
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from emulator.damage import FAULTS
from emulator.job import Job, Release
from tests.campaign.calls import Said
from tests.campaign.dialling import Dial
from tests.campaign.house import House
from tests.campaign.recipes import RECIPES, Asked, Recipe
from tests.campaign.replaying import halves, history
from tests.campaign.saying import APIS, Client
from tests.campaign.stories import CLOCKS, STEP, begun, drawn, table, walk
from tests.campaign.watching import Watch
from tests.conftest import Reply
from tests.stories.conversations import HUGE
from tests.stories.talk import STORIES

WAITS = ("0s", "1ms", "250ms", "1s", "3s", "5s", "20s", "1m", "6m", "1h", "49h", "8d")
LONG = WAITS[-2:]
DRAWS = st.integers(0, 2**24 - 1)  # of a wider range hypothesis takes small ones nearly always
STEPS = 10
"""Mishaps of an API that are walked through at a time."""
REPLAYED = 8
"""One in so many conversations is held a second time, and compared."""


Act = tuple[str, Any]
"""One thing that was done: its kind, and with what."""


class Conversation(RuleBasedStateMachine):
    """One namespace, a client of each API, and whatever comes to their minds."""

    house: House

    @initialize(seed=st.integers(0, 9), clock=st.sampled_from(CLOCKS), api=st.sampled_from(APIS), draw=DRAWS)
    def begin(self, seed: int, clock: dict[str, Any], api: str, draw: int) -> None:
        house, rng = self.house, Random(draw)
        self.before = len(house.problems)  # what another conversation has brought to light is not this one's fault
        self.twice = draw % REPLAYED == 0
        self.api = api
        self.made = {"seed": seed, "clock": clock}
        self.acts: list[Act] = []
        self.dial = Dial(house.port, f"{house.about}, {self.made}")
        self.clients = {each: Client(each, house.receiver) for each in APIS}
        self._make()
        if rng.random() < 0.7:
            self._do(("play", {"name": self._story(rng)}))

    # What may happen

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

    @rule(draw=DRAWS)
    def walk(self, draw: int) -> None:
        """Somebody has whatever can go wrong with an API go wrong, one after the other."""
        rng = Random(draw)
        api = self._api(rng)
        mishaps = [*table(api), *FAULTS]
        first = rng.randrange(len(mishaps))
        some = (mishaps + mishaps)[first : first + STEPS]
        self._do(("play", {"yaml": walk(api, some)}))
        self.house.run(self._walk(api, some, rng))

    @rule(draw=DRAWS)
    def follow(self, draw: int) -> None:
        """Somebody does what hardly ever happens by chance."""
        rng = Random(draw)
        api = self._api(rng)
        if RECIPES[api]:
            if rng.random() < 0.5:  # otherwise it may fail for what there is, such as a full queue
                self._do(("reset", None))
            self.cook(api, rng.choice(RECIPES[api]), rng)

    @rule(wait=st.sampled_from(WAITS))
    def advance(self, wait: str) -> None:
        """Time passes; no more than an hour for those who go round in seconds, which would be a million moments."""
        rounds = any(job.rule.repeat == "cycle" for _, job in self.namespace.jobs())
        self._do(("advance", "1h" if rounds and wait in LONG else wait))

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
        jobs = self._waiting() or [job for _, job in self.namespace.jobs()]
        self._do(("release", Random(draw).choice(jobs).id))

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
        house.run(self._end())
        self._no_problem()

    # How it is done

    def _say(self, rng: Random, kinds: tuple[str, ...]) -> None:
        self.house.run(self._talk(rng, kinds))

    async def _talk(self, rng: Random, kinds: tuple[str, ...]) -> None:
        for _ in range(rng.choice((1, 3, 6, 12))):
            client = self.clients[self._api(rng)]
            await self._told(client, getattr(client, rng.choice(kinds))(rng, self.namespace.clock.now()))

    async def _walk(self, api: str, mishaps: list[str], rng: Random) -> None:
        client = self.clients[api]
        for each in mishaps:
            said = client.plausible(rng, self.namespace.clock.now())
            await self._told(client, replace(said, headers={**said.headers, STEP: each}))

    def hold(self, api: str, recipe: Recipe) -> None:
        """A conversation that is this recipe and no more."""
        self.begin(seed=0, clock=CLOCKS[0], api=api, draw=1)
        self.cook(api, recipe, Random(0))
        self.teardown()

    def cook(self, api: str, recipe: Recipe, rng: Random) -> None:
        """All of a recipe."""
        if recipe.story:
            self._do(("play", {"yaml": json.dumps(begun(api) | recipe.story)}))
        if recipe.at_once:
            self.twice = False  # which of them comes first is nobody's to say
            now = self.namespace.clock.now()
            said = [self.clients[api].asked(each, now, rng) for each in recipe.script if isinstance(each, Asked)]
            self._do(("crowd", said))
        else:
            self.house.run(self._followed(api, recipe, rng))

    async def _followed(self, api: str, recipe: Recipe, rng: Random) -> None:
        client = self.clients[api]
        for step in recipe.script:
            if isinstance(step, Asked):
                await self._told(client, client.asked(step, self.namespace.clock.now(), rng))
            elif step != "release":
                await self._done(("advance", step))
            elif waiting := self._waiting():
                await self._done(("release", waiting[0].id))

    def _waiting(self) -> list[Job]:
        """Those that wait for their release."""
        jobs = [job for _, job in self.namespace.jobs()]
        return [job for job in jobs if job.upcoming and isinstance(job.upcoming.after, Release)]

    async def _told(self, client: Client, said: Said) -> None:
        await self._done(("say", said))
        if self.reply is not None:
            client.hear(said, self.reply)

    def _api(self, rng: Random) -> str:
        return self.api if rng.random() < 0.85 else rng.choice(APIS)

    def _story(self, rng: Random) -> str:
        api = self._api(rng)
        return rng.choice([each for each in STORIES if each.startswith(f"{api}/") and each != HUGE])

    def _make(self) -> None:
        name = "campaign"
        self.house.run(self._admin("DELETE", f"/namespaces/{name}", at=""))  # one that went wrong is still there
        made = self.house.run(self._admin("PUT", f"/namespaces/{name}", self.made, at=""))
        assert made.status == 201, made.text
        self.prefix = f"/ns/{name}"
        self.namespace = self.house.namespaces.get(name)
        self.watch = Watch(self.namespace, self.house.report)

    def _do(self, act: Act) -> None:
        self.house.run(self._done(act))

    async def _done(self, act: Act) -> None:
        self.acts.append(act)
        await self._act(act)
        self.watch.check()
        self._no_problem()

    def _no_problem(self) -> None:
        told = self.house.problems[self.before :]
        assert not told, told

    async def _act(self, act: Act, *, halved: bool = False) -> None:
        kind, what = act
        report = self.house.report
        if kind == "say":
            await self._exchange(what)
        elif kind == "crowd":
            await self._crowd(what)
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

    async def _crowd(self, all_said: list[Said]) -> None:
        """All at once, over a connection each."""
        dials = [Dial(self.house.port, self.dial.about) for _ in all_said]
        written = self.namespace.journal.written
        await asyncio.gather(*(dial.ask(self.prefix, said) for dial, said in zip(dials, all_said, strict=True)))
        self.house.report.counts["requests"] += len(all_said)
        assert self.namespace.journal.written - written == len(all_said)
        for dial in dials:
            await dial.close()

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
        before = history(self.namespace)
        self.house.run(self._end())
        self.dial = Dial(self.house.port, self.dial.about)
        self._make()
        for act in self.acts:
            self.house.run(self._act(act, halved=True))
        assert history(self.namespace) == before
        self.house.report.counts["conversations held twice"] += 1

    async def _end(self) -> None:
        outbox = self.namespace.outbox
        assert (await self._admin("DELETE", f"/namespaces/{self.namespace.name}", at="")).status == 204
        await self.dial.close()
        assert outbox.closed
        assert not self.namespace.clock.pending()

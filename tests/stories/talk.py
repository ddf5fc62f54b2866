"""A client that says what is written down for it, and remembers what it was told.

It talks to a namespace without a socket: what an answer is made of is looked at, and no real time is lost on the wire.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy

from emulator.app import Config, library, make_origin
from emulator.callback import Attempt, Nobody, Outbox
from emulator.clock import Duration, Instant, to_datetime
from emulator.contract.router import Router
from emulator.exchange import Request
from emulator.journal import Budget, record
from emulator.namespace import Namespace
from emulator.origin import Origin
from emulator.providers import PROVIDERS
from emulator.scenario.measures import microseconds
from emulator.scenario.story import ClockSetting
from tests.conftest import START, Reply
from tests.ivvy.conftest import SECRET, signed
from tests.stories.conversations import CREDENTIALS, MOUNTS, Call

STORIES = library().names()
"""Every shipped scenario, as `api/story`."""
BASE = "http://emulator.test"
FROZEN = ClockSetting(rate=0, start=START)

_PROVIDERS = {each.name: each for each in PROVIDERS}
_ROUTER = Router(operation for each in PROVIDERS for operation in each.contract.operations.values())


class Refusing(Nobody):
    """Makes every call that is due, and finds nobody there."""

    async def settle(self, outbox: Outbox) -> None:
        while delivery := outbox.take():
            outbox.made(delivery, Attempt(outbox.clock.now(), None, "refused", 0))


class Talk:
    """One client of one API in a namespace, and the conversation so far."""

    def __init__(self, namespace: Namespace, api: str, credential: str = "") -> None:
        self.namespace = namespace
        self.api = api
        self.credential = credential or CREDENTIALS[api]
        self.kept: dict[str, str] = {}
        self.told: list[str] = []
        """All of each answer, as if it had come from no namespace in particular."""

    @property
    def now(self) -> Instant:
        """What the server's clock says."""
        return self.namespace.clock.now()

    async def say(self, call: Call) -> Reply:
        """One exchange; what the call is to keep is kept."""
        target = self._filled(call.path).removeprefix(BASE).removeprefix(self._prefix)
        body = b"" if call.body is None else self._filled(json.dumps(call.body)).encode()
        reply = await self.exchange(call.method, target, self._headers(target, body), body)
        told = "\n".join(f"{name}: {value}" for name, value in reply.headers.items()) + "\n" + text(reply)
        for name, pattern in call.keep.items():
            if found := re.search(pattern, told):
                self.kept[name] = found[1]
        return reply

    async def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """As the wire has it: stamp, serve, write down; what goes wrong on the wire is told beside the answer."""
        provider, (path, _, query) = _PROVIDERS[self.api], target.partition("?")
        base = BASE + self._prefix
        said = CIMultiDictProxy(CIMultiDict(headers))
        request = Request(method, path, query, said, body, base=base, storage=base)
        world = self.namespace.world(self.api)
        storage = any(path.startswith(each) for each in provider.storage)
        request.sequence, request.at = self.namespace.stamp(steps=not storage)
        served = provider.serve(world, request, _ROUTER.match(path, query))
        request.at, answer, operation = self.now, served.answer, served.operation
        exchange = record(
            request,
            answer,
            api=self.api,
            operation=operation.id if operation else None,
            secret=bool(operation and operation.secret),
            contract=served.contract,
            wall_us=0,
        )
        self.namespace.journal.write(exchange)
        whole = b"".join(served.slices) if served.slices else answer.body
        world.end(*request.holds)
        told = (answer.status, sorted(answer.headers.items()), whole, answer.latency, answer.damage)
        self.told.append(self.nameless(told))
        return Reply(answer.status, answer.headers, whole)

    async def say_all(self, calls: Iterable[Call], *, moving: bool = True) -> "Talk":
        """One exchange after the other; the clock is moved between them, if it does not move by itself."""
        for call in calls:
            if moving:
                await self.move_by(microseconds(call.after))
            await self.say(call)
        return self

    async def move_by(self, length: int) -> list[dict[str, Any]]:
        """What happened on the way."""
        return (await self.namespace.advance(Duration(length))).listed if length else []

    async def move_to(self, when: Instant) -> list[dict[str, Any]]:
        """What happened on the way."""
        return await self.move_by(when - self.now)

    def nameless(self, said: object) -> str:
        """It as text, without the name of the namespace, which stands in links."""
        return repr(said).replace(self._prefix, "")

    @property
    def _prefix(self) -> str:
        return f"/ns/{self.namespace.name}"

    def _filled(self, text: str) -> str:
        """What no answer has told is asked for all the same, by a name that nobody has."""
        return re.sub(r"\{(\w+)\}", lambda match: self.kept.get(match[1], f"{MOUNTS[self.api]}/nothing"), text)

    def _headers(self, target: str, body: bytes) -> dict[str, str]:
        if self.api == "ivvy":
            return signed(target, body, f"{to_datetime(self.now):%Y-%m-%d %H:%M:%S}", self.credential, SECRET)
        scheme = "Basic" if self.api == "waylay" else "Bearer"
        return {"Authorization": f"{scheme} {self.credential}", "Content-Type": "application/json"}


def text(reply: Reply) -> str:
    """The body, whatever is in it."""
    return reply.body.decode("utf-8", "replace")


@cache
def _origin(story: str, settings: tuple[str, ...]) -> Origin:
    """How a namespace begins that plays this story, whatever the story says of the clock."""
    origin = make_origin(Config(scenario=(story,), settings=settings), library())
    return replace(origin, scenarios={api: replace(each, clock=None) for api, each in origin.scenarios.items()})


def begin(
    story: str, clock: ClockSetting = FROZEN, *, name: str = "alone", seed: int = 0, settings: tuple[str, ...] = ()
) -> Talk:
    """The client of that story, in a namespace of its own. Names of one length are cut off in the journal alike."""
    api = story.partition("/")[0]
    space = Namespace(name, replace(_origin(story, settings), clock=clock, seed=seed), Budget(), Refusing())
    return Talk(space, api, CREDENTIALS.get(story, CREDENTIALS[api]))

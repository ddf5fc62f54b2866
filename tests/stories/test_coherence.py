"""One `now()`: whatever an answer announces comes to pass at that instant of the namespace's clock, and not before.

Each story is held still and told to its client. What an answer announces is looked at in another telling of the same
story up to there, which by determinism stands where the first one stood: a microsecond before the instant nothing has
changed, and at the instant it has. Calls that a fault or a limit of the story acts on are no witnesses.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from emulator.clock import MILLISECOND, SECOND, Instant, iso, to_instant
from emulator.scenario.measures import instant, microseconds
from tests.conftest import START, Emulator, Reply
from tests.stories.conversations import CONVERSATIONS, HUGE, Call, said_in
from tests.stories.talk import STORIES, Talk, begin, text

SETTINGS = {
    "deposco/rate-limited": ("deposco.retry_after=true",),
    "ivvy/callback-fails-then-repost": ("ivvy.callback_retries=3", "ivvy.callback_retry_after=20s"),
}
"""Beyond the story: so that it announces something."""

LEFT_OUT = {HUGE, "kladana/forgotten"}
"""What the second announces does not come to pass: that is what it is about."""


@dataclass(frozen=True)
class Announced:
    """What an answer says of the time to come: `call` gets one status before that instant, and another from then on."""

    what: str
    at: Instant
    call: Call
    before: int
    after: int | None = None
    """None is any other status than before."""
    late: int = 0
    """What a date leaves out: what comes to pass may be so much later, less a microsecond."""
    early: int = 0
    """What a wait has too much: what comes to pass may be so much sooner, less a microsecond."""


def of_kladana(call: Call, reply: Reply, now: Instant) -> Iterator[Announced]:
    """When a result is deleted, when a link dies, when a window is over."""
    found = re.search(r'"deletionDate":"([^"]+)"', text(reply))
    if found and call.path == "{task}":
        at = instant(found[1].replace(" ", "T") + "+03:00")
        yield Announced("deletion", at, Call("GET", "{task}/result"), 302, 412, late=MILLISECOND)
    if found := re.search(r"temp_url_expires=(\d+)", reply.headers.get("Location", "")):
        yield Announced("link", int(found[1]) * SECOND, Call("GET", "{link}"), 200, 401)
    if reply.status == 429:
        waits = reply.headers["X-Lognex-Retry-After"]
        assert reply.headers["X-Lognex-Reset"] == waits
        yield Announced("limit", now + int(waits) * MILLISECOND, call, 429)


def of_deposco(call: Call, reply: Reply, now: Instant) -> Iterator[Announced]:
    """When a window is over, which begins at a whole second."""
    if reply.status == 429 and "Retry-After" in reply.headers:
        yield Announced("limit", now + int(reply.headers["Retry-After"]) * SECOND, call, 429)


def of_waylay(call: Call, reply: Reply, now: Instant) -> Iterator[Announced]:
    """When one more call may be made: in whole seconds, which is more than it takes."""
    if reply.status == 429:
        at = now + int(reply.headers["Retry-After"]) * SECOND
        yield Announced("limit", at, call, 429, early=SECOND)


def of_synapse(call: Call, reply: Reply, _now: Instant) -> Iterator[Announced]:
    """When a link dies, when a window is over: both limits are spent by calls of the first instant."""
    if found := re.search(r"X-Amz-Date=(\w+)&X-Amz-Expires=(\d+)", text(reply)):
        signed = to_instant(datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
        yield Announced("link", signed + int(found[2]) * SECOND, Call("GET", "{url}"), 200, 403)
    if reply.status == 429 and (found := re.search(r"requests every (\d+) seconds", text(reply))):
        yield Announced("limit", START + int(found[1]) * SECOND, call, 429)


ANNOUNCED: dict[str, Callable[[Call, Reply, Instant], Iterator[Announced]]] = {
    "kladana": of_kladana,
    "deposco": of_deposco,
    "waylay": of_waylay,
    "synapse": of_synapse,
    "ivvy": lambda _call, _reply, _now: iter(()),
}


async def heard(story: str) -> dict[str, tuple[int, Announced]]:
    """The first announcement of each kind, and after how many calls it is made."""
    talk = begin(story, settings=SETTINGS.get(story, ()))
    announced: dict[str, tuple[int, Announced]] = {}
    for n, call in enumerate(said_in(story), 1):
        await talk.move_by(microseconds(call.after))
        for each in ANNOUNCED[talk.api](call, await talk.say(call), talk.now):
            if each.at > talk.now:
                announced.setdefault(each.what, (n, each))
    if {"link", "deletion"} <= announced.keys():  # a link dies with what it leads to
        calls, link = announced["link"]
        announced["link"] = calls, replace(link, at=min(link.at, announced["deletion"][1].at))
    return announced


async def comes_to_pass(story: str, calls: int, announced: Announced) -> bool:
    """Whether it has been seen to come to pass, exactly at its instant, in another telling of the same story."""
    talk = begin(story, settings=SETTINGS.get(story, ()))
    await talk.say_all(said_in(story)[:calls])
    await talk.move_to(announced.at - max(announced.early, 1))
    before, acted = await looked(talk, announced.call)
    await talk.move_to(announced.at + max(announced.late - 1, 0))
    after, acted_again = await looked(talk, announced.call)
    if announced.what != "limit" and (acted or acted_again):
        return False
    assert before.status == announced.before, (story, announced)
    if announced.after is None:
        assert after.status != announced.before, (story, announced)
    else:
        assert after.status == announced.after, (story, announced)
    return True


async def looked(talk: Talk, call: Call) -> tuple[Reply, bool]:
    """What a call is answered, and whether a rule of the story has acted on it."""
    reply = await talk.say(call)
    *_, written = talk.namespace.journal
    return reply, bool(written.rules)


async def test_what_answers_announce_comes_to_pass_at_that_instant():
    seen = set()
    for story in set(STORIES) - LEFT_OUT:
        for what, (calls, announced) in (await heard(story)).items():
            if await comes_to_pass(story, calls, announced):
                seen.add(f"{story.partition('/')[0]} {what}")
    of_kladana = {"kladana deletion", "kladana link", "kladana limit"}
    assert seen == of_kladana | {"deposco limit", "waylay limit", "synapse link", "synapse limit"}


async def test_a_deletion_date_of_a_whole_millisecond_is_exact():
    calls, announced = (await heard("kladana/default"))["deletion"]
    assert await comes_to_pass("kladana/default", calls, replace(announced, late=0))


# What happens ---------------------------------------------------------------------

LOOKS = {
    "kladana": (2, Call("GET", "{task}")),
    "deposco": (1, Call("GET", "{request}")),
    "waylay": (1, Call("GET", "{batch}")),
    "ivvy": (2, CONVERSATIONS["ivvy"][2]),
    "synapse": (1, CONVERSATIONS["synapse"][1]),
}
"""After how many calls there is a job, and how to look at it."""
MOST = 6
"""Events of a story that are looked at: some go on for ever."""


def owed(talk: Talk) -> list[Instant]:
    """When the calls that are still owed fall due."""
    return sorted(each.due for each in talk.namespace.outbox.kept if each.status == "owed")


async def lived(story: str) -> tuple[int, int]:
    """A story from event to event: how many attempts of callbacks were seen, and how often the client saw a change."""
    talk = begin(story, settings=SETTINGS.get(story, ()))
    calls, look = LOOKS[talk.api]
    await talk.say_all(CONVERSATIONS[talk.api][:calls])
    (seen, acted), attempts, changes = await looked(talk, look), 0, 0
    for _ in range(MOST):
        at = talk.namespace.clock.next_due()
        if at is None:
            break
        due = owed(talk)
        assert all(each >= at for each in due), story
        assert await talk.move_to(at - 1) == [], story
        before, acted_before = await looked(talk, look)
        if not acted and not acted_before and 429 not in (seen.status, before.status):
            assert before.body == seen.body, story
        happened = await talk.move_to(at)
        assert {each["at"] for each in happened} <= {iso(at)}, story
        tried = sum("attempt" in each for each in happened)
        assert not tried or at in due or len(happened) > tried, story  # a job that has just moved may owe one
        seen, acted = await looked(talk, look)
        attempts, changes = attempts + tried, changes + (seen.body != before.body)
    return attempts, changes


@pytest.mark.requirement("I-9")
async def test_from_event_to_event_nothing_changes_and_at_each_everything_speaks_of_its_instant():
    told = {story: await lived(story) for story in STORIES}
    assert told["ivvy/callback-fails-then-repost"] == (4, 1)
    assert told["kladana/webhook-retry"] == (4, 2)
    assert all(told[f"{api}/default"][1] for api in CONVERSATIONS)


async def test_the_callbacks_that_are_owed_are_tried_when_they_said():
    story = "ivvy/callback-fails-then-repost"
    talk = begin(story, settings=SETTINGS[story])
    await talk.say_all(said_in(story)[:2])
    await talk.move_by(SECOND)
    expected = []
    while due := owed(talk):
        expected += due
        await talk.move_to(due[0])
    (delivery,) = talk.namespace.outbox.kept
    assert [each.at for each in delivery.attempts] == [START + seconds * SECOND for seconds in (1, 21, 41, 61)]
    assert [each.at for each in delivery.attempts[1:]] == expected


# On the wire ------------------------------------------------------------------------


class Dialled(Talk):
    """The same client over a socket, where answers are dated. Its clock is moved through the admin API."""

    def __init__(self, emulator: Emulator, told: Talk) -> None:
        super().__init__(told.namespace, told.api, told.credential)
        self.emulator = emulator

    async def exchange(self, method, target, headers, body):
        reply = await self.emulator.call(method, target, headers=headers, data=body or None)
        assert to_instant(parsedate_to_datetime(reply.headers["Date"])) == self.now - self.now % SECOND, target
        clock = await self.emulator.admin("GET", "/clock")
        assert clock["now"] == iso(self.now)
        return reply

    async def move_by(self, length):
        await super().move_by(length)
        return (await self.emulator.admin("POST", "/clock", {"to": iso(self.now)}))["happened"]


@pytest.mark.parametrize("api", CONVERSATIONS)
async def test_every_answer_is_dated_by_the_clock(emulator, api):
    await Dialled(emulator, begin(f"{api}/default")).say_all(CONVERSATIONS[api])

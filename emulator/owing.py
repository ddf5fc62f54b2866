"""What becomes of a call that is owed to the client before it is made: late, twice, never, spoilt."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from multidict import CIMultiDict, MultiDict

from emulator.callback import Callback
from emulator.chance import Chance
from emulator.contract.decoder import NotJson, decode
from emulator.scenario.story import CallbackRule, Scenario, Situation


class Place(Protocol):
    """The world in which a call is owed."""

    scenario: Scenario
    chance: Chance

    def situation(self, account: str, *, job: str = "") -> Situation:
        """What rules may be asked about, by whom and when."""

    def due(self, rule: CallbackRule, situation: Situation, /) -> bool:
        """Whether a rule whose conditions are met acts."""

    def ask(self, rule: str, /, *scope: str) -> int:
        """One more of what `scope` names."""

    def hit(self, rule: str, /) -> None:
        """A rule has acted."""


Owed = tuple[Callback, int]
"""A callback, and after how long it is due."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A callback as rules see it: its path is the URL that is called."""

    callback: Callback

    @property
    def path(self) -> str:
        return self.callback.url

    @property
    def query(self) -> MultiDict[str]:
        return MultiDict(parse_qsl(urlsplit(self.callback.url).query, keep_blank_values=True))

    @property
    def headers(self) -> CIMultiDict[str]:
        return CIMultiDict(self.callback.headers)

    @property
    def decoded(self) -> Any:  # noqa: ANN401 - JSON is any of six types
        try:
            return decode(self.callback.body)
        except NotJson as error:
            return error


def befallen(place: Place, callback: Callback, delay: int) -> list[Owed]:
    """What is owed once the rules of the story have acted, each on what those before it have left."""
    owed = [(callback, delay)]
    situation = place.situation(callback.account, job=callback.job or "")._replace(call=_Heard(callback))
    for rule in place.scenario.callbacks:
        if owed and rule.when.meets(situation) and place.due(rule, situation):
            place.hit(rule.name)
            owed = [late for each in owed for late in _befallen(place, rule, *each)]
    return owed


def _befallen(place: Place, rule: CallbackRule, callback: Callback, delay: int) -> Iterator[Owed]:
    if rule.delay is not None:
        nth = place.ask(rule.name, "delay", callback.account)
        delay += rule.delay.quantile(place.chance.unit(callback.account, "delay", rule.key, nth))
    spoilt = _spoilt(rule, callback)
    for copy in range(rule.copies):
        yield spoilt, delay + copy * rule.apart


def _spoilt(rule: CallbackRule, callback: Callback) -> Callback:
    """The same call, changed as the rule says."""
    body = callback.body
    if rule.change and not isinstance(said := _Heard(callback).decoded, NotJson):
        body = json.dumps(rule.change.applied(said)[0], ensure_ascii=False, separators=(",", ":")).encode()
    if rule.malformed:
        body = body[: len(body) // 2]
    gone = {name.lower() for name in rule.headers}
    kept = tuple((name, value) for name, value in callback.headers if name.lower() not in gone)
    return replace(
        callback,
        body=body,
        headers=kept + tuple((name, value) for name, value in rule.headers.items() if value is not None),
        waits=callback.waits if rule.retry is None else rule.retry,
        before_answer=callback.before_answer or rule.before_answer,
    )

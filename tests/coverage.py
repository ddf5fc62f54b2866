"""How much of what the contracts declare the suite has reached: operations, statuses, error codes, states.

Every answer given in this process is noted: by providers and by the admin API, whoever asked. What is reached only
because a scenario said so (`error:` on a call or a step, a state that a plan names) is told apart from what a request
alone brings about. At the end the lists are printed; when the whole suite was run and an API in `WHOLE` lacks
anything, the run has failed.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType
from typing import Any

import pytest

from emulator import problem, provider
from emulator.admin import Admin
from emulator.contract import openapi
from emulator.contract.openapi import Contract
from emulator.namespace import Namespace
from emulator.provider import AnyProvider, ApiError, Provider
from emulator.providers import PROVIDERS

WHOLE = {"admin", "deposco", "ivvy", "kladana", "synapse", "waylay"}
"""The APIs of which nothing may be missing."""

OWN, SHARED, CODES, STATES = KINDS = ("operations", "shared statuses", "error codes", "states")
"""An operation with each status that it declares itself; the others it shares with all operations of its API."""

Items = dict[str, bool]
"""What has been reached of one kind, and whether without a scenario's help."""


class Ledger:
    """What has been reached, API by API."""

    def __init__(self) -> None:
        self._reached: dict[tuple[str, str], Items] = defaultdict(dict)

    def note(self, api: str, kind: str, item: object, *, natural: bool) -> None:
        """Something was reached; once naturally is enough."""
        items = self._reached[api, kind]
        items[str(item)] = natural or items.get(str(item), False)

    def told(self) -> Iterator[tuple[str, str, str, bool]]:
        """All of it, in plain values: API, kind, item, and whether it was reached naturally."""
        for (api, kind), items in self._reached.items():
            for item, natural in items.items():
                yield api, kind, item, natural

    def lists(self, api: str, declared: dict[str, list[str]]) -> Iterator["List"]:
        """What is declared of each kind, and what has been reached of that."""
        for kind, items in declared.items():
            reached = self._reached[api, kind]
            yield List(
                kind,
                len(items),
                scripted=[each for each in items if reached.get(each) is False],
                missing=[each for each in items if each not in reached],
            )


class List:
    """One kind of one API: how many are declared, which of them only a scenario reached, and which nobody did."""

    def __init__(self, kind: str, declared: int, *, scripted: list[str], missing: list[str]) -> None:
        self.kind, self.declared, self.scripted, self.missing = kind, declared, scripted, missing

    def lines(self) -> Iterator[str]:
        """`error codes: 20 of 31 natural, 9 only by scenario (1016, ...), 2 missing (1073, 1074)`"""
        natural = self.declared - len(self.scripted) - len(self.missing)
        parts = [f"{natural} of {self.declared} natural"]
        for items, name in ((self.scripted, "only by scenario"), (self.missing, "missing")):
            if items:
                parts.append(f"{len(items)} {name} ({', '.join(items)})")
        yield from wrap(
            f"{self.kind}: {', '.join(parts)}",
            116,
            initial_indent="  ",
            subsequent_indent="      ",
            break_on_hyphens=False,
        )


def declared_by(contract: Contract, words: Any = None) -> dict[str, list[str]]:
    """All there is to reach, by kind; `words` is the API's Vocabulary, if it has one."""
    told = {
        OWN: [
            f"{operation.id} {status}"
            for operation in contract.operations.values()
            for status, response in sorted(operation.responses.items())
            if not response.shared
        ],
        SHARED: [str(status) for status in sorted(contract.shared)],
    }
    if words is not None:
        told[CODES] = sorted(map(str, words.errors))
        told[STATES] = list(words.lifecycle.follows)
    return told


DECLARED = {each.name: declared_by(each.contract, each.vocabulary) for each in PROVIDERS} | {
    "admin": declared_by(openapi.load("admin"))
}

# Watching -----------------------------------------------------------------------


class Watch:
    """Wrappers around the few functions that every answer, error and state passes."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._scripted = False  # whether a scenario's error has been told in the answer that is being made

    def provider(self, serve: Callable[..., Any]) -> Callable[..., Any]:
        def watched(api: AnyProvider, *args: Any, **kwargs: Any) -> Any:
            self._scripted = False
            served = serve(api, *args, **kwargs)
            answer = served.answer
            ours = answer.content_type == problem.MEDIA_TYPE
            if not ours and answer.declared_as in (None, answer.status):
                self._status(api.name, served.operation, answer.status, natural=not self._scripted)
            return served

        return watched

    def admin(self, serve: Callable[..., Any]) -> Callable[..., Any]:
        async def watched(api: Admin, namespace: Any, request: Any, match: Any) -> Any:
            answer = await serve(api, namespace, request, match)
            operation = match.operations.get(request.method) if match else None
            self._status("admin", operation, answer.status, natural=True)
            return answer

        return watched

    def _status(self, api: str, operation: Any, status: int, *, natural: bool) -> None:
        response = operation.responses.get(status) if operation else None
        if response and not response.shared:
            self.ledger.note(api, OWN, f"{operation.id} {status}", natural=natural)
        else:
            self.ledger.note(api, SHARED, status, natural=natural)

    def witness(self, witness: Callable[..., Any]) -> Callable[..., Any]:
        """A job has entered a state: by itself, by its default plan, or because a scenario's plan names it."""

        def watched(namespace: Namespace, world: Any, job: Any) -> None:
            witness(namespace, world, job)
            by_default = job.rule.name.startswith(f"{world.api}/default ")
            natural = by_default or job.step not in job.rule.steps
            self.ledger.note(world.api, STATES, job.state, natural=natural)

        return watched

    def error(self, init: Callable[..., Any]) -> Callable[..., Any]:
        """Who makes an error: the provider's own code, or `api_error` of what a scenario has frozen."""

        def watched(error: ApiError, *args: Any, **kwargs: Any) -> None:
            init(error, *args, **kwargs)
            maker = sys._getframe(1)
            by_name = maker.f_code is provider.api_error.__code__
            error.scripted = by_name and isinstance(maker.f_locals["entry"], MappingProxyType)

        return watched

    def code(self) -> property:
        """An error is told when a provider reads its code to word it; one that is only made has not been seen."""

        def read(error: ApiError) -> int | str:
            reader = sys._getframe(1).f_globals["__name__"].split(".")
            if reader[:2] == ["emulator", "providers"]:
                self._scripted |= error.scripted
                self.ledger.note(reader[2], CODES, error.__dict__["code"], natural=not error.scripted)
            return error.__dict__["code"]

        return property(read, lambda error, code: error.__dict__.update(code=code))


@pytest.fixture(scope="session", autouse=True)
def _watched(request: pytest.FixtureRequest) -> Iterator[None]:
    watch = Watch(request.config.stash[LEDGER])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Provider, "serve", watch.provider(Provider.serve))
        patch.setattr(Admin, "serve", watch.admin(Admin.serve))
        patch.setattr(Namespace, "_witness", watch.witness(Namespace._witness))
        patch.setattr(ApiError, "__init__", watch.error(ApiError.__init__))
        patch.setattr(ApiError, "code", watch.code(), raising=False)
        yield


# The end of the run ---------------------------------------------------------------

LEDGER = pytest.StashKey[Ledger]()
PICKING = ("keyword", "deselect", "ignore", "ignore_glob", "lf", "last_failed", "collectonly", "stepwise")
"""Options that leave tests out."""
ORDINARY = "not campaign"
"""The marks of an ordinary run, by pyproject: it leaves out only what is played in more cases by a campaign."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEDGER] = Ledger()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has come to its end: what it has reached counts with the rest."""
    for api, kind, item, natural in getattr(node, "workeroutput", {}).get("reached", ()):
        node.config.stash[LEDGER].note(api, kind, item, natural=natural)


def everything(config: pytest.Config) -> bool:
    """Whether the whole suite is run, in this process and its workers."""
    if any(getattr(config.option, name, None) for name in PICKING):
        return False
    if config.option.markexpr != ORDINARY:
        return False
    asked = {Path(config.rootpath, each).resolve() for each in config.args}
    return asked == {Path(config.rootpath, each).resolve() for each in config.getini("testpaths")}


def missing(ledger: Ledger, whole: Iterable[str]) -> list[str]:
    """What of those APIs nobody has reached."""
    return [
        f"{api}, {found.kind}: {', '.join(found.missing)}"
        for api in sorted(whole)
        for found in ledger.lists(api, DECLARED[api])
        if found.missing
    ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["reached"] = list(session.config.stash[LEDGER].told())
        return
    stopped = session.shouldstop or session.shouldfail
    ended = everything(session.config) and not stopped and session.exitstatus == pytest.ExitCode.OK
    if ended and missing(session.config.stash[LEDGER], WHOLE):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """After a whole run; after a part of one with -v."""
    whole = everything(config)
    if not whole and config.option.verbose <= 0:
        return
    ledger = config.stash[LEDGER]
    terminalreporter.section("what the contracts declare, and what was reached")
    for api, declared in sorted(DECLARED.items()):
        terminalreporter.write_line(api)
        for each in ledger.lists(api, declared):
            for line in each.lines():
                terminalreporter.write_line(line)
    for line in missing(ledger, WHOLE) if whole else ():
        terminalreporter.write_line(f"FAILED: nothing may be missing of {line}", red=True)

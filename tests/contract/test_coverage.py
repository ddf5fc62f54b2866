"""What the suite has reached is counted as it should be."""

from types import MappingProxyType, SimpleNamespace

import pytest

from emulator.exchange import Answer
from emulator.provider import ApiError, Served, api_error
from emulator.providers import PROVIDERS
from tests import coverage
from tests.coverage import CODES, OWN, SHARED, Ledger, Watch

KLADANA = next(each for each in PROVIDERS if each.name == "kladana")
DECLARED = {CODES: ["1", "2", "3"]}


def lists(ledger, api="vendor", declared=DECLARED):
    return {each.kind: (each.scripted, each.missing) for each in ledger.lists(api, declared)}


def test_at_first_everything_is_missing():
    assert lists(Ledger()) == {CODES: ([], ["1", "2", "3"])}


def test_once_naturally_is_enough():
    ledger = Ledger()
    for natural in (False, True, False):
        ledger.note("vendor", CODES, 1, natural=natural)
    ledger.note("vendor", CODES, 2, natural=False)
    ledger.note("another", CODES, 3, natural=True)
    assert lists(ledger) == {CODES: (["2"], ["3"])}


def test_what_is_missing_is_named():
    ledger = Ledger()
    ledger.note("vendor", CODES, 2, natural=False)
    (found,) = ledger.lists("vendor", DECLARED)
    assert list(found.lines()) == ["  error codes: 0 of 3 natural, 1 only by scenario (2), 2 missing (1, 3)"]


def test_of_a_whole_api_what_is_missing_fails_the_run(monkeypatch):
    ledger = Ledger()
    monkeypatch.setattr(coverage, "DECLARED", {"a": DECLARED, "b": DECLARED})
    for code in (1, 2, 3):
        ledger.note("a", CODES, code, natural=code > 1)
    assert coverage.missing(ledger, {"a"}) == []
    assert coverage.missing(ledger, {"b", "a"}) == ["b, error codes: 1, 2, 3"]


@pytest.mark.parametrize(
    ("args", "options", "whole"),
    [
        (["tests"], {}, True),
        (["tests/"], {}, True),
        (["tests/server"], {}, False),
        (["tests/server/test_admin.py::test_x"], {}, False),
        (["tests"], {"keyword": "clock"}, False),
        (["tests"], {"deselect": ["x"]}, False),
        (["tests"], {"lf": True}, False),
        (["tests"], {"numprocesses": 2}, True),
        (["tests"], {"markexpr": "campaign"}, False),
    ],
)
def test_only_a_run_of_the_whole_suite_is_judged(pytestconfig, args, options, whole):
    option = SimpleNamespace(**{"markexpr": coverage.ORDINARY, **options})
    config = SimpleNamespace(args=args, rootpath=pytestconfig.rootpath, option=option, getini=lambda _: ["tests"])
    assert coverage.everything(config) is whole


# What counts as reached -------------------------------------------------------------


def told(ledger, api, kind):
    return ledger._reached[api, kind]


def answering(ledger, provider, operation, answer):
    """An answer that a provider gives, as the watch sees it; `answer` makes it."""
    watch = Watch(ledger)
    serve = watch.provider(lambda *_args: Served(answer(), provider.contract.operations.get(operation)))
    serve(provider, None, None, None)
    return watch


def test_a_status_is_the_operations_own_or_one_that_all_share():
    ledger = Ledger()
    answering(ledger, KLADANA, "getTask", lambda: Answer(200))
    answering(ledger, KLADANA, "getTask", lambda: Answer(404))
    answering(ledger, KLADANA, None, lambda: Answer(405))
    assert told(ledger, "kladana", OWN) == {"getTask 200": True}
    assert told(ledger, "kladana", SHARED) == {"404": True, "405": True}


@pytest.mark.parametrize(
    "answer", [Answer(500, content_type="application/problem+json"), Answer(418, declared_as=404)], ids=str
)
def test_what_the_contract_does_not_declare_so_reaches_nothing(answer):
    ledger = Ledger()
    answering(ledger, KLADANA, "getTask", lambda: answer)
    assert not told(ledger, "kladana", SHARED)
    assert not told(ledger, "kladana", OWN)


def test_an_error_counts_once_it_is_told_and_not_when_it_is_made(ledger_of_this_run):
    before = dict(told(ledger_of_this_run, "waylay", CODES))
    error = ApiError("code of nobody's")
    assert error.code == "code of nobody's"
    assert told(ledger_of_this_run, "waylay", CODES) == before


def test_an_error_of_a_scenario_is_told_from_a_providers_own():
    assert api_error(MappingProxyType({"code": "forbidden"})).scripted
    assert not api_error({"code": "forbidden"}).scripted
    assert not ApiError("forbidden").scripted


async def test_the_watch_is_kept_in_this_very_run(emulator, ledger_of_this_run):
    token = {"Authorization": "Bearer token"}
    task = await emulator.get("/api/remap/1.2/report/stock/bystore?async=true", headers=token)
    await emulator.get("/api/remap/1.2/nowhere", headers=token)
    await emulator.advance("1h")
    await emulator.get(task.headers["Content-Location"], headers=token)
    assert {"getStockByStore 202", "getTask 200"} <= told(ledger_of_this_run, "kladana", OWN).keys()
    assert told(ledger_of_this_run, "kladana", SHARED)["404"]
    assert told(ledger_of_this_run, "kladana", CODES)["1002"]
    assert told(ledger_of_this_run, "kladana", coverage.STATES)["DONE"]
    assert told(ledger_of_this_run, "admin", OWN)["setClock 200"]


@pytest.fixture
def ledger_of_this_run(pytestconfig):
    return pytestconfig.stash[coverage.LEDGER]


def test_what_workers_have_reached_counts():
    config = SimpleNamespace(stash={coverage.LEDGER: Ledger()})
    worker = Ledger()
    worker.note("a", CODES, 1, natural=False)
    worker.note("a", CODES, 2, natural=True)
    for reached in (worker.told(), [("a", CODES, "1", True)]):
        coverage.pytest_testnodedown(SimpleNamespace(config=config, workeroutput={"reached": list(reached)}))
    coverage.pytest_testnodedown(SimpleNamespace(config=config))  # one that has crashed
    assert told(config.stash[coverage.LEDGER], "a", CODES) == {"1": True, "2": True}

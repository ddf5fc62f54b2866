"""The journal is bounded, fair, and keeps no secrets."""

import tracemalloc

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from emulator.exchange import Answer, Request
from emulator.journal import BODY_LIMIT, Budget, Journal, record


def exchange(sequence=1, body=b"", answer=b"", *, secret=False, **headers):
    request = Request("POST", "/path", "a=1", CIMultiDictProxy(CIMultiDict(headers)), body, sequence=sequence)
    return record(
        request,
        Answer(200, body=answer),
        api="kladana",
        operation="getTask",
        secret=secret,
        contract="kept",
        wall_us=0,
    )


def sequences(journal):
    return [each.sequence for each in journal]


def test_what_does_not_fit_is_forgotten_oldest_first_and_counted():
    journal = Journal(Budget(10 * exchange().weight))
    for n in range(25):
        journal.write(exchange(n))
    assert sequences(journal) == list(range(15, 25))
    assert (journal.written, journal.evicted) == (25, 15)


@pytest.mark.requirement("S-29")
def test_the_budget_is_in_bytes():
    budget = Budget(100_000)
    journal = Journal(budget)
    for n in range(50):
        journal.write(exchange(n, body=b"x" * 10_000))
    assert budget.held <= 100_000
    assert sequences(journal) == list(range(41, 50))


def test_whoever_has_been_quiet_longest_makes_room():
    budget = Budget(10 * exchange().weight)
    quiet, loud = Journal(budget), Journal(budget)
    for n in range(5):
        quiet.write(exchange(n))
    for n in range(8):
        loud.write(exchange(n))
    assert (sequences(quiet), len(loud)) == ([3, 4], 8)
    assert budget.held == sum(each.weight for journal in (quiet, loud) for each in journal)


def test_an_exchange_that_is_larger_than_the_whole_budget_is_dropped_and_drives_nobody_out():
    budget = Budget(1_000)
    journal = Journal(budget)
    journal.write(exchange(1))
    journal.write(exchange(body=b"x" * 5_000))
    assert (sequences(journal), journal.written, journal.evicted, journal.dropped) == ([1], 2, 0, 1)
    assert budget.held == exchange(1).weight
    journal.write(exchange(2))
    assert sequences(journal)[-1] == 2


def test_a_cleared_journal_gives_its_room_back_and_forgets_its_counters():
    budget = Budget()
    journal = Journal(budget)
    journal.write(exchange())
    journal.clear()
    assert (budget.held, journal.written, journal.evicted, len(journal)) == (0, 0, 0, 0)


@pytest.mark.requirement("S-29")
def test_a_long_body_is_cut_with_a_mark():
    kept = exchange(body=b"x" * (BODY_LIMIT + 1), answer=b"y" * BODY_LIMIT)
    assert kept.request_body == b"x" * BODY_LIMIT + b"...[cut]"
    assert kept.answer_body == b"y" * BODY_LIMIT


@pytest.mark.requirement("S-6")
@pytest.mark.parametrize("name", ["Authorization", "authorization", "COOKIE", "X-Api-Key", "Proxy-Authorization"])
def test_headers_that_hold_secrets_are_redacted(name):
    assert exchange(**{name: "s3cret", "Accept": "*/*"}).request_headers == ((name, "[redacted]"), ("Accept", "*/*"))


def test_bodies_of_secret_operations_are_redacted():
    kept = exchange(body=b"s3cret", answer=b"s3cret", secret=True)
    assert (kept.request_body, kept.answer_body) == (b"[redacted]", b"[redacted]")


def test_a_later_finding_amends_what_was_written():
    journal = Journal(Budget())
    for n in (1, 2, 3):
        journal.write(exchange(n))
    journal.amend(2, "broken at row 200")
    assert [each.contract for each in journal] == ["kept", "broken at row 200", "kept"]


@pytest.mark.requirement("S-29", "I-8", "G-19")
def test_under_a_flood_every_exchange_is_kept_evicted_or_dropped_and_counted_once():
    budget = Budget(40_000)
    journals = [Journal(budget) for _ in range(3)]
    sizes = (0, 700, 45_000, 3, 9_000)
    for n in range(5_000):
        journals[n * n % 3].write(exchange(n, body=b"x" * sizes[n % 5]))
        assert budget.held <= budget.limit
    large = 5_000 // 5
    assert budget.dropped == sum(each.dropped for each in journals) == large
    assert budget.evicted == sum(each.evicted for each in journals)
    for each in journals:
        assert each.written == len(each) + each.evicted + each.dropped
    assert budget.held == sum(kept.weight for each in journals for kept in each)
    assert sum(budget.written.values()) == 5_000


@pytest.mark.requirement("S-29")
def test_a_journal_is_as_long_as_its_budget_however_much_is_said():
    budget = Budget(2**18)
    journal = Journal(budget)
    held = []
    tracemalloc.start()
    for n in range(1, 3_001):
        journal.write(exchange(n, body=b"%d" % n * 20, answer=b"%d" % n * 20))
        if n % 1_000 == 0:
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert max(held) < 2 * budget.limit
    assert max(held) - min(held) < 2**14
    assert (journal.written, journal.evicted) == (3_000, 3_000 - len(journal))


def test_who_listens_is_told_of_each_exchange_and_only_while_it_listens():
    journal, heard = Journal(Budget()), []
    journal.write(exchange(1))
    with journal.heard_by(heard.append), journal.heard_by(heard.append):
        journal.write(exchange(2))
    journal.write(exchange(3))
    assert sequences(heard) == [2, 2]


def test_all_rules_that_acted_are_told():
    assert exchange().told()["rules"] == []

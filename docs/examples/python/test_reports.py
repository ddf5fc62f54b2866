from datetime import timedelta

import pytest
from reports import Reports, TookTooLong
from webhooks import Listener


@pytest.fixture
def reports(emulator):
    return Reports(emulator.base_url("kladana"), token="any", sleep=emulator.clock.sleep)


@pytest.mark.scenario("kladana/queue-full", set={"rows": 10})
def test_an_hour_passes_until_the_report_is_there(emulator, reports):
    began = emulator.clock.now()
    assert len(reports.download("stock/all")["rows"]) == 10
    assert timedelta(hours=1) <= emulator.clock.now() - began < timedelta(minutes=62)


@pytest.mark.scenario("kladana/rate-limited")
def test_a_spent_limit_is_waited_out_and_no_longer(emulator, reports):
    began = emulator.clock.now()
    reports.download("stock/all")
    assert 429 in [each.status for each in emulator.requests.find()]
    assert emulator.clock.now() - began < timedelta(minutes=1)


@pytest.mark.scenario("kladana/slow-report")
def test_a_report_that_takes_too_long_is_cancelled(emulator, reports):
    reports.patience = 600
    with pytest.raises(TookTooLong):
        reports.download("stock/all")
    assert [job.state for job in emulator.jobs.list()] == ["CANCEL"]


def test_a_link_that_has_died_is_replaced(emulator, reports):
    task = reports.start("stock/all")
    reports.wait(task)
    link = reports.link(task)
    emulator.clock.advance("10m")
    assert reports.fetch(task, link)["rows"]


def test_who_is_called_back_answers_as_the_vendor_wants(emulator, reports):
    with Listener() as listener:
        reports.call_back(listener.url)
        task = reports.start("stock/all")
        emulator.clock.advance("1m")
    assert listener.finished == [task]
    assert [each.status for each in emulator.callbacks.list()] == ["delivered"]

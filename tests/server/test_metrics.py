"""What Prometheus scrapes."""

import sys

from prometheus_client.parser import text_string_to_metric_families

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TOKEN = {"Authorization": "Bearer token"}


async def scraped(emulator):
    response = await emulator.get("/__admin/metrics")
    assert (response.status, response.headers["Content-Type"].split(";")[0]) == (200, "text/plain")
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


async def test_what_was_asked_and_what_is_there_is_counted(emulator):
    other = emulator.namespace("other")
    for space in (emulator, emulator, other):
        await space.get(SUBMIT, headers=TOKEN)
    await other.advance("1m")
    await emulator.get(SUBMIT)
    told = await scraped(emulator)
    asked = ("emulator_requests_total", ("api", "kladana"), ("operation", "getStockByStore"))
    assert told[(*asked, ("status", "202"))] == 3
    assert told[(*asked, ("status", "401"))] == 1
    assert told["emulator_jobs", ("api", "kladana"), ("state", "PENDING")] == 2
    assert told["emulator_jobs", ("api", "kladana"), ("state", "DONE")] == 1
    assert told["emulator_journal_exchanges",] == 4
    assert told["emulator_journal_bytes",] > 0
    assert told["emulator_journal_evicted_total",] == told["emulator_journal_dropped_total",] == 0
    assert told["emulator_namespaces",] == 2
    assert told["emulator_callbacks", ("outcome", "pending")] == 0


async def test_a_reset_takes_nothing_from_what_was_counted(emulator):
    await emulator.get(SUBMIT, headers=TOKEN)
    await emulator.admin("POST", "/reset")
    told = await scraped(emulator)
    assert sum(value for (name, *_), value in told.items() if name == "emulator_requests_total") == 1
    assert told["emulator_journal_exchanges",] == told["emulator_journal_bytes",] == 0


async def test_without_its_package_a_problem_names_the_extra(emulator, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    response = await emulator.get("/__admin/metrics")
    assert (response.status, response.headers["Content-Type"]) == (501, "application/problem+json")
    assert "async-api-emulator[metrics]" in response.json["detail"]

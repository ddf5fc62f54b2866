"""What Prometheus scrapes: counted when it asks, from what is there.

Only the answers are counted as they are given, in the journal's budget: exchanges are forgotten, their number is not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from emulator.admin.api import Call, Handler
from emulator.clock import pause
from emulator.exchange import Answer
from emulator.namespace import Namespace
from emulator.namespaces import Namespaces
from emulator.problem import Problem

if TYPE_CHECKING:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    Family = CounterMetricFamily | GaugeMetricFamily

Samples = Mapping[tuple[str, ...], int]
"""Numbers by the values of their labels."""
Row = tuple[str, str, tuple[str, ...], Samples]
"""A metric: its name, what it is, its labels, its numbers."""

EXTRA = "metrics want the package prometheus-client: pip install 'async-api-emulator[metrics]'"
TURN = 10_000
"""Jobs that are counted before others get a turn."""


async def get_metrics(call: Call) -> Answer:
    """Prometheus' text format, of the whole server. Problem 501 without prometheus-client."""
    try:
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest  # noqa: PLC0415
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415
    except ImportError:
        raise Problem(501, EXTRA) from None
    jobs = await _jobs(call.namespaces)
    families: list[Family] = [_family(CounterMetricFamily, *row) for row in _counters(call)]
    families += [_family(GaugeMetricFamily, *row) for row in _gauges(call, jobs)]
    registry = CollectorRegistry()
    registry.register(Scraped(families))
    return Answer(200, generate_latest(registry).decode(), content_type=CONTENT_TYPE_LATEST)


def _family(kind: "type[Family]", name: str, about: str, labels: tuple[str, ...], samples: Samples) -> "Family":
    family = kind(name, about, labels=labels)
    for values, number in sorted(samples.items()):
        family.add_metric(values, number)
    return family


class Scraped:
    """Metrics that are counted already, as prometheus-client wants them from a collector."""

    def __init__(self, families: "list[Family]") -> None:
        self._families = families

    def collect(self) -> "Iterable[Family]":
        """All of them."""
        return self._families


# What is counted --------------------------------------------------------------


async def _jobs(namespaces: Namespaces) -> Counter[tuple[str, ...]]:
    """How many jobs there are by API and state; there may be a million."""
    counted: Counter[tuple[str, ...]] = Counter()
    for api, jobs in [(api, list(world.jobs.values())) for each in namespaces for api, world in each.worlds.items()]:
        for start in range(0, len(jobs), TURN):
            counted.update((api, job.state) for job in jobs[start : start + TURN])
            await pause(0)
    return counted


def _counters(call: Call) -> Iterator[Row]:
    """What only grows."""
    budget = call.namespaces.budget
    yield "emulator_requests", "Answers given", ("api", "operation", "status"), _answers(budget.written)
    yield "emulator_journal_evicted", "Exchanges forgotten to make room", (), {(): budget.evicted}
    yield "emulator_journal_dropped", "Exchanges too large to be kept", (), {(): budget.dropped}
    yield "emulator_events_dropped", "Events that listeners were too slow for", (), {(): call.audience.events_dropped}


def _gauges(call: Call, jobs: Samples) -> Iterator[Row]:
    """What there is now; what a namespace held is gone with it."""
    namespaces = list(call.namespaces)
    yield "emulator_jobs", "Jobs", ("api", "state"), jobs
    yield "emulator_callbacks", "Callbacks owed to clients", ("outcome",), _callbacks(namespaces)
    yield "emulator_journal_exchanges", "Exchanges kept", (), {(): sum(len(each.journal) for each in namespaces)}
    yield "emulator_journal_bytes", "What they weigh", (), {(): call.namespaces.budget.held}
    yield "emulator_namespaces", "Namespaces", (), {(): len(namespaces)}
    yield "emulator_calls_waiting", "Calls that wait for exchanges", (), {(): call.audience.waiting.taken.total()}
    yield "emulator_calls_listening", "Calls that listen to events", (), {(): call.audience.listening.taken.total()}


def _answers(written: Mapping[tuple[str, str | None, int], int]) -> Samples:
    return {(api, operation or "", str(status)): count for (api, operation, status), count in written.items()}


def _callbacks(namespaces: Iterable[Namespace]) -> Samples:
    counted: Counter[tuple[str, ...]] = Counter()
    for each in namespaces:
        counts = each.outbox.counts
        counted.update({("delivered",): counts["delivered"], ("dropped",): counts["dropped"]})
        counted.update({("pending",): each.outbox.pending})
    return counted


HANDLERS: dict[str, Handler] = {"getMetrics": get_metrics}

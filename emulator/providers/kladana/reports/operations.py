"""What is served: each report of the table, at once or as a task, and the files that tasks leave behind."""

from functools import partial

from emulator.exchange import Answer, Request
from emulator.provider import Handler
from emulator.providers.kladana import links, tasks
from emulator.providers.kladana.reports.report import Report
from emulator.providers.kladana.reports.table import REPORTS
from emulator.providers.kladana.settings import KladanaWorld, Objects, Settings


def get_report(report: Report, world: KladanaWorld, request: Request) -> Answer:
    """A page of it at once, or the whole of it as a task. ApiError 61000, 61001, 61002, and the report's own."""
    if tasks.wants_task(request):
        return tasks.create(world, request, report)
    return report.at_once(world, request)


def download_result(world: KladanaWorld, request: Request) -> Answer:
    """The whole result, while both the link and the result live. How long it is was settled when the task ended."""
    job = links.linked(world, request)
    if job is None or links.dead(world, request, job):
        return Answer(401, "Temp URL invalid", content_type="text/plain", job=job.id if job else None)
    report, asked = REPORTS[job.request.report], tasks.asked(world, job, job.changed)
    answer = report.whole(world, asked, job.outcome)
    answer.job = job.id
    answer.headers["Content-Disposition"] = f'attachment; filename="{request.query["filename"]}"'
    return answer


OPERATIONS: dict[str, Handler[Settings, Objects]] = {
    **{each.operation: partial(get_report, each) for each in REPORTS.values()},
    "downloadResult": download_result,
}

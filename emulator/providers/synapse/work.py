"""What each type of job is checked for when it is launched, and does at its end.

https://rest-docs.synapse.org/rest/org/sagebionetworks/repo/model/asynch/AsynchronousRequestBody.html
"""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.provider import ApiError
from emulator.providers.synapse import files, previews, queries, sql, updates
from emulator.providers.synapse.concretetypes import BULK, DOWNLOAD, NEXT_PAGE, PREVIEW, QUERY, TRANSACTION, UPLOAD
from emulator.providers.synapse.messages import Pojo
from emulator.providers.synapse.objects import Table
from emulator.providers.synapse.settings import SynapseWorld
from emulator.providers.synapse.tables import table_of
from emulator.providers.synapse.users import User

Check = Callable[[SynapseWorld, Pojo], Table | None]
Run = Callable[[SynapseWorld, User, Pojo], Pojo]

UNBOUNDED = 2**63 - 1
"""The total of an update, of which nobody knows how long it is."""


@dataclass(frozen=True)
class JobType:
    """One class of request: its check at launch, what it does, and how it tells of its progress."""

    run: Run
    check: Check = lambda _world, _asked: None
    message: str = "Working..."
    total: int = 100


def _checked_download(world: SynapseWorld, asked: Pojo) -> Table:
    """ApiError no-sql, sql-lexical, sql-syntax, sql-join, no-entity, no-table."""
    return table_of(world, sql.read(asked.get("sql")).table)


def _checked_query(world: SynapseWorld, asked: Pojo) -> Table:
    """ApiError no-query, and those of a download."""
    if "query" not in asked:
        raise ApiError("no-query")
    return _checked_download(world, asked["query"])


def _checked_page(world: SynapseWorld, asked: Pojo) -> Table:
    """ApiError bad-page, and those of a download."""
    return _checked_download(world, queries.opened(asked.get("token"))[0])


WAITING = "Waiting for the table index to become available..."

JOB_TYPES = {
    DOWNLOAD: JobType(queries.download, _checked_download, "Building the CSV..."),
    QUERY: JobType(queries.bundle, _checked_query, WAITING),
    NEXT_PAGE: JobType(queries.next_page, _checked_page, WAITING),
    UPLOAD: JobType(updates.upload, message="Update: {n}", total=UNBOUNDED),
    TRANSACTION: JobType(updates.transaction, message="Update: {n}", total=UNBOUNDED),
    PREVIEW: JobType(previews.preview),
    BULK: JobType(files.bulk_download),
}
"""By class of request. What is told of progress was seen of downloads and updates; of the others it is ours."""

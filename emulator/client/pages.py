"""Lists that the admin API hands out page by page."""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.client.connection import Connection

PAGE = 1000
"""As many as the admin API gives at once."""


def every(
    connection: Connection, path: str, key: str, query: Mapping[str, object] | None = None
) -> Iterator[dict[str, Any]]:
    """All rows of a list, whatever number there is."""
    offset = 0
    while True:
        rows = connection.ask("GET", path, query={**(query or {}), "limit": PAGE, "offset": offset})[key]
        yield from rows
        if len(rows) < PAGE:
            return
        offset += PAGE

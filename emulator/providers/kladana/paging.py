"""Paging of lists: `limit`, `offset`, and the links to the pages beside."""

import re
from typing import Any

from emulator.exchange import Request
from emulator.providers.kladana.general import requested

LIMIT = 1000
"""Rows of a page, at most and by default."""

_RESERVED = re.compile("[%&#+]")
"""What means something else in a query; the rest stays readable, as in all links of the vendor's."""


def page(request: Request, size: int) -> tuple[dict[str, Any], range]:
    """What `meta` says of the page that was asked for, and the numbers of its rows."""
    limit, offset = min(int(request.query.get("limit", LIMIT)), LIMIT), int(request.query.get("offset", 0))
    frame: dict[str, Any] = {"size": size, "limit": limit, "offset": offset}
    if offset + limit < size:
        frame["nextHref"] = _href(request, offset + limit, limit)
    if offset > 0:
        frame["previousHref"] = _href(request, max(offset - limit, 0), limit)
    return frame, range(min(offset, size), min(offset + limit, size))


def _href(request: Request, offset: int, limit: int) -> str:
    """The URL of another page: offset and limit first, then what else was asked."""
    address = requested(request).partition("?")[0]
    carried = ((name, value) for name, value in request.query.items() if name not in ("offset", "limit"))
    others = [f"{name}={_RESERVED.sub(_escaped, value)}" for name, value in carried]
    return address + "?" + "&".join([f"offset={offset}", f"limit={limit}", *others])


def _escaped(match: re.Match[str]) -> str:
    return f"%{ord(match.group()):02X}"

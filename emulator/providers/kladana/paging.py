"""Paging of lists: `limit`, `offset`, and the links to the pages beside."""

from typing import Any

from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.kladana.general import requested

LIMIT = 1000
"""Rows of a page, at most and by default."""


def page(request: Request, size: int) -> tuple[dict[str, Any], range]:
    """What `meta` says of the page that was asked for, and the numbers of its rows. ApiError 1040."""
    limit, offset = _number(request, "limit", LIMIT, 1), _number(request, "offset", 0, 0)
    limit = min(limit, LIMIT)
    frame: dict[str, Any] = {"size": size, "limit": limit, "offset": offset}
    if offset + limit < size:
        frame["nextHref"] = _href(request, offset + limit, limit)
    if offset > 0:
        frame["previousHref"] = _href(request, max(offset - limit, 0), limit)
    return frame, range(min(offset, size), min(offset + limit, size))


def _number(request: Request, name: str, default: int, least: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) >= least):  # noqa: PLR2004
        raise ApiError(1040, parameter=name)
    return int(text)


def _href(request: Request, offset: int, limit: int) -> str:
    """The URL of another page: offset and limit first, then what else was asked."""
    address = requested(request).partition("?")[0]
    others = [f"{name}={value}" for name, value in request.query.items() if name not in ("offset", "limit")]
    return address + "?" + "&".join([f"offset={offset}", f"limit={limit}", *others])

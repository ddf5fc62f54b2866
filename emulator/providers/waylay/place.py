"""Resources near a place: `lat`, `lon` and `distance`, which belong together. Great circles on a round earth."""

import re
from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt
from typing import Any

from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.waylay.query import Test

EARTH_RADIUS = 6_371_008.8
"""Metres, on average."""
UNITS = {"m": 1, "km": 1_000, "mi": 1_609.344}
"""The vendor's example is `100km`; the other two are ours."""

_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,15})?")
_DISTANCE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(m|km|mi)")


def near(request: Request) -> Iterator[Test]:
    """A test for the place that the query names, if it names one. ApiError bad-request."""
    given = [name for name in ("lat", "lon", "distance") if name in request.query]
    if not given:
        return
    if len(given) < 3:  # noqa: PLR2004 - all of them
        raise ApiError("bad-request", text="'lat', 'lon' and 'distance' parameters belong together")
    lat, lon = _degrees(request, "lat", 90), _degrees(request, "lon", 180)
    reach = _metres(request.query["distance"])
    yield lambda resource: _is_place(place := resource.get("location")) and metres(lat, lon, place) <= reach


def metres(lat: float, lon: float, place: Any) -> float:  # noqa: ANN401 - JSON is any of six types
    """How far it is to a place `{lat, lon}`."""
    here, there = radians(lat), radians(place["lat"])
    across = sin((there - here) / 2) ** 2
    along = cos(here) * cos(there) * sin(radians(place["lon"] - lon) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(min(1, across + along)))


def _is_place(value: Any) -> bool:  # noqa: ANN401 - JSON is any of six types
    return isinstance(value, dict) and all(_is_number(value.get(key)) for key in ("lat", "lon"))


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON is any of six types
    return isinstance(value, int | float) and not isinstance(value, bool)


def _degrees(request: Request, name: str, limit: int) -> float:
    text = request.query[name]
    if not _DEGREES.fullmatch(text) or abs(float(text)) > limit:
        raise ApiError("bad-request", text=f"'{name}' parameter must be a number from -{limit} to {limit}")
    return float(text)


def _metres(text: str) -> float:
    match = _DISTANCE.fullmatch(text)
    if not match:
        raise ApiError("bad-request", text="'distance' parameter must be a distance such as 100km")
    return float(match.group(1)) * UNITS[match.group(2)]

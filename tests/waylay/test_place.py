"""Resources near a place."""

import pytest

from emulator.providers.waylay.place import metres

GHENT, BRUSSELS, SUVA = (51.0543, 3.7174), (50.8503, 4.3517), (-18.1248, 178.4501)


@pytest.fixture
async def places(client):
    for name, (lat, lon) in (("at-ghent", GHENT), ("at-brussels", BRUSSELS), ("at-suva", SUVA)):
        await client.post("/resources", {"id": name, "location": {"lat": lat, "lon": lon}})
    for name, odd in (("no-place", {}), ("half", {"lat": 1}), ("text", {"lat": "51", "lon": "3"})):
        await client.call("PATCH", f"/resources/{name}", {"location": odd, "name": name})
    return client


@pytest.mark.parametrize(
    ("lat", "lon", "distance", "found"),
    [
        (*GHENT, "0m", ["at-ghent"]),
        (*GHENT, "49km", ["at-ghent"]),
        (*GHENT, "51km", ["at-brussels", "at-ghent"]),
        (*GHENT, "32mi", ["at-brussels", "at-ghent"]),
        (*GHENT, "20100km", ["at-brussels", "at-ghent", "at-suva"]),
        (-18, -179, "400km", ["at-suva"]),  # across the date line
        (90, 0, "4500km", ["at-brussels", "at-ghent"]),
    ],
)
async def test_those_within_the_distance_are_found(places, lat, lon, distance, found):
    assert await places.ids(lat=lat, lon=lon, distance=distance) == found


def test_a_distance_is_that_of_a_great_circle():
    assert metres(*GHENT, {"lat": BRUSSELS[0], "lon": BRUSSELS[1]}) == pytest.approx(49_900, rel=0.01)
    assert metres(0, 0, {"lat": 0, "lon": 180}) == pytest.approx(20_015_000, rel=0.001)


@pytest.mark.parametrize(
    "query",
    [
        "lat=51&lon=3",
        "distance=100km",
        "lat=91&lon=0&distance=1km",
        "lat=0&lon=181&distance=1km",
        "lat=x&lon=0&distance=1km",
        "lat=nan&lon=0&distance=1km",
        "lat=0&lon=0&distance=1",
        "lat=0&lon=0&distance=-1km",
        "lat=0&lon=0&distance=1e9km",
        "lat=0&lon=0&distance=",
    ],
)
async def test_a_place_that_is_none_is_refused(client, query):
    status, text = await client.error("GET", f"/resources?{query}")
    assert status == 400
    assert "parameter" in text

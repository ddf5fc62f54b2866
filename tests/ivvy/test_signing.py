"""Creating the request: the five worked examples, and what is refused."""

import hmac
from hashlib import md5

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from emulator.clock import to_datetime, wall
from emulator.exchange import Request
from emulator.providers.ivvy.signing import signature, string_to_sign
from emulator.scenario.measures import instant
from tests.ivvy.conftest import API, KEY, SECRET, START, Ivvy, signed

JSON = "application/json"
RUN = (
    b'{"jobs":[{"namespace":"event","action":"inviteContacts","params":{"event":1,"contacts":[1,2,3]}}],'
    b'"callbackUrl":"http://127.0.0.1:9000/cb"}'
)
ASYNC = b'{"async":"e35e06ee592d17a42dc9e6252a058617"}'

EXAMPLES = [
    (
        "test?action=ping",
        b'{"example":"body"}',
        {"Content-Type": JSON, "IVVY-Date": "2012-04-03 22:23:24"},
        "posta09f600c77a6dbd947db24c61e8935caapplication/json/api/1.0/test?action=ping1.0ivvydate=2012-04-03 22:23:24",
        "ab9a0605a9a7bcc0a178ce95012918bc67dc9f5d",
        200,
    ),
    (
        "batch?action=run",
        RUN,
        {"Content-Type": JSON, "IVVY-Date": "2026-05-01 10:20:30"},
        "post68c0e77d3b53a27b92a1b98eb58e612eapplication/json/api/1.0/batch?action=run1.0ivvydate=2026-05-01 10:20:30",
        "94e895ac367a7d8b6b6dad1fcbcdf6289cfdd0a2",
        200,
    ),
    (
        "test?action=ping",
        b"",
        {"Content-Type": "application/json; charset=utf-8", "IVVY-Date": "2026-05-01 10:20:30 UTC"},
        (
            "postd41d8cd98f00b204e9800998ecf8427eapplication/json; charset=utf-8/api/1.0/test?action=ping1.0"
            "ivvydate=2026-05-01 10:20:30 utc"
        ),
        "81dc73cc88cd8b6bc3ff4a9027d89a05a9faf0d7",
        200,
    ),
    (
        "batch?action=results",
        ASYNC,
        {"Content-Type": JSON, "Date": "Fri, 01 May 2026 10:20:30 UTC"},
        (
            "post8d26eed554b7d71a4eadb179ea211cfeapplication/jsonfri, 01 may 2026 10:20:30 utc"
            "/api/1.0/batch?action=results1.0"
        ),
        "d1c03929d995843056709b9f5abc0605e9c1a253",
        404,
    ),
    (
        "batch?action=progress",
        ASYNC,
        {"Content-Type": JSON, "IVVY-Date": "2026-05-01 10:20:30", "IVVY-App-Name": "Held Out"},
        (
            "post8d26eed554b7d71a4eadb179ea211cfeapplication/json/api/1.0/batch?action=progress1.0"
            "ivvyappname=held out&ivvydate=2026-05-01 10:20:30"
        ),
        "967f20b97f8d71f6f2b7af76a3943cc0a0ad6b44",
        404,
    ),
]
KEYS = f"accounts: [{{key: {KEY}, secret: {SECRET}}}]\n"


def test_the_published_hmac():
    expected = "a993876ea1218921a1c8551923473da7b310dfae"
    assert hmac.new(b"my secret key", b"string to sign", "sha1").hexdigest() == expected
    assert signature("my secret key", "string to sign") == expected


@pytest.mark.parametrize(("action", "body", "headers", "text", "signed_as", "_status"), EXAMPLES)
def test_a_worked_example(action, body, headers, text, signed_as, _status):
    path, _, query = f"{API}/{action}".partition("?")
    request = Request("POST", path, query, CIMultiDictProxy(CIMultiDict(headers)), body)
    assert string_to_sign(request) == text
    assert signature(SECRET, text) == signed_as


@pytest.mark.parametrize(("action", "body", "headers", "_text", "signed_as", "status"), EXAMPLES)
@pytest.mark.parametrize("prefix", ["", "/ns/test-17"])
async def test_a_worked_example_is_taken(told, action, body, headers, _text, signed_as, status, prefix):
    date = "2012-04-03T22:23:24Z" if "2012" in str(headers) else "2026-05-01T10:20:30Z"
    client = await told(f"settings: {{stale_against: clock}}\n{KEYS}", start=instant(date))
    said = headers | {"Content-MD5": md5(body).hexdigest(), "X-Api-Authorization": f"IWS {KEY}:{signed_as}"}
    call = client.emulator.call
    answer = await call("POST", f"{prefix}{API}/{action}", data=body, headers=said, skip_auto_headers=("Content-Type",))
    assert answer.status == status, answer.text
    said["X-Api-Authorization"] = said["X-Api-Authorization"][:-1] + "f"
    assert (await call("POST", f"{API}/{action}", data=body, headers=said)).status == 401


async def test_date_is_not_signed_where_there_is_an_ivvy_date(told):
    client = await told(KEYS)
    assert (await client.send("test?action=ping", b"", Date="Sat, 01 Jan 2000 00:00:00 GMT")).status == 200


async def test_the_signature_may_be_in_upper_case(told):
    client = await told(KEYS)
    headers = signed(f"{API}/test?action=ping", b"")
    key, _, digits = headers["X-Api-Authorization"].partition(":")
    answer = await client.send("test?action=ping", b"", **headers | {"X-Api-Authorization": f"{key}:{digits.upper()}"})
    assert answer.status == 200


async def test_the_query_is_signed_as_it_was_sent(told):
    client = await told(KEYS)
    for action in ("test?action=ping&x=%41&x=", "test?x=1&action=%70ing", "test/?action=ping"):
        assert (await client.send(action, b"")).status == 200


MALFORMED = ["", "IWS", "IWS key", "IWS key:", "IWS :" + "0" * 40, "IWS key:" + "0" * 39, "IWS key:" + "g" * 40]
MALFORMED += [
    "iws key:" + "0" * 40,
    "Basic key:" + "0" * 40,
    "IWS a b:" + "0" * 40,
    "IWS key:" + "0" * 41,
    "IWS " * 1000,
]
WRONG = [{"X-Api-Authorization": None}, *({"X-Api-Authorization": each} for each in MALFORMED)]
WRONG += [{"Content-MD5": None}, {"Content-MD5": ""}, {"Content-MD5": "0" * 32}, {"Content-MD5": "nonsense"}]


@pytest.mark.parametrize("story", ["", KEYS])
@pytest.mark.parametrize("headers", WRONG)
async def test_what_is_not_well_formed_is_unauthorized_with_keys_or_without(told, story, headers):
    client = await told(story)
    answer = await client.send("test?action=ping", b"", **headers)
    assert (answer.status, answer.json) == (
        401,
        {"errorCode": 401, "message": "Unauthorized", "specificCode": 0},
    )


async def test_without_keys_every_well_formed_request_is_taken(emulator):
    assert (await Ivvy(emulator, "anybody", "any secret").send("test?action=ping", b"")).status == 200


@pytest.mark.parametrize(("key", "secret"), [("other", SECRET), (KEY, "other"), (KEY, ""), (KEY.upper(), SECRET)])
async def test_with_keys_only_theirs_are(told, key, secret):
    client = await told(KEYS)
    assert (await client.send("test?action=ping", b"")).status == 200
    assert (await Ivvy(client.emulator, key, secret).send("test?action=ping", b"")).status == 401


@pytest.mark.parametrize(
    "changed", [{"Content-Type": "text/plain"}, {"IVVY-Date": "2026-03-01 09:00:01"}, {"IVVY-X": "y"}]
)
async def test_what_is_signed_may_not_be_changed_on_the_way(told, changed):
    client = await told(KEYS, date=START)
    assert (await client.send("test?action=ping", b"", **changed)).status == 401


async def test_a_key_without_a_secret_is_only_asked_for(told):
    client = await told(f"accounts: [{{key: {KEY}}}]\n")
    assert (await Ivvy(client.emulator, KEY, "whatever").send("test?action=ping", b"")).status == 200
    assert (await Ivvy(client.emulator, "other").send("test?action=ping", b"")).status == 401


async def test_the_journal_keeps_no_signature(client):
    await client.run()
    said = str(await client.emulator.admin("GET", "/requests"))
    assert f"IWS {KEY}" not in said


# Staleness ----------------------------------------------------------------------

FRESH = ["2026-03-01 08:55:00", "2026-03-01 09:05:00", "2026-03-01 09:00:00 UTC"]
STALE = ["2026-03-01 08:54:59", "2026-03-01 09:05:01", "2025-03-01 09:00:00", "0001-01-01 00:00:00"]
UNREADABLE = [
    "",
    "now",
    "2026-03-01",
    "2026-03-01T09:00:00Z",
    "2026-03-01 09:00:00 CET",
    "2026-02-30 09:00:00",
    "2026-03-01 25:00:00",
    "2026-11-22 0505:1111:2626",
    "2026-3-1 9:00:00",
    "Sun, 01 Mar 2026 09:00:00 UTC",
    "9999-99-99 99:99:99",
]


@pytest.fixture
def by_clock(told):
    """A client of a server that goes by its own clock alone."""

    async def dated(**headers):
        client = await told("settings: {stale_against: clock}\n")
        answer = await client.send("test?action=ping", b"", **headers)
        return answer.status, answer.json

    return dated


@pytest.mark.parametrize("date", FRESH)
async def test_five_minutes_either_way_are_fresh(by_clock, date):
    assert await by_clock(**{"IVVY-Date": date}) == (200, {"ack": "2026-03-01 09:00:00 UTC"})


@pytest.mark.parametrize("date", STALE + UNREADABLE)
async def test_more_is_stale_and_so_is_what_cannot_be_read(by_clock, date):
    stale = {"errorCode": 401, "message": "Request is stale", "specificCode": 23005}
    assert await by_clock(**{"IVVY-Date": date}) == (401, stale)


@pytest.mark.parametrize(
    ("date", "status"),
    [
        ("Sun, 01 Mar 2026 09:00:00 UTC", 200),
        ("Sun, 01 Mar 2026 08:55:00 GMT", 200),
        ("Sun, 1 Mar 2026 09:00:00 GMT", 200),
        ("Sun, 01 Mar 2026 08:54:59 GMT", 401),
        ("Sun, 01 Mar, 2026 09:00:00 utc", 401),
        ("Sun, 01 Mar 2026 09:00:00 +0000", 401),
        ("Sun, 31 Feb 2026 09:00:00 GMT", 401),
        ("2026-03-01 09:00:00", 401),
        (None, 401),
    ],
)
async def test_without_an_ivvy_date_the_date_counts(by_clock, date, status):
    assert (await by_clock(**{"IVVY-Date": None, "Date": date}))[0] == status


@pytest.mark.parametrize(
    ("against", "virtual", "real"), [("clock", 200, 401), ("wall", 401, 200), ("either", 200, 200)]
)
async def test_by_which_clock_is_a_setting(told, against, virtual, real):
    client = await told(f"settings: {{stale_against: {against}}}\n")
    for date, status in ((START, virtual), (f"{to_datetime(wall()):%Y-%m-%d %H:%M:%S}", real)):
        assert (await client.send("test?action=ping", b"", **{"IVVY-Date": date})).status == status


async def test_staleness_can_be_turned_off(told):
    client = await told("settings: {stale_after: null}\n")
    for date in UNREADABLE:
        assert (await client.send("test?action=ping", b"", **{"IVVY-Date": date})).status == 200

"""Wrong and hostile requests: the vendor's error, never a 5xx, and nothing half done."""

import pytest

from tests.kladana.conftest import API

TASK = "/async/498b8673-0308-11e6-9464-e4de00000089"
REPORT = "/report/stock/bystore"
WEBHOOK = "/entity/webhook"

REQUESTS = [
    ("GET", "", 404),
    ("GET", "/", 404),
    ("GET", "//", 404),
    ("GET", "/report", 404),
    ("GET", "/report/", 404),
    ("GET", "/report/stock", 404),
    ("GET", "/report/stock/nowhere", 404),
    ("GET", "/Report/Stock/ByStore", 404),
    ("GET", f"{REPORT}/more", 404),
    ("GET", f"{REPORT}%2Fmore", 404),
    ("GET", f"{REPORT}%00", 404),
    ("GET", f"{REPORT}?async=TRUE", 400),
    ("GET", f"{REPORT}?async=1", 400),
    ("GET", f"{REPORT}?async=", 400),
    ("GET", f"{REPORT}?async=true&async=maybe", 400),
    ("GET", f"{REPORT}?async=%ff", 400),
    ("GET", f"{REPORT}?limit=0", 400),
    ("GET", f"{REPORT}?limit=-1", 400),
    ("GET", f"{REPORT}?limit=99999999999999999999", 400),
    ("GET", f"{REPORT}?limit=1.5", 400),
    ("GET", f"{REPORT}?limit=%D9%A1", 400),
    ("GET", f"{REPORT}?offset=-1", 400),
    ("GET", f"{REPORT}?offset=a", 400),
    ("GET", f"{REPORT}?offset=1&offset=x", 400),
    ("GET", f"{REPORT}?async=true&limit=1", 412),
    ("GET", f"{REPORT}?async=true&offset=1", 412),
    ("POST", REPORT, 405),
    ("DELETE", REPORT, 405),
    ("PUT", f"{REPORT}?async=true", 405),
    ("POST", "/async", 405),
    ("PUT", "/async", 405),
    ("DELETE", TASK, 405),
    ("POST", TASK, 405),
    ("POST", f"{TASK}/cancel", 405),
    ("GET", f"{TASK}/cancel", 405),
    ("PUT", f"{TASK}/result", 405),
    ("GET", TASK, 404),
    ("GET", TASK.upper().replace("/ASYNC", "/async"), 404),
    ("GET", f"{TASK}/result", 404),
    ("PUT", f"{TASK}/cancel", 404),
    ("GET", f"{TASK}/nothing", 404),
    ("GET", "/async/1", 400),
    ("GET", "/async/498b8673-0308-11e6-9464", 400),
    ("GET", "/async/498b8673030811e69464e4de00000089", 400),
    ("GET", "/async/%00", 400),
    ("GET", "/async/..%2f..%2f", 400),
    ("GET", "/async/{id}", 400),
    ("GET", "/async/' OR 1=1--", 400),
    ("GET", "/async/498b8673-0308-11e6-9464-e4de0000008g/result", 400),
    ("PUT", "/async/1/cancel", 400),
    ("GET", "/async?limit=x", 400),
    ("GET", "/async?filter=%ff", 400),
    ("GET", f"/async?filter={'state=DONE;' * 300}x", 400),
    ("PUT", "/security/token", 405),
]


@pytest.mark.requirement("I-14")
@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
async def test_a_wrong_request_gets_the_vendors_error_and_changes_nothing(emulator, kladana, method, path, status):
    client = kladana(emulator)
    response = await emulator.call(method, API + path, headers=client.headers)
    assert response.status == status, response.text
    (error,) = response.json["errors"]
    assert set(error) >= {"error", "code", "moreInfo"}
    assert error["code"] > 0
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0
    (exchange,) = (await emulator.admin("GET", "/requests"))["requests"]
    assert exchange["contract"] == "kept"


BODIES = [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 10_000, b'{"a": NaN}', b'{"a": 1, "a": 2}', b"\x00" * 100]


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_where_none_is_wanted_is_not_even_read(emulator, kladana, body):
    client = kladana(emulator)
    task = await client.submit()
    response = await emulator.call("GET", task, headers=client.headers, data=body)
    assert (response.status, response.json["state"]) == (200, "PENDING")
    assert (await emulator.call("PUT", f"{task}/cancel", headers=client.headers, data=body)).status == 204


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer " + "x" * 7000},
        {"Authorization": "Bearer \u00e9"},
        {"Accept-Language": "," * 5000},
        {"Accept-Language": "ru;q=" + "9" * 1000},
        {"Accept-Encoding": "gzip;q=" + "0" * 1000},
        {"Content-Type": "nonsense"},
        {"X-Emulator-Unknown": "x"},
    ],
)
async def test_odd_headers_are_no_reason_to_fail(emulator, kladana, headers):
    client = kladana(emulator)
    assert (await client.get("/async", headers=headers)).status == 200

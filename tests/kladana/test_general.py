"""Authorization, headers, methods and paths: what holds for every call."""

import base64

import pytest

from tests.kladana.conftest import API


@pytest.fixture
def client(emulator, kladana):
    return kladana(emulator)


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("authorization", ["Bearer 0123456789abcdef", "bearer x", basic("admin@company:secret")])
async def test_a_token_or_a_login_with_a_password_opens(emulator, authorization):
    assert (await emulator.get(f"{API}/async", headers={"Authorization": authorization})).status == 200


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic", "Basic !!!", basic("no colon"), basic(":"), "Digest x", "Basic /w=="],
)
@pytest.mark.parametrize("path", ["/async", "/report/stock/bystore?async=true", "/nowhere"])
async def test_without_credentials_nothing_opens(emulator, path, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    response = await emulator.get(API + path, headers=headers)
    assert response.status == 401
    assert response.json["errors"][0]["code"] == 1056


async def test_a_refused_submission_makes_no_task(emulator, client):
    await emulator.get(f"{API}/report/stock/bystore?async=true")
    assert (await client.get("/async")).json["rows"] == []


@pytest.mark.parametrize("accept", ["*/*", "application/json;charset=utf-8", "application/json, text/plain, */*"])
async def test_the_vendors_accept_headers_are_taken(client, accept):
    assert (await client.get("/async", headers={"Accept": accept})).status == 200


@pytest.mark.parametrize("accept", ["application/json", "text/html", "application/xml", ""])
async def test_other_accept_headers_are_refused(client, accept):
    response = await client.get("/async", headers={"Accept": accept})
    assert (response.status, response.json["errors"][0]["code"]) == (400, 1062)


@pytest.mark.parametrize(
    ("accepted", "text"),
    [
        ("ru", "Ошибка аутентификации"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "Ошибка аутентификации"),
        ("en, ru;q=0.5", "Authentication error"),
        ("de", "Authentication error"),
        ("garbage;;;=", "Authentication error"),
    ],
)
async def test_errors_speak_the_language_that_is_accepted(emulator, accepted, text):
    response = await emulator.get(f"{API}/async", headers={"Accept-Language": accepted})
    assert response.json["errors"][0]["error"].startswith(text)


async def test_an_error_tells_where_to_read_more(client):
    error = (await client.get("/nowhere")).json["errors"][0]
    assert error == {
        "error": f"Unidentified path: {API}/nowhere",
        "code": 1002,
        "moreInfo": "https://dev.kladana.com/doc/api/remap/1.2/#error_1002",
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_a_foreign_method_is_refused_and_has_no_effect(emulator, client, method):
    response = await emulator.call(
        method, f"{API}/report/stock/bystore?async=true", headers={"Authorization": "Bearer x"}
    )
    assert (response.status, response.json["errors"][0]["code"]) == (405, 1039)
    assert (await client.get("/async")).json["rows"] == []


async def test_a_query_that_is_not_utf8_is_refused(client):
    assert await client.code("/report/stock/bystore?async=%ff%fe") == (400, 1058)


async def test_ordinary_answers_carry_the_vendors_headers(client):
    response = await client.get("/async")
    assert response.headers["Content-Type"] == "application/json;charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Date"] == "Sun, 01 Mar 2026 09:00:00 GMT"
    assert "aiohttp" not in response.headers["Server"]

"""Credentials, tokens, the gateway, and what holds for every call."""

import base64
import io
import json
import re

import pytest

from emulator.clock import SECOND, wall
from emulator.contract import openapi
from emulator.scenario.measures import instant
from tests.waylay.conftest import API, UUID, Waylay, deleting

SECURED = [f"{API}/batch/x", f"{API}/resources", f"{API}/", "/configs/v1/settings", "/accounts/v1/users/me"]
KEY = {"clientId": "0123456789abcdef01234567", "clientSecret": "c2VjcmV0"}


def jwt(**claims):
    parts = ({"alg": "none"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(each).encode()).decode() for each in parts), "x"])


def claims_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


async def token(emulator, body=KEY, query="grant_type=client_credentials"):
    return await emulator.call("POST", f"/accounts/v1/tokens?{query}", json=body)


# Authorization --------------------------------------------------------------


@pytest.mark.parametrize("path", [*SECURED, f"{API}/nowhere"])
@pytest.mark.parametrize("authorization", [None, "", "Basic", "Basic ", "Bearer ", "Digest x", "token"])
async def test_without_credentials_nothing_opens(emulator, path, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    response = await emulator.get(path, headers=headers)
    assert (response.status, response.json) == (401, {"statusCode": 401, "error": "Unauthorized"})


@pytest.mark.parametrize("authorization", ["Basic a2V5OnNlY3JldA==", "basic !", "Bearer x", "bearer a.b.c"])
async def test_any_value_of_basic_or_bearer_opens(emulator, authorization):
    for path in SECURED[1:]:
        assert (await emulator.get(path, headers={"Authorization": authorization})).status == 200


async def test_authentication_can_be_switched_off_but_not_for_the_test_of_a_gateway(told):
    client = await told("settings: {authentication: none}")
    client.headers = {}
    assert (await client.get("/resources")).status == 200
    assert (await client.post("/batch", deleting("a"))).status == 202
    assert (await client.emulator.get("/configs/v1/settings")).status == 200
    assert (await client.emulator.get("/accounts/v1/users/me")).status == 401


async def test_the_user_is_the_subject_of_the_token_or_the_one_there_is(emulator):
    async def user(authorization):
        client = Waylay(emulator, {"Authorization": authorization})
        return (await client.post("/batch", deleting("a"))).json["entity"]["user"]

    fixed = await user("Basic a2V5OnNlY3JldA==")
    assert re.fullmatch(UUID, fixed)
    subject = "4b6c0c68-7c5f-4ad8-a138-e5d9d96242ed"
    assert await user(f"Bearer {jwt(sub=f'users/{subject}')}") == subject
    for other in ("opaque", jwt(), jwt(sub=7), jwt(sub="users/NOT-A-UUID"), "a.b.c", "a.bm8.c", "ä.ö.ü", "a.W10.c"):
        assert await user(f"Bearer {other}") == fixed


# Tokens ---------------------------------------------------------------------


async def test_a_token_names_tenant_domain_and_subject(emulator):
    response = await token(emulator)
    assert response.status == 200
    assert list(response.json) == ["token"]
    claims = claims_of(response.json["token"])
    assert re.fullmatch(f"users/{UUID}", claims["sub"])
    assert claims["domain"] == "api.waylay.io"
    assert claims["tenant"]
    me = await emulator.get("/accounts/v1/users/me", headers={"Authorization": f"Bearer {response.json['token']}"})
    assert me.json == {"id": claims["sub"].removeprefix("users/")}


@pytest.mark.parametrize("start", ["2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"])
async def test_a_token_is_valid_by_the_virtual_and_by_the_wall_clock(start_emulator, start):
    emulator = await start_emulator(start=instant(start))
    claims = claims_of((await token(emulator)).json["token"])
    assert claims["iat"] <= min(wall(), instant(start)) // SECOND
    assert claims["exp"] - max(wall(), instant(start)) // SECOND in range(3590, 3601)


async def test_an_application_has_the_tenant_it_names(emulator):
    body = {"applicationId": "a", "applicationSecret": "b"}
    response = await token(emulator, body, "grant_type=application_credentials&tenant=mine")
    assert claims_of(response.json["token"])["tenant"] == "mine"


async def test_a_token_can_be_renewed(emulator):
    refresh = (await token(emulator, KEY | {"renewal": True})).json["refresh_token"]
    response = await token(emulator, {"token": refresh}, "grant_type=refresh_token")
    assert response.status == 200
    assert claims_of(response.json["token"])["tenant"]


@pytest.mark.parametrize(
    ("query", "body", "error"),
    [
        (
            "",
            KEY,
            "Bad request: 'grant_type' must be one of client_credentials, application_credentials, refresh_token",
        ),
        ("grant_type=client_credentials", {"clientId": "a"}, "/clientSecret <- Property clientSecret missing."),
        ("grant_type=refresh_token", KEY, "/token <- Property token missing."),
        ("grant_type=client_credentials", KEY | {"clientId": 7}, "/clientId <- must be string"),
        ("grant_type=client_credentials", [], "/ <- must be object"),
    ],
)
async def test_a_token_wants_a_grant_and_its_credentials(emulator, query, body, error):
    response = await token(emulator, body, query)
    assert (response.status, response.json) == (400, {"statusCode": 400, "error": error})


async def test_no_journal_holds_a_token_or_a_secret(emulator):
    said = (await token(emulator)).json["token"]
    journal = await emulator.call("GET", "/__admin/requests")
    assert said not in journal.text
    assert KEY["clientSecret"] not in journal.text


# The gateway ----------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}])
async def test_the_gateway_says_that_it_is_up(emulator, headers):
    response = await emulator.get("/", headers=headers)
    assert (response.status, response.json) == (200, {"name": "gateway", "version": "1.2.3", "health": "OK"})
    assert (await emulator.namespace("a").get("/")).json == response.json


@pytest.mark.parametrize("path", ["/", ""])
async def test_the_service_says_its_version(client, path):
    assert (await client.get(path)).json == {"name": "resources-service", "version": "8.5.0"}


async def test_settings_are_texts_whose_names_the_client_keeps(client):
    settings = (await client.emulator.get("/configs/v1/settings", headers=client.headers)).json
    assert settings["waylay_domain"] == "api.waylay.io"
    assert all(name.startswith("waylay_") and isinstance(value, str) for name, value in settings.items())


# What holds for every call --------------------------------------------------


async def test_an_unknown_path_is_not_found(client):
    assert await client.error("GET", "/nowhere") == (404, "Not Found")


@pytest.mark.parametrize(
    "path",
    [f"{API}/batch", f"{API}/batch/x", f"{API}/resources/x", "/accounts/v1/tokens", "/", f"{API}/resourcetypes/x"],
)
async def test_a_foreign_method_is_refused(client, path):
    response = await client.emulator.call("OPTIONS", path, headers=client.headers)
    assert (response.status, response.json) == (405, {"statusCode": 405, "error": "Method Not Allowed"})


async def test_a_body_that_is_too_large_is_refused(client):
    body = io.BytesIO(json.dumps({"id": "large", "text": "x" * 10_000_000}).encode())
    response = await client.emulator.call("POST", f"{API}/resources", data=body, headers=client.headers)
    assert (response.status, response.json) == (413, {"statusCode": 413, "error": "Payload Too Large"})
    assert (await client.get("/resources/large")).status == 404


OPERATIONS = sorted(openapi.load("waylay").operations.values(), key=lambda each: each.id)
SHARED = {
    "bad-request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "no-route": 404,
    "wrong-method": 405,
    "type-busy": 409,
    "too-large": 413,
    "too-many-requests": 429,
    "internal": 500,
    "unavailable": 503,
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
async def test_a_scenario_may_answer_any_call_with_any_error(told, operation):
    faults = "".join(
        f"  - {{operation: {operation.id}, calls: {n}, per: namespace, error: {code}}}\n"
        for n, code in enumerate(SHARED, 1)
    )
    client = await told(f"faults:\n{faults}")
    path = re.sub(r"\{\w+\}", "x", operation.path)
    answers = [await client.emulator.call(operation.method, path, headers=client.headers) for _ in SHARED]
    assert [each.status for each in answers] == list(SHARED.values())
    assert all(each.json["statusCode"] == each.status for each in answers)

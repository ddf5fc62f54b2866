"""Tokens, scopes, the order of the checks, limits, the status of the stack, headers."""

import asyncio
import io
import re

import pytest

from tests.synapse.conftest import ADMIN, ALICE, BOB, JOB, MODEL, UUID, downloading

NO_CREDENTIALS = "Missing required credentials in the authorization header."
PAGE = "https://rest-docs.synapse.org/rest/"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic dGVzdC10b2tlbjo="},
        {"Authorization": "bearer test-token"},
        {"Authorization": "Bearer "},
        {"sessionToken": ""},
    ],
    ids=str,
)
async def test_without_a_token_nobody_is_let_in(client, headers):
    response = await client.as_(headers).get("/asynchronous/job/1")
    assert response.status == 401
    assert response.json == {"concreteType": f"{MODEL}ErrorResponse", "reason": NO_CREDENTIALS}
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Synapse Repository Services"'
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer nope"}, ALICE | {"sessionToken": "nope"}], ids=str)
async def test_an_unknown_token_is_refused(client, headers):
    assert await client.as_(headers).error("GET", "/userProfile") == (401, "Invalid access token")
    assert await client.as_(headers).error("GET", "/nowhere") == (401, "Invalid access token")


async def test_the_session_token_wins(client):
    headers = ALICE | {"sessionToken": "bob-token"}
    assert (await client.as_(headers).get("/userProfile")).json["userName"] == "bob"


TOKENS = """
accounts:
  - {token: old, state: expired}
  - {token: gone, state: revoked}
  - {token: viewer, scopes: [view]}
  - {token: unsigned, terms_signed: false}
  - {token: test-token, name: alice, tables: [{id: syn124}]}
"""


async def test_an_expired_token(told):
    client = (await told(TOKENS)).as_({"Authorization": "Bearer old"})
    response = await client.get("/userProfile")
    assert response.status == 401
    assert response.json == {
        "concreteType": f"{MODEL}OAuthErrorResponse",
        "error": "invalid_token",
        "error_description": "The token has expired.",
        "reason": "invalid_token. The token has expired.",
    }


async def test_a_revoked_token_and_unsigned_terms(told):
    client = await told(TOKENS)
    gone, unsigned = client.as_({"Authorization": "Bearer gone"}), client.as_({"Authorization": "Bearer unsigned"})
    assert await gone.error("GET", "/userProfile") == (401, "Invalid access token")
    assert await unsigned.error("GET", "/userProfile") == (403, "Terms of use have not been signed.")


async def test_a_token_of_too_few_scopes(told):
    client = (await told(TOKENS)).as_({"Authorization": "Bearer viewer"})
    assert (await client.get("/userProfile")).status == 200
    for method, path, lacking in (("POST", JOB, "modify"), ("POST", "/file/v1/fileHandle/batch", "download")):
        response = await client.call(method, path, {})
        assert response.status == 403
        description = f"Request lacks scope(s) required by this service: {lacking}"
        assert response.json == {
            "concreteType": f"{MODEL}OAuthErrorResponse",
            "error": "insufficient_scope",
            "error_description": description,
            "reason": f"insufficient_scope. {description}",
        }


async def test_the_anonymous_user(setting):
    client = (await setting("anonymous=true")).as_({})
    job = await client.launch(downloading())
    assert (await client.status(job))["startedByUserId"] == 273950
    assert await client.as_({"Authorization": "Basic eA=="}).state(job) == "PROCESSING"
    assert (await client.as_(ALICE).get(f"/asynchronous/job/{job}")).status == 403
    assert (await client.get("/userProfile")).json["userName"] == "anonymous"
    assert await client.as_({"Authorization": "Bearer nope"}).error("GET", "/userProfile") == (
        401,
        "Invalid access token",
    )


# Order ------------------------------------------------------------------------


async def test_the_stack_comes_before_the_token(setting):
    client = (await setting("stack_status=READ_ONLY")).as_({"Authorization": "Bearer nope"})
    expected = (503, "Synapse is down for maintenance.")
    assert await client.error("GET", "/asynchronous/job/1") == expected
    assert await client.error("GET", "/nowhere") == expected
    assert (await client.as_({}).get("/version")).status == 200
    assert (await client.as_({}).get("/status")).json == {"status": "READ_ONLY"}


async def test_the_token_comes_before_the_limit_and_that_before_the_path(setting):
    client = await setting("frequency_limited=true", "frequency_requests=1")
    assert (await client.get("/nowhere")).status == 404
    assert (await client.get("/nowhere")).status == 429
    assert (await client.as_({"Authorization": "Bearer nope"}).get("/nowhere")).status == 401


async def test_the_path_comes_before_the_scope_and_that_before_the_body(told):
    client = (await told(TOKENS)).as_({"Authorization": "Bearer viewer"})
    assert (await client.call("DELETE", JOB)).status == 405
    assert (await client.post(JOB, headers={"Content-Type": "text/plain"})).json["error"] == "insufficient_scope"


async def test_a_broken_body_comes_before_the_look_up(client):
    headers = ALICE | {"Content-Type": "application/json"}
    response = await client.emulator.call("POST", JOB, data=b"{", headers=headers)
    assert response.status == 400


async def test_unknown_paths(client):
    for each in (client, client.as_({})):
        reason = f"PUT was not found. Please reference API documentation at {PAGE}"
        assert await each.error("PUT", "/nowhere") == (404, reason)
        assert (await each.get("/file/v1/nowhere")).status == 404


async def test_a_wrong_verb_wants_a_token_first(client):
    assert await client.error("DELETE", JOB) == (405, "Request method 'DELETE' not supported")
    assert await client.as_({}).error("DELETE", JOB) == (401, NO_CREDENTIALS)


# Media types ------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["application/xml", "image/*, text/html"])
async def test_what_cannot_be_said_is_a_406_without_a_reason(client, accept):
    response = await client.get("/userProfile", headers={"Accept": accept})
    assert (response.status, response.body) == (406, b"")


@pytest.mark.parametrize("accept", ["application/json; charset=UTF-8", "*/*", "text/html, application/*;q=0.5"])
async def test_what_can_be_said(client, accept):
    assert (await client.get("/userProfile", headers={"Accept": accept})).status == 200


async def test_to_text_an_error_is_its_bare_reason(client):
    response = await client.get("/asynchronous/job/7", headers={"Accept": "text/plain"})
    assert (response.status, response.text) == (404, "Asynchronous job: '7' does not exist")
    assert response.headers["Content-Type"].startswith("text/plain")


async def test_a_body_that_is_no_json_by_name(client):
    headers = ALICE | {"Content-Type": "application/xml"}
    response = await client.emulator.call("POST", JOB, data=b"<a/>", headers=headers)
    assert response.status == 415
    assert response.json["reason"] == "Content type 'application/xml' not supported"


async def test_a_body_that_is_too_long(client):
    response = await client.emulator.call("POST", JOB, data=io.BytesIO(b" " * (2**21 + 1)), headers=ALICE)
    assert response.status == 413
    assert response.json["reason"] == "Request size exceeded maximum number of bytes: 2097152"


# Headers ----------------------------------------------------------------------


async def test_a_preflight(client):
    for path in (JOB, "/repo/v1/nowhere"):
        response = await client.emulator.call("OPTIONS", path)
        assert (response.status, response.body) == (200, b"")
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Access-Control-Allow-Methods"] == "POST, GET, PUT, DELETE"
        assert response.headers["Access-Control-Max-Age"] == "600"
        assert "sessionToken" in response.headers["Access-Control-Allow-Headers"]


async def test_the_headers_of_a_service(client):
    response = await client.get("/userProfile")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    name, _, rest = response.headers["Set-Cookie"].partition("=")
    assert name == "sessionID"
    assert re.fullmatch(f"{UUID}; HttpOnly", rest)
    again = await client.get("/userProfile", headers={"Cookie": f"sessionID={rest.split(';')[0]}"})
    assert "Set-Cookie" not in again.headers
    refused = await client.as_({}).get("/userProfile")
    assert "Set-Cookie" not in refused.headers
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_trailing_slash_makes_no_difference(client):
    assert (await client.get("/userProfile/")).status == 200


# Version, status, profile -----------------------------------------------------


async def test_the_version_and_the_status(told):
    lines = "settings: {current_message: Soon, pending_maintenance_message: Tonight, version: '516.2'}"
    client = (await told(lines)).as_({})
    assert (await client.get("/version")).json == {"version": "516.2", "stackInstance": "516"}
    told = {"status": "READ_WRITE", "currentMessage": "Soon", "pendingMaintenanceMessage": "Tonight"}
    assert (await client.get("/status")).json == told


async def test_who_asks(client):
    profile = (await client.get("/userProfile")).json
    assert (profile["ownerId"], profile["userName"], profile["emails"]) == ("3300001", "alice", ["alice@synapse.org"])
    assert (await client.as_(ADMIN).get("/userProfile")).json["ownerId"] == "1"


# Limits -----------------------------------------------------------------------


async def test_too_many_calls_in_a_period(setting):
    client = await setting("frequency_limited=true", "frequency_requests=2")
    for _ in range(2):
        assert (await client.get("/userProfile")).status == 200
    response = await client.get("/userProfile")
    assert response.status == 429
    assert response.json == {"reason": "Requests are too frequent. Allowed 2 requests every 60 seconds."}
    assert "Retry-After" not in response.headers
    assert (await client.as_(BOB).get("/userProfile")).status == 200
    await client.emulator.advance("1m")
    assert (await client.get("/userProfile")).status == 200


async def test_too_many_calls_of_one_path(setting):
    client = await setting("limited_path=/asynchronous/job/#", "path_requests=1", "path_period=10s")
    assert (await client.get("/asynchronous/job/1")).status == 404
    reason = "Requests are too frequent for API call: /asynchronous/job/#. Allowed 1 requests every 10 seconds."
    assert (await client.get("/asynchronous/job/2")).json == {"reason": reason}
    assert (await client.get("/userProfile")).status == 200


async def test_too_many_calls_at_a_time(told):
    client = await told("""
settings: {concurrent_limited: true}
accounts: [{token: test-token}]
faults: [{operation: GetUserProfile, calls: 1..3, latency: 400ms}]
""")
    answers = await asyncio.gather(*(client.get("/userProfile") for _ in range(4)))
    assert sorted(each.status for each in answers) == [200, 200, 200, 429]
    refused = next(each for each in answers if each.status == 429)
    told = "Too many concurrent requests. Allowed 3 concurrent connections at any time."
    assert refused.json == {"reason": told}
    assert (await client.get("/userProfile")).status == 200


async def test_the_anonymous_user_is_not_limited(setting):
    client = (await setting("anonymous=true", "frequency_limited=true", "frequency_requests=1")).as_({})
    assert [(await client.get("/userProfile")).status for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("error", "status", "payload"),
    [
        ("uncaught", 500, {"reason": "Server Error. Error logged."}),
        ("internal", 500, {"concreteType": f"{MODEL}ErrorResponse", "reason": "java.lang.NullPointerException"}),
        (
            "unavailable",
            503,
            {
                "concreteType": f"{MODEL}ErrorResponse",
                "reason": "Service temporarily unavailable, please try again later.",
            },
        ),
        (
            "{code: NameConflictException, message: Taken}",
            409,
            {"concreteType": f"{MODEL}ErrorResponse", "reason": "Taken"},
        ),
        (
            "retired",
            410,
            {
                "concreteType": f"{MODEL}ErrorResponse",
                "reason": "Please update your client to use the new API.",
            },
        ),
        ("{code: unavailable, status: 502}", 502, None),
    ],
)
async def test_a_story_may_answer_any_error(told, error, status, payload):
    client = await told(f"accounts: [{{token: test-token}}]\nfaults: [{{operation: GetUserProfile, error: {error}}}]")
    response = await client.get("/userProfile")
    assert response.status == status
    assert payload is None or response.json == payload


async def test_bodies_that_a_filter_prints_end_with_a_newline_and_no_others(client):
    for headers, path, status in (
        ({"Authorization": "Bearer garbage"}, "/repo/v1/userProfile", 401),
        ({}, "/repo/v1/userProfile", 401),
        (ALICE, "/repo/v1/asynchronous/job/9", 404),
        (ALICE, "/repo/v1/userProfile", 200),
    ):
        reply = await client.emulator.get(path, headers=headers)
        assert reply.status == status
        assert reply.body.endswith(b"\n") == (status == 401)


async def test_head_answers_as_get_does_without_the_body(client):
    got = await client.emulator.get("/repo/v1/version", headers=ALICE)
    asked = await client.emulator.call("HEAD", "/repo/v1/version", headers=ALICE)
    assert (asked.status, asked.body) == (200, b"")
    assert asked.headers["Content-Type"] == got.headers["Content-Type"]
    assert (await client.emulator.call("HEAD", "/repo/v1/nowhere", headers=ALICE)).status == 404

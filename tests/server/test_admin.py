"""`/__admin`, as its OpenAPI document has it."""

import pytest

SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TOKEN = {"Authorization": "Bearer token"}
JSON = {"Content-Type": "application/json"}


async def test_health_and_ready_answer(emulator):
    assert await emulator.admin("GET", "/health") == {"status": "ok"}
    ready = await emulator.admin("GET", "/ready")
    assert ready["status"] == "ready"
    assert "kladana" in ready["apis"]


# Clock ------------------------------------------------------------------------


async def test_advance_lists_what_happened_each_at_its_own_instant(emulator):
    await emulator.get(SUBMIT, headers=TOKEN)
    clock = await emulator.advance("1h")
    assert clock["now"] == "2026-03-01T10:00:00.000000Z"
    assert [(each["at"][11:23], each["state"]) for each in clock["happened"]] == [
        ("09:00:00.500", "PROCESSING"),
        ("09:00:02.500", "DONE"),
    ]
    assert (clock["count"], clock["pending"], clock["next"]) == (2, 0, None)


async def test_the_clock_can_be_moved_to_an_instant(emulator):
    clock = await emulator.admin("POST", "/clock", {"to": "2026-03-01T12:30:00+03:00"})
    assert clock["now"] == "2026-03-01T09:30:00.000000Z"


async def test_the_clock_runs_as_it_is_told(emulator):
    assert (await emulator.admin("POST", "/clock", {"rate": 3600}))["mode"] == "rate"
    first = (await emulator.admin("GET", "/clock"))["now"]
    while (await emulator.admin("GET", "/clock"))["now"] == first:
        pass
    assert (await emulator.admin("POST", "/clock", {"mode": "frozen"}))["rate"] == 0
    second = (await emulator.admin("GET", "/clock"))["now"]
    assert second > first
    assert (await emulator.admin("GET", "/clock"))["now"] == second
    assert (await emulator.admin("POST", "/clock", {"mode": "real"}))["rate"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"advence": "5m"},
        {"advance": "5 minutes"},
        {"advance": "-5m"},
        {"advance": 5},
        {"advance": "9999999d"},
        {"advance": "9" * 5000 + "d"},
        {"to": "2020-01-01T00:00:00Z"},
        {"to": "tomorrow"},
        {"to": "2026-03-02"},
        {"to": "9999-12-31T23:59:59Z"},
        {"mode": "fast"},
        {"rate": 0},
        {"rate": -1},
        {"rate": "60"},
        {"rate": True},
        {},
        {"advance": "5m", "rate": 2},
        [],
        None,
        "frozen",
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused_and_nothing_changes(emulator, body):
    before = await emulator.admin("GET", "/clock")
    response = await emulator.call("POST", "/__admin/clock", json=body)
    assert response.status == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    assert await emulator.admin("GET", "/clock") == before


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"rate": NaN}', b'{"rate": 1, "rate": 2}', b"[" * 100_000])
async def test_a_body_that_is_not_json_is_refused(emulator, body):
    response = await emulator.call("POST", "/__admin/clock", data=body, headers=JSON)
    assert (response.status, response.json["title"]) == (400, "Bad Request")


# Jobs ---------------------------------------------------------------------------


async def test_a_job_shows_what_has_happened_and_what_is_to_come(emulator):
    job_id = (await emulator.get(SUBMIT, headers=TOKEN)).headers["X-Emulator-Job"]
    await emulator.advance("1s")
    job = await emulator.admin("GET", f"/jobs/{job_id}")
    assert (job["state"], job["rule"]) == ("PROCESSING", "kladana/default jobs[0]")
    assert [each["state"] for each in job["moments"]] == ["PENDING", "PROCESSING"]
    assert job["upcoming"] == [{"state": "end", "after": "2s"}]
    assert await emulator.admin("GET", "/jobs") == {"total": 1, "jobs": [job]}


async def test_a_job_can_be_released_from_its_wait(emulator):
    job_id = (await emulator.get(SUBMIT, headers=TOKEN)).headers["X-Emulator-Job"]
    assert (await emulator.admin("POST", f"/jobs/{job_id}/release"))["state"] == "PROCESSING"
    assert (await emulator.admin("POST", f"/jobs/{job_id}/release"))["state"] == "DONE"
    assert (await emulator.admin("POST", f"/jobs/{job_id}/release"))["state"] == "DONE"


async def test_jobs_are_found_by_api_and_state_page_by_page(emulator):
    ids = [(await emulator.get(SUBMIT, headers=TOKEN)).headers["X-Emulator-Job"] for _ in range(3)]
    await emulator.advance("600ms")
    assert (await emulator.admin("GET", "/jobs?state=PENDING"))["total"] == 2
    assert (await emulator.admin("GET", "/jobs?api=nobody"))["total"] == 0
    page = await emulator.admin("GET", "/jobs?limit=1&offset=1")
    assert ([job["id"] for job in page["jobs"]], page["total"]) == ([ids[1]], 3)
    assert (await emulator.get("/__admin/jobs?limit=x")).status == 422


async def test_an_unknown_job_is_a_problem(emulator):
    assert (await emulator.get("/__admin/jobs/nobody")).status == 404


# Namespaces -----------------------------------------------------------------------


async def test_two_namespaces_with_different_clocks_share_nothing(emulator):
    await emulator.admin("PUT", "/namespaces/a", {"clock": {"mode": "frozen", "start": "2030-01-01T00:00:00Z"}})
    a, b = emulator.namespace("a"), emulator.namespace("b")
    first = await a.get(SUBMIT, headers=TOKEN)
    assert first.headers["Location"].startswith(f"{emulator.origin}/ns/a/api/")
    assert first.headers["Date"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    await a.advance("1h")
    assert (await b.admin("GET", "/clock"))["now"] == "2026-03-01T09:00:00.000000Z"
    assert (await b.admin("GET", "/jobs"))["total"] == 0
    assert (await b.admin("GET", "/requests"))["total"] == 0
    task = first.headers["Content-Location"].replace("/ns/a/", "/ns/b/")
    assert (await b.get(task, headers=TOKEN)).status == 404
    assert (await a.get(first.headers["Content-Location"], headers=TOKEN)).json["state"] == "DONE"


async def test_a_link_handed_out_in_a_namespace_leads_back_to_it(emulator):
    space = emulator.namespace("links")
    task = (await space.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    await space.advance("5s")
    link = (await space.get(f"{task}/result", headers=TOKEN)).headers["Location"]
    assert link.startswith(f"{emulator.origin}/ns/links/batch-prod/")
    assert (await space.get(link)).status == 200
    assert (await emulator.get(link.replace("/ns/links", ""))).status == 401


async def test_a_header_names_the_namespace_too_and_the_prefix_wins(emulator):
    named = TOKEN | {"X-Emulator-Namespace": "by-header"}
    await emulator.get(SUBMIT, headers=named)
    await emulator.namespace("by-prefix").get(SUBMIT, headers=named)
    jobs = {each["name"]: each["jobs"] for each in (await emulator.admin("GET", "/namespaces"))["namespaces"]}
    assert jobs == {"default": 0, "by-header": 1, "by-prefix": 1}


async def test_same_seed_same_conversation_same_answers_whatever_the_namespace(emulator):
    def without_prefix(reply):
        return reply.body.replace(b"/ns/one", b"").replace(b"/ns/two", b"")

    said = []
    for name in ("one", "two"):
        space = emulator.namespace(name)
        task = (await space.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
        await space.advance("5s")
        said.append(without_prefix(await space.get(task, headers=TOKEN)))
    assert said[0] == said[1]


async def test_another_seed_makes_other_ids(emulator):
    ids = set()
    for seed in (1, 2):
        await emulator.admin("PUT", f"/namespaces/seed-{seed}", {"seed": seed})
        response = await emulator.namespace(f"seed-{seed}").get(SUBMIT, headers=TOKEN)
        ids.add(response.headers["X-Emulator-Job"])
    assert len(ids) == 2


@pytest.mark.requirement("I-13")
async def test_reset_makes_a_namespace_as_it_was_when_it_was_made(emulator):
    first = await emulator.get(SUBMIT, headers=TOKEN)
    await emulator.advance("5m")
    await emulator.admin("POST", "/reset")
    assert (await emulator.admin("GET", "/jobs"))["total"] == 0
    assert (await emulator.admin("GET", "/clock"))["now"] == "2026-03-01T09:00:00.000000Z"
    again = await emulator.get(SUBMIT, headers=TOKEN)
    assert again.headers["X-Emulator-Job"] == first.headers["X-Emulator-Job"]


async def test_a_namespace_can_be_dropped(emulator):
    await emulator.namespace("gone").get(SUBMIT, headers=TOKEN)
    assert (await emulator.call("DELETE", "/__admin/namespaces/gone")).status == 204
    assert (await emulator.call("DELETE", "/__admin/namespaces/gone")).status == 404
    assert (await emulator.namespace("gone").admin("GET", "/jobs"))["total"] == 0


@pytest.mark.parametrize("name", ["a%20b", "%2e%2e%2f", "x" * 65, "ü"])
async def test_a_name_that_is_none_is_refused(emulator, name):
    assert (await emulator.get(f"/ns/{name}{SUBMIT}")).status == 404
    assert (await emulator.call("PUT", f"/__admin/namespaces/{name}", json={})).status == 422


async def test_a_namespace_is_made_only_once(emulator):
    await emulator.admin("PUT", "/namespaces/once", {})
    assert (await emulator.call("PUT", "/__admin/namespaces/once", json={})).status == 409


# Who may ask ------------------------------------------------------------------------


@pytest.mark.requirement("S-20")
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil:80", ""])
async def test_a_foreign_host_is_misdirected(emulator, host):
    assert (await emulator.get("/__admin/clock", headers={"Host": host})).status == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "LOCALHOST:8087", "[::1]:8087"])
async def test_names_of_loopback_are_ours(emulator, host):
    assert (await emulator.get("/__admin/clock", headers={"Host": host})).status == 200


@pytest.mark.requirement("S-21")
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_a_cross_site_request_is_refused(emulator, headers):
    response = await emulator.call("POST", "/__admin/reset", headers=headers)
    assert response.status == 403


@pytest.mark.requirement("S-21")
async def test_only_json_is_taken(emulator):
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        response = await emulator.call(
            "POST", "/__admin/clock", data=b'{"advance": "1s"}', headers={"Content-Type": content_type}
        )
        assert response.status == 415


@pytest.mark.requirement("S-23")
async def test_with_a_token_nobody_else_may_ask(start_emulator):
    emulator = await start_emulator(admin_token="open sesame")
    assert (await emulator.get("/__admin/health")).status == 200
    assert (await emulator.get("/__admin/clock")).status == 401
    for wrong in ("Bearer", "Bearer x", "Basic open sesame", "Bearer öpen"):
        assert (await emulator.get("/__admin/clock", headers={"Authorization": wrong})).status == 401
    right = {"Authorization": "Bearer open sesame", "Host": "anybody.example"}
    assert (await emulator.get("/__admin/clock", headers=right)).status == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/clock", 405)])
async def test_what_is_not_there_is_a_problem(emulator, method, path, status):
    response = await emulator.call(method, f"/__admin{path}")
    assert (response.status, response.headers["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("number", ["9" * 19, "9" * 4301])
@pytest.mark.parametrize(
    "asked", ["jobs?offset=", "jobs?limit=", "callbacks?offset=", "requests?offset=", "requests?after="]
)
async def test_no_number_is_too_large_to_be_asked_for(emulator, asked, number):
    response = await emulator.get(f"/__admin/{asked}{number}")
    assert response.status == 200, response.text

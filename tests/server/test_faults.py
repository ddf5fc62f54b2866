"""What scenarios do to calls, seen by a client: conditions, counts, chance, answers of their own, broken contracts."""

from collections import Counter

import pytest

from tests.server.playing import API, ITEM, QUICK, STEPS, STOCK, SUBMIT, TASKS, Client, fault, raw


@pytest.fixture
def client(emulator):
    return Client(emulator)


# When ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "met", "unmet"),
    [
        ("operation: getTasks", TASKS, STOCK),
        ("operation: [getStockByStore, getStockAll]", STOCK, TASKS),
        (f"when: {{path: {TASKS}}}", TASKS, STOCK),
        ("when: {path: {matches: 'by[a-z]+$'}}", STOCK, TASKS),
        ("when: {query: {limit: 7}}", f"{STOCK}?limit=7", f"{STOCK}?limit=8"),
        ("when: {query: {limit: {exists: false}}}", TASKS, f"{TASKS}?limit=7"),
        ("when: {query: {filter: {contains: 'state=DO'}}}", f"{TASKS}?filter=state%3DDONE", TASKS),
    ],
)
async def test_a_fault_acts_where_its_conditions_hold(client, when, met, unmet):
    await client.play(fault(f"{when}, error: 1049"))
    assert [(await client.get(path)).status for path in (unmet, met, unmet)] == [200, 429, 200]
    assert await client.hits() == [1]
    rules = [each["rules"] for each in await client.journal()]
    assert rules == [[], [f"{client.scenario} faults[0]"], []]


async def test_headers_and_accounts_are_asked(client, emulator):
    await client.play(
        "faults:\n  - {operation: getTasks, when: {header: {X-Case: {matches: '^b-'}}}, error: 1049}\n"
        "  - {operation: getTasks, when: {account: acme}, error: 1016}\n"
        "accounts: [{token: token}, {token: acme-token, account: acme}]\n"
    )
    assert (await client.get(TASKS)).status == 200
    assert (await client.get(TASKS, **{"x-case": "b-17"})).status == 429
    assert (await Client(emulator, "acme-token").get(TASKS)).status == 403
    assert await client.hits() == [1, 1]


async def test_bodies_are_asked_of_calls_and_of_submissions(client):
    await client.play(
        fault("operation: postBulkImport, when: {body: {/entities/0/number: {matches: '^BAD'}}}, error: rate-limited")
        + "jobs:\n  - when: {body: {/entities/0/number: SKU-1}}\n"
        + "    steps: [{state: queued}, {state: Processing}, {state: Error}]\n",
        api="deposco",
    )
    assert (await client.import_items([ITEM | {"number": "BAD-1"}])).status == 429
    reply = await client.import_items()
    assert (reply.status, reply.headers["X-Emulator-Rule"]) == (202, f"{client.scenario} jobs[0]")
    assert (await client.jobs())[0]["state"] == "Error"
    assert (await client.import_items([ITEM | {"number": "SKU-2"}])).headers[
        "X-Emulator-Rule"
    ] == "deposco/default jobs[0]"


async def test_submissions_are_asked_for_what_calls_are(client, emulator):
    end = "steps: [{state: PENDING}, {state: PROCESSING}, {state: ERROR}]"
    await client.play(
        f"jobs:\n  - {{when: {{header: {{X-Case: a}}}}, {end}}}\n  - {{when: {{operation: getStockAll}}, {end}}}\n"
        f"  - {{when: {{during: {{from: 1h}}, header: {{X-Case: b}}}}, {end}}}\n  - {STEPS}\n"
    )
    for path, headers in ((SUBMIT, {}), (SUBMIT, {"X-Case": "a"}), (f"{API}/report/stock/all?async=true", {})):
        assert (await client.get(path, **headers)).status == 202
    await emulator.advance("1h")
    for case in ("a", "b", "c"):
        assert (await client.get(SUBMIT, **{"X-Case": case})).status == 202
    assert [each["state"] for each in await client.jobs()] == ["DONE", "ERROR", "ERROR", "ERROR", "ERROR", "DONE"]
    assert await client.hits() == [2, 1, 1, 2]


async def test_a_part_of_time_is_of_the_namespaces_clock(client, emulator):
    await client.play(
        "faults:\n  - {operation: getTasks, when: {during: {from: 5m, to: 10m}}, error: 1049}\n"
        "  - {operation: getTasks, when: {during: {from: 2026-03-01T09:20:00Z}}, error: 1016}\n"
    )
    seen = []
    for _ in range(6):
        seen.append((await client.get(TASKS)).status)
        await emulator.advance("5m")
    assert seen == [200, 429, 200, 200, 403, 403]


# Counts and chance ----------------------------------------------------------------


async def test_calls_about_a_job_are_counted_per_job(client):
    await client.play(fault("operation: getTask, calls: 2, error: 1049") + QUICK)
    jobs = [await client.submit() for _ in range(2)]
    assert [(await client.poll(job)).status for job in (*jobs, *jobs, *jobs)] == [200, 200, 429, 429, 200, 200]


@pytest.mark.parametrize(
    ("per", "statuses"),
    [("namespace", [200, 429, 200, 200]), ("account", [200, 200, 429, 429])],
)
async def test_or_per_account_or_over_the_whole_namespace(client, emulator, per, statuses):
    await client.play(
        fault(f"operation: getTasks, calls: 2, per: {per}, error: 1049")
        + "accounts: [{token: a, account: a}, {token: b, account: b}]\n"
    )
    a, b = Client(emulator, "a"), Client(emulator, "b")
    assert [(await each.get(TASKS)).status for each in (a, b, a, b)] == statuses


async def test_every_namespace_counts_for_itself(client, emulator):
    await client.play(fault("operation: getTasks, every: 2, error: 1049"))
    other = Client(emulator.namespace("other"))
    await other.play(fault("operation: getTasks, every: 2, error: 1049"))
    assert await client.statuses(TASKS, 1) + await other.statuses(TASKS, 2) + await client.statuses(TASKS, 3) == [
        200, 200, 429, 429, 200, 429,
    ]  # fmt: skip


async def test_only_calls_that_meet_the_rest_are_counted(client):
    await client.play(fault("operation: getTasks, calls: 2, when: {query: {limit: 7}}, error: 1049"))
    assert await client.statuses(TASKS, 3) == [200] * 3
    assert await client.statuses(f"{TASKS}?limit=7", 3) == [200, 429, 200]


async def test_a_call_that_is_not_admitted_is_not_counted(client, emulator):
    await client.play(fault("operation: getTasks, calls: 1, error: 1016"))
    assert (await emulator.get(TASKS)).status == 401
    assert await client.statuses(TASKS, 2) == [403, 200]


async def test_chance_is_a_share_and_the_same_for_the_same_seed(start_emulator):
    seen = []
    for seed in (1, 1, 2):
        client = Client(await start_emulator(seed=seed))
        await client.play(
            fault("operation: getTasks, when: {chance: 0.25}, error: 1016") + "settings: {rate_limited: false}\n"
        )
        seen.append(await client.statuses(TASKS, 400))
    assert seen[0] == seen[1] != seen[2]
    for each in seen:
        assert 70 <= Counter(each)[403] <= 130  # of 100 expected, three standard deviations and a half


async def test_an_account_draws_for_itself(start_emulator):
    seen = []
    for others in (0, 3):
        emulator = await start_emulator(seed=1)
        client, other = Client(emulator, "a"), Client(emulator, "b")
        await client.play(
            fault("operation: getTasks, when: {chance: 0.5}, error: 1016")
            + "accounts: [{token: a, account: a}, {token: b, account: b}]\nsettings: {rate_limited: false}\n"
        )
        mine = []
        for _ in range(20):
            await other.statuses(TASKS, others)
            mine += await client.statuses(TASKS, 1)
        seen.append(mine)
    assert seen[0] == seen[1]


# Before or after the effect -------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "jobs"), [("", 0), (", effect: before", 0), (", effect: after", 1)], ids=["default", "before", "after"]
)
async def test_a_submission_whose_answer_is_an_error_may_have_been_accepted(client, effect, jobs):
    await client.play(fault(f"operation: getStockByStore, calls: 1, error: 1049{effect}"))
    reply = await client.get(SUBMIT)
    assert (reply.status, reply.json["errors"][0]["code"]) == (429, 1049)
    told = await client.jobs()
    assert len(told) == jobs
    assert reply.headers.get("X-Emulator-Job") == (told[0]["id"] if told else None)
    assert (await client.last())["job"] == (told[0]["id"] if told else None)
    assert len((await client.get(TASKS)).json["rows"]) == jobs


async def test_the_connection_may_be_lost_before_or_after_a_submission_is_accepted(client):
    await client.play(
        "faults:\n  - {operation: getStockByStore, calls: 1, fault: CONNECTION_RESET_BY_PEER}\n"
        "  - {operation: getStockByStore, calls: 2, fault: CONNECTION_RESET_BY_PEER, effect: before}\n"
    )
    for accepted in (1, 1):
        with pytest.raises(ConnectionResetError):
            await raw(client, SUBMIT)
        assert len(await client.jobs()) == accepted
    assert await client.hits() == [1, 1]


async def test_a_poll_that_is_refused_is_no_poll_unless_it_is_made(client):
    waits = "jobs: [{steps: [{state: PENDING}, {state: PROCESSING, after: {polls: 1}}, {state: end, after: 1s}]}]\n"
    for effect, state in (("before", "PENDING"), ("after", "PROCESSING")):
        await client.play(fault(f"operation: getTask, calls: 1, error: 1049, effect: {effect}") + waits)
        job = await client.submit()
        assert (await client.poll(job)).status == 429
        assert (await client.poll(job)).json["state"] == state


async def test_what_a_call_is_refused_for_does_not_come_out_where_something_else_is_said(client):
    await client.play(fault("operation: getTask, error: 1016, effect: after"))
    assert (await client.poll("3bd4f9b2-0308-11e6-9464-e4de00000089")).status == 403


# What jobs live through -------------------------------------------------------------


async def test_a_cycle_goes_round_and_ends_when_the_job_is_cancelled(client, emulator):
    await client.play(
        "jobs:\n  - steps: [{state: PENDING}, {state: PROCESSING, after: 1m}, {state: PROCESSING, after: 1m}]\n"
        "    repeat: cycle\n"
    )
    job = await client.submit()
    await emulator.advance("1h")
    told = await emulator.admin("GET", f"/jobs/{job}")
    assert [each["state"] for each in told["moments"]] == ["PENDING", *["PROCESSING"] * 60]
    assert (await emulator.call("PUT", f"{TASKS}/{job}/cancel", headers=client.headers)).status == 204
    await emulator.advance("1h")
    assert (await client.poll(job)).json["state"] == "CANCEL"


async def test_a_cycle_of_polls_goes_on_as_often_as_somebody_looks(client, emulator):
    await client.play(
        "jobs:\n  - steps: [{state: PENDING}, {state: PROCESSING, after: 1s}, {state: PROCESSING, after: {polls: 2}}]\n"
        "    repeat: cycle\n"
    )
    job = await client.submit()
    seen = []
    for _ in range(5):
        await emulator.advance("1s")
        await client.poll(job)
        seen.append(len((await emulator.admin("GET", f"/jobs/{job}"))["moments"]))
    assert seen == [2, 2, 3, 4, 4]


async def test_a_job_that_is_gone_once_it_has_been_seen_in_its_last_state(client, emulator):
    await client.play(
        "jobs: [{steps: [{state: PENDING}, {state: PROCESSING, after: 1s}, {state: end, after: 1s}], repeat: none}]\n"
    )
    job = await client.submit()
    assert (await client.poll(job)).json["state"] == "PENDING"
    await emulator.advance("1h")
    assert (await client.poll(job)).json["state"] == "DONE"
    assert [(await client.poll(job)).status, (await client.get(f"{TASKS}/{job}/result")).status] == [404, 404]
    assert (await client.get(TASKS)).json["rows"] == []


async def test_a_job_that_is_stuck_waits_for_ever(client, emulator):
    await client.play("jobs: [{steps: [{state: PENDING}, {state: PROCESSING, after: 1s}], stuck: true}]\n")
    job = await client.submit()
    await emulator.advance("6d")
    assert (await client.poll(job)).json["state"] == "PROCESSING"


# Adding to another, and what is left open -------------------------------------------


async def test_a_story_that_extends_another_counts_its_rules_once(client):
    await client.play(
        "extends: kladana/default\njobs: [{when: {nth: 2}, steps: [{state: PENDING}, {state: CANCEL}]}]\n"
    )
    for _ in range(3):
        await client.submit()
    assert [each["rule"].partition(" ")[0] for each in await client.jobs()] == [
        "kladana/default",
        client.scenario,
        "kladana/default",
    ]
    told = (await client.emulator.admin("GET", "/scenario"))["scenarios"]
    rules = next(each["rules"] for each in told if each["api"] == "kladana")
    assert rules == [
        {"name": f"{client.scenario} jobs[0]", "hits": 1},
        {"name": "kladana/default jobs[0]", "hits": 2},
    ]


async def test_parameters_are_filled_before_settings(client):
    await client.play(
        "parameters: {nth: 2, queued_tasks: 1049}\n"
        "faults: [{operation: getTasks, calls: '${parameters.nth}', error: '${parameters.queued_tasks}'}]\n",
        set={"nth": 1, "queued_tasks": 1016, "running_tasks": 9},
    )
    assert await client.statuses(TASKS, 2) == [403, 200]
    told = (await client.emulator.admin("GET", "/scenario"))["scenarios"]
    settings = next(each["settings"] for each in told if each["api"] == "kladana")
    assert settings == {"running_tasks": 9}


@pytest.mark.parametrize(
    ("wish", "detail"),
    [
        ({"nth": "1"}, "inline:3:13: parameters: expected a whole number for the parameter nth, got '1'"),
        ({"nth": 0}, "faults[0].calls: expected a number from 1, or a range such as 2..3 or 3.., got 0"),
        ({"nht": 1}, "expected one of the keys "),
    ],
)
async def test_what_cannot_be_filled_is_a_problem_and_changes_nothing(client, emulator, wish, detail):
    yaml = "version: 1\napi: kladana\nparameters: {nth: 2}\nfaults: [{calls: '${parameters.nth}', error: 1049}]\n"
    reply = await emulator.call("PUT", "/__admin/scenario", json={"yaml": yaml, "set": wish})
    assert reply.status == 422
    assert detail in reply.json["detail"]
    assert await client.statuses(TASKS, 2) == [200, 200]

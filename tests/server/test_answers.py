"""What scenarios answer themselves, and what they make of the vendor's answers."""

import json

import pytest

from tests.server.playing import ITEM, QUICK, STEPS, SUBMIT, TASKS, Client, fault, raw


@pytest.fixture
def client(emulator):
    return Client(emulator)


# Answers of the scenario's own ----------------------------------------------------

HOSTILE = (
    "${request.query.b}", "${now}", "{{7*7}}", "{0.__class__}", "<%= 7*7 %>", "%s%n", "#{7*7}", "$(id)", "\\u0000",
    "é😀\u2028", '"quoted"\\', "</script>", "' OR 1=1 --",
)  # fmt: skip


def answering(**answer):
    return fault(f"operation: getTasks, breaks_contract: true, answer: {json.dumps(answer)}")


@pytest.mark.requirement("S-12")
@pytest.mark.parametrize("said", HOSTILE)
async def test_what_a_client_says_comes_back_as_it_was(client, emulator, said):
    body = {"query": "${request.query.a}", "within": "<${request.query.a}>"}
    await client.play(answering(body=body))
    reply = await emulator.call("GET", TASKS, params={"a": said, "b": "evaluated"}, headers=client.headers)
    assert (reply.status, reply.json) == (200, {"query": said, "within": f"<{said}>"})


async def test_what_a_body_says_comes_back_with_its_types(client):
    await client.play(
        fault(
            "operation: postBulkImport, breaks_contract: true, answer: {body: {whole: '${request.body}', "
            "dotted: '${request.body.entities.0.n}', pointed: '${request.body./entities/0/a~1b}', "
            "gone: '${request.body.x}'}}"
        ),
        api="deposco",
    )
    said = [{"n": [1, 2.5, None, True, 12345678901234567890123], "a/b": HOSTILE[0], "{{7*7}}": list(HOSTILE)}]
    reply = await client.import_items(said)
    assert reply.json == {
        "whole": {"entityType": "Item", "entities": said},
        "dotted": said[0]["n"],
        "pointed": HOSTILE[0],
        "gone": None,
    }


async def test_every_place_is_filled(client, emulator):
    names = [
        "request.method", "request.path", "request.query.a", "request.header.X-Case", "request.params.id",
        "request.body", "account", "sequence", "job.id", "job.state", "job.created", "now", "now+5m", "now-1h",
        "now.unix", "uuid", "uuid", "faker.company", "faker.company",
    ]  # fmt: skip
    body = json.dumps([f"${{{name}}}" for name in names])
    await client.play(fault(f"operation: getTask, breaks_contract: true, answer: {{body: {body}}}") + QUICK)
    job = await client.submit()
    reply = await client.get(f"{TASKS}/{job}?a=b%20c", **{"x-case": "b-17"})
    *told, one, two, company, other = reply.json
    assert told == [
        "GET", f"{TASKS}/{job}", "b c", "b-17", job, None, told[6], 2, job, "DONE", "2026-03-01T09:00:00.000000Z",
        "2026-03-01T09:00:00.000000Z", "2026-03-01T09:05:00.000000Z", "2026-03-01T08:00:00.000000Z", 1_772_355_600,
    ]  # fmt: skip
    assert told[6] == (await client.last())["account"]
    assert len({one, two}) == len({company, other}) == 2
    assert [len(each) for each in (one, two)] == [36, 36]


async def test_what_is_drawn_is_the_same_for_the_same_seed(start_emulator):
    seen = []
    for seed in (1, 1, 2):
        client = Client(await start_emulator(seed=seed))
        await client.play(answering(body=["${uuid}", "${faker.name}"]))
        seen.append([(await client.get(TASKS)).json for _ in range(2)])
    assert seen[0] == seen[1] != seen[2]
    assert seen[0][0] != seen[0][1]


async def test_the_job_of_an_answer_is_the_one_that_the_call_has_made(client):
    await client.play(
        fault(
            "operation: getStockByStore, effect: after, breaks_contract: true, "
            "answer: {status: 202, headers: {X-Job: '${job.id}'}, body: '${job.state}'}"
        )
        + QUICK
    )
    reply = await client.get(SUBMIT)
    (job,) = await client.jobs()
    assert (reply.headers["X-Job"], reply.json) == (job["id"], "DONE")


async def test_headers_texts_and_types(client):
    await client.play(
        answering(
            status=503,
            headers={"X-Said": "<${request.query.a}>", "Retry-After": "120"},
            text="a,b\n",
            content_type="text/csv",
        )
    )
    reply = await client.get(f"{TASKS}?a=x")
    assert (reply.status, reply.body) == (503, b"a,b\n")
    assert (reply.headers["X-Said"], reply.headers["Retry-After"]) == ("<x>", "120")
    assert reply.headers["Content-Type"].startswith("text/csv")


@pytest.mark.requirement("S-26", "G-17")
@pytest.mark.parametrize("said", ["a%0d%0aSet-Cookie:%20b", "%00", "a%0Ab", "%7f", "%1b%5b2J"])
async def test_nobody_gets_a_header_into_an_answer(client, said):
    await client.play(answering(headers={"X-Said": "${request.query.a}"}))
    reply = await client.get(f"{TASKS}?a={said}")
    assert (reply.status, reply.headers["Content-Type"]) == (500, "application/problem+json")
    assert reply.json["detail"] == "what the scenario puts into the header X-Said has control characters in it"
    assert not {"X-Said", "Set-Cookie"} & set(reply.headers)
    told = await client.last()
    assert (told["response"]["status"], told["rules"]) == (500, [f"{client.scenario} faults[0]"])


async def test_bytes_of_a_header_that_are_no_text_do_not_come_back(client):
    await client.play(answering(body="${request.header.X-Odd}", headers={"X-Said": "${request.header.X-Odd}"}))
    reply = await raw(client, TASKS, b"X-Odd: a\xffb\r\n")
    assert b" 200 " in reply.partition(b"\r\n")[0]
    assert '"a\ufffdb"'.encode() in reply
    assert "X-Said: a\ufffdb\r\n".encode() in reply


async def test_texts_and_json_that_is_text(client):
    for answer, body in (
        ({"text": '"a'}, b'"a'),
        ({"body": 'a"'}, b'"a\\""'),
        ({"body": None}, b""),
        ({"body": 0}, b"0"),
    ):
        await client.play(answering(**answer))
        assert (await client.get(TASKS)).body == body


async def test_a_file_beside_the_scenario_is_an_answer(start_emulator, tmp_path):
    (tmp_path / "rows.csv").write_bytes(b"a;b\n1;2\n")
    (tmp_path / "body.json").write_text('{"rows": [1, null]}')
    story = tmp_path / "story.yaml"
    story.write_text(
        "version: 1\napi: kladana\nfaults:\n"
        "  - {operation: getTasks, calls: 1, breaks_contract: true, answer: {file: rows.csv}}\n"
        "  - {operation: getTasks, breaks_contract: true, answer: {file: body.json}}\n"
    )
    client = Client(await start_emulator(scenario=(str(story),)))
    reply = await client.get(TASKS)
    assert (reply.body, reply.headers["Content-Type"].partition(";")[0]) == (b"a;b\n1;2\n", "text/csv")
    reply = await client.get(TASKS)
    assert (reply.json, reply.headers["Content-Type"].partition(";")[0]) == ({"rows": [1, None]}, "application/json")


# What breaks the contract -----------------------------------------------------------


async def test_an_answer_that_keeps_the_contract_is_as_good_as_the_vendors(client):
    body = {"errors": [{"error": "<${request.query.a}>", "code": 1049}]}
    await client.play(fault(f"operation: getTasks, answer: {json.dumps({'status': 429, 'body': body})}"))
    reply = await client.get(f"{TASKS}?a=b")
    assert (reply.status, reply.json["errors"][0]["error"]) == (429, "<b>")
    assert (await client.last())["contract"] == "kept"


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({"body": {"said": "${request.query.a}"}}, "/"),
        ({"status": 418, "text": "${account}"}, "responses"),
        ({"text": "${account}"}, "content"),
    ],
)
async def test_one_that_does_not_is_never_sent_unless_it_says_so(client, answer, place):
    await client.play(fault(f"operation: getTasks, answer: {json.dumps(answer)}"))
    reply = await client.get(f"{TASKS}?a=b")
    name = f"{client.scenario} faults[0]"
    assert (reply.status, reply.headers["Content-Type"]) == (500, "application/problem+json")
    assert reply.json["detail"].startswith(f"{name} breaks the contract at ")
    assert reply.json["detail"].endswith("`breaks_contract: true` allows it")
    told = await client.last()
    assert (told["contract"].partition(" at ")[0], told["rules"]) == ("broken", [name])
    await client.play(fault(f"operation: getTasks, breaks_contract: true, answer: {json.dumps(answer)}"))
    assert (await client.get(f"{TASKS}?a=b")).status == answer.get("status", 200)
    assert (await client.last())["contract"] == f"waived by {client.scenario} faults[0]"


async def test_one_that_is_closed_and_does_not_is_refused_at_once(client, emulator):
    yaml = "version: 1\napi: kladana\nfaults: [{operation: getTasks, answer: {status: 418}}]\n"
    reply = await emulator.call("PUT", "/__admin/scenario", json={"yaml": yaml})
    assert reply.status == 422
    assert reply.json["detail"] == (
        "inline:3:40: faults[0].answer: expected what getTasks may answer, or `breaks_contract: true`: "
        "it declares no status 418"
    )


@pytest.mark.parametrize(
    ("change", "pointer", "value"),
    [
        ("set: {/state: EXPLODED}", "/state", "EXPLODED"),
        ("replace: {/state: null}", "/state", None),
        ("set: {/unheard_of: {a: [1]}}", "/unheard_of", {"a": [1]}),
        ("remove: [/state]", "/state", "gone"),
        ("remove: [/meta], set: {/meta: 7}", "/meta", 7),
    ],
)
async def test_states_nulls_and_fields_that_no_contract_knows(client, change, pointer, value):
    await client.play(fault(f"operation: getTask, {change}, breaks_contract: true") + QUICK)
    job = await client.submit()
    reply = await client.poll(job)
    assert (reply.status, reply.json.get(pointer[1:], "gone")) == (200, value)
    assert reply.json["id"] == job
    told = await client.last()
    assert (told["contract"], told["notes"]) == (f"waived by {client.scenario} faults[0]", [])
    await client.play(fault(f"operation: getTask, {change}") + QUICK)
    reply = await client.poll(job)
    assert reply.status == 500
    assert reply.json["detail"].startswith(f"{client.scenario} faults[0] breaks the contract at ")
    assert (await client.last())["contract"].startswith("broken at ")


async def test_a_change_within_the_contract_needs_no_leave(client):
    await client.play(
        fault("operation: getTask, replace: {/state: PROCESSING}, remove: [/resultUrl, /deletionDate]") + QUICK
    )
    reply = await client.poll(await client.submit())
    assert (reply.status, reply.json["state"]) == (200, "PROCESSING")
    assert (await client.last())["contract"] == "kept"


async def test_what_leads_nowhere_is_noted(client):
    await client.play(fault("operation: getTask, replace: {/nowhere: 1}, remove: [/rows/0]") + QUICK)
    assert (await client.poll(await client.submit())).status == 200
    name = f"{client.scenario} faults[0]"
    assert (await client.last())["notes"] == [f"{name} finds nothing at /rows/0", f"{name} finds nothing at /nowhere"]


async def test_an_answer_without_json_is_not_changed(client):
    await client.play(
        fault("operation: cancelTask, set: {/a: 1}") + f"jobs: [{{{STEPS.replace('end}', 'end, after: 1h}')}}}]"
    )
    job = await client.submit()
    reply = await client.emulator.call("PUT", f"{TASKS}/{job}/cancel", headers=client.headers)
    assert (reply.status, reply.body) == (204, b"")
    assert (await client.last())["notes"] == [f"{client.scenario} faults[0] changes JSON, and the answer has none"]


@pytest.mark.parametrize(
    ("change", "seen", "expected"),
    [
        ("set: {/results/0/status: A, /extra: 1}", lambda it: (it["results"][0]["status"], it["extra"]), ("A", 1)),
        ("remove: [/results/0]", lambda it: (len(it["results"]), it["status"]), (449, "Success")),
        ("remove: [/results]", lambda it: ("results" in it, it["status"]), (False, "Success")),
        ("replace: {/results: null}", lambda it: (it["results"], it["status"]), (None, "Success")),
        ("replace: {/results: []}", lambda it: (len(it["results"]), it["status"]), (250, "Success")),
        ("replace: {'': []}", len, 250),
        ("replace: {'': 7}", int, 7),
    ],
)
async def test_rows_that_go_out_in_slices_are_changed_in_the_first(client, change, seen, expected):
    """Of 450 rows, 200 go out at a time."""
    await client.play(fault(f"operation: getRequest, {change}, breaks_contract: true"), api="deposco")
    job = (await client.import_items([ITEM | {"number": f"SKU-{n}"} for n in range(450)])).json["request"]["id"]
    await client.emulator.advance("10m")
    reply = await client.get(f"/latest/async/{job}")
    assert reply.status == 200
    assert seen(reply.json) == expected


async def test_several_rules_act_one_after_the_other(client):
    await client.play(
        "faults:\n  - {operation: getTask, set: {/state: A}, breaks_contract: true}\n"
        "  - {operation: getTask, replace: {/state: B}}\n  - {operation: getTask, calls: 2, error: 1049}\n" + QUICK
    )
    job = await client.submit()
    assert (await client.poll(job)).json["state"] == "B"
    assert (await client.last())["rules"] == [f"{client.scenario} faults[{n}]" for n in (0, 1)]
    assert (await client.poll(job)).status == 429
    assert (await client.last())["rules"] == [f"{client.scenario} faults[{n}]" for n in (0, 1, 2)]
    assert await client.hits() == [1, 2, 2, 1]

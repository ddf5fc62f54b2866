"""The stories that come with it, and what else a scenario may say."""

import pytest

from emulator.scenario.mistakes import ScenarioError
from tests.deposco.conftest import errors, item, items, of, order

IN_USE = "The resource was updated by a concurrent request. Please retry when the resource is not in use."


def counts(answer):
    return [answer[each] for each in ("status", "totalEntities", "successes", "failures")]


async def test_all_good(playing):
    client = await playing("all-good")
    request_id = await client.submit(*items(3))
    assert await client.lived(request_id, "59s", "1s") == ["Processing", "Processing", "Success"]


async def test_all_failed(playing):
    client = await playing("all-failed")
    answer = await client.outcome(*items(3))
    assert counts(answer) == ["Failed", 3, 0, 3]
    text = "Order status updates are not accepted for order at this API Endpoint"
    assert errors(answer) == {f"SKU-{n}": [text] for n in (1, 2, 3)}


async def test_partially_failed(playing):
    client = await playing("partially-failed")
    answer = await client.outcome(*items(50))
    assert answer["status"] == "Partially Failed"
    assert 3 < answer["failures"] < 20
    assert answer["successes"] + answer["failures"] == answer["totalEntities"] == 50
    assert set(map(tuple, errors(answer).values())) == {(IN_USE,)}


async def test_error(playing):
    client = await playing("error")
    assert await client.outcome(*items(2)) == {
        "status": "Error",
        "totalEntities": None,
        "successes": None,
        "failures": None,
        "errorMessage": "An unexpected error occurred.",
        "results": [],
    }
    assert (await client.outcome(*items(2)))["status"] == "Success"


async def test_still_processing(playing):
    client = await playing("still-processing")
    request_id = await client.submit(*items(2))
    assert await client.lived(request_id, "2h", "30d") == ["Processing"] * 3
    await client.emulator.admin("POST", f"/jobs/{request_id}/release")
    assert (await client.status(request_id))["status"] == "Success"


async def test_one_hour_timeout(playing):
    client = await playing("one-hour-timeout")
    first, second = await client.submit(*items(8)), await client.submit(*items(4))
    assert await client.lived(first, "59m59s", "1s") == ["Processing", "Processing", "Error"]
    answer = await client.status(first)
    assert answer["errorMessage"] == "The import did not complete in time and has been stopped."
    assert counts(answer) == ["Error", None, None, None]
    assert [row["status"] for row in answer["results"]] == ["Success"] * 6
    assert await client.lived(second, "59m59s", "1s", "1d") == ["Processing", "Processing", "Error", "Error"]


async def test_second_import_waits(playing):
    client = await playing("second-import-waits")
    first, second, third = [await client.submit(item(each)) for each in "ABC"]
    assert await client.lived(first, "10m") == ["Processing", "Success"]
    assert await client.lived(second, "9m59s", "1s") == ["Processing", "Processing", "Success"]
    assert await client.lived(third, "10m") == ["Processing", "Success"]


async def test_second_import_refused(playing):
    client = await playing("second-import-refused")
    first = await client.submit(item("A"))
    refused = await client.post(of("Item", item("B")))
    assert refused.status == 429
    text = "Only one bulk import request can be processed at a time"
    assert refused.json == {"errors": [{"errorMessage": text}]}
    assert await client.lived(first, "10m") == ["Processing", "Success"]
    assert (await client.post(of("Item", item("B")))).status == 202


async def test_late_flip(playing):
    client = await playing("late-flip")
    request_id = await client.submit(*items(3))
    before = await client.lived(request_id, "2s")
    assert before == ["Processing", "Success"]
    good = await client.status(request_id)
    flipped = await client.status(request_id)
    assert counts(good) == ["Success", 3, 3, 0]
    assert counts(flipped) == ["Partially Failed", 3, 2, 1]
    assert list(errors(flipped).values()) == [["UPC is already in use"]]
    assert await client.lived(request_id, "1h") == ["Partially Failed"] * 2
    ids = {row["businessKey"]["number"]: row["id"] for row in good["results"]}
    assert all(ids[row["businessKey"]["number"]] == row["id"] for row in flipped["results"] if row["id"])


async def test_the_lane_is_free_before_the_flip(playing):
    client = await playing("late-flip")
    await client.submit(*items(3))
    await client.emulator.advance("2s")
    assert (await client.outcome(*items(2)))["status"] == "Success"


async def test_unauthorized(playing):
    client = await playing("unauthorized")
    for method, path in (("POST", "bulkImports"), ("GET", "some-id")):
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Basic deposco-token"}):
            response = await client.emulator.call(method, f"/latest/async/{path}", headers=headers)
            assert response.status == 401
            assert response.json == {"errors": [{"errorMessage": "Unauthorized"}]}
    assert (await client.holding("deposco-token").outcome(item("A")))["status"] == "Success"


async def test_forbidden(playing):
    client = await playing("forbidden", "deposco-token")
    refused = await client.post(of("Kit", {"name": "K", "businessUnit": {}}))
    assert refused.status == 403
    assert refused.json == {"errors": [{"errorMessage": "The scope kits/write is required"}]}
    assert (await client.outcome(item("A")))["status"] == "Success"


async def test_rate_limited(playing):
    client = await playing("rate-limited")
    replies = [await client.get("some-id") for _ in range(5)]
    assert [each.status for each in replies] == [404] * 4 + [429]
    assert replies[-1].body == b""
    assert "Content-Type" not in replies[-1].headers
    assert "Retry-After" not in replies[-1].headers
    await client.emulator.advance("1s")
    assert (await client.post(of("Item"))).status == 202


async def test_too_large(playing):
    client = await playing("too-large")
    refused = await client.post(of("Item", item("A", name="x" * 1000)))
    assert refused.status == 413
    assert refused.headers["Content-Type"].startswith("text/plain")
    assert refused.text == "HTTP content length exceeded 1024 bytes."
    assert (await client.outcome(item("A")))["status"] == "Success"


async def test_vendor_texts(playing):
    client = await playing("vendor-texts")
    answer = await client.outcome(*(order(f"PO-{n}") for n in range(1, 6)), entity_type="Purchase Order")
    told = errors(answer)
    assert counts(answer) == ["Partially Failed", 5, 1, 4]
    assert told["PO-1"] == ["customerOrder.shipToContact.lastName size must be between 0 and 30"]
    assert told["PO-2"][0].endswith("arrived, hold, draft, new, in-transit, receiving, received")
    assert [each.endswith("does not exist") for each in told["PO-3"]] == [True, True]
    assert told["PO-4"] == [IN_USE]


# What else a scenario may say -----------------------------------------------------


def ending(state, result="{}", settings="{}"):
    steps = f"[{{state: queued}}, {{state: Processing}}, {{state: {state}, after: 2s}}]"
    return f"settings: {settings}\njobs: [{{steps: {steps}, result: {result}}}]"


@pytest.mark.parametrize(
    ("state", "result", "entities", "expected"),
    [
        # a failure that is named wins
        ("Failed", "{}", items(2), ["Failed", 2, 0, 2]),
        ("Failed", "{}", [], ["Failed", 0, 0, 0]),
        ("Partially Failed", "{}", items(3), ["Partially Failed", 3, 2, 1]),
        ("Partially Failed", "{}", [item("A"), {}], ["Partially Failed", 2, 1, 1]),
        ("Partially Failed", "{fail: {SKU-1: no}}", items(2), ["Partially Failed", 2, 1, 1]),
        # ... as far as there are entities to fail
        ("Partially Failed", "{}", items(1), ["Failed", 1, 0, 1]),
        ("Partially Failed", "{}", [], ["Success", 0, 0, 0]),
        # a success that is named does not win over what is wrong with an entity
        ("Success", "{}", items(2), ["Success", 2, 2, 0]),
        ("Success", "{}", [item("A"), {}], ["Partially Failed", 2, 1, 1]),
        ("Success", "{}", [{}], ["Failed", 1, 0, 1]),
        # what the provider arrives at
        ("end", "{fail_count: 2}", items(5), ["Partially Failed", 5, 3, 2]),
        ("end", "{fail_count: 9}", items(5), ["Failed", 5, 0, 5]),
        ("end", "{fail_count: 1}", [item("A"), {}], ["Failed", 2, 0, 2]),
        ("end", "{fail_share: 1}", items(2), ["Failed", 2, 0, 2]),
        ("end", "{fail_share: 0}", items(2), ["Success", 2, 2, 0]),
        ("end", "{fail: {SKU-2: no}, fail_count: 1}", items(9), None),
    ],
)
async def test_where_an_import_arrives(told, state, result, entities, expected):
    client = await told(ending(state, result))
    answer = await client.outcome(*entities)
    assert counts(answer) == (expected or counts(answer))
    assert len(errors(answer)) == answer["failures"] or {} in entities


async def test_entities_fail_by_the_first_part_of_their_business_key(told):
    client = await told(ending("end", "{fail: {SKU-2: no, SKU-3: [no, never], gone: no}}"))
    answer = await client.outcome(*items(4), {"businessUnit": {"businessKey": {"code": "SKU-2"}}})
    told = errors(answer)
    assert (told["SKU-2"] == ["no"]) or told["SKU-2"] == ["number must not be null", "packs must not be null"]
    assert told["SKU-3"] == ["no", "never"]
    assert answer["failures"] == 3


async def test_the_same_entities_fail_each_time(told):
    async def failed():
        client = await told(ending("end", "{fail_share: 0.3, fail_with: [a, b]}"))
        return errors(await client.outcome(*items(200)))

    first = await failed()
    assert 40 < len(first) < 80
    assert first == await failed()
    assert list(first.values())[0] == ["a", "b"]  # noqa: RUF015 - any of them


async def test_what_one_account_does_changes_nothing_for_another(told):
    accounts = "accounts: [{token: a, account: a}, {token: b, account: b}]\n"
    alone = (await told(accounts + ending("end", "{fail_share: 0.5}"))).holding("b")
    expected = await alone.outcome(*items(30))
    client = await told(accounts + ending("end", "{fail_share: 0.5}"))
    first = await client.holding("a").submit(*items(30))
    beside = client.holding("b")
    answer = await beside.outcome(*items(30))  # not behind the other's: each account has a lane of its own

    def without_host(answer):
        return [{key: row[key] for key in ("id", "businessKey", "status")} for row in answer["results"]]

    assert without_host(answer) == without_host(expected)
    assert (await beside.get(first)).status == 404


async def test_counts_and_rows_may_show_while_it_is_processed(told):
    client = await told(ending("end", "{fail_share: 0.5}", "{partial_counts: true}").replace("2s", "10s"))
    request_id = await client.submit(*items(20))
    waiting = await client.submit(*items(2))
    assert counts(await client.status(request_id)) == ["Processing", 0, 0, 0]
    await client.emulator.advance("5s")
    half = await client.status(request_id)
    assert half["status"] == "Processing"
    assert half["totalEntities"] == half["successes"] + half["failures"] == 10
    assert [row["status"] for row in half["results"][10:]] == ["Processing"] * 10
    assert counts(await client.status(waiting)) == ["Processing", 0, 0, 0]
    await client.emulator.advance("5s")
    whole = await client.status(request_id)
    assert whole["results"][:10] == half["results"][:10]
    assert whole["totalEntities"] == 20


async def test_how_far_it_is_may_be_said_in_percent(told):
    client = await told("""
settings: {partial_counts: true}
jobs:
  - steps:
      - {state: queued}
      - {state: Processing, progress: 10}
      - {state: Processing, progress: 60, after: {polls: 1}}
      - {state: end, after: {polls: 1}}
""")
    request_id = await client.submit(*items(10))
    seen = [counts(await client.status(request_id))[:2] for _ in range(3)]
    assert seen == [["Processing", 1], ["Processing", 6], ["Success", 10]]


async def test_an_import_of_no_planned_length_is_half_done_when_it_is_stopped(told):
    client = await told(ending("end", settings="{import_lives: 10m}").replace("2s", "release"))
    request_id = await client.submit(*items(10))
    assert await client.lived(request_id, "9m59s", "1s") == ["Processing", "Processing", "Error"]
    assert len((await client.status(request_id))["results"]) == 5


async def test_the_hour_counts_over_all_of_the_processing(told):
    client = await told("""
jobs:
  - steps:
      - {state: queued}
      - {state: Processing, after: 30m}
      - {state: Processing, after: 40m}
      - {state: Processing, after: 40m}
      - {state: end, after: 40m}
""")
    request_id = await client.submit(*items(10))
    await client.emulator.advance("1h29m59s")
    assert (await client.status(request_id))["status"] == "Processing"
    assert await client.lived(request_id, "1s") == ["Processing", "Error"]


async def test_an_import_that_takes_the_whole_hour_has_completed_within_it(told):
    client = await told(ending("end").replace("2s", "1h"))
    assert await client.lived(await client.submit(*items(2)), "1h") == ["Processing", "Success"]


async def test_an_error_may_have_a_text_of_its_own(told):
    client = await told(ending("Error").replace("after: 2s", "after: 2s, error: {code: unexpected, text: No disk.}"))
    assert (await client.outcome(*items(2)))["errorMessage"] == "No disk."
    silent = await told(ending("Error"))
    assert (await silent.outcome(*items(2)))["errorMessage"] == "An unexpected error occurred."


async def test_what_has_failed_does_not_flip(told):
    lines = ending("Success").replace("after: 2s}", "after: 2s}, {state: Partially Failed, after: 1s}")
    client = await told(lines)
    request_id = await client.submit(item("A"), {}, {})
    assert (await client.lived(request_id, "2s", "1s"))[1:] == ["Partially Failed"] * 2
    assert counts(await client.status(request_id)) == ["Partially Failed", 3, 1, 2]
    flips = await client.submit(item("A"))
    assert (await client.lived(flips, "2s", "1s"))[1:] == ["Success", "Failed"]


async def test_rules_tell_imports_apart_by_the_type_of_their_entities(told):
    client = await told("""
jobs:
  - when: {entityType: Item}
    steps: [{state: queued}, {state: Processing}, {state: Failed}]
""")
    assert (await client.outcome(*items(1)))["status"] == "Failed"
    assert (await client.outcome(order("PO-1"), entity_type="Purchase Order"))["status"] == "Success"


async def test_a_429_may_say_what_is_documented_and_when_to_come_again(told):
    client = await told("settings: {rate_limited: true, rate_limit: 1, rate_limit_body: documented, retry_after: true}")
    assert (await client.get("a")).status == 404
    refused = await client.get("a")
    assert (refused.status, refused.json) == (429, {"errors": [{"errorMessage": "Too many requests"}]})
    assert refused.headers["Retry-After"] == "1"


async def test_the_gateway_may_refuse_in_json(told):
    client = await told("settings: {body_limit: 1B, too_large_body: json}")
    refused = await client.post({})
    assert (refused.status, refused.json) == (413, {"message": "Request Too Long"})


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        ("bad-request", 400, "The request is invalid"),
        ("unauthorized", 401, "Unauthorized"),
        ("forbidden", 403, "Forbidden"),
        ("no-request", 404, "Asynchronous request with id [] does not exist"),
        ("import-under-way", 429, "Only one bulk import request can be processed at a time"),
        ("{code: bad-request, text: 'Purchase Order 7: no'}", 400, "Purchase Order 7: no"),
        ("unexpected", 500, None),
        ("unavailable", 503, None),
        ("{code: unavailable, status: 504}", 504, None),
        ("wrong-method", 405, None),
        ("no-route", 404, "Resource not found"),
    ],
)
@pytest.mark.parametrize("operation", ["postBulkImport", "getRequest"])
async def test_any_error_may_be_told_by_a_scenario(told, operation, error, status, text):
    client = await told(f"faults: [{{operation: {operation}, calls: 1, error: {error}}}]")
    response = await (client.post(of("Item")) if operation == "postBulkImport" else client.get("x"))
    assert response.status == status
    if text:
        assert response.json == {"errors": [{"errorMessage": text}]}
    else:
        assert len(response.json["errorMessages"]) == 1
        assert len(response.json["pid"]) == 16
    assert (await client.emulator.admin("GET", "/jobs"))["total"] == 0


async def test_a_429_of_a_scenario_needs_no_window(told):
    client = await told(
        "settings: {retry_after: true}\nfaults: [{operation: getRequest, error: rate-limited}]",
    )
    refused = await client.get("a")
    assert (refused.status, refused.body, refused.headers["Retry-After"]) == (429, b"", "0")


async def test_a_reset_forgets_all(client):
    request_id = await client.submit(*items(2))
    await client.emulator.admin("POST", "/reset")
    assert (await client.get(request_id)).status == 404


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (ending("Success", "{fail: {SKU-1: no}}"), "'end', for fail lets"),
        (ending("Success", "{fail_share: 0.1}"), "'end', for fail_share lets"),
        (ending("Success", "{fail_count: 1}"), "'end', for fail_count lets"),
        (ending("Failed").replace("after: 2s", "after: 2s, error: stopped"), "an error at 'Error' alone"),
        (ending("Partially failed"), "Partially Failed"),
        (ending("Pending"), "one of"),
        (ending("end", "{fail_share: 2}"), "at most 1"),
        (ending("end", "{fail: {SKU-1: []}}"), "at least 1"),
        (ending("end", "{fails: {}}"), "fail"),
        ("jobs: [{when: {entityType: item}, steps: [{state: queued}]}]", "Item"),
        ("jobs: [{steps: [{state: Processing}]}]", "queued"),
        ("jobs: [{steps: [{state: queued}, {state: end}]}]", "may follow"),
        ("jobs: [{steps: [{state: queued}, {state: Processing}, {state: Failed}, {state: Success}]}]", "final"),
        ("accounts: [{token: a, scopes: [items]}]", "scopes"),
        ("settings: {second_import: queues}", "waits"),
        ("faults: [{operation: getStatus, error: forbidden}]", "getRequest"),
    ],
)
async def test_a_mistake_in_a_story_is_found_when_it_is_loaded(told, lines, words):
    with pytest.raises(ScenarioError, match=words):
        await told(lines)


async def test_the_gateway_stands_before_all_paths(told):
    client = await told("""
settings: {rate_limited: true, rate_limit: 1, body_limit: 1KiB}
accounts: [{token: good}]
""")
    nowhere = "/latest/nowhere"
    assert (await client.emulator.get(nowhere)).status == 401
    assert (await client.emulator.call("POST", nowhere, data=b"x" * 1024)).status == 413
    headers = client.holding("good").headers
    assert [(await client.emulator.get(nowhere, headers=headers)).status for _ in range(2)] == [404, 429]

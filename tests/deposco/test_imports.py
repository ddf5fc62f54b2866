"""Perform a bulk import, get its status: what holds without any story."""

import re

import pytest

from emulator.providers.deposco.entities import KINDS
from tests.deposco.conftest import API, BUSINESS_UNIT, IMPORTS, UUID, errors, item, items, of, order

REFERENCES = {
    "businessUnit": BUSINESS_UNIT,
    "facility": {"businessKey": {"number": "F1"}},
    "shipToFacility": {"businessKey": {"number": "F1"}},
    "shipFromFacility": {"businessKey": {"number": "F1"}},
    "shipToContact": {"firstName": "Ada", "lastName": "Lovelace"},
    "shipToAddress": {"line1": "1 Main Street"},
    "packs": [],
}


def smallest(entity_type, name="N-1"):
    """An entity with nothing but what is required."""
    return {each: REFERENCES.get(each, name) for each in KINDS[entity_type].required}


async def test_an_import_is_received_under_an_id_and_a_link(client):
    response = await client.post(of("Item", *items(2), requestParameters="businessUnit=BU1"))
    assert response.status == 202
    request = response.json["request"]
    assert re.fullmatch(UUID, request["id"])
    assert request["href"] == f"{client.emulator.base}{API}/{request['id']}"
    assert (await client.emulator.get(request["href"])).json["status"] == "Processing"


async def test_it_is_processed_and_all_its_entities_get_in(client):
    request_id = await client.submit(*items(3))
    running = await client.status(request_id)
    nothing = dict.fromkeys(("totalEntities", "successes", "failures", "errorMessage"))
    assert running == {"status": "Processing", **nothing, "results": []}
    await client.emulator.advance("2s")
    answer = await client.status(request_id)
    rows = answer.pop("results")
    counts = {"totalEntities": 3, "successes": 3, "failures": 0, "errorMessage": None}
    assert answer == {"status": "Success", **counts}
    assert {row["businessKey"]["number"] for row in rows} == {"SKU-1", "SKU-2", "SKU-3"}
    for row in rows:
        assert row["businessKey"]["businessUnit.code"] == "BU1"
        assert row["href"] == f"{client.emulator.base}/latest/items/{row['id']}"
        assert (row["status"], row["errors"]) == ("Success", None)


async def test_some_fail_and_each_says_why(client):
    bad = {"number": "SKU-2", "businessUnit": BUSINESS_UNIT}
    answer = await client.outcome(item("SKU-1"), bad)
    assert [answer[each] for each in ("status", "totalEntities", "successes", "failures")] == [
        "Partially Failed",
        2,
        1,
        1,
    ]
    row = next(each for each in answer["results"] if each["status"] == "Failed")
    assert row == {
        "id": None,
        "businessKey": {"number": "SKU-2", "businessUnit.code": "BU1"},
        "href": None,
        "status": "Failed",
        "errors": [{"errorMessage": "packs must not be null"}],
    }


async def test_none_gets_in(client):
    answer = await client.outcome({}, {"number": "SKU-1"})
    assert [answer[each] for each in ("status", "totalEntities", "successes", "failures")] == ["Failed", 2, 0, 2]
    assert errors(answer) == {
        "": ["businessUnit must not be null", "number must not be null", "packs must not be null"],
        "SKU-1": ["businessUnit must not be null", "packs must not be null"],
    }


async def test_an_import_of_nothing_succeeds(client):
    answer = await client.outcome()
    assert answer == {
        "status": "Success",
        "totalEntities": 0,
        "successes": 0,
        "failures": 0,
        "errorMessage": None,
        "results": [],
    }


# The twelve types -----------------------------------------------------------------


@pytest.mark.parametrize("entity_type", KINDS)
async def test_an_entity_needs_what_is_required_and_nothing_else(client, entity_type):
    answer = await client.outcome(smallest(entity_type), entity_type=entity_type)
    assert answer["status"] == "Success"
    row = answer["results"][0]
    assert row["href"] == f"{client.emulator.base}/latest{KINDS[entity_type].path}/{row['id']}"
    assert row["businessKey"][KINDS[entity_type].name] == "N-1"


@pytest.mark.parametrize("entity_type", KINDS)
async def test_each_field_that_is_required_must_be_there_and_not_null(client, entity_type):
    whole = smallest(entity_type)
    for name in KINDS[entity_type].required:
        for wrong in ({k: v for k, v in whole.items() if k != name}, whole | {name: None}):
            answer = await client.outcome(wrong, entity_type=entity_type)
            assert list(errors(answer).values()) == [[f"{name} must not be null"]]


@pytest.mark.parametrize("entity_type", KINDS)
async def test_its_key_has_a_longest_length_and_must_be_text_that_is_not_blank(client, entity_type):
    name, longest = KINDS[entity_type].name, KINDS[entity_type].longest
    for value, text in (
        ("x" * (longest + 1), f"{name} size must be between 0 and {longest}"),
        (" \t\u00a0", f"{name} must not be blank"),
        ("", f"{name} must not be blank"),
        (7, f"{name} must be text"),
        ({"a": []}, f"{name} must be text"),
    ):
        answer = await client.outcome(smallest(entity_type) | {name: value}, entity_type=entity_type)
        assert [row["errors"] for row in answer["results"]] == [[{"errorMessage": text}]]
    fitting = smallest(entity_type) | {name: "x" * longest}
    assert (await client.outcome(fitting, entity_type=entity_type))["status"] == "Success"


async def test_an_entity_of_another_type_fails_for_what_it_lacks(client):
    answer = await client.outcome(item("SKU-1"), entity_type="Location")
    assert errors(answer) == {"": ["facility must not be null", "locator must not be null"]}


@pytest.mark.parametrize("reference", ["BU1", [], {}, {"businessKey": "BU1"}, {"businessKey": {"code": 1}}, 7])
async def test_a_reference_of_another_form_is_taken_and_identifies_nothing(client, reference):
    answer = await client.outcome(item("SKU-1", businessUnit=reference))
    assert [row["businessKey"] for row in answer["results"]] == [{"number": "SKU-1"}]


# Create or update -----------------------------------------------------------------


async def test_the_same_business_key_is_the_same_resource(client):
    def ids(answer):
        return {row["businessKey"]["number"]: row["id"] for row in answer["results"]}

    first = ids(await client.outcome(*items(3)))
    assert len(set(first.values())) == 3
    assert ids(await client.outcome(*items(5))).items() > first.items()
    elsewhere = item("SKU-1", businessUnit={"businessKey": {"code": "BU2"}})
    assert ids(await client.outcome(elsewhere))["SKU-1"] != first["SKU-1"]
    as_order = await client.outcome(order("SKU-1"), entity_type="Purchase Order")
    assert ids(as_order)["SKU-1"] != first["SKU-1"]


async def test_an_entity_named_twice_is_created_and_then_updated(client):
    answer = await client.outcome(item("SKU-1", name="a"), item("SKU-1", name="b"))
    assert answer["successes"] == 2
    assert len({row["id"] for row in answer["results"]}) == 1


# Order ----------------------------------------------------------------------------


async def test_rows_come_in_an_order_of_their_own_that_stays(client):
    request_id = await client.submit(*items(20))
    await client.emulator.advance("2s")
    numbers = [row["businessKey"]["number"] for row in (await client.status(request_id))["results"]]
    assert numbers != sorted(numbers, key=lambda each: int(each[4:]))
    assert [row["businessKey"]["number"] for row in (await client.status(request_id))["results"]] == numbers


async def test_the_same_seed_gives_the_same_answers(start_emulator, client):
    other = type(client)(await start_emulator(seed=0))
    third = type(client)(await start_emulator(seed=1))
    answers = [(await each.outcome(*items(20)))["results"] for each in (client, other, third)]
    keys = [[(row["id"], row["businessKey"]) for row in rows] for rows in answers]
    assert keys[0] == keys[1] != keys[2]


async def test_a_setting_keeps_the_order_of_the_request(told):
    client = await told("settings: {row_order: listed}")
    answer = await client.outcome(*items(20))
    assert [row["businessKey"]["number"] for row in answer["results"]] == [f"SKU-{n + 1}" for n in range(20)]


async def test_many_rows_arrive_whole(client):
    answer = await client.outcome(*items(1001), {})
    assert (answer["successes"], answer["failures"]) == (1001, 1)
    assert len(answer["results"]) == 1002
    assert len({row["id"] for row in answer["results"]}) == 1002


# One at a time --------------------------------------------------------------------


async def test_a_second_import_waits_and_reads_processing_all_the_while(client):
    first, second = await client.submit(item("A")), await client.submit(item("B"))
    assert (await client.status(second))["status"] == "Processing"
    await client.emulator.advance("2s")
    assert [(await client.status(each))["status"] for each in (first, second)] == ["Success", "Processing"]
    await client.emulator.advance("2s")
    assert (await client.status(second))["status"] == "Success"


async def test_what_waits_is_queued_and_only_we_say_so(client):
    ids = [await client.submit(item("A")), await client.submit(item("B"))]
    jobs = (await client.emulator.admin("GET", "/jobs"))["jobs"]
    assert {each["id"]: each["state"] for each in jobs} == dict(zip(ids, ["Processing", "queued"], strict=True))


# Where it is ----------------------------------------------------------------------


async def test_beta_is_another_name_of_it_and_links_keep_to_it(client):
    response = await client.emulator.call("POST", "/beta/async/bulkImports", json=of("Item", *items(1)))
    request = response.json["request"]
    assert request["href"] == f"{client.emulator.base}/beta/async/{request['id']}"
    await client.emulator.advance("2s")
    row = (await client.emulator.get(request["href"])).json["results"][0]
    assert row["href"] == f"{client.emulator.base}/beta/items/{row['id']}"
    assert (await client.status(request["id"]))["status"] == "Success"


async def test_links_carry_the_prefix_of_the_namespace(client):
    other = type(client)(client.emulator.namespace("other"))
    response = await other.post(of("Item", *items(1)))
    assert response.json["request"]["href"].startswith(f"{client.emulator.base}/ns/other{API}/")
    assert (await client.get(response.json["request"]["id"])).status == 404


async def test_the_status_is_told_with_the_content_type_that_the_client_sends_there(client):
    request_id = await client.submit(item("A"))
    for headers in ({}, {"Content-Type": "application/json"}, {"Accept": "application/json"}):
        response = await client.emulator.get(f"{API}/{request_id}", headers=headers)
        assert (response.status, response.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("request_id", ["a%20b%2Fc", "00000000-0000-4000-8000-000000000000", "%00", "%ff", "x" * 4000])
async def test_an_unknown_request_is_a_404(client, request_id):
    response = await client.emulator.get(f"{API}/{request_id}")
    assert response.status == 404
    assert "does not exist" in response.json["errors"][0]["errorMessage"]


async def test_another_path_or_method_is_refused_in_the_vendors_form(client):
    for path in ("/latest", "/latest/items/1", "/beta/async", f"{API}/a/b"):
        response = await client.emulator.get(path)
        assert (response.status, list(response.json)) == (404, ["errors"])
    for method, path in (("GET", IMPORTS), ("DELETE", f"{API}/x")):
        response = await client.emulator.call(method, path)
        assert (response.status, list(response.json)) == (405, ["errorMessages", "pid"])

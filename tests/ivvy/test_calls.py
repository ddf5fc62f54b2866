"""The calls within a batch: each fails or works for itself."""

import pytest

from tests.ivvy.conftest import INVITE, PING, WRONG_ID, call

NOT_FOUND = {"errorCode": 404, "message": "Not Found", "specificCode": 0}
FORBIDDEN = {"errorCode": 403, "message": "Forbidden", "specificCode": 0}
FAILED = {"errorCode": 461, "message": "Failed Request", "specificCode": 0}
WHOLE = "Value must be a whole number"


def required(name):
    return {"errorCode": 400, "message": f"'{name}' is required", "specificCode": 23017}


def invalid(name):
    return {
        "errorCode": 400,
        "message": f"'{name}' does not validate",
        "specificCode": 23016,
        "additionalMessages": [WHOLE],
    }


async def test_ping_tells_the_time_at_which_it_was_made(client):
    assert await client.responses(PING) == [{"ack": "2026-03-01 09:00:01 UTC"}]


async def test_invite_contacts(client):
    (response,) = await client.responses(INVITE)
    assert [(each["contact"], each["status"]) for each in response["results"]] == [(1, True), (2, True), (3, True)]
    for each in response["results"]:
        assert each["inviteLinkYes"].startswith("http://")
        assert each["inviteLinkNo"] != each["inviteLinkYes"]


async def test_contacts(client):
    got, added, updated, subscribed = await client.responses(
        call("contact.getContact", id=5),
        call("contact.addOrUpdateContact", firstName="Ada"),
        call("contact.addOrUpdateContact", id=7766),
        call("contact.addContactsToSubscriptionGroup", contacts=[4, 5], group=1),
    )
    assert got["id"] == 5
    assert added["success"] is True
    assert isinstance(added["id"], int)
    assert updated == {"success": True, "id": 7766}
    assert subscribed == [{"contactId": 4, "status": True}, {"contactId": 5, "status": True}]


@pytest.mark.parametrize(
    "name", ["event.addOrUpdateEvent", "venue.addOrUpdateBooking", "invoice.addPayment", "crm.addOrUpdateLeadType"]
)
async def test_any_other_documented_call_succeeds(client, name):
    assert await client.responses(call(name)) == [{"success": True}]


async def test_a_list_is_empty(client):
    assert await client.responses(call("event.getEventList", perPage=5, start=10, filter={})) == [
        {"meta": {"totalResults": 0, "start": 10, "perPage": 5, "count": 0}, "results": []}
    ]


@pytest.mark.parametrize(
    ("each", "response"),
    [
        (WRONG_ID, invalid("id")),
        (call("contact.getContact"), required("id")),
        (call("contact.getContact") | {"params": []}, required("id")),
        (call("contact.getContact", id=None), required("id")),
        (call("contact.getContact", id=1.5), invalid("id")),
        (call("contact.getContact", id=True), invalid("id")),
        (call("event.inviteContacts", event=1), required("contacts")),
        (call("event.inviteContacts", contacts=[1]), required("event")),
        (call("event.inviteContacts", event=1, contacts=7), invalid("contacts")),
        (call("event.inviteContacts", event=1, contacts=[1, "2"]), invalid("contacts")),
        (call("contact.addContactsToSubscriptionGroup", contacts=[1]), required("group")),
        (call("event.getEventList", perPage="all"), invalid("perPage")),
        (call("event.getEventList", start=-1), invalid("start")),
        (call("event.doNothing"), NOT_FOUND),
        (call("event.getevent"), NOT_FOUND),
        (call("nowhere.getEvent"), NOT_FOUND),
        (call("venue.fly"), NOT_FOUND),
        (call("venue.addition"), NOT_FOUND),
        *[(call(f"batch.{action}"), FORBIDDEN) for action in ("run", "progress", "nothing")],
    ],
)
async def test_a_call_that_fails_says_so_in_its_response_alone(client, each, response):
    assert await client.responses(each, call("contact.getContact", id=1)) == [
        response,
        {"id": 1, "firstName": "Contact", "lastName": "1", "email": "contact1@example.com"},
    ]


async def test_numbers_come_back_as_they_were_sent(client):
    (result,) = await client.results(call("event.getEvent", id=10**30, share=0.1, small=-(2**70)))
    assert result["request"] == {"id": 10**30, "share": 0.1, "small": -(2**70)}


# What a scenario says of them -------------------------------------------------------


def story(result, when=""):
    steps = "{state: running}, {state: end, after: 1s}"
    return f"jobs: [{{{when}steps: [{steps}], result: {result}}}]\n"


async def failed(client, n):
    """Which of so many calls have failed, from 1."""
    responses = await client.responses(*[PING] * n)
    assert all(each == FAILED for each in responses if "ack" not in each)
    return [n for n, each in enumerate(responses, start=1) if each == FAILED]


async def test_calls_fail_by_place_and_by_name(told):
    client = await told(story("{fail: [2, contact.getContact, 9]}"))
    responses = await client.responses(PING, PING, call("contact.getContact", id=1), PING)
    assert [each == FAILED for each in responses] == [False, True, True, False]


async def test_so_many_calls_fail(told):
    client = await told(story("{fail_count: 3}"))
    draws = [await failed(client, 20) for _ in range(3)]
    assert [len(each) for each in draws] == [3, 3, 3]
    assert len({tuple(each) for each in draws}) > 1
    assert await failed(client, 2) == [1, 2]


async def test_a_share_of_the_calls_fails(told):
    client = await told(story("{fail_share: 0.3}"))
    assert 30 < len(await failed(client, 200)) < 90
    assert await failed(await told(story("{fail_share: 0}")), 50) == []
    assert len(await failed(await told(story("{fail_share: 1}")), 50)) == 50


async def test_who_fails_depends_on_account_and_seed_alone(told):
    lines = story("{fail_share: 0.5}") + "accounts: [{key: acme-key}, {key: other}]\n"
    alone, among = await told(lines), await told(lines)
    expected = await failed(alone, 30)
    among.key = "other"
    await failed(among, 30)
    among.key = "acme-key"
    assert await failed(among, 30) == expected
    assert await failed(await told(lines, seed=1), 30) != expected


async def test_how_they_fail_and_what_others_answer_can_be_said(told):
    client = await told(
        story(
            "{fail: [1], fail_with: {errorCode: 429, message: Race condition error, specificCode: 24299},"
            " responses: {event.getEvent: {name: Dinner, tags: [a, {b: 1}]}, no.such: [1]}}"
        )
    )
    assert await client.responses(PING, call("event.getEvent", id=1), call("no.such")) == [
        {"errorCode": 429, "message": "Race condition error", "specificCode": 24299},
        {"name": "Dinner", "tags": ["a", {"b": 1}]},
        [1],
    ]


@pytest.mark.parametrize("when", ["jobs: 2", "call: test.ping", "callbackUrl: 'http://127.0.0.1:9/cb'"])
async def test_a_rule_may_ask_for_a_batch_of_its_own(told, when):
    client = await told(story("{fail_share: 1}", when=f"when: {{{when}}}, "))
    assert await failed(client, 2) == [1, 2]
    async_id = await client.run(INVITE, url="http://127.0.0.1:9/other")
    await client.emulator.advance("1h")
    assert (await client.ask("results", async_id))["results"][0]["response"] != FAILED

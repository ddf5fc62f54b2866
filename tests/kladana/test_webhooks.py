"""The vendor's page "Webhooks", and what webhooks are for asynchronous tasks."""

import base64
import json

import pytest

from tests.callbacks import receiver as behaviours
from tests.callbacks.receiver import receiving
from tests.kladana.conftest import API

HOOK = "/entity/webhook"
WISH = {"url": "http://some_url.ru", "action": "PROCESSED", "entityType": "async"}
NOBODY = "498b8673-0308-11e6-9464-e4de00000089"
JSON = {"Content-Type": "application/json"}
REPORT = f"{API}/report/stock/bystore?async=true"


class Hooks:
    """A client of one account that works with webhooks."""

    def __init__(self, emulator, authorization="Bearer token"):
        self.emulator = emulator
        self.headers = {"Authorization": authorization}

    async def call(self, method, path=HOOK, body=None, **headers):
        url = path if path.startswith("http") else API + path
        kwargs = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        return await self.emulator.call(method, url, headers=JSON | self.headers | headers, **kwargs)

    async def make(self, **changes):
        reply = await self.call("POST", body=WISH | changes)
        assert reply.status == 200, reply.text
        return reply.json

    async def refused(self, method="POST", path=HOOK, body=None, **headers):
        """Status and code of a call that fails."""
        reply = await self.call(method, path, body, **headers)
        return reply.status, reply.json["errors"][0]["code"]

    async def submit(self, **headers):
        reply = await self.emulator.get(REPORT, headers=self.headers | headers)
        assert reply.status == 202, reply.text
        return reply.headers["Content-Location"]


@pytest.fixture
async def receiver():
    async with receiving() as found:
        yield found


@pytest.fixture
def hooks(emulator):
    return Hooks(emulator)


@pytest.fixture
async def play(start_emulator, tmp_path):
    """A server whose scenario has these settings and accounts."""

    async def start(settings="{}", accounts="[]"):
        story = tmp_path / "hooks.yaml"
        story.write_text(
            f"version: 1\napi: kladana\nabout: Webhooks.\nsettings: {settings}\naccounts: {accounts}\n"
            "jobs: [{steps: [{state: PENDING}, {state: PROCESSING, after: 1s}, {state: end, after: 10s}]}]\n"
        )
        return await start_emulator(scenario=(str(story),))

    return start


# The object -----------------------------------------------------------------------


async def test_the_vendors_own_example_is_taken_and_answered_as_printed(emulator, hooks):
    reply = await hooks.call("POST", body=WISH)
    made = reply.json
    href = f"{emulator.base}{API}/entity/webhook"
    assert reply.status == 200
    assert made == {
        "meta": {
            "href": f"{href}/{made['id']}",
            "metadataHref": f"{href}/metadata",
            "type": "webhook",
            "mediaType": "application/json",
        },
        "id": made["id"],
        "accountId": made["accountId"],
        "entityType": "async",
        "url": "http://some_url.ru",
        "method": "POST",
        "enabled": True,
        "action": "PROCESSED",
    }


async def test_what_was_made_can_be_asked_for_one_by_one_and_all_together(emulator, hooks):
    first, second = await hooks.make(), await hooks.make(action="CREATE")
    assert (await hooks.call("GET", f"{HOOK}/{first['id']}")).json == first
    listed = (await hooks.call("GET", f"{HOOK}/")).json
    assert listed["rows"] == [first, second]
    assert listed["meta"] == {
        "href": f"{emulator.base}{API}{HOOK}",
        "metadataHref": f"{emulator.base}{API}{HOOK}/metadata",
        "type": "webhook",
        "mediaType": "application/json",
        "size": 2,
        "limit": 1000,
        "offset": 0,
    }


async def test_the_list_is_paged_and_filtered(hooks):
    made = [await hooks.make(url=f"http://x/{n}") for n in range(5)]
    page = (await hooks.call("GET", f"{HOOK}?limit=2&offset=2")).json
    assert page["rows"] == made[2:4]
    assert {"nextHref", "previousHref"} <= page["meta"].keys()
    found = (await hooks.call("GET", f"{HOOK}?filter=id={made[1]['id']};id={made[3]['id']}")).json
    assert found["rows"] == [made[1], made[3]]
    assert found["meta"]["size"] == 2
    assert await hooks.refused("GET", f"{HOOK}?filter=nothing=1") == (400, 1034)
    assert await hooks.refused("GET", f"{HOOK}?limit=0") == (400, 1040)


async def test_a_change_touches_only_what_it_names(hooks):
    made = await hooks.make(action="UPDATE", diffType="FIELDS")
    path = f"{HOOK}/{made['id']}"
    assert (await hooks.call("PUT", path, {"enabled": False})).json == made | {"enabled": False}
    moved = (await hooks.call("PUT", path, {"url": "https://y", "action": "CREATE", "enabled": True})).json
    assert moved == {key: each for key, each in made.items() if key != "diffType"} | {
        "url": "https://y",
        "action": "CREATE",
    }
    assert (await hooks.call("GET", path)).json == moved


async def test_a_refused_change_changes_nothing(hooks):
    made = await hooks.make()
    assert await hooks.refused("PUT", f"{HOOK}/{made['id']}", {"url": "nonsense", "enabled": False}) == (412, 30005)
    assert (await hooks.call("GET", f"{HOOK}/{made['id']}")).json == made


async def test_deleted_it_is_gone(hooks):
    made = await hooks.make()
    reply = await hooks.call("DELETE", f"{HOOK}/{made['id']}")
    assert (reply.status, reply.body) == (200, b"")
    assert await hooks.refused("GET", f"{HOOK}/{made['id']}") == (404, 1021)
    assert (await hooks.call("GET")).json["rows"] == []


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"enabled": True}), ("DELETE", None)])
async def test_what_is_not_there(hooks, method, body):
    assert await hooks.refused(method, f"{HOOK}/{NOBODY}", body) == (404, 1021)
    assert await hooks.refused(method, f"{HOOK}/nobody", body) == (400, 1052)


async def test_ids_differ_and_are_the_same_again_with_the_same_seed(emulator, hooks):
    ids = [(await hooks.make(url=f"http://x/{n}"))["id"] for n in range(3)]
    assert len(set(ids)) == 3
    await emulator.admin("POST", "/reset")
    assert [(await hooks.make(url=f"http://x/{n}"))["id"] for n in range(3)] == ids


# What it must be --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"entityType": "webhook"}, 412, 30000),
        ({"entityType": "discount"}, 412, 30000),
        ({"entityType": "notes"}, 412, 30000),
        ({"entityType": "asynk"}, 412, 30000),
        ({"method": "GET"}, 412, 30001),
        ({"action": "PROCESS"}, 412, 30002),
        ({"action": "create"}, 412, 30002),
        ({"url": "ftp://some_url.ru"}, 412, 30005),
        ({"url": "some_url.ru"}, 412, 30005),
        ({"url": "http://"}, 412, 30005),
        ({"url": "http:///path"}, 412, 30005),
        ({"url": "http://a b"}, 412, 30005),
        ({"url": "http://a:port/"}, 412, 30005),
        ({"url": "http://a:99999/"}, 412, 30005),
        ({"url": "http://[::1/"}, 412, 30005),
        ({"url": "http://a\r\nX: y"}, 412, 30005),
        ({"action": "DELETE"}, 412, 30008),
        ({"entityType": "demand"}, 412, 30008),
        ({"diffType": "NONE"}, 412, 30009),
        ({"action": "CREATE", "diffType": "FIELDS"}, 412, 30009),
        ({"action": "UPDATE", "diffType": "ALL"}, 400, 2029),
        ({"url": "http://x/" + "a" * 247}, 412, 30010),
        ({"url": None}, 412, 3000),
        ({"url": ""}, 412, 3000),
        ({"action": None}, 412, 3000),
        ({"entityType": ""}, 412, 3000),
        ({"url": 5}, 400, 2016),
        ({"enabled": "yes"}, 400, 2016),
        ({"enabled": None}, 400, 2016),
        ({"action": ["CREATE"]}, 400, 2016),
    ],
)
async def test_what_breaks_a_rule_is_refused(hooks, changes, status, code):
    assert await hooks.refused(body=WISH | changes) == (status, code)
    assert (await hooks.call("GET")).json["rows"] == []


@pytest.mark.parametrize("name", ["url", "action", "entityType"])
async def test_what_is_missing_is_named(hooks, name):
    reply = await hooks.call("POST", body={key: value for key, value in WISH.items() if key != name})
    (error,) = reply.json["errors"]
    assert (reply.status, error["code"], error["parameter"]) == (412, 3000, name)
    assert error["error"] == f"Error saving object: field '{name}' cannot be empty or absent"


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://user@host:8443/a?b=c#d"},
        {"url": "http://127.0.0.1:9000"},
        {"url": "http://169.254.169.254/"},  # judged when it is called
        {"url": "http://x/" + "a" * 246},
        {"url": "http://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/"},
        {"entityType": "demand", "action": "DELETE"},
        {"action": "UPDATE"},
        {"action": "UPDATE", "diffType": "NONE"},
        {"method": "POST"},
        {"enabled": False},
        {"whatever": 1},
    ],
)
async def test_what_breaks_none_is_taken(hooks, changes):
    made = await hooks.make(**changes)
    assert made["url"] == changes.get("url", WISH["url"])


async def test_no_two_are_alike(hooks):
    made = await hooks.make()
    assert await hooks.refused(body=WISH) == (412, 30003)
    other = await hooks.make(url="http://other")
    assert await hooks.refused("PUT", f"{HOOK}/{other['id']}", {"url": WISH["url"]}) == (412, 30003)
    assert (await hooks.call("PUT", f"{HOOK}/{made['id']}", WISH)).json == made


async def test_five_of_a_kind_are_enough(hooks):
    for n in range(5):
        await hooks.make(url=f"http://x/{n}")
    reply = await hooks.call("POST", body=WISH | {"url": "http://x/6"})
    assert (reply.status, reply.json["errors"][0]["code"]) == (412, 30007)
    assert reply.json["errors"][0]["error"] == "Cannot create more than '5' webhooks of the same type per entity"
    await hooks.make(url="http://x/6", action="CREATE")


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b"", 2001, (1, 1)),
        (b"{", 2001, (1, 2)),
        (b'{"url":\n "x",}', 2001, (2, 6)),
        (b"\xff", 2001, (1, 1)),
        (b'{"url": "a", "url": "b"}', 2001, (1, 1)),
        (b"5", 2000, (1, 1)),
        (b"null", 2000, (1, 1)),
        (b'"text"', 2000, (1, 1)),
        (b"[5]", 2000, None),
        (b"[[]]", 2000, None),
    ],
)
async def test_what_is_no_json_is_told_with_its_place(hooks, body, code, place):
    reply = await hooks.call("POST", body=body)
    (error,) = reply.json["errors"]
    assert (reply.status, error["code"]) == (400, code)
    if place:
        assert (error["line"], error["column"]) == place


async def test_one_webhook_is_not_changed_by_an_array(hooks):
    made = await hooks.make()
    assert await hooks.refused("PUT", f"{HOOK}/{made['id']}", [WISH]) == (400, 2000)
    assert await hooks.refused("POST", f"{HOOK}/delete", {"meta": made["meta"]}) == (400, 2000)


async def test_errors_speak_russian_if_asked(hooks):
    await hooks.make()
    reply = await hooks.call("POST", body=WISH, **{"Accept-Language": "ru"})
    assert reply.json["errors"][0]["error"] == (
        "Ошибка сохранения webhook: webhook с данным набором параметров уже существует"  # noqa: RUF001 - Russian
    )


# Several at once ----------------------------------------------------------------------


async def test_an_array_makes_changes_and_tells_of_each_what_is_wrong_with_it(hooks):
    made = await hooks.make()
    reply = await hooks.call(
        "POST",
        body=[
            WISH | {"action": "CREATE"},
            {"meta": made["meta"], "enabled": False},
            WISH | {"action": "DELETE"},
            {"meta": {"href": f"http://anywhere{API}/entity/webhook/{NOBODY}"}, "enabled": False},
            {"meta": {}},
        ],
    )
    assert reply.status == 200
    new, changed, *wrong = reply.json
    assert (new["action"], changed) == ("CREATE", made | {"enabled": False})
    assert [each["errors"][0]["code"] for each in wrong] == [30008, 1021, 1012]
    assert wrong[0]["errors"][0]["moreInfo"].endswith("#error_30008")
    assert [each["id"] for each in (await hooks.call("GET")).json["rows"]] == [made["id"], new["id"]]


async def test_an_array_of_which_nothing_comes_is_a_400(hooks):
    reply = await hooks.call("POST", body=[{}, WISH | {"action": "DELETE"}])
    assert reply.status == 400
    assert [each["errors"][0]["code"] for each in reply.json] == [3000, 30008]
    assert ((await hooks.call("POST", body=[])).status, (await hooks.call("POST", body=[])).json) == (200, [])


async def test_several_are_deleted_by_their_meta(hooks):
    first, second = await hooks.make(), await hooks.make(action="CREATE")
    reply = await hooks.call("POST", f"{HOOK}/delete", [{"meta": each["meta"]} for each in (first, second, first)])
    assert reply.status == 200
    assert [each.get("info") for each in reply.json] == [
        f"Entity 'webhook' with UUID: {first['id']} successfully deleted",
        f"Entity 'webhook' with UUID: {second['id']} successfully deleted",
        None,
    ]
    assert reply.json[2]["errors"][0]["code"] == 1021
    assert (await hooks.call("GET")).json["rows"] == []


# Who may -------------------------------------------------------------------------------

ACCOUNTS = (
    "[{account: a, token: admin}, {account: a, token: clerk, administrator: false},"
    " {account: a, token: app, application: true}, {account: b, token: other}]"
)


async def test_webhooks_are_for_administrators(play):
    clerk = Hooks(await play(accounts=ACCOUNTS), "Bearer clerk")
    for method, path, body in [
        ("GET", HOOK, None),
        ("POST", HOOK, WISH),
        ("POST", f"{HOOK}/delete", []),
        ("GET", f"{HOOK}/{NOBODY}", None),
        ("PUT", f"{HOOK}/{NOBODY}", WISH),
        ("DELETE", f"{HOOK}/{NOBODY}", None),
    ]:
        assert await clerk.refused(method, path, body) == (403, 30004)


async def test_a_plan_may_have_none(play):
    hooks = Hooks(await play(settings="{webhooks_in_plan: false}"))
    assert await hooks.refused(body=WISH) == (403, 30006)
    assert await hooks.refused("PUT", f"{HOOK}/{NOBODY}", WISH) == (403, 30006)
    assert (await hooks.call("GET")).status == 200


async def test_an_application_is_named_as_the_author_and_has_one_of_a_kind(play):
    emulator = await play(accounts=ACCOUNTS)
    application, person = Hooks(emulator, "Bearer app"), Hooks(emulator, "Bearer admin")
    made = await application.make()
    assert made["authorApplication"]["meta"]["type"] == "application"
    assert await application.refused(body=WISH | {"url": "http://other"}) == (412, 30007)
    await person.make(url="http://person")


async def test_accounts_know_nothing_of_each_others(play):
    emulator = await play(accounts=ACCOUNTS)
    one, other = Hooks(emulator, "Bearer admin"), Hooks(emulator, "Bearer other")
    made = await one.make()
    assert (await other.call("GET")).json["rows"] == []
    assert await other.refused("GET", f"{HOOK}/{made['id']}") == (404, 1021)
    assert await other.refused("DELETE", f"{HOOK}/{made['id']}") == (404, 1021)
    await other.make()


# What a receiver hears -------------------------------------------------------------------


async def events(receiver, number):
    """Action and path of the calls, once there are so many."""
    return [json.loads(each.body)["events"][0]["action"] for each in await receiver.hears(number)]


async def register(hooks, receiver, *actions, **more):
    for action in actions:
        await hooks.make(url=receiver.url, action=action, **more)


async def test_the_message_is_the_vendors(emulator, hooks, receiver):
    made = await hooks.make(url=f"{receiver.url}?key=1")
    task = await hooks.submit()
    await emulator.advance("1m")
    (heard,) = receiver.heard
    assert (heard.method, heard.path) == ("POST", "/hook")
    assert heard.query.keys() == {"key", "requestId"}
    assert json.loads(heard.body) == {
        "events": [
            {"meta": {"type": "async", "href": task}, "action": "PROCESSED", "accountId": made["accountId"]},
        ]
    }
    assert heard.headers["User-Agent"] == "Kladana webhook touch agent 2.0 (/https://www.kladana.com)"
    assert heard.headers["Content-Type"] == "application/json;charset=utf-8"
    assert not {"Accept", "Accept-Encoding", "Authorization", "Cookie"} & heard.headers.keys()


async def test_a_task_is_created_changes_and_is_processed(emulator, hooks, receiver):
    await register(hooks, receiver, "CREATE", "UPDATE", "PROCESSED")
    await hooks.submit()
    assert await events(receiver, 1) == ["CREATE"]
    await emulator.advance("500ms")
    assert await events(receiver, 2) == ["CREATE", "UPDATE"]
    await emulator.advance("1h")
    assert sorted((await events(receiver, 4))[2:]) == ["PROCESSED", "UPDATE"]
    assert len({each.query["requestId"] for each in receiver.heard}) == 4


@pytest.mark.parametrize(
    ("steps", "heard"),
    [
        (
            "{state: PENDING}, {state: PROCESSING, after: 1s}, {state: ERROR, after: 1s}",
            ["UPDATE", "PROCESSED", "UPDATE"],
        ),
        (
            "{state: PENDING}, {state: PROCESSING, after: 1s}, {state: API_ERROR, after: 1s, error: 1016}",
            ["UPDATE", "PROCESSED", "UPDATE"],
        ),
        ("{state: PENDING}, {state: CANCEL, after: 1s}", ["UPDATE"]),
    ],
)
async def test_to_fail_is_to_be_processed_and_to_be_cancelled_is_not(start_emulator, receiver, tmp_path, steps, heard):
    story = tmp_path / "end.yaml"
    story.write_text(f"version: 1\napi: kladana\nabout: An end.\njobs: [{{steps: [{steps}]}}]\n")
    emulator = await start_emulator(scenario=(str(story),))
    hooks = Hooks(emulator)
    await register(hooks, receiver, "UPDATE", "PROCESSED")
    await hooks.submit()
    await emulator.advance("1h")
    came = await events(receiver, len(heard))
    assert [came[0], *sorted(came[1:])] == heard


@pytest.mark.parametrize(("setting", "heard"), [("false", ["UPDATE"]), ("true", ["PROCESSED", "UPDATE"])])
async def test_whether_a_cancelled_task_is_processed_is_a_setting(play, receiver, setting, heard):
    emulator = await play(settings=f"{{cancel_is_processed: {setting}}}")
    hooks = Hooks(emulator)
    await register(hooks, receiver, "UPDATE", "PROCESSED")
    task = await hooks.submit()
    assert (await hooks.call("PUT", f"{task}/cancel")).status == 204
    await emulator.advance("1h")
    assert sorted(each for each in await events(receiver, len(heard))) == heard


async def test_who_asks_for_the_changed_fields_is_told_them(emulator, hooks, receiver):
    await register(hooks, receiver, "UPDATE", diffType="FIELDS")
    await hooks.submit()
    await emulator.advance("1s")
    assert json.loads(receiver.heard[0].body)["events"][0]["updatedFields"] == ["state"]


async def test_what_is_switched_off_deleted_or_about_something_else_is_not_called(emulator, hooks, receiver):
    off = await hooks.make(url=receiver.url, enabled=False)
    gone = await hooks.make(url=f"{receiver.url}/gone")
    await hooks.call("DELETE", f"{HOOK}/{gone['id']}")
    await hooks.make(url=f"{receiver.url}/demand", entityType="demand", action="CREATE")
    await hooks.submit()
    await emulator.advance("1h")
    assert receiver.heard == []
    await hooks.call("PUT", f"{HOOK}/{off['id']}", {"enabled": True})
    await hooks.submit()
    await emulator.advance("1h")
    assert len(receiver.heard) == 1


async def test_another_accounts_tasks_call_nobody(play, receiver):
    emulator = await play(accounts=ACCOUNTS)
    await register(Hooks(emulator, "Bearer admin"), receiver, "CREATE", "UPDATE", "PROCESSED")
    await Hooks(emulator, "Bearer other").submit()
    await emulator.advance("1h")
    assert receiver.heard == []
    await Hooks(emulator, "Bearer clerk").submit()
    await emulator.advance("1h")
    assert len(receiver.heard) == 4


async def test_three_further_attempts_at_once_with_the_same_id_and_then_no_more(play, receiver):
    emulator = await play(settings="{webhook_timeout: 250ms}")
    hooks = Hooks(emulator)
    receiver.told = [500, behaviours.silence, behaviours.loop, 201]
    await register(hooks, receiver, "PROCESSED")
    await hooks.submit()
    clock = await emulator.advance("1h")
    assert [each["at"][14:19] for each in clock["happened"] if "attempt" in each] == ["00:11"] * 4
    assert len({each.query["requestId"] for each in receiver.heard}) == 1
    (callback,) = (await emulator.admin("GET", "/callbacks"))["callbacks"]
    assert (callback["status"], [each["status"] for each in callback["attempts"]]) == ("dropped", [500, None, 302, 201])


async def test_request_ids_are_the_same_again_with_the_same_seed(emulator, hooks, receiver):
    said = []
    for _ in range(2):
        await register(hooks, receiver, "PROCESSED")
        await hooks.submit()
        await emulator.advance("1h")
        said.append([(each.query, each.body) for each in receiver.heard])
        receiver.heard.clear()
        await emulator.admin("POST", "/reset")
    assert said[0] == said[1]


async def test_the_story_of_the_retries(start_emulator, receiver):
    emulator = await start_emulator(scenario=("kladana/webhook-retry",))
    hooks = Hooks(emulator)
    receiver.told = [503, behaviours.reset]
    await register(hooks, receiver, "PROCESSED")
    task = await hooks.submit()
    await emulator.advance("11s")
    assert len(receiver.heard) == 3
    assert {json.loads(each.body)["events"][0]["meta"]["href"] for each in receiver.heard} == {task}
    (callback,) = (await emulator.admin("GET", "/callbacks"))["callbacks"]
    assert callback["status"] == "delivered"
    assert [(each["status"], each["reason"]) for each in callback["attempts"]] == [
        (503, None),
        (None, "the connection was reset"),
        (200, None),
    ]
    assert {each["at"] for each in callback["attempts"]} == {"2026-03-01T09:00:11.000000Z"}


# Turned off for one request -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "heard"),
    [
        ({"X-Lognex-WebHook-Disable": "true"}, []),
        ({"X-Lognex-WebHook-Disable": "false"}, ["CREATE"]),
        ({"X-Lognex-WebHook-DisableByPrefix": "{origin}"}, []),
        ({"X-Lognex-WebHook-DisableByPrefix": "{origin}/hook"}, []),
        ({"X-Lognex-WebHook-DisableByPrefix": "{origin}/other"}, ["CREATE"]),
        ({"X-Lognex-WebHook-DisableByPrefix": "https://some_url.com"}, ["CREATE"]),
    ],
)
async def test_a_submission_may_turn_off_what_it_would_fire(emulator, hooks, receiver, headers, heard):
    origin = receiver.url.removesuffix("/hook")
    await register(hooks, receiver, "CREATE", "PROCESSED")
    await hooks.submit(**{name: value.format(origin=origin) for name, value in headers.items()})
    await emulator.advance("1h")
    assert await events(receiver, 1) == [*heard, "PROCESSED"]


async def test_a_cancellation_may_turn_off_what_it_would_fire(emulator, hooks, receiver):
    await register(hooks, receiver, "UPDATE")
    for headers in ({"X-Lognex-WebHook-Disable": "true"}, {}):
        task = await hooks.submit()
        await hooks.call("PUT", f"{task}/cancel", **headers)
    await receiver.hears(1)
    await emulator.advance("0s")
    assert json.loads(receiver.heard[0].body)["events"][0]["meta"]["href"] == task
    assert len(receiver.heard) == 1


@pytest.mark.parametrize(
    "prefix", ["https://", "https://some_url", "some_url.com", "ftp://some_url.com", "https://a.com,https://b.com", ""]
)
async def test_a_prefix_that_is_none_is_refused_and_has_no_effect(hooks, prefix):
    refused = await hooks.refused(
        "GET", "/report/stock/bystore?async=true", **{"X-Lognex-WebHook-DisableByPrefix": prefix}
    )
    assert refused == (400, 3030)
    assert (await hooks.call("GET", "/async")).json["rows"] == []


async def test_basic_credentials_work_with_webhooks_too(emulator):
    login = base64.b64encode(b"admin@company:secret").decode()
    await Hooks(emulator, f"Basic {login}").make()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
async def test_a_body_that_is_not_json_by_its_own_account_is_refused(emulator, kladana, content_type):
    client = kladana(emulator)
    response = await emulator.call(
        "POST", f"{API}/entity/webhook", headers=client.headers | {"Content-Type": content_type}, data=b"{}"
    )
    assert (response.status, response.json["errors"][0]["code"]) == (415, 1037)


async def test_a_password_in_an_address_never_reaches_the_journal(emulator, kladana):
    client = kladana(emulator)
    body = {"url": "https://me:s3cret@example.com/", "action": "UPDATE", "entityType": "async"}
    await emulator.call("POST", f"{API}/entity/webhook", headers=client.headers, json=body)
    (exchange,) = (await emulator.admin("GET", "/requests"))["requests"]
    assert "s3cret" not in str(exchange)
    assert "[redacted]@example.com" in exchange["request"]["body"]

"""Users, their accounts and their tokens."""

import base64

import pytest

from tests.kladana.conftest import API

STORY = """\
version: 1
api: kladana
about: Two accounts; the first has an employee and an application.
accounts:
  - {account: romashka, login: admin@romashka, password: secret}
  - {account: romashka, token: application-token, application: true}
  - {account: lavanda, login: admin@lavanda, password: hidden, token: lavanda-token}
"""


def basic(login, password):
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


@pytest.fixture
async def emulator(start_emulator, tmp_path):
    story = tmp_path / "accounts.yaml"
    story.write_text(STORY)
    return await start_emulator(scenario=(str(story),))


@pytest.fixture
def employee(emulator, kladana):
    return kladana(emulator, basic("admin@romashka", "secret"))


async def owner_of(client, task):
    return (await client.get(task)).json["owner"]["meta"]


@pytest.mark.parametrize(
    ("login", "password", "status"),
    [
        ("admin@romashka", "secret", 200),
        ("admin@romashka", "wrong", 401),
        ("admin@romashka", "", 401),
        ("admin@lavanda", "secret", 401),
        ("nobody@nowhere", "any", 200),
        ("admin", "secret", 401),
    ],
)
async def test_a_login_that_is_listed_needs_its_password(emulator, kladana, login, password, status):
    assert (await kladana(emulator, basic(login, password)).get("/async")).status == status


async def test_a_login_without_an_account_is_told_its_form(emulator):
    headers = {"Authorization": basic("admin", "x"), "Accept-Language": "ru"}
    response = await emulator.get(f"{API}/async", headers=headers)
    assert "Неверный формат имени пользователя" in response.json["errors"][0]["error"]


async def test_users_of_one_account_see_each_others_tasks_and_no_others(emulator, kladana, employee):
    task = await employee.submit()
    assert await kladana(emulator, "Bearer application-token").state(task) == "PENDING"
    for stranger in ("Bearer lavanda-token", "Bearer whatever"):
        client = kladana(emulator, stranger)
        assert await client.code(task) == (404, 1021)
        assert await client.code(f"{task}/result") == (404, 1021)
        assert await client.code(f"{task}/cancel", "PUT") == (404, 1021)
        assert (await client.get("/async")).json["rows"] == []
    assert await employee.state(task) == "PENDING"


async def test_a_task_names_the_employee_or_the_application_that_made_it(emulator, kladana, employee):
    application = kladana(emulator, "Bearer application-token")
    by_employee, by_application = await employee.submit(), await application.submit()
    first, second = await owner_of(employee, by_employee), await owner_of(employee, by_application)
    assert (first["type"], second["type"]) == ("employee", "application")
    assert first["uuidHref"].startswith("https://app.kladana.in/app/#employee/edit?id=")
    assert "uuidHref" not in second


async def test_queues_are_per_account(emulator, kladana, employee):
    for _ in range(4):
        await employee.submit()
    assert await employee.code("/report/stock/bystore?async=true") == (412, 61002)
    await kladana(emulator, "Bearer lavanda-token").submit()


async def test_a_new_token_opens_and_revokes_the_one_before(emulator, kladana, employee):
    async def new_token():
        response = await emulator.call("POST", f"{API}/security/token", headers=employee.headers)
        assert response.status == 200
        return response.json["access_token"]

    first, second = await new_token(), await new_token()
    assert first != second
    task = await employee.submit()
    assert await kladana(emulator, f"Bearer {second}").state(task) == "PENDING"
    assert await kladana(emulator, f"Bearer {first}").code(task) == (401, 1056)


async def test_tokens_never_reach_the_journal(emulator, employee):
    response = await emulator.call("POST", f"{API}/security/token", headers=employee.headers)
    (exchange,) = (await emulator.admin("GET", "/requests"))["requests"]
    assert response.json["access_token"] not in str(exchange)
    assert exchange["response"]["body"] == "[redacted]"

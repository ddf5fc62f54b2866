"""httpx: follows no redirect unless it is told to, and takes a redirect for a failure."""

import httpx
import pytest

API = "/api/remap/1.2"


@pytest.fixture
def client(base):
    with httpx.Client(base_url=base + API, headers={"Authorization": "Bearer token"}) as client:
        yield client


@pytest.fixture
def submit(client):
    """The status URL of a new task."""

    def submit(**params):
        answer = client.get("/report/stock/bystore", params={"async": True, **params})
        assert (answer.status_code, answer.content) == (202, b"")
        return answer.headers["Content-Location"]

    return submit


def code(answer):
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_a_report_is_submitted_and_polled_until_it_is_done(client, submit, advance):
    task, states = submit(), []
    for _ in range(3):
        states.append(client.get(task).json()["state"])
        advance("2s")
    assert states == ["PENDING", "PROCESSING", "DONE"]


def test_the_redirect_is_not_followed_and_raises(client, submit, advance):
    task = submit()
    advance("3s")
    answer = client.get(f"{task}/result")
    assert (answer.status_code, answer.content, answer.has_redirect_location) == (302, b"", True)
    with pytest.raises(httpx.HTTPStatusError, match="Redirect response"):
        answer.raise_for_status()
    assert client.send(answer.next_request).status_code == 200
    advance("5m")
    dead = client.send(answer.next_request)
    assert (dead.status_code, dead.text) == (401, "Temp URL invalid")


def test_the_redirect_is_followed(client, submit, advance):
    task = submit()
    advance("3s")
    result = client.get(f"{task}/result", follow_redirects=True)
    assert [each.status_code for each in result.history] == [302]
    assert result.json()["rows"] == client.get("/report/stock/bystore").json()["rows"]


def test_json_without_a_charset_is_not_accepted(client):
    assert code(client.get("/async", headers={"Accept": "application/json"})) == (400, 1062)


def test_a_task_is_cancelled_once(client, submit):
    task = submit()
    assert client.put(f"{task}/cancel").status_code == 204
    assert code(client.put(f"{task}/cancel")) == (412, 61007)
    assert code(client.get(f"{task}/result", follow_redirects=True)) == (412, 61005)


def test_the_list_is_filtered_and_its_pages_follow_each_other(client, submit, advance):
    tasks = [submit(), submit(), submit()]
    client.put(f"{tasks[1]}/cancel")
    advance("10s")
    query = {"filter": "state=done;deletionDate>2000-01-01 00:00", "order": "deletionDate", "limit": 1}
    page = client.get("/async", params=query).json()
    following = client.get(page["meta"]["nextHref"]).json()
    assert [each["rows"][0]["meta"]["href"] for each in (page, following)] == [tasks[0], tasks[2]]
    assert following["meta"]["size"] == 2
    assert "nextHref" not in following["meta"]
    assert code(client.get("/async", params={"filter": "deletionDate>yesterday"})) == (400, 1035)

"""requests: follows redirects unless it is told not to, and tells which way it went."""

import pytest
import requests

API = "/api/remap/1.2"


@pytest.fixture
def session():
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer token"
        yield session


@pytest.fixture
def submit(session, base):
    """The status URL of a new task."""

    def submit(**params):
        answer = session.get(f"{base}{API}/report/stock/bystore", params={"async": "true", **params})
        assert (answer.status_code, answer.content) == (202, b"")
        assert answer.headers["Location"] == answer.headers["Content-Location"] + "/result"
        return answer.headers["Content-Location"]

    return submit


def code(answer):
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_a_report_is_submitted_and_polled_until_it_is_done(session, submit, advance):
    task, states = submit(), []
    for _ in range(3):
        states.append(session.get(task).json()["state"])
        advance("2s")
    assert states == ["PENDING", "PROCESSING", "DONE"]


def test_the_202_is_no_redirect_although_it_has_a_location(session, base):
    answer = session.get(f"{base}{API}/report/stock/bystore?async=true")
    assert answer.ok
    assert not answer.is_redirect
    assert not answer.history


def test_a_true_of_python_is_not_true(session, base):
    answer = session.get(f"{base}{API}/report/stock/bystore", params={"async": True})
    assert answer.url.endswith("?async=True")
    assert code(answer) == (400, 1084)


def test_the_redirect_is_followed(session, base, submit, advance):
    task = submit()
    advance("3s")
    result = session.get(f"{task}/result")
    assert [each.status_code for each in result.history] == [302]
    assert "/apiasynctaskresult/" in result.url
    assert result.json()["rows"] == session.get(f"{base}{API}/report/stock/bystore").json()["rows"]


def test_the_redirect_is_not_followed(session, submit, advance):
    task = submit()
    advance("3s")
    answer = session.get(f"{task}/result", allow_redirects=False)
    assert (answer.status_code, answer.content, answer.is_redirect) == (302, b"", True)
    assert requests.get(answer.headers["Location"], timeout=10).status_code == 200
    advance("5m")
    dead = requests.get(answer.headers["Location"], timeout=10)
    assert (dead.status_code, dead.text) == (401, "Temp URL invalid")


def test_a_task_is_cancelled_once(session, submit):
    task = submit()
    assert session.put(f"{task}/cancel").status_code == 204
    assert code(session.put(f"{task}/cancel")) == (412, 61007)
    with pytest.raises(requests.HTTPError):
        session.get(f"{task}/result").raise_for_status()


def test_the_list_is_filtered_and_ordered(session, base, submit, advance):
    first, second = submit(groupBy="variant"), submit()
    advance("10s")
    submit()
    query = {"filter": "state=done;deletionDate>2000-01-01 00:00", "order": "deletionDate,desc"}
    page = session.get(f"{base}{API}/async", params=query).json()
    assert [row["meta"]["href"] for row in page["rows"]] == [second, first]
    assert page["meta"]["href"] == f"{base}{API}/async?filter={query['filter']}&order={query['order']}"
    request = session.get(first).json()["request"]
    found = session.get(f"{base}{API}/async", params={"filter": f"request={request}"}).json()
    assert [row["request"] for row in found["rows"]] == [request]
    assert code(session.get(f"{base}{API}/async", params={"filter": "state=finished"})) == (400, 1041)

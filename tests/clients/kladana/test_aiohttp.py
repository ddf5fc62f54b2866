"""aiohttp: follows redirects unless it is told not to, and writes URLs in its own way."""

import aiohttp
import pytest

API = "/api/remap/1.2"


@pytest.fixture
async def session():
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer token"}) as session:
        yield session


@pytest.fixture
def submit(session, base):
    """The status URL of a new task."""

    async def submit(**params):
        async with session.get(f"{base}{API}/report/stock/bystore", params={"async": "true", **params}) as answer:
            assert (answer.status, await answer.read()) == (202, b"")
            return answer.headers["Content-Location"]

    return submit


async def json(session, url, **more):
    async with session.get(url, **more) as answer:
        return await answer.json()


async def code(call):
    async with call as answer:
        return answer.status, (await answer.json())["errors"][0]["code"]


async def test_a_report_is_submitted_and_polled_until_it_is_done(session, submit, advance):
    task, states = await submit(), []
    for _ in range(3):
        states.append((await json(session, task))["state"])
        advance("2s")
    assert states == ["PENDING", "PROCESSING", "DONE"]


async def test_a_true_of_python_never_leaves_the_client(session, base):
    with pytest.raises(TypeError):
        await session.get(f"{base}{API}/report/stock/bystore", params={"async": True})


async def test_the_redirect_is_followed(session, base, submit, advance):
    task = await submit()
    advance("3s")
    async with session.get(f"{task}/result") as result:
        assert [each.status for each in result.history] == [302]
        assert result.content_disposition.filename == f"asynctask_{task.rsplit('/', 1)[-1]}_result.json"
        rows = (await result.json())["rows"]
    assert rows == (await json(session, f"{base}{API}/report/stock/bystore"))["rows"]


async def test_the_redirect_is_not_followed(session, submit, advance):
    task = await submit()
    advance("3s")
    async with session.get(f"{task}/result", allow_redirects=False) as answer:
        assert (answer.status, await answer.read()) == (302, b"")
        link = answer.headers["Location"]
    assert (await json(session, link))["meta"]["size"] == 250
    advance("5m")
    async with session.get(link) as dead:
        assert (dead.status, await dead.text()) == (401, "Temp URL invalid")
        with pytest.raises(aiohttp.ContentTypeError):
            await dead.json()


async def test_a_task_is_cancelled_once(session, submit):
    task = await submit()
    async with session.put(f"{task}/cancel") as answer:
        assert answer.status == 204
    assert await code(session.put(f"{task}/cancel")) == (412, 61007)
    assert await code(session.get(f"{task}/result")) == (412, 61005)


async def test_the_list_is_filtered_and_ordered(session, base, submit, advance):
    first, second = await submit(), await submit(groupBy="variant")
    advance("10s")
    await submit()
    query = {"filter": "state=done;deletionDate>2000-01-01 00:00", "order": "deletionDate,desc"}
    page = await json(session, f"{base}{API}/async", params=query)
    assert [row["meta"]["href"] for row in page["rows"]] == [second, first]
    request = page["rows"][0]["request"]
    found = await json(session, f"{base}{API}/async", params={"filter": f"request={request}"})
    assert [row["meta"]["href"] for row in found["rows"]] == [second]
    assert await code(session.get(f"{base}{API}/async", params={"order": "state"})) == (400, 1063)


async def test_links_to_other_pages_are_followed_as_they_stand(session, base, submit):
    tasks = [await submit() for _ in range(3)]
    query = {"filter": "state!=done;deletionDate=", "order": "deletionDate", "limit": "2"}
    page = await json(session, f"{base}{API}/async", params=query)
    rest = await json(session, page["meta"]["nextHref"])
    assert [row["meta"]["href"] for row in page["rows"] + rest["rows"]] == tasks[::-1]

"""The stories of what goes wrong between client and service, and of jobs that nobody expects."""

import aiohttp
import pytest

from tests import mishaps
from tests.synapse.conftest import JOB, Synapse, downloading
from tests.synapse.test_stories import lived

# What goes wrong on the way ---------------------------------------------------


def submitting(client: Synapse) -> mishaps.Ask:
    return lambda: client.post(JOB, downloading())


async def test_answer_lost(playing):
    client = await playing("answer-lost")
    await mishaps.answer_lost(client.emulator, submitting(client))


async def test_gateway_timeout(playing):
    client = await playing("gateway-timeout")
    await mishaps.gateway_timeout(client.emulator, submitting(client))


async def test_outage(playing):
    client = await playing("outage")
    look = f"{JOB}/{{}}".format
    await mishaps.outage(client.emulator, submitting(client), lambda made: client.get(look(made.json["jobId"])))


async def test_flaky(playing):
    await mishaps.flaky(submitting(await playing("flaky")))


async def test_slow_answers(client):
    await mishaps.slow_answers(client.emulator, "synapse/slow-answers", submitting(client))


async def test_skewed_clock(playing):
    await mishaps.skewed_clock(submitting(await playing("skewed-clock")))


async def test_unknown_state(playing):
    client = await playing("unknown-state")
    job = await client.launch(downloading())
    assert [await client.state(job) for _ in range(4)] == ["PROCESSING", "SUSPENDED", None, "PROCESSING"]


async def test_progress_loops(playing):
    client = await playing("progress-loops")
    job = await client.launch(downloading())
    seen = await lived(client, job, *["10s"] * 6)
    assert [current for _, current in seen] == [None, 10, 50, 90, 10, 50, 90]
    await client.emulator.advance("1h")
    assert await client.state(job) == "PROCESSING"


async def test_forgotten(playing):
    client = await playing("forgotten")
    job = await client.launch(downloading())
    assert [state for state, _ in await lived(client, job, "1s")] == ["PROCESSING", "COMPLETE"]
    assert (await client.get(f"{JOB}/{job}")).status == 404


async def test_one_in_three_fails(playing):
    client = await playing("one-in-three-fails")
    states = [(await client.finished(downloading()))["jobState"] for _ in range(6)]
    assert states == ["COMPLETE", "COMPLETE", "FAILED"] * 2


async def a_file(client: Synapse) -> str:
    """A link to the file that a query has yielded."""
    result = await client.result(downloading())
    return (await client.file(result["resultsFileHandleId"]))["preSignedURL"]


async def test_truncated_result(playing):
    client = await playing("truncated-result")
    link = await a_file(client)
    whole = await mishaps.breaks_off(lambda: client.emulator.get(link))
    assert whole.text.count("\n") == 5


async def test_corrupt_result(playing):
    client = await playing("corrupt-result")
    link = await a_file(client)
    cut, whole = [(await client.emulator.get(link)).body for _ in range(2)]
    assert whole.startswith(cut)
    assert len(cut) < len(whole)


async def test_redirect_loop(playing):
    client = await playing("redirect-loop")
    link = await a_file(client)
    with pytest.raises(aiohttp.TooManyRedirects):
        await client.emulator.get(link, allow_redirects=True)


async def test_slow_download(client):
    await mishaps.play(client.emulator, "synapse/slow-download", bandwidth="500B")
    link = await a_file(client)
    await mishaps.comes_slowly(lambda: client.emulator.get(link), 500)

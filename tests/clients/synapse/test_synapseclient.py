"""The official Python client, unmodified: it must not notice that it talks to an emulator."""

import asyncio
from pathlib import Path

import pytest
import requests
from synapseclient import Synapse
from synapseclient.core.exceptions import SynapseAuthenticationError, SynapseHTTPError
from synapseclient.models import QueryJob, TableUpdateTransaction, UploadToTableRequest

JOB = "/asynchronous/job"
TABLE = "org.sagebionetworks.repo.model.table."


@pytest.fixture
def running(base):
    """The base URL of a namespace whose clock runs a hundred times as fast: the client waits in real time."""
    requests.post(f"{base}/__admin/clock", json={"rate": 100}, timeout=10).raise_for_status()
    return base


@pytest.fixture
def client(running, tmp_path):
    """Logged in with a token."""
    client = anybody(running, tmp_path)
    client.login(authToken="test-token", silent=True)
    return client


def anybody(base, tmp_path):
    return Synapse(
        repoEndpoint=f"{base}/repo/v1",
        authEndpoint=f"{base}/auth/v1",
        fileHandleEndpoint=f"{base}/file/v1",
        portalEndpoint=f"{base}/",
        skip_checks=True,
        silent=True,
        cache_root_dir=str(tmp_path),
    )


def run(job, client):
    """Start it, and wait until it is done."""
    return asyncio.run(job.send_job_and_wait_async(synapse_client=client))


def test_the_client_logs_in(client):
    assert client.credentials.username == "alice"
    assert client.credentials.owner_id == "3300001"


def test_an_unknown_token_does_not_log_in(running, tmp_path):
    with pytest.raises(SynapseAuthenticationError):
        anybody(running, tmp_path).login(authToken="nope", silent=True)


def test_a_query_job_is_run(client):
    job = run(QueryJob(entity_id="syn124", sql="select * from syn124"), client)
    assert job.table_id == "syn124"
    assert job.results_file_handle_id == "555"
    assert [each.name for each in job.headers] == ["name", "age"]


def test_a_transaction_is_run(client):
    change = UploadToTableRequest(table_id="syn124", upload_file_handle_id="501", update_etag=None)
    transaction = TableUpdateTransaction(entity_id="syn124", changes=[change])
    run(transaction, client)
    assert len(client.tableQuery("select * from syn124", resultsAs="rowset").rowset["rows"]) == 6


def test_a_transaction_that_fails_is_an_error(client):
    change = UploadToTableRequest(table_id="syn124", upload_file_handle_id="502", update_etag=None)
    with pytest.raises(SynapseHTTPError, match=r"Value at \[2,age\] was not a valid INTEGER"):
        run(TableUpdateTransaction(entity_id="syn124", changes=[change]), client)


def test_a_table_query_finds_rows(client):
    found = client.tableQuery("select name from syn124 where age = 31", resultsAs="rowset")
    assert [each["values"] for each in found.rowset["rows"]] == [["Ann"]]


def test_a_table_query_downloads_a_csv_file(client, tmp_path):
    found = client.tableQuery("select * from syn124 order by name limit 2", downloadLocation=str(tmp_path))
    assert Path(found.filepath).read_text(encoding="utf-8") == "ROW_ID,ROW_VERSION,name,age\n1,1,Ann,31\n2,1,Ben,45\n"


def test_the_published_operations_are_called_by_hand(client):
    body = f'{{"concreteType": "{TABLE}DownloadFromTableRequest", "sql": "select * from syn124"}}'
    job = client.restPOST(JOB, body)["jobId"]
    assert client.restGET(f"{JOB}/{job}/cancel") == ""
    assert client.restGET(f"{JOB}/{job}")["jobCanceling"] is True
    with pytest.raises(SynapseHTTPError, match="Asynchronous job: '7' does not exist"):
        client.restGET(f"{JOB}/7")

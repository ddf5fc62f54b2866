"""The start/get pairs: tokens, what runs, what came of it, what went wrong."""

import io
import zipfile

import pytest

from tests.synapse.conftest import (
    BOB,
    MODEL,
    TABLE,
    appending,
    changing,
    downloading,
    querying,
    uploading,
)

ASSOCIATED = {"associateObjectId": "syn124", "associateObjectType": "TableEntity"}
FILES = f"{MODEL}file."
NEXT = {"concreteType": f"{TABLE}QueryNextPageToken"}
PREVIEW = {"concreteType": f"{TABLE}UploadToTablePreviewRequest", "uploadFileHandleId": "501"}
BULK = {"concreteType": f"{FILES}BulkFileDownloadRequest", "requestedFiles": [{"fileHandleId": "501", **ASSOCIATED}]}

PAIRS = [
    ("/entity/syn124/table/query", querying(), f"{TABLE}QueryResultBundle"),
    ("/entity/syn124/table/download/csv", downloading(), f"{TABLE}DownloadFromTableResult"),
    ("/entity/syn124/table/upload/csv", uploading(), f"{TABLE}UploadToTableResult"),
    ("/entity/syn124/table/append", appending({"values": []}), f"{TABLE}RowReferenceSetResults"),
    ("/entity/syn124/table/transaction", changing(uploading()), f"{TABLE}TableUpdateTransactionResponse"),
    ("/table/upload/csv/preview", PREVIEW, f"{TABLE}UploadToTablePreviewResult"),
    ("/file/v1/file/bulk", BULK, f"{FILES}BulkFileDownloadResponse"),
]


@pytest.mark.parametrize(("prefix", "body", "result"), PAIRS, ids=[each[0] for each in PAIRS])
async def test_a_pair(client, prefix, body, result):
    body = {key: value for key, value in body.items() if key != "concreteType"}  # settled by the path
    token = await client.start(prefix, body)
    running = await client.get(f"{prefix}/async/get/{token}")
    assert running.status == 202
    assert running.json == await client.status(token)
    assert running.json["jobState"] == "PROCESSING"
    await client.emulator.advance("1s")
    for _ in range(2):
        finished = await client.get(f"{prefix}/async/get/{token}")
        assert finished.status == 201
        assert finished.json["concreteType"] == result
        assert "jobState" not in finished.json


async def test_the_next_page_is_a_pair_too(setting):
    client = await setting("rows_per_page=3")
    page = (await client.result(querying(mask=1)))["queryResult"]
    assert len(page["queryResults"]["rows"]) == 3
    prefix = "/entity/syn124/table/query/nextPage"
    token = await client.start(prefix, page["nextPageToken"])
    assert (await client.get(f"{prefix}/async/get/{token}")).status == 202
    await client.emulator.advance("1s")
    result = await client.get(f"{prefix}/async/get/{token}")
    assert result.status == 201
    assert [each["values"] for each in result.json["queryResults"]["rows"]] == [["Dov", "22"]]
    assert "nextPageToken" not in result.json


async def test_the_path_names_the_entity_of_what_is_changed(client):
    token = await client.start("/entity/syn124/table/upload/csv", uploading())
    body = (await client.status(token))["requestBody"]
    assert body == {
        "concreteType": f"{TABLE}TableUpdateTransactionRequest",
        "entityId": "syn124",
        "changes": [uploading(entityId="syn124")],
    }
    token = await client.start("/entity/syn123/table/query", querying())
    assert (await client.status(token))["requestBody"] == querying()


async def test_a_job_of_the_generic_path_is_got_by_a_service_and_the_other_way_round(client):
    job = await client.launch(downloading())
    await client.emulator.advance("1s")
    response = await client.get(f"/entity/any/table/download/csv/async/get/{job}")
    assert response.json == (await client.status(job))["responseBody"]


async def test_a_job_of_another_type(client):
    job = await client.launch(uploading())
    query = await client.launch(querying())
    append = await client.start("/entity/syn124/table/append", appending())
    await client.emulator.advance("1s")
    path = "/entity/syn124/table/upload/csv/async/get"
    assert await client.error("GET", f"{path}/{job}") == (400, "TableUpdateTransactionResponse")
    assert await client.error("GET", f"{path}/{query}") == (400, "TableUpdateTransactionResponse")
    assert (await client.error("GET", f"{path}/{append}"))[0] == 500
    status, reason = await client.error("GET", f"/entity/syn124/table/download/csv/async/get/{query}")
    assert (status, reason) == (
        500,
        f"class {TABLE}QueryResultBundle cannot be cast to class {TABLE}DownloadFromTableResult",
    )


@pytest.mark.parametrize("token", ["abc", "7"])
async def test_a_bad_token(client, token):
    assert (await client.error("GET", f"/entity/syn1/table/query/async/get/{token}"))[0] == (
        400 if token == "abc" else 404
    )


async def test_a_foreign_token(client):
    token = await client.start("/entity/syn124/table/query", querying())
    reason = "Only the user that created a job can access the job's status."
    assert await client.as_(BOB).error("GET", f"/entity/syn124/table/query/async/get/{token}") == (403, reason)


@pytest.mark.parametrize("path", ["upload/csv", "download/csv"])
async def test_the_retired_paths(client, path):
    expected = (410, "Please update your client to use the new API.")
    assert await client.error("POST", f"/table/{path}/async/start", {}) == expected
    assert await client.error("GET", f"/table/{path}/async/get/7") == expected
    assert (await client.post("/table/query/async/start", {})).status == 404


EXCEPTIONS = [
    ("IllegalArgumentException", 400),
    ("InvalidTableQueryFacetColumnRequestException", 400),
    ("TableFailedException", 400),
    ("JobCanceledException", 400),
    ("UnauthorizedException", 403),
    ("NotFoundException", 404),
    ("NameConflictException", 409),
    ("ConflictingUpdateException", 412),
    ("RuntimeException", 500),
    ("IllegalStateException", 500),
    ("DatastoreException", 500),
]


@pytest.mark.parametrize(("name", "status"), EXCEPTIONS)
async def test_a_failure_is_answered_as_its_exception(told, name, status):
    client = await told(f"""
accounts: [{{token: test-token, tables: [{{id: syn124}}]}}]
jobs: [{{steps: [{{state: PROCESSING}}, {{state: FAILED, error: {{code: {name}, message: That is why.}}}}]}}]
""")
    job = await client.launch(downloading())
    told = await client.status(job)
    assert told["jobState"] == "FAILED"
    assert told.get("exception", name).endswith(name)
    response = await client.get(f"/entity/syn124/table/download/csv/async/get/{job}")
    assert (response.status, response.json["reason"]) == (status, "That is why.")
    assert ("errorCode" in response.json) == (name == "InvalidTableQueryFacetColumnRequestException")


# Launch checks ----------------------------------------------------------------

CHECKS = [
    ({}, 400, "SQL string is required."),
    ({"sql": "  "}, 400, "SQL string is required."),
    ({"sql": "select 'a from syn124"}, 400, "The provided SQL query could not be parsed."),
    ({"sql": "select * from syn124 join syn123 on a = b"}, 400, "The JOIN keyword is not supported in this context"),
    ({"sql": "select * from syn124, syn123"}, 400, "The JOIN keyword is not supported in this context"),
    ({"sql": "select * from syn7777"}, 404, "Resource: '7777' does not exist"),
    ({"sql": "select * from people"}, 404, "Resource: 'people' does not exist"),
    ({"sql": "select * from syn999"}, 400, "syn999 is not a table or view"),
]


@pytest.mark.parametrize(("body", "status", "reason"), CHECKS)
async def test_what_is_checked_when_a_query_is_launched(client, body, status, reason):
    download = {"concreteType": f"{TABLE}DownloadFromTableRequest", **body}
    assert await client.refused(download) == (status, reason)
    path = "/entity/syn124/table/query/async/start"
    assert await client.error("POST", path, {"query": body}) == (status, reason)


async def test_a_bundle_without_a_query(client):
    body = {"concreteType": f"{TABLE}QueryBundleRequest"}
    assert await client.refused(body) == (400, "QueryBundleRequest.query cannot be null")


@pytest.mark.parametrize("token", [None, "", "x", "e30=", "bnVsbA==", "eyJxdWVyeSI6IHt9LCAic3RhcnQiOiAxfQ=="])
async def test_a_page_that_nobody_has_named(client, token):
    assert await client.refused(NEXT | {"token": token}) == (400, "Invalid token.")


# Files ------------------------------------------------------------------------


async def test_many_files_become_one(client):
    wanted = [{"fileHandleId": each, **ASSOCIATED} for each in ("501", "502", "501", "77")]
    result = await client.result(BULK | {"requestedFiles": wanted, "zipFileName": "all.zip"})
    assert result["userId"] == "3300001"
    told = [(each["status"], each.get("failureCode")) for each in result["fileSummary"]]
    assert told == [("SUCCESS", None), ("SUCCESS", None), ("FAILURE", "DUPLICATE"), ("FAILURE", "NOT_FOUND")]
    with zipfile.ZipFile(io.BytesIO(await client.content(result["resultZipFileHandleId"]))) as archive:
        assert archive.namelist() == ["501/501/people.csv", "502/502/bad-people.csv"]
        assert archive.read("501/501/people.csv") == b"name,age\nEve,28\nFlo,63\n"


async def test_no_file_becomes_none(client):
    result = await client.as_(BOB).result(BULK)
    assert "resultZipFileHandleId" not in result
    assert result["fileSummary"][0]["failureCode"] == "UNAUTHORIZED"
    assert (await client.failed(BULK | {"requestedFiles": []}))[0] == "IllegalArgumentException"


async def test_a_handle_and_a_link(client):
    result = await client.result(downloading(fileName="people.csv"))
    told = await client.file(result["resultsFileHandleId"])
    content = await client.content(result["resultsFileHandleId"])
    assert told["fileHandle"]["contentSize"] == len(content)
    assert told["fileHandle"]["fileName"] == "people.csv"
    response = await client.emulator.get(told["preSignedURL"])
    assert response.headers["Content-Type"] == "text/csv"
    assert response.headers["Content-Disposition"] == "attachment; filename*=utf-8''people.csv"


async def test_only_what_is_asked_of_a_file_is_told(client):
    body = {"requestedFiles": [{"fileHandleId": "501"}]}
    assert (await client.post("/file/v1/fileHandle/batch", body)).json == body
    assert (await client.post("/file/v1/fileHandle/batch", {})).json == {"requestedFiles": []}


async def test_files_that_are_not_there_or_somebody_elses(client):
    assert (await client.file("77"))["failureCode"] == "NOT_FOUND"
    assert (await client.as_(BOB).file("501"))["failureCode"] == "UNAUTHORIZED"


async def test_a_link_dies_by_the_clock_of_the_namespace(client):
    link = (await client.file("501"))["preSignedURL"]
    await client.emulator.advance("14m59s")
    assert (await client.emulator.get(link)).status == 200
    await client.emulator.advance("1s")
    response = await client.emulator.get(link)
    assert (response.status, response.headers["Content-Type"]) == (403, "application/xml")
    assert "<Message>Request has expired</Message>" in response.text


async def test_a_link_that_is_not_ours(client):
    link = (await client.file("501"))["preSignedURL"]
    for other in (link[:-1] + "x", link.replace("Expires=900", "Expires=9000"), link.partition("?")[0], link + "%ff"):
        assert (await client.emulator.get(other)).status in (400, 403)


async def test_a_link_carries_the_namespace(client):
    other = type(client)(client.emulator.namespace("other"))
    assert "/ns/other/proddata.sagebase.org/" in (await other.file("501"))["preSignedURL"]
    assert await other.content("501")


async def test_the_storage_has_nothing_else(client):
    assert (await client.emulator.get("/proddata.sagebase.org/x")).status == 404
    link = (await client.file("501"))["preSignedURL"]
    assert (await client.emulator.call("DELETE", link)).status == 405


# Cache ------------------------------------------------------------------------


async def test_every_launch_is_a_new_job(client):
    await client.finished(downloading())
    assert (await client.post("/asynchronous/job", downloading())).json["jobState"] == "PROCESSING"


async def test_the_cache_knows_user_body_and_table(setting):
    client = await setting("result_cache=true")
    first = await client.launch(downloading())
    assert await client.launch(downloading()) != first  # it is not complete yet
    await client.emulator.advance("1s")
    answer = (await client.post("/asynchronous/job", downloading(junk=1))).json
    assert (answer["jobState"], "callersContext" in answer) == ("COMPLETE", False)
    assert answer["responseBody"]
    token = await client.start("/entity/syn1/table/download/csv", downloading())
    assert token == answer["jobId"]
    assert await client.launch(downloading(limit=1)) != token
    assert await client.as_(BOB).launch(downloading()) != token
    await client.finished(uploading())
    assert await client.launch(downloading()) != token


async def test_the_cache_knows_tables_only(setting):
    client = await setting("result_cache=true")
    await client.finished(downloading("select * from syn125"))
    assert await client.state(await client.launch(downloading("select * from syn125"))) == "PROCESSING"


async def test_a_cached_job_may_leak_the_session(setting):
    client = await setting("result_cache=true", "callers_context_leaks=true")
    job = (await client.finished(downloading()))["jobId"]
    answer = (await client.post("/asynchronous/job", downloading())).json
    assert (answer["jobId"], len(answer["callersContext"]["sessionId"])) == (job, 36)
    assert "callersContext" not in await client.status(job)

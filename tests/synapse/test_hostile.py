"""Requests that are wrong or meant badly: never a 5xx, and nothing half-done."""

import io
import json

import pytest

from tests.synapse.conftest import ALICE, JOB, MODEL, TABLE, appending, changing, downloading, querying, uploading

QUERY = "/repo/v1/entity/syn124/table/query/async/start"
TRANSACTION = "/repo/v1/entity/syn124/table/transaction/async/start"
BATCH = "/file/v1/fileHandle/batch"
BULK = "/file/v1/file/bulk/async/start"
FACET = f"{TABLE}FacetColumnValuesRequest"


def said(value):
    return json.dumps(value).encode()


WRONG = [
    # bodies that are no JSON
    ("POST", JOB, b"", 400),
    ("POST", JOB, b" ", 400),
    ("POST", JOB, b"{", 400),
    ("POST", JOB, b"[" * 100_000, 400),
    ("POST", JOB, b'{"a":' * 201 + b"1" + b"}" * 201, 400),
    ("POST", JOB, said(downloading())[:-1], 400),
    ("POST", JOB, said(downloading()) * 2, 400),
    ("POST", JOB, b"NaN", 400),
    ("POST", JOB, b'{"concreteType": "\\ud800"}', 400),
    ("POST", JOB, b'{"concreteType": "a", "concreteType": "b"}', 400),
    ("POST", JOB, said(downloading()).decode().encode("utf-16"), 400),
    ("POST", QUERY, b"", 400),
    ("POST", BATCH, b"", 400),
    # JSON that is no request
    *[("POST", JOB, said(each), 400) for each in (None, True, 0, "job", [], [downloading()], {})],
    ("POST", JOB, said({"concreteType": []}), 400),
    ("POST", JOB, said({"concreteType": {"a": 1}}), 400),
    ("POST", JOB, said({"concreteType": ""}), 400),
    ("POST", JOB, said({"concreteType": "x" * 100_000}), 400),
    ("POST", JOB, said({"concreteType": "{type}{id}"}), 400),
    ("POST", JOB, said({"concreteType": f"{TABLE}downloadfromtablerequest"}), 400),
    ("POST", JOB, said({"concreteType": "java.lang.Runtime"}), 400),
    ("POST", JOB, said({"concreteType": f"{MODEL}migration.AsyncMigrationRequest"}), 403),
    # values of another kind
    ("POST", JOB, said(downloading(sql={"a": 1})), 400),
    ("POST", JOB, said(downloading(sql=7)), 400),
    ("POST", JOB, said(downloading(limit="1")), 400),
    ("POST", JOB, said(downloading(limit=1.5)), 400),
    ("POST", JOB, said(downloading(limit=10**300)), 400),
    ("POST", JOB, said(downloading(offset=True)), 400),
    ("POST", JOB, said(downloading(sort=[None])), 400),
    ("POST", JOB, said(downloading(sort=["name"])), 400),
    ("POST", JOB, said(downloading(sort=[{"column": ["name"]}])), 400),
    ("POST", JOB, said(downloading(sort=[{"direction": []}])), 400),
    ("POST", JOB, said(downloading(csvTableDescriptor=[])), 400),
    ("POST", JOB, said(downloading(additionalFilters=[None])), 400),
    ("POST", JOB, said(downloading(additionalFilters=[{}])), 400),
    ("POST", JOB, said(downloading(additionalFilters=[{"concreteType": FACET}])), 400),
    ("POST", JOB, said(downloading(additionalFilters=[{"concreteType": []}])), 400),
    ("POST", JOB, said(downloading(selectedFacets=[{"concreteType": FACET, "facetValues": [7]}])), 400),
    ("POST", JOB, said(querying() | {"query": "select * from syn124"}), 400),
    ("POST", JOB, said(querying() | {"partMask": "all"}), 400),
    ("POST", JOB, said(changing(uploading(), None)), 400),
    ("POST", JOB, said(changing(changing())), 400),
    ("POST", JOB, said(changing({"concreteType": f"{TABLE}AppendableRowSetRequest", "toAppend": {}})), 400),
    ("POST", JOB, said(changing(appending({"values": [None]}))), 400),
    ("POST", JOB, said(changing(appending({"values": [{"key": 7}]}))), 400),
    ("POST", JOB, said(changing(appending({"rowId": "1"}))), 400),
    ("POST", TRANSACTION, said({"changes": "all"}), 400),
    ("POST", TRANSACTION, said({"snapshotOptions": "v1"}), 400),
    ("POST", BULK, said({"requestedFiles": [{"associateObjectType": "Table"}]}), 400),
    ("POST", BATCH, said({"requestedFiles": {"fileHandleId": "1"}}), 400),
    ("POST", BATCH, said({"requestedFiles": [None]}), 400),
    # queries
    *[
        ("POST", JOB, said(downloading(sql)), 400)
        for sql in (
            "\x00",
            "'",
            "select",
            ";",
            "--",
            "/* select",
            "select * from syn124; drop table syn124",
            "select * from syn124 where name = 'a' or sleep(5)",
            "select * from syn124 where " + "not " * 3000 + "a",
            "select " + "(" * 5000,
            "select * from syn124 limit 1 offset 1e9",
            "copy syn124 to '/etc/passwd'",
            "select * from 'syn124'",
            "pragma x",
        )
    ],
    ("POST", JOB, said(downloading("select * from syn99999999999999999999999")), 404),
    # paths and verbs
    ("GET", f"{JOB}/%00", None, 400),
    ("GET", f"{JOB}/%0A10421", None, 400),
    ("GET", f"{JOB}/..%2f..%2fstatus", None, 400),
    ("GET", f"{JOB}/{'9' * 5000}", None, 400),
    ("GET", f"{JOB}/%EF%BC%91", None, 400),
    ("GET", f"{JOB}/-0", None, 404),
    ("GET", f"{JOB}/1/cancel/now", None, 404),
    ("GET", "/repo/v1/entity/syn124/table/query/async/get/", None, 404),
    ("GET", "/repo/v1x", None, 404),
    ("GET", "/auth/v1/login", None, 404),
    ("PURGE", JOB, None, 405),
    ("GET", JOB, None, 405),
    ("DELETE", f"{JOB}/1", None, 405),
    ("PUT", BATCH, said({}), 405),
    ("GET", "/proddata.sagebase.org/1/x/y?X-Amz-Signature=%ff", None, 400),
    ("GET", "/proddata.sagebase.org/1/x/y", None, 403),
    ("GET", "/proddata.sagebase.org/1/x/../../etc/passwd", None, 404),
]


@pytest.fixture
def everything(client):
    async def look():
        jobs = await client.emulator.admin("GET", "/jobs")
        return jobs["total"], (await client.file("555")).get("failureCode")

    return look


@pytest.mark.parametrize(("method", "path", "body", "status"), WRONG, ids=range(len(WRONG)))
async def test_it_is_refused_and_nothing_is_launched(emulator, everything, method, path, body, status):
    before = await everything()
    headers = ALICE | {"Content-Type": "application/json; charset=UTF-8"}
    data = None if body is None else io.BytesIO(body)
    response = await emulator.call(method, path, data=data, headers=headers)
    assert response.status == status, response.text
    if "json" in response.headers["Content-Type"] and not path.startswith("/repo/v1x"):
        assert response.json["reason"]
        assert len(response.body) < 8000
    await emulator.advance("1h")
    assert await everything() == before


ODD = [
    downloading(fileName="../../etc/passwd\x00\u2028"),
    downloading(fileName=""),
    downloading(csvTableDescriptor={"separator": "\x00"}),
    downloading(csvTableDescriptor={"lineEnd": ""}),
    downloading(offset=2**63 - 1, limit=2**63 - 1),
    downloading(sort=[{}]),
    downloading('select "" from syn124'),
    downloading("select * from syn124 order by name, name, name"),
    querying(mask=-1),
    querying(mask=2**62),
    uploading(linesToSkip=-5),
    uploading(linesToSkip=2**62),
    uploading(table="124"),
    uploading(table=""),
    uploading(table="syn"),
    uploading(file="99999999999999999999"),
    uploading(csvTableDescriptor={"isFirstLineHeader": False}),
    uploading(csvTableDescriptor={"quoteCharacter": "e"}),
    changing(*[uploading()] * 50, entityId="syn124"),
    changing(appending({"rowId": -1}, {"rowId": 2**62}), entityId="syn124"),
    {"concreteType": f"{TABLE}UploadToTablePreviewRequest"},
    {"concreteType": f"{MODEL}file.BulkFileDownloadRequest", "requestedFiles": [{}, {}]},
    {
        "concreteType": f"{MODEL}file.BulkFileDownloadRequest",
        "zipFileName": "\x00",
        "requestedFiles": [{"fileHandleId": "501"}],
    },
]


@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
async def test_what_is_odd_comes_to_an_end(client, body):
    assert (await client.finished(body))["jobState"] in ("COMPLETE", "FAILED")

"""Queries, CSV files and changes of the tables that are there."""

import json

import pytest

from tests.synapse.conftest import BOB, TABLE, appending, changing, downloading, querying, uploading

ILLEGAL = "IllegalArgumentException"
FILTER = f"{TABLE}ColumnSingleValueQueryFilter"

# Queries ----------------------------------------------------------------------

QUERIES = [
    ("select * from syn124", [["Ann", "31"], ["Ben", "45"], ["Cleo", None], ["Dov", "22"]]),
    ("SELECT age, name FROM SYN124 LIMIT 1", [["31", "Ann"]]),
    ("select name from syn124 where age = 45", [["Ben"]]),
    ("select name from syn124 where name = 'Dov'", [["Dov"]]),
    ("select name from syn124 where \"age\" > 30 and name <> 'Ben'", [["Ann"]]),
    ("select name from syn124 where (age < 30 or age >= 45) and age != 22", [["Ben"]]),
    ("select name from syn124 where age > -1 order by age", [["Dov"], ["Ann"], ["Ben"]]),
    ("select name from syn124 order by name desc limit 2 offset 1", [["Cleo"], ["Ben"]]),
    ("select name from syn124 order by age asc, name", [["Cleo"], ["Dov"], ["Ann"], ["Ben"]]),
    ("select count(*) from syn124", [["4"]]),
    ("select count(*) from syn124 where age > 25", [["2"]]),
    ("select name from syn124 where age = 'old'", []),
    ("select name from syn123 where good = true limit 1 offset 20", []),
    ("select * from syn124 limit 0", []),
]


@pytest.mark.parametrize(("sql", "rows"), QUERIES)
async def test_a_query(client, sql, rows):
    assert await client.rows(sql) == rows


BEYOND = [
    "select",
    "select * from",
    "drop table syn124",
    "select name from syn124 group by name",
    "select distinct name from syn124",
    "select max(age) from syn124",
    "select name as n from syn124",
    "select name from syn124 where name like 'A%'",
    "select name from syn124 where age in (1, 2)",
    "select name from syn124 where not age = 1",
    "select name from syn124 where age = name",
    "select name from syn124 where 1 = 1",
    "select name from syn124 limit -1",
    "select name from syn124 limit 99999999999999999999",
    "select name from syn124 limit x",
    "select * from (select * from syn124)",
    "select * from a.syn124",
    "select syn124.* from syn124",
    "select * from syn124 union select * from syn124",
    "select name from syn124; select name from syn124",
    "with a as (select * from syn124) select * from a",
    "select * from syn124 where name = (select name from syn124)",
    "select * from syn124 for update",
    "insert into syn124 values (1)",
    "select name from syn124 where " + "(" * 3000 + "age = 1" + ")" * 3000,
]


@pytest.mark.parametrize("sql", BEYOND, ids=range(len(BEYOND)))
async def test_what_is_beyond_is_refused_as_what_does_not_parse(client, sql):
    status, reason = await client.refused(downloading(sql))
    assert status == 400
    assert reason.endswith("/repo/web/controller/TableExamples.html")
    assert len(reason) < 1000


async def test_a_query_that_is_very_long_is_not_read(client):
    expected = (400, "The provided SQL query could not be parsed.")
    assert await client.refused(downloading("select * from syn124 where age = 1" + " or age = 1" * 2000)) == expected


async def test_what_is_asked_beside_the_sql(client):
    where = {"concreteType": FILTER, "columnName": "name", "operator": "LIKE", "values": ["%n%", "Cl_o"]}
    assert await client.rows("select name from syn124", additionalFilters=[where]) == [["Ann"], ["Ben"], ["Cleo"]]
    sort = [{"column": "name", "direction": "DESC"}]
    assert await client.rows("select name from syn124", sort=sort, offset=1, limit=2) == [["Cleo"], ["Ben"]]


@pytest.mark.parametrize(
    ("operator", "found"),
    [
        ("EQUAL", ["Ann"]),
        ("NOT_EQUAL", ["Ben", "Dov"]),
        ("GREATER_THAN", ["Ben"]),
        ("GREATER_THAN_OR_EQUALS", ["Ann", "Ben"]),
        ("LESS_THAN", ["Dov"]),
        ("LESS_THAN_OR_EQUAL", ["Ann", "Dov"]),
        ("IN", ["Ann"]),
    ],
)
async def test_each_operator_of_a_filter(client, operator, found):
    where = {"concreteType": FILTER, "columnName": "age", "operator": operator, "values": ["31"]}
    rows = await client.rows("select name from syn124", additionalFilters=[where])
    assert [name for (name,) in rows] == found


@pytest.mark.parametrize(
    ("query", "exception"),
    [
        ({"additionalFilters": [{"concreteType": f"{TABLE}TextMatchesQueryFilter", "searchExpression": "x"}]}, ILLEGAL),
        ({"additionalFilters": [{"concreteType": FILTER, "columnName": "age", "operator": "IS_NULL"}]}, ILLEGAL),
        ({"additionalFilters": [{"concreteType": FILTER, "columnName": "x", "operator": "EQUAL"}]}, ILLEGAL),
        ({"sort": [{"column": "x"}]}, ILLEGAL),
        ({"offset": -1}, ILLEGAL),
        (
            {"selectedFacets": [{"concreteType": f"{TABLE}FacetColumnValuesRequest", "columnName": "age"}]},
            "InvalidTableQueryFacetColumnRequestException",
        ),
    ],
)
async def test_a_query_that_fails(client, query, exception):
    assert (await client.failed(querying(**query)))[0] == exception


async def test_a_table_that_is_closed_to_the_user(client):
    told = ("UnauthorizedException", "You lack READ access to the requested entity.")
    assert await client.as_(BOB).failed(downloading("select * from syn126")) == told
    assert len(await client.rows("select * from syn126")) == 3


async def test_the_parts_of_a_bundle(client):
    whole = await client.result(querying("select name from syn124 where age > 1", limit=1))
    assert list(whole) == [
        "concreteType",
        "queryResult",
        "queryCount",
        "selectColumns",
        "maxRowsPerPage",
        "columnModels",
        "facets",
        "sumFileSizes",
        "lastUpdatedOn",
        "combinedSql",
        "actionsRequired",
    ]
    assert (whole["queryCount"], len(whole["queryResult"]["queryResults"]["rows"])) == (3, 1)
    assert whole["queryResult"]["queryResults"]["rows"][0] == {"rowId": 1, "versionNumber": 1, "values": ["Ann"]}
    assert [each["name"] for each in whole["selectColumns"]] == ["name"]
    assert [each["columnType"] for each in whole["columnModels"]] == ["STRING", "INTEGER"]
    assert whole["combinedSql"] == "SELECT name FROM syn124 WHERE age > 1"
    assert list(await client.result(querying(mask=2))) == ["concreteType", "queryCount"]
    assert list(await client.result(querying(mask=0))) == ["concreteType"]


async def test_generated_rows_are_of_the_types_of_their_columns(client):
    rows = await client.rows("select * from syn123")
    assert len(rows) == 25
    first, second = rows[0], rows[1]
    assert int(second[1]) == int(first[1]) + 1
    assert float(second[2]) == float(first[2]) + 0.125
    assert {first[3], second[3]} == {"true", "false"}


async def test_what_is_no_number_has_a_place_among_numbers_all_the_same(told):
    client = await told("""
accounts:
  - token: test-token
    tables: [{id: syn1, columns: [{name: n, columnType: DOUBLE}], rows: [[nan], [x], [2], [null], [10]]}]
""")
    assert await client.rows("select * from syn1 order by n") == [[None], ["2"], ["10"], ["nan"], ["x"]]
    assert await client.rows("select * from syn1 where n >= 3 and n < 99") == [["10"]]
    assert await client.rows("select * from syn1 where n = 'x'") == [["x"]]


async def test_generated_dates_and_entities(told):
    client = await told("""
accounts:
  - token: test-token
    tables:
      - id: syn1
        columns: [{name: d, columnType: DATE}, {name: e, columnType: ENTITYID}, {name: t, columnType: LARGETEXT}]
        rows: 2
      - {id: syn2, columns: [{name: b, columnType: BOOLEAN}, {name: c, columnType: STRING}], rows: [[true], [null, x]]}
""")
    assert all(each[0].isdigit() and each[1].startswith("syn") for each in await client.rows("select * from syn1"))
    assert await client.rows("select * from syn2") == [["true", None], [None, "x"]]


# Downloads --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "content"),
    [
        ({}, "ROW_ID,ROW_VERSION,name,age\n1,1,Ann,31\n2,1,Ben,45\n"),
        ({"writeHeader": False}, "1,1,Ann,31\n2,1,Ben,45\n"),
        ({"includeRowIdAndRowVersion": False}, "name,age\nAnn,31\nBen,45\n"),
        (
            {"csvTableDescriptor": {"separator": ";", "lineEnd": "\r\n"}},
            "ROW_ID;ROW_VERSION;name;age\r\n1;1;Ann;31\r\n2;1;Ben;45\r\n",
        ),
    ],
)
async def test_a_download(client, more, content):
    result = await client.result(downloading("select * from syn124 limit 2", **more))
    assert (result["tableId"], [each["name"] for each in result["headers"]]) == ("syn124", ["name", "age"])
    assert await client.content(result["resultsFileHandleId"]) == content.encode()


async def test_a_count_has_no_rows_of_its_own(client):
    result = await client.result(downloading("select count(*) from syn124"))
    assert result["headers"] == [{"name": "COUNT(*)", "columnType": "INTEGER"}]
    assert await client.content(result["resultsFileHandleId"]) == b"COUNT(*)\n4\n"


@pytest.mark.parametrize(
    "descriptor", [{"separator": ";;"}, {"separator": ""}, {"quoteCharacter": ","}, {"separator": "\n"}]
)
async def test_a_descriptor_that_describes_no_file(client, descriptor):
    assert (await client.failed(downloading(csvTableDescriptor=descriptor)))[0] == ILLEGAL


# Uploads ----------------------------------------------------------------------


async def test_an_upload_appends(client):
    before = await client.result(querying(mask=1))
    result = await client.result(uploading())
    assert result["rowsProcessed"] == 2
    after = await client.result(querying(mask=1))
    assert (
        result["etag"] == after["queryResult"]["queryResults"]["etag"] != before["queryResult"]["queryResults"]["etag"]
    )
    rows = after["queryResult"]["queryResults"]["rows"]
    assert [(each["rowId"], each["versionNumber"], *each["values"]) for each in rows[4:]] == [
        (5, 2, "Eve", "28"),
        (6, 2, "Flo", "63"),
    ]


FILES = """
accounts:
  - token: test-token
    tables:
      - id: syn1
        columns: [{{name: a, columnType: STRING}}, {{name: n, columnType: INTEGER}}, {{name: b, columnType: BOOLEAN}}]
        rows: [[x, 1, true], [y, 2, false]]
    files: [{{id: "1", name: f.csv, content: {content}}}]
"""


@pytest.mark.parametrize(
    ("content", "more", "rows"),
    [
        ("ROW_ID,ROW_VERSION,n\n2,1,7\n", {}, [["x", "1", "true"], ["y", "7", "false"]]),
        ("n,a\n3,z\n", {}, [["x", "1", "true"], ["y", "2", "false"], ["z", "3", None]]),
        ("ROW_ID,n,b\n,4,TRUE\n1,,\n", {}, [["x", None, None], ["y", "2", "false"], [None, "4", "true"]]),
        (
            "junk\nz,3,false\n",
            {"linesToSkip": 1, "csvTableDescriptor": {"isFirstLineHeader": False}},
            [["x", "1", "true"], ["y", "2", "false"], ["z", "3", "false"]],
        ),
        ("", {}, [["x", "1", "true"], ["y", "2", "false"]]),
    ],
)
async def test_what_an_upload_may_say(told, content, more, rows):
    client = await told(FILES.format(content=json.dumps(content)))
    await client.result(uploading("1", "syn1", **more))
    assert await client.rows("select * from syn1") == rows


@pytest.mark.parametrize(
    ("content", "told_of_it"),
    [
        ("a,n\nz,x\n", 'Value at [1,n] was not a valid INTEGER. For input string: "x"'),
        ("a,n\nz,9223372036854775808\n", "was not a valid INTEGER"),
        ("b\nmaybe\n", "was not a valid BOOLEAN"),
        ("a\n" + "z" * 51 + "\n", "exceeds the maximum length of 50 characters"),
        ("a,n\nz\n", "Line 1 has 1 values, expected 2"),
        ("a,c\nz,1\n", "The columns of the file are not those of table syn1: c"),
        ("a,a\nz,1\n", "The columns of the file are not those of table syn1: a, a"),
        ("ROW_ID,a\nx,z\n", "was not a valid INTEGER"),
        ("ROW_ID,a\n1,z\n9,z\n", "Row ID: 9 does not exist in table syn1"),
    ],
)
async def test_a_file_that_does_not_fit_changes_nothing(told, content, told_of_it):
    client = await told(FILES.format(content=json.dumps(content)))
    before = await client.result(querying("select * from syn1"))
    exception, message = await client.failed(uploading("1", "syn1"))
    assert exception == ILLEGAL
    assert told_of_it in message
    assert await client.result(querying("select * from syn1")) == before


@pytest.mark.parametrize(
    ("body", "exception", "message"),
    [
        (uploading(table=None), ILLEGAL, "Id string cannot be null"),
        (uploading(table="syn124.2"), ILLEGAL, "A snapshot is immutable and cannot be updated."),
        (uploading(table="syn77"), "NotFoundException", "Resource: '77' does not exist"),
        (uploading(table="syn999"), ILLEGAL, "syn999 is not a table or view"),
        (uploading(file=None), ILLEGAL, "File handle ID is required."),
        (uploading(file="77"), "NotFoundException", "Resource: '77' does not exist"),
        (uploading(columnIds=["1"]), ILLEGAL, "Unsupported columnIds"),
        (changing(entityId="syn124"), ILLEGAL, "Must include be at least one change or create a snapshot."),
        (
            changing(uploading(), entityId="syn124", snapshotOptions={"snapshotLabel": "v1"}),
            ILLEGAL,
            "Included SnapshotOptions but the createSnapshot boolean is null",
        ),
        (
            changing(uploading(table="syn123"), entityId="syn124"),
            ILLEGAL,
            "EntityId of TableUpdateRequest does not match the requested transaction entityId",
        ),
        (changing(uploading(table=None), entityId="syn124"), ILLEGAL, "Id string cannot be null"),
    ],
)
async def test_an_update_that_fails(client, body, exception, message):
    assert await client.failed(body) == (exception, message)


async def test_who_may_not_change_a_table(client):
    expected = ("UnauthorizedException", "You lack UPDATE access to the requested entity.")
    assert await client.as_(BOB).failed(uploading()) == expected


# Transactions -----------------------------------------------------------------


async def test_a_transaction_makes_all_changes_and_a_snapshot(client):
    ids = [each["id"] for each in (await client.result(querying(mask=16)))["columnModels"]]
    rows = [{"rowId": 1, "values": [{"key": ids[1], "value": "32"}]}, {"values": [{"key": ids[0], "value": "Ida"}]}]
    for snapshot in (1, 2):
        result = await client.result(changing(appending(*rows), uploading(), entityId="syn124", createSnapshot=True))
        assert result["snapshotVersionNumber"] == snapshot
    references = result["results"][0]["rowReferenceSet"]
    assert references["rows"] == [{"rowId": 1, "versionNumber": 4}, {"rowId": 8, "versionNumber": 4}]
    assert result["results"][1]["rowsProcessed"] == 2
    found = await client.rows("select * from syn124 limit 6")
    assert (found[0], found[4], found[5]) == (["Ann", "32"], ["Ida", None], ["Eve", "28"])


async def test_a_row_set_has_a_value_for_each_header(client):
    headers = [
        {"name": each["name"], "id": each["id"]} for each in (await client.result(querying(mask=4)))["selectColumns"]
    ]
    rows = {"concreteType": f"{TABLE}RowSet", "headers": headers, "rows": [{"values": ["Jo", None]}]}
    change = {"concreteType": f"{TABLE}AppendableRowSetRequest", "toAppend": rows}
    await client.result(changing(change, entityId="syn124"))
    assert (await client.rows("select * from syn124"))[-1] == ["Jo", None]


async def test_of_a_transaction_all_changes_are_made_or_none(client):
    before = await client.result(querying())
    bad = uploading("502")
    assert (await client.failed(changing(uploading(), bad, entityId="syn124")))[0] == ILLEGAL
    assert await client.result(querying()) == before


@pytest.mark.parametrize(
    "change",
    [
        {"concreteType": f"{TABLE}AppendableRowSetRequest"},
        appending({"values": [{"key": "77", "value": "x"}]}),
        appending({"rowId": 77, "values": []}),
        appending({"values": [{}]}),
        {
            "concreteType": f"{TABLE}AppendableRowSetRequest",
            "toAppend": {"concreteType": f"{TABLE}RowSet", "headers": [], "rows": [{"values": ["x"]}]},
        },
    ],
)
async def test_rows_that_cannot_be_appended(client, change):
    assert (await client.failed(changing(change, entityId="syn124")))[0] == ILLEGAL


# Previews ---------------------------------------------------------------------

PREVIEW = {"concreteType": f"{TABLE}UploadToTablePreviewRequest", "uploadFileHandleId": "1"}


@pytest.mark.parametrize(
    ("content", "descriptor", "columns"),
    [
        ("a,b,c,d\nx,1,1.5,true\ny,2,2,false\n", {}, ["STRING", "INTEGER", "DOUBLE", "BOOLEAN"]),
        ("ROW_ID,a\n,x\n", {}, ["INTEGER", "STRING"]),
        ("1,x\n2,y\n", {"isFirstLineHeader": False}, ["INTEGER", "STRING"]),
        ("", {}, []),
    ],
)
async def test_a_preview(told, content, descriptor, columns):
    client = await told(FILES.format(content=json.dumps(content)))
    result = await client.result(PREVIEW | {"csvTableDescriptor": descriptor})
    assert [each["columnType"] for each in result["suggestedColumns"]] == columns
    assert result["rowsScanned"] == len(result["sampleRows"])


async def test_a_preview_of_what_is_no_csv(told):
    client = await told(FILES.format(content=json.dumps('a\n"x')))
    assert (await client.failed(PREVIEW))[0] == ILLEGAL

"""The vendor's sections on filtering and sorting, and the list of tasks that both are applied to."""

from itertools import groupby
from operator import eq, ge, gt, le, lt, ne
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.kladana.filter import COMPARISON, EQUALITY, LIKENESS, Field, date_value, select, text_value
from tests.kladana.conftest import API, BYSTORE

STATES = ("PENDING", "PROCESSING", "DONE", "ERROR", "CANCEL", "API_ERROR")

STORY = """
version: 1
api: kladana
about: A task in each state, and several that are done at different times.
settings: {queued_tasks: 100, running_tasks: 100}
jobs:
  - {when: {nth: 1}, steps: [{state: PENDING}], stuck: true}
  - {when: {nth: 2}, steps: [{state: PENDING}, {state: PROCESSING}], stuck: true}
  - {when: {nth: 3}, steps: [{state: PENDING}, {state: PROCESSING}, {state: ERROR}]}
  - {when: {nth: 4}, steps: [{state: PENDING}, {state: CANCEL}]}
  - {when: {nth: 5}, steps: [{state: PENDING}, {state: PROCESSING}, {state: API_ERROR, error: 1016}]}
  - steps: [{state: PENDING}, {state: PROCESSING}, {state: end}]
"""

shared = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # one server for all examples: none changes it
)


class Listed:
    """The list of tasks of an account, asked in the words of a filter."""

    def __init__(self, client):
        self.client = client

    async def page(self, asked="", order="", **more):
        query = {"filter": asked, "order": order} | more
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items() if value)
        return await self.client.get("/async" + (f"?{text}" if text else ""))

    async def rows(self, asked="", order=""):
        page = await self.page(asked, order)
        assert page.status == 200, page.text
        assert page.json["meta"]["size"] == len(page.json["rows"])
        return page.json["rows"]

    async def states(self, asked="", order=""):
        return [row["state"] for row in await self.rows(asked, order)]

    async def error(self, asked="", order=""):
        """Status, code and text of what is wrong."""
        page = await self.page(asked, order)
        return page.status, page.json["errors"][0]["code"], page.json["errors"][0]["error"]


@pytest.fixture
async def tasks(start_emulator, kladana, tmp_path):
    """Fourteen tasks: one in each state but DONE, nine done from 09:00:04 to 09:00:10.001, twice two at a time."""
    story = tmp_path / "story.yaml"
    story.write_text(STORY)
    emulator = await start_emulator(scenario=(str(story),))
    client = kladana(emulator)
    for nth in range(14):
        await client.get("/report/stock/bystore?async=true&" + ("groupBy=a;b%26c" if nth == 7 else f"n={nth % 3}"))
        if nth % 4 != 3:
            await emulator.advance("1s" if nth != 10 else "1001ms")
    return Listed(client)


@pytest.fixture
def no_tasks(emulator, kladana):
    """What is wrong with a filter is wrong even if there is nothing to filter."""
    return Listed(kladana(emulator))


# What a filter lets through -----------------------------------------------------


async def test_a_list_without_a_filter_is_whole_and_newest_first(tasks):
    assert await tasks.states() == ["DONE"] * 9 + ["API_ERROR", "CANCEL", "ERROR", "PROCESSING", "PENDING"]


@pytest.mark.parametrize(
    ("asked", "states"),
    [
        ("state=CANCEL", ["CANCEL"]),
        ("state=cancel", ["CANCEL"]),
        ("state=Api_Error", ["API_ERROR"]),
        ("state=error;state=pending", ["ERROR", "PENDING"]),
        ("state!=done;state!=error;state!=cancel", ["API_ERROR", "PROCESSING", "PENDING"]),
        ("state=error;state=pending;state!=error", ["PENDING"]),
        ("state=done;state!=done", []),
        ("state=", []),
        ("state!=;state=error", ["ERROR"]),
        ("deletionDate=", ["API_ERROR", "CANCEL", "ERROR", "PROCESSING", "PENDING"]),
        ("deletionDate=;", ["API_ERROR", "CANCEL", "ERROR", "PROCESSING", "PENDING"]),
        ("deletionDate!=", ["DONE"] * 9),
        ("deletionDate=;deletionDate!=;", []),
        ("state=done;deletionDate=", []),
        ("request=", []),
        ("request!=;state=cancel", ["CANCEL"]),
        ("", ["DONE"] * 9 + ["API_ERROR", "CANCEL", "ERROR", "PROCESSING", "PENDING"]),
        (";;state=cancel;;", ["CANCEL"]),
    ],
)
async def test_states_and_empty_values(tasks, asked, states):
    assert await tasks.states(asked) == states


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("deletionDate=2026-03-01 13:00:04", 1),
        ("deletionDate=2026-03-01 13:00:04.000", 1),
        ("deletionDate=2026-03-01 13:00:04.001", 0),
        ("deletionDate=2026-03-01 13:00", 0),
        ("deletionDate>2026-03-01 13:00", 9),
        ("deletionDate>=1970-01-01 03:00:00", 9),
        ("deletionDate<9999-12-31 23:59:59.999", 9),
        ("deletionDate<2026-03-01 13:00", 0),
        ("deletionDate>2026-03-01 10:00:04", 9),  # Moscow, not UTC
        ("deletionDate<2026-03-01 13:00:05", 1),
        ("deletionDate<=2026-03-01 13:00:05", 2),
        ("deletionDate>2026-03-01 13:00:04;deletionDate<=2026-03-01 13:00:05", 1),
        ("deletionDate>2026-03-01 13:00:04;deletionDate>2030-01-01 00:00", 8),  # of a comparison the first counts
        ("deletionDate>2030-01-01 00:00;deletionDate>2026-03-01 13:00:04", 0),
        ("deletionDate!=2026-03-01 13:00:04", 13),  # also those that have none
        ("deletionDate!=2026-03-01 13:00:04;deletionDate!=", 8),
        ("deletionDate=2026-03-01 13:00:04;deletionDate=", 6),
        ("deletionDate!=2026-03-01 13:00:04;deletionDate>2026-03-01 13:00", 8),
        ("deletionDate>2026-03-01 13:00:08.999;state=done", 3),
    ],
)
async def test_dates(tasks, asked, count):
    assert len(await tasks.rows(asked)) == count


async def test_a_request_is_compared_with_the_whole_url(tasks):
    url = f"{tasks.client.emulator.base}{BYSTORE}?async=true&n=1"
    found = await tasks.rows(f"request={url}")
    assert {row["request"] for row in found} == {url}
    assert len(found) + len(await tasks.rows(f"request!={url}")) == 14
    assert await tasks.rows(f"request={url[:-1]}") == await tasks.rows(f"request={url.upper()}") == []


async def test_the_request_that_a_task_shows_finds_it(tasks):
    for row in await tasks.rows():
        request = row["request"].replace(";", "\\;")
        assert row["id"] in [each["id"] for each in await tasks.rows(f"request={request}")]


async def test_a_semicolon_of_a_value_is_escaped(tasks):
    request = next(row["request"] for row in await tasks.rows() if ";" in row["request"])
    assert (await tasks.error(f"request={request}"))[1] == 1034
    found = await tasks.rows("request=" + request.replace(";", "\\;"))
    assert [row["request"] for row in found] == [request]


async def test_a_filter_that_comes_in_parts_is_one_filter(tasks):
    page = await tasks.client.get("/async?filter=state%3Ddone&filter=deletionDate%3C2026-03-01%2013:00:05")
    assert page.json["meta"]["size"] == 1


# All filters --------------------------------------------------------------------

SECONDS = [f"2026-03-01 13:00:{second:02}" for second in range(3, 12)]
COMPARE = {"<": lt, ">": gt, "<=": le, ">=": ge}
REQUESTS = [f"?async=true&n={n}" for n in range(4)]

states = st.tuples(
    st.just("state"),
    st.sampled_from(["=", "!="]),
    st.sampled_from([*STATES, "done", "Pending", ""]),
)
requests = st.tuples(st.just("request"), st.sampled_from(["=", "!="]), st.sampled_from([*REQUESTS, ""]))
dates = st.tuples(
    st.just("deletionDate"),
    st.sampled_from(["=", "!=", *COMPARE]),
    st.sampled_from([*SECONDS, "2026-03-01 13:00", "2026-03-01 13:01"])
    | st.builds(str.__add__, st.sampled_from(SECONDS), st.sampled_from([".000", ".001"])),
)
no_dates = st.tuples(st.just("deletionDate"), st.sampled_from(["=", "!="]), st.just(""))
filters = st.lists(states | requests | dates | no_dates, max_size=6)
orders = st.lists(
    st.tuples(st.sampled_from(["deletionDate", "request"]), st.sampled_from(["", ",asc", ",desc"])), max_size=3
)


def as_shown(field, value):
    """A value of a filter as rows show it, so that texts can be compared."""
    if field == "state":
        return value.upper()
    return value + {16: ":00.000", 19: ".000"}.get(len(value), "") if field == "deletionDate" else value


def lets_through(row, conditions):
    for field, mine in groupby(sorted(conditions, key=lambda each: each[0]), key=lambda each: each[0]):
        asked = [(sign, as_shown(field, value)) for _, sign, value in mine]
        shown = row.get(field, "")
        equal = [eq(shown, value) for sign, value in asked if sign == "="]
        different = [ne(shown, value) for sign, value in asked if sign == "!="]
        firsts = {sign: value for sign, value in reversed(asked) if sign in COMPARE}
        compared = [shown != "" and COMPARE[sign](shown, value) for sign, value in firsts.items()]
        if not (any(equal or [True]) and all(different) and all(compared)):
            return False
    return True


def contradicts_itself(conditions):
    signs = {sign for field, sign, _ in conditions if field == "deletionDate"}
    return "=" in signs and not signs.isdisjoint(COMPARE)


@shared
@given(conditions=filters)
async def test_a_filtered_list_is_what_a_filter_leaves_of_the_whole(tasks, conditions):
    whole = await tasks.rows()
    url = f"{tasks.client.emulator.base}{BYSTORE}"
    meant = [(field, sign, url + value if value[:1] == "?" else value) for field, sign, value in conditions]
    text = ";".join(field + sign + value for field, sign, value in meant)
    if contradicts_itself(meant):
        assert (await tasks.error(text))[:2] == (400, 1034)
    else:
        assert await tasks.rows(text) == [row for row in whole if lets_through(row, meant)]


@shared
@given(order=orders, conditions=st.lists(states, max_size=2))
async def test_an_ordered_list_holds_the_same_rows_in_order(tasks, order, conditions):
    text = ";".join("".join(each) for each in conditions)
    expected = await tasks.rows(text)
    for field, direction in reversed(order):
        expected.sort(key=lambda row: row.get(field, "~"), reverse=direction == ",desc")
    assert await tasks.rows(text, ";".join("".join(each) for each in order)) == expected


@shared
@given(asked=st.text(max_size=60) | st.text("=!<>~;\\.,: -dstae01", max_size=40), order=st.text(max_size=20))
async def test_no_text_is_an_error_of_the_server(tasks, asked, order):
    assert (await tasks.page(asked, order)).status in (200, 400)


# Filters that are none ----------------------------------------------------------

FILTERING, DATE = "Filtering error: ", "Filtering Error: Wrong date format of the filter parameter"
VALID = "', valid values: 'PENDING, PROCESSING, DONE, ERROR, CANCEL, API_ERROR'"


@pytest.mark.parametrize(
    ("asked", "code", "text"),
    [
        ("name=x", 1034, FILTERING + "unknown field 'name'"),
        ("State=done", 1034, FILTERING + "unknown field 'State'"),
        ("id=498b8673-0308-11e6-9464-e4de00000089", 1034, FILTERING + "unknown field 'id'"),
        ("owner.id=1", 1034, FILTERING + "unknown field 'owner.id'"),
        ("__class__=x", 1034, FILTERING + "unknown field '__class__'"),
        ("resultUrl!=", 1034, FILTERING + "unknown field 'resultUrl'"),
        ("state=done;name=x", 1034, FILTERING + "unknown field 'name'"),
        ("state", 1034, FILTERING + "condition 'state' is not"),
        ("=done", 1034, FILTERING + "condition '=done' is not"),
        ("=", 1034, FILTERING + "condition '=' is not"),
        (" ", 1034, FILTERING + "condition ' ' is not"),
        ("state =done", 1034, FILTERING + "condition 'state =done' is not"),
        (" state=done", 1034, FILTERING + "condition ' state=done' is not"),
        ("state=done; state=error", 1034, FILTERING + "condition ' state=error' is not"),
        ("state=done,state=error", 1041, "Invalid value 'done,state=error' of filtering parameter 'state" + VALID),
        ("state!done", 1034, FILTERING + "condition 'state!done' is not"),
        ("state!~done", 1034, FILTERING + "condition 'state!~done' is not"),
        ("'state'=done", 1034, FILTERING + "condition ''state'=done' is not"),
        ("%00=1", 1034, FILTERING + "condition '%00=1' is not"),
        ("\x00", 1034, FILTERING + "condition '\x00' is not"),
        ("\\;", 1034, FILTERING + "condition ';' is not"),
        ("state=done\\;state=error", 1041, "Invalid value 'done;state=error' of filtering parameter 'state" + VALID),
        ("стейт=done", 1034, FILTERING + "condition 'стейт=done' is not"),
        ("state~done", 1034, FILTERING + "operator '~' is not supported for field 'state'"),
        ("state~=done", 1034, FILTERING + "operator '~=' is not supported for field 'state'"),
        ("state=~done", 1034, FILTERING + "operator '=~' is not supported for field 'state'"),
        ("state<done", 1034, FILTERING + "operator '<' is not supported for field 'state'"),
        ("state>=done", 1034, FILTERING + "operator '>=' is not supported for field 'state'"),
        ("request~bystore", 1034, FILTERING + "operator '~' is not supported for field 'request'"),
        ("request~=http", 1034, FILTERING + "operator '~=' is not supported for field 'request'"),
        ("request=~true", 1034, FILTERING + "operator '=~' is not supported for field 'request'"),
        ("request>a", 1034, FILTERING + "operator '>' is not supported for field 'request'"),
        ("deletionDate~2026", 1034, FILTERING + "operator '~' is not supported for field 'deletionDate'"),
        (
            "deletionDate=2026-03-01 12:00;deletionDate>2026-03-01 12:00",
            1034,
            FILTERING + "'=' and a comparison cannot both be applied to field 'deletionDate'",
        ),
        (
            "deletionDate<=2026-03-01 12:00;state=done;deletionDate=",
            1034,
            FILTERING + "'=' and a comparison cannot both be applied to field 'deletionDate'",
        ),
        ("state=finished", 1041, "Invalid value 'finished' of filtering parameter 'state" + VALID),
        ("state==done", 1041, "Invalid value '=done' of filtering parameter 'state" + VALID),
        ("state=done ", 1041, "Invalid value 'done ' of filtering parameter 'state" + VALID),
        ("state=null", 1041, "Invalid value 'null' of filtering parameter 'state" + VALID),
        ("state!=DONE\n", 1041, "Invalid value 'DONE\n' of filtering parameter 'state" + VALID),
        ("state={value}", 1041, "Invalid value '{value}' of filtering parameter 'state" + VALID),
        ("state=" + "A" * 400, 1041, "Invalid value '" + "A" * 240),
        ("deletionDate=now", 1035, DATE),
        ("deletionDate<", 1035, DATE),
        ("deletionDate>=", 1035, DATE),
        ("deletionDate><2026-03-01 12:00", 1035, DATE),
        ("deletionDate=2026-03-01", 1035, DATE),
        ("deletionDate=2026-03-01T12:00:00", 1035, DATE),
        ("deletionDate=2026-03-01 12:00:00Z", 1035, DATE),
        ("deletionDate=2026-03-01 12:00:00+03:00", 1035, DATE),
        ("deletionDate=2026-03-01 12:00:00.1", 1035, DATE),
        ("deletionDate=2026-03-01 12:00:00.123456", 1035, DATE),
        ("deletionDate=2026-3-1 12:00", 1035, DATE),
        ("deletionDate=01.03.2026 12:00", 1035, DATE),
        ("deletionDate=2026-02-30 12:00:00", 1035, DATE),
        ("deletionDate=2026-03-01 25:00:00", 1035, DATE),
        ("deletionDate=2026-03-01 12:60", 1035, DATE),
        ("deletionDate=0000-00-00 00:00:00", 1035, DATE),
        ("deletionDate=-2026-03-01 12:00", 1035, DATE),
        ("deletionDate=2026-03-01 12:00\n", 1035, DATE),
        ("deletionDate=２０２６-03-01 12:00", 1035, DATE),  # noqa: RUF001 - digits of another script
        ("deletionDate=1772366400000", 1035, DATE),
        (
            "deletionDate>1970-01-01 02:59:59.999",
            1014,
            "Invalid value '1970-01-01 02:59:59.999' of filter parameter 'deletionDate'",
        ),
        ("deletionDate=0001-01-01 00:00", 1014, "Invalid value '0001-01-01 00:00' of filter parameter 'deletionDate'"),
    ],
)
async def test_a_filter_that_is_none_is_refused(no_tasks, asked, code, text):
    status, told, words = await no_tasks.error(asked)
    assert (status, told) == (400, code)
    assert words.startswith(text)


@pytest.mark.parametrize(
    "query",
    [
        "filter",
        "filter=",
        "filter=;",
        "filter=;;;;",
        "filter=state=done&deletionDate<2026-03-01%2013:00",  # the workbook's own slip: a parameter nobody knows
        "filter=state%3Ddone&order=",
        "filter=" + "state!%3D%3B" * 500,
        "filter=" + "state%3Ddone%3B" * 450,
    ],
)
async def test_a_filter_that_asks_nothing_new_is_taken(no_tasks, query):
    assert (await no_tasks.client.get(f"/async?{query}")).status == 200


async def test_a_filter_that_is_not_utf8_is_refused(no_tasks):
    assert await no_tasks.client.code("/async?filter=%ff") == (400, 1058)


async def test_errors_speak_russian(no_tasks):
    page = await no_tasks.client.get("/async?filter=state%3Dno", headers={"Accept-Language": "ru"})
    assert page.json["errors"][0]["error"].startswith("Неверное значение 'no' параметра фильтрации 'state'")


# Sorting ------------------------------------------------------------------------


async def test_a_task_without_a_deletion_date_comes_after_all_others_upwards_and_before_them_downwards(tasks):
    others = ["API_ERROR", "CANCEL", "ERROR", "PROCESSING", "PENDING"]
    assert await tasks.states(order="deletionDate") == ["DONE"] * 9 + others
    assert await tasks.states(order="deletionDate,desc") == others + ["DONE"] * 9


async def test_the_second_field_decides_between_equals(tasks):
    rows = await tasks.rows("state=done", "deletionDate,desc;request,asc")
    keys = [(row["deletionDate"], row["request"]) for row in rows]
    assert [date for date, _ in keys] == sorted((date for date, _ in keys), reverse=True)
    for _, equals in groupby(keys, key=lambda key: key[0]):
        requests = [request for _, request in equals]
        assert requests == sorted(requests)


@pytest.mark.parametrize(
    ("order", "code", "text"),
    [
        ("state", 1063, "Sort error: unknown field 'state' or sorting is not supported for this field"),
        ("id,desc", 1063, "Sort error: unknown field 'id' or sorting is not supported for this field"),
        (",desc", 1063, "Sort error: unknown field '' or"),
        ("deletionDate desc", 1063, "Sort error: unknown field 'deletionDate desc' or"),
        ("deletiondate", 1063, "Sort error: unknown field 'deletiondate' or"),
        ("request;created", 1063, "Sort error: unknown field 'created' or"),
        ("request,down", 1042, "Invalid value 'down' for sort parameter 'request', valid values: 'asc, desc'"),
        ("request,", 1042, "Invalid value '' for sort parameter 'request', valid values: 'asc, desc'"),
        ("request,DESC", 1042, "Invalid value 'DESC' for sort parameter 'request'"),
        ("request,asc,desc", 1042, "Invalid value 'asc,desc' for sort parameter 'request'"),
        ("request;deletionDate, desc", 1042, "Invalid value ' desc' for sort parameter 'deletionDate'"),
    ],
)
async def test_an_order_that_is_none_is_refused(no_tasks, order, code, text):
    status, told, words = await no_tasks.error(order=order)
    assert (status, told) == (400, code)
    assert words.startswith(text)


# Pages --------------------------------------------------------------------------


async def test_pages_of_a_filtered_and_ordered_list_join_to_the_whole(tasks):
    asked = "deletionDate>2026-03-01 13:00;state!=error", "deletionDate,desc;request"
    whole = await tasks.rows(*asked)
    page = (await tasks.page(*asked, limit="4")).json
    rows, hrefs = page["rows"], [page["meta"]["href"]]
    while href := page["meta"].get("nextHref"):
        page = (await tasks.client.get(href)).json
        rows, hrefs = rows + page["rows"], [*hrefs, href]
        assert page["meta"]["size"] == len(whole) == 9
    base = f"{tasks.client.emulator.base}{API}/async"
    query = "filter=deletionDate>2026-03-01 13:00;state!=error&order=deletionDate,desc;request"
    assert rows == whole
    assert hrefs == [
        f"{base}?{query}&limit=4",
        f"{base}?offset=4&limit=4&{query}",
        f"{base}?offset=8&limit=4&{query}",
    ]
    assert page["meta"]["previousHref"] == f"{base}?offset=4&limit=4&{query}"


async def test_the_vendors_example_of_an_href(tasks):
    page = await tasks.page("state=done;deletionDate<2021-02-16 16:21:09")
    base = tasks.client.emulator.base
    assert page.json["meta"]["href"] == f"{base}{API}/async?filter=state=done;deletionDate<2021-02-16 16:21:09"
    assert page.json["meta"]["size"] == 0


async def test_a_limit_above_a_thousand_is_a_thousand(tasks):
    assert (await tasks.client.get("/async?limit=1001")).json["meta"]["limit"] == 1000


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "limit=", "offset=-1", "offset=x"])
async def test_a_page_that_is_none_is_refused(no_tasks, query):
    assert await no_tasks.client.code(f"/async?{query}&filter=state%3Ddone") == (400, 1040)


async def test_an_offset_behind_the_end_finds_nothing(tasks):
    page = (await tasks.page("state=done", offset="100")).json
    assert (page["rows"], page["meta"]["size"], page["meta"]["offset"]) == ([], 9, 100)


# Fields of other lists ------------------------------------------------------------

NAMES = ["Alpha", "alphabet", "Beta", None]
BY_NAME = {
    "name": Field(lambda _world, row: row, text_value, EQUALITY | COMPARISON | LIKENESS, sortable=True),
    "updated": Field(lambda _world, _row: None, date_value, frozenset(), sortable=True),
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("name~LPHA", ["Alpha", "alphabet"]),
        ("name~=alpha", ["Alpha", "alphabet"]),
        ("name=~BET", ["alphabet"]),
        ("name=~a", ["Alpha", "Beta"]),
        ("name=Alpha;name=Beta", ["Alpha", "Beta"]),
        ("name>=Beta", ["alphabet", "Beta"]),
        ("name!=", ["Alpha", "alphabet", "Beta"]),
    ],
)
def test_likeness_is_for_texts_and_knows_no_case(asked, found):
    request = Request("GET", "/", query_string=f"filter={quote(asked)}")
    assert select(None, request, BY_NAME, NAMES) == found


def test_a_field_may_be_for_sorting_alone():
    with pytest.raises(ApiError) as refused:
        select(None, Request("GET", "/", query_string="filter=updated%3D"), BY_NAME, NAMES)
    assert refused.value.code == 1034
    assert select(None, Request("GET", "/", query_string="order=updated"), BY_NAME, NAMES) == NAMES


async def test_a_link_to_the_next_page_carries_a_filter_that_holds_an_ampersand(emulator, kladana):
    client = kladana(emulator)
    for _ in range(3):
        await client.submit(n="1+1")
    request = (await client.get("/async")).json["rows"][0]["request"]
    first = await client.get("/async", params={"filter": f"request={request}", "limit": "2"})
    assert first.json["meta"]["size"] == 3
    second = await client.get(first.json["meta"]["nextHref"])
    assert (second.json["meta"]["size"], len(second.json["rows"])) == (3, 1)

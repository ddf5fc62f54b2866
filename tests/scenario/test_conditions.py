"""What rules ask of calls."""

from types import SimpleNamespace

import pytest
from multidict import CIMultiDict, MultiDict

from emulator.contract.decoder import NotJson
from emulator.scenario.condition import MATCHED, Pattern
from emulator.scenario.story import Situation

BODY = {
    "name": "stock/all",
    "n": 1,
    "yes": True,
    "none": None,
    "rows": [{"id": "a"}, {"id": 1}],
    "tags": ["x", True, 2],
    "a/b": {"~": "tilde"},
}


def call(path="/v1/jobs/7", query=(), headers=(), body=BODY):
    return SimpleNamespace(path=path, query=MultiDict(query), headers=CIMultiDict(headers), decoded=body)


class Garbled:
    """A call whose query is no text."""

    path = "/"
    headers = CIMultiDict[str]()
    decoded = NotJson("nothing")

    @property
    def query(self):
        raise ValueError("not UTF-8")


@pytest.fixture
def meets(scenario):
    """Whether a call meets conditions as a file says them."""

    def asked(conditions, heard, **more):
        rule = scenario(f"version: 1\napi: fake\nfaults: [{{when: {{{conditions}}}, latency: 1s}}]").faults[0]
        return rule.when.meets(Situation(heard, **{"account": "", "now": 0, "began": 0, **more}))

    return asked


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ("path: /v1/jobs/7", True),
        ("path: /v1/jobs", False),
        ("path: {contains: jobs}", True),
        ("path: {contains: JOBS}", False),
        ("path: {matches: '^/v1/.*/[0-9]+$'}", True),
        ("path: {matches: '^v1'}", False),
        ("path: {exists: true}", True),
        ("path: {contains: jobs, matches: '8$'}", False),
    ],
)
def test_a_path_is_text(meets, conditions, met):
    assert meets(conditions, call()) is met


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ("query: {async: true}", True),
        ("query: {async: 'true'}", True),
        ("query: {async: false}", False),
        ("query: {n: 2}", True),  # one of its values
        ("query: {n: 3}", False),
        ("query: {n: {contains: '2'}}", True),
        ("query: {empty: ''}", True),
        ("query: {empty: {exists: true}}", True),
        ("query: {gone: {exists: false}}", True),
        ("query: {async: {exists: false}}", False),
        ("query: {async: true, n: 1}", True),
        ("query: {async: true, n: 9}", False),
        ("query: {Async: true}", False),
    ],
)
def test_parameters_of_the_query_are_texts(meets, conditions, met):
    assert meets(conditions, call(query=[("async", "true"), ("n", "1"), ("n", "2"), ("empty", "")])) is met


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ("header: {x-retry: 1}", True),
        ("header: {X-RETRY: {matches: '^[0-9]$'}}", True),
        ("header: {X-Retry: 2}", False),
        ("header: {X-Gone: {exists: false}}", True),
    ],
)
def test_headers_are_texts_by_names_of_any_case(meets, conditions, met):
    assert meets(conditions, call(headers=[("X-Retry", "1")])) is met


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ("body: {/name: stock/all}", True),
        ("body: {/name: {contains: all, matches: ^stock}}", True),
        ("body: {/n: 1}", True),
        ("body: {/n: 1.0}", True),
        ("body: {/n: '1'}", False),
        ("body: {/n: true}", False),
        ("body: {/yes: true}", True),
        ("body: {/yes: 1}", False),
        ("body: {/none: null}", True),
        ("body: {/none: {exists: true}}", True),
        ("body: {/gone: null}", False),
        ("body: {/gone: {exists: false}}", True),
        ("body: {/rows/1/id: 1}", True),
        ("body: {/rows/2: {exists: false}}", True),
        ("body: {/tags: [x, true, 2]}", True),
        ("body: {/tags: [x, 1, 2]}", False),
        ("body: {/tags: {contains: true}}", True),
        ("body: {/tags: {contains: 1}}", False),
        ("body: {/n: {contains: 1}}", False),
        ("body: {/n: {matches: '1'}}", False),
        ("body: {/a~1b/~0: tilde}", True),
        ("body: {'': {exists: true}}", True),
    ],
)
def test_a_body_is_json(meets, conditions, met):
    assert meets(conditions, call()) is met


def test_a_body_that_is_no_json_and_a_query_that_is_no_text_hold_nothing(meets):
    assert meets("body: {/a: {exists: false}}, query: {b: {exists: false}}", Garbled())
    assert not meets("body: {'': {exists: true}}", Garbled())
    assert not meets("query: {a: {matches: '.*'}}", Garbled())


def test_without_a_call_nothing_is_said_of_it(meets):
    assert not meets("path: {matches: '.*'}", None)
    assert meets("account: acme", None, account="acme")


@pytest.mark.parametrize(
    ("span", "in_it"),
    [
        ("{from: 5s}", [5, 6, 7, 999]),
        ("{to: 5s}", [0, 4]),
        ("{from: 5s, to: 7s}", [5, 6]),
        ("{from: '1970-01-01T00:01:45Z', to: 7s}", [5, 6]),
        ("{to: '1970-01-01T00:01:45Z'}", [0, 4]),
    ],
)
def test_a_span_counts_from_the_clocks_beginning_and_its_end_is_not_in_it(meets, span, in_it):
    began = 100_000_000
    seconds = (0, 4, 5, 6, 7, 999)
    met = [n for n in seconds if meets(f"during: {span}", call(), began=began, now=began + n * 1_000_000)]
    assert met == [n for n in seconds if n in in_it]


@pytest.mark.requirement("S-31")
def test_a_pattern_takes_no_text_long_and_looks_at_the_beginning_of_a_long_one():
    assert not Pattern("(a|a)*(a+)+$b").search("a" * 100_000)
    assert Pattern("x$").search("x" * (MATCHED + 1))
    assert not Pattern("y").search("x" * MATCHED + "y")


@pytest.mark.requirement("S-31")
@pytest.mark.parametrize("text", ["(?=a)", "(?<!a)b", r"(a)\1", "(", "a{1000}{1000}{1000}"])
def test_what_could_take_long_is_no_pattern(text):
    with pytest.raises(ValueError, match="regex"):
        Pattern(text)

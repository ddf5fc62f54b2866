"""Paths find their operations."""

import pytest

from emulator.contract import openapi
from emulator.contract.openapi import Operation, Parameter
from emulator.contract.router import Router

ANY = openapi.load("admin").message("health")


def operation(method, path, *tails):
    parameters = tuple(Parameter(name, "path", required=True, message=ANY, tail=True) for name in tails)
    return Operation(
        "api", f"{method} {path}", method, path, parameters, None, {}, secured=True, job=None, secret=False
    )


ROUTER = Router(
    [
        operation("GET", "/"),
        operation("GET", "/async"),
        operation("GET", "/async/{id}"),
        operation("GET", "/async/all"),
        operation("PUT", "/async/{id}/cancel"),
        operation("GET", "/resources/{id}", "id"),
        operation("GET", "/resources/{id}/children", "id"),
        operation("POST", "/batch?action=run"),
        operation("POST", "/batch?action=run&twice=yes"),
        operation("POST", "/batch?action=results"),
        operation("GET", "/batch?action=results"),
        operation("POST", "/of/{id}?action=run"),
        operation("POST", "/either"),
        operation("POST", "/either?action=run"),
    ]
)


@pytest.mark.parametrize(
    ("path", "found", "params"),
    [
        ("/", "/", {}),
        ("/async", "/async", {}),
        ("/async/", "/async", {}),
        ("/async/all", "/async/all", {}),
        ("/async/1", "/async/{id}", {"id": "1"}),
        ("/async/a%2Fb", "/async/{id}", {"id": "a/b"}),
        ("/async/%D0%B9/", "/async/{id}", {"id": "й"}),
        ("/resources/a/b/c", "/resources/{id}", {"id": "a/b/c"}),
        ("/resources/a/b/children", "/resources/{id}/children", {"id": "a/b"}),
    ],
)
def test_a_path_leads_to_its_template(path, found, params):
    match = ROUTER.match(path)
    assert match.operations["GET"].path == found
    assert match.params == params


@pytest.mark.parametrize("path", ["/asynk", "/async/1/2", "/resources", "/async//cancel/x"])
def test_a_path_that_leads_nowhere_matches_nothing(path):
    assert ROUTER.match(path) is None


def test_the_methods_of_a_path_are_told_apart():
    assert set(ROUTER.match("/async/1/cancel").operations) == {"PUT"}


def test_the_nearest_route_is_named():
    assert ROUTER.nearest("/asinc") == "/async"


# A query that is part of the path ----------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/batch", "action=run", "/batch?action=run"),
        ("/batch/", "x=1&action=%72un&y", "/batch?action=run"),
        ("/batch", "action=run&action=run", "/batch?action=run"),
        ("/batch", "twice=yes&action=run", "/batch?action=run&twice=yes"),
        ("/batch", "action=results", "/batch?action=results"),
        ("/of/1", "action=run", "/of/{id}?action=run"),
        ("/either", "", "/either"),
        ("/either", "action=results", "/either"),
        ("/either", "action=run", "/either?action=run"),
    ],
)
def test_the_query_chooses_among_operations(path, query, found):
    assert ROUTER.match(path, query).operations["POST"].path == found


@pytest.mark.parametrize(
    "query", ["", "action", "action=", "action=Run", "Action=run", "action=run&action=results", "action=%ff"]
)
def test_a_query_that_names_none_matches_nothing(query):
    assert ROUTER.match("/batch", query) is None
    assert ROUTER.match("/of/1", query) is None


def test_the_methods_of_a_query_are_told_apart():
    assert set(ROUTER.match("/batch", "action=results").operations) == {"GET", "POST"}
    assert set(ROUTER.match("/batch", "action=run").operations) == {"POST"}

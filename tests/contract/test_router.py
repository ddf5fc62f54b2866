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

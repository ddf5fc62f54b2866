"""Every operation is served by one function, and every function serves one."""

import json

import pytest

from emulator import app
from emulator.admin.operations import HANDLERS
from emulator.contract import openapi
from emulator.contract.openapi import Unpaired
from emulator.provider import together
from emulator.providers import PROVIDERS

SERVED = {"admin": (openapi.load("admin"), HANDLERS)} | {
    each.name: (each.contract, each.handlers) for each in PROVIDERS
}
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}


def documented(contract):
    """Every operation of the document, however it is called."""
    return [item[method] for item in contract.document["paths"].values() for method in METHODS & item.keys()]


@pytest.mark.parametrize("api", SERVED)
def test_every_operation_has_a_function_and_every_function_an_operation(api):
    contract, handlers = SERVED[api]
    assert set(handlers) == {each["operationId"] for each in documented(contract)}


@pytest.mark.parametrize("api", SERVED)
def test_no_two_operations_are_called_the_same(api):
    contract, _ = SERVED[api]
    assert len(contract.operations) == len(documented(contract))


def test_no_two_operations_stand_at_the_same_place():
    places = [(each.method, each.path) for contract, _ in SERVED.values() for each in contract.operations.values()]
    assert len(set(places)) == len(places)


def test_what_stands_alone_is_named():
    contract = openapi.load("admin")
    with pytest.raises(Unpaired, match="admin: getHealth is served by nothing, getHelth is no operation"):
        contract.pair({"getHelth": None} | {name: None for name in HANDLERS if name != "getHealth"})


def test_an_operation_without_a_function_stops_the_start(monkeypatch):
    handlers = dict(app.PROVIDERS[0].handlers)
    name = next(iter(handlers))
    del handlers[name]
    monkeypatch.setattr(app.PROVIDERS[0], "handlers", handlers)
    with pytest.raises(Unpaired, match=f"{name} is served by nothing"):
        app.make_app(app.Config())


def test_a_second_function_for_an_operation_is_refused():
    tables = {"getThing": print, "getOther": print}, {"getThing": print}
    with pytest.raises(ValueError, match=r"served twice: getThing$"):
        together(*tables)
    assert together({"getThing": print}, {"getOther": print}) == tables[0]


# Own and shared answers -----------------------------------------------------------


def answers(**operation):
    """The answers of one operation: by status, whether it shares them with all others."""
    shared = {"400": {"$ref": "#/components/responses/Error"}, "404": {"$ref": "#/components/responses/Error"}}
    document = {
        "servers": [{"url": "/"}],
        "x-shared-responses": shared,
        "paths": {"/thing": {"get": {"operationId": "getThing", **operation}}},
        "components": {"responses": {"Error": {"description": "Wrong."}, "Thing": {"description": "It."}}},
    }
    told = openapi.Contract("vendor", json.dumps(document).encode()).operations["getThing"].responses
    return {status: each.shared for status, each in told.items()}


def test_an_answer_is_shared_unless_the_operation_declares_it_itself():
    error, thing = ({"$ref": f"#/components/responses/{name}"} for name in ("Error", "Thing"))
    found = answers(**{"x-own": ["200", "404"], "responses": {"400": error, "404": error, "200": thing}})
    assert found == {200: False, 404: False, 400: True}


@pytest.mark.parametrize("api", SERVED)
def test_the_bundle_tells_own_answers_from_shared_ones(api):
    contract, _ = SERVED[api]
    for operation in contract.operations.values():
        shared = {status for status, each in operation.responses.items() if each.shared}
        own = operation.responses.keys() - shared
        assert shared == contract.shared.keys() - own


def test_what_an_operation_declares_by_reference_is_its_own():
    contract = next(each.contract for each in PROVIDERS if each.name == "kladana")
    own = {status for status, each in contract.operations["getStockByStore"].responses.items() if not each.shared}
    assert own == {200, 202}

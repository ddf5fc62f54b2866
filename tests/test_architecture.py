"""Imports point one way: each module knows only what stands left of it in `LAYERS`."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "emulator"

LAYERS = (
    {"client"},
    {"data", "files", "log", "tls", "clock", "chance", "job", "lane", "limit", "pointer", "damage", "contract"},
    {"signals", "heads"},
    {"exchange"},
    {"scenario", "journal", "matching", "callback"},
    {"engine", "world", "owing"},
    {"origin"},
    {"namespace"},
    {"namespaces", "snapshot", "config"},
    {"problem", "sealing", "misfortune", "throttle", "provider"},
    {"providers", "admin"},
    {"wire", "courier", "watch"},
    {"app", "listening"},
    {"inprocess"},
    {"cli", "bundle", "guide", "pytest_plugin"},
    {"__main__"},
)
ENGINE = ("clock", "chance", "job", "lane", "world", "engine")
VENDORS = ("kladana", "deposco", "waylay", "ivvy", "synapse")
REAL = {"time", "random", "uuid", "secrets"}
"""What only the clock may look at; chance is drawn from Chance."""

CLIENT_EXTRAS = {
    "emulator.client.clock": {"time_machine", "freezegun"},
    "emulator.client.container": {"testcontainers"},
}
"""Packages that a part of the client works with where they are installed."""

LAYER = {part: number for number, layer in enumerate(LAYERS) for part in layer}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {name_of(path): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}
MODULES = sorted(SOURCES)


@cache
def imported(name: str) -> tuple[str, ...]:
    """The full names of all modules that `name` imports, at its head or within a function."""
    return tuple(_imported(name))


def _imported(name: str) -> Iterator[str]:
    for node in ast.walk(SOURCES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports by a relative name"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in SOURCES else str(node.module)


@cache
def own(name: str) -> set[str]:
    """The modules of ours that `name` imports."""
    return {each for each in imported(name) if each in SOURCES and each != "emulator"}


@cache
def foreign(name: str) -> set[str]:
    """The packages of others that `name` imports."""
    return {each.partition(".")[0] for each in imported(name)} - {"emulator"}


def part(name: str) -> str:
    """`emulator.scenario.loader` as `scenario`."""
    return name.split(".")[1]


def layer(name: str) -> int:
    return LAYER.get(part(name), -1)


@cache
def code(name: str) -> str:
    """The source without comments and docstrings."""
    tree = ast.parse(ast.unparse(SOURCES[name]))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_text(each)] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


LAYERED = [name for name in MODULES if name != "emulator"]


def test_there_is_something_to_look_at():
    assert {"emulator.clock", "emulator.scenario.loader", "emulator.wire"} <= set(LAYERED)
    assert own("emulator.engine") >= {"emulator.job", "emulator.scenario.story"}
    assert "heapq" in foreign("emulator.clock")
    assert "aiohttp" in foreign("emulator.wire.shell")


def test_every_module_has_a_place():
    assert {part(name) for name in LAYERED} <= set(LAYER), "a new one needs a place in LAYERS"


@pytest.mark.parametrize("name", LAYERED)
def test_imports_point_left(name):
    assert [each for each in own(name) if layer(each) > layer(name)] == []


def test_imports_go_round_in_no_circle():
    graph = {name: own(name) - {name} for name in LAYERED}
    list(TopologicalSorter(graph).static_order())


def test_the_package_itself_imports_nothing_until_it_is_asked():
    told = [node for node in SOURCES["emulator"].body if not _is_text(node)]
    assert [type(node) for node in told] == [ast.Assign, ast.If, ast.Assign, ast.FunctionDef]
    assert [ast.unparse(node) for node in told[:1]] == ["TYPE_CHECKING = False"]
    assert isinstance(told[1], ast.If)
    assert ast.unparse(told[1].test) == "TYPE_CHECKING"


@pytest.mark.parametrize("name", [each for each in LAYERED if part(each) == "client"])
def test_the_client_knows_no_server_and_needs_the_standard_library_alone(name):
    assert {part(each) for each in own(name)} <= {"client"}
    assert foreign(name) - sys.stdlib_module_names <= CLIENT_EXTRAS.get(name, set())


def test_the_plugin_loads_next_to_nothing():
    told = [node for node in SOURCES["emulator.pytest_plugin"].body if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {each.module if isinstance(each, ast.ImportFrom) else each.names[0].name for each in told}
    assert {str(each).partition(".")[0] for each in modules} - sys.stdlib_module_names == {"pytest"}


@pytest.mark.parametrize("name", [each for each in LAYERED if each.startswith("emulator.providers.")])
def test_no_provider_imports_another(name):
    vendor = ".".join(name.split(".")[:3])
    others = {each for each in own(name) if each.startswith("emulator.providers")}
    assert [each for each in others if each != vendor and not each.startswith(f"{vendor}.")] == []


@pytest.mark.parametrize("name", [each for each in LAYERED if part(each) in {"admin", "providers"}])
def test_admin_and_providers_do_not_know_each_other(name):
    other = {"admin": "providers", "providers": "admin"}[part(name)]
    assert [each for each in own(name) if part(each) == other] == []


@pytest.mark.parametrize("name", [each for each in LAYERED if layer(each) < LAYER["wire"]])
def test_nothing_left_of_wire_imports_aiohttp(name):
    assert "aiohttp" not in foreign(name)


@pytest.mark.parametrize("name", ENGINE)
def test_the_engine_knows_no_http(name):
    module = f"emulator.{name}"
    assert foreign(module).isdisjoint({"aiohttp", "http", "multidict", "urllib", "yarl"})
    assert {part(each) for each in own(module)}.isdisjoint({"contract", "exchange", "journal"})


@pytest.mark.parametrize("name", ENGINE)
def test_the_engine_names_no_vendor(name):
    told = code(f"emulator.{name}").lower()
    assert [vendor for vendor in VENDORS if vendor in told] == []


@pytest.mark.parametrize(
    "name", ["emulator.admin", "emulator.client", "emulator.contract", "emulator.scenario", "emulator.wire"]
)
def test_what_serves_all_vendors_names_none(name):
    told = "".join(code(each) for each in MODULES if each == name or each.startswith(f"{name}.")).lower()
    assert [vendor for vendor in VENDORS if vendor in told] == []


@pytest.mark.parametrize("name", [each for each in MODULES if each != "emulator.clock"])
def test_only_the_clock_looks_at_what_is_real(name):
    assert foreign(name).isdisjoint(REAL)


@pytest.mark.parametrize("name", [each for each in MODULES if each != "emulator.clock"])
def test_only_the_clock_asks_for_the_date_or_sleeps(name):
    asked = {node.attr for node in ast.walk(SOURCES[name]) if isinstance(node, ast.Attribute)}
    told = code(name)
    assert asked.isdisjoint({"utcnow", "today", "monotonic_ns", "time_ns"})
    assert "datetime.now(" not in told
    assert "asyncio.sleep(" not in told

"""Which tests show which requirement of docs/reliability.md: `python tests/requirements/table.py`."""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

TESTS = Path(__file__).parents[1]
DOCUMENT = TESTS.parent / "docs" / "reliability.md"
ROW = re.compile(r"^\| ([SFIG]-\d+) \| .*\|$", re.MULTILINE)
HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
NOT_HERE = "What does not apply"


def required() -> dict[str, str]:
    """The heading under which the document has each id."""
    text = DOCUMENT.read_text(encoding="utf-8")
    headings = [(each.start(), each[1]) for each in HEADING.finditer(text)]
    return {each[1]: [name for at, name in headings if at < each.start()][-1] for each in ROW.finditer(text)}


def shown() -> Mapping[str, list[str]]:
    """By id: the tests that are marked with it, as pytest names them."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        file = path.relative_to(TESTS.parent)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for name, ids in _marked(node):
                for each in ids:
                    found[each].append(f"{file}::{name}" if name else str(file))
    return found


def _marked(node: ast.stmt) -> Iterator[tuple[str, list[str]]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for each in node.decorator_list:
            yield node.name, _ids(each)
    elif isinstance(node, ast.Assign):
        name = ast.unparse(node.targets[0])
        yield "" if name == "pytestmark" else name, _ids(node.value)


def _ids(node: ast.expr) -> list[str]:
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    marks = [each for each in calls if ast.unparse(each.func) == "pytest.mark.requirement"]
    return [argument.value for each in marks for argument in each.args if isinstance(argument, ast.Constant)]


def order(requirement: str) -> tuple[int, int]:
    """As the document has them."""
    kind, _, number = requirement.partition("-")
    return "SFIG".index(kind), int(number)


if __name__ == "__main__":
    for requirement, tests in sorted(shown().items(), key=lambda each: order(each[0])):
        sys.stdout.write("\n  ".join((requirement, *tests)) + "\n")

"""`schemas/<api>/openapi.yaml` and the messages beside it -> `schemas/<api>/bundle.json`.

One document with every message under `components/schemas`, and the shared answers in each operation. The server
reads this: JSON loads in a millisecond where the YAML takes seventy. `make bundle` writes it; a test compares.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from emulator.contract.openapi import Contract


def bundle(directory: Path) -> dict[str, Any]:
    """The one document that `directory` (`schemas/<api>`) describes.

    UnknownFormat or ValueError if a schema in it cannot be compiled: the server finds out on first use only.
    """
    document: dict[str, Any] = yaml.safe_load((directory / "openapi.yaml").read_text(encoding="utf-8"))
    schemas = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(directory.glob("*.json"))
        if path.name not in ("bundle.json", "scenario.json")
    }
    for name, schema in schemas.items():
        schema.pop("$schema", None)
        schemas[name] = _resolved(schema, f"#/components/schemas/{name}/")
    document |= _resolved(document, "#/")
    document.setdefault("components", {})["schemas"] = schemas
    shared = document.get("x-shared-responses", {})
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["x-own"] = sorted(operation["responses"])
                operation["responses"] = {**shared, **operation["responses"]}
    Contract(directory.name, text(document).encode()).compile()
    return document


def text(document: dict[str, Any]) -> str:
    """The document as it is written."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _resolved(node: Any, root: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """`node` with references to files made references into the bundle."""
    if isinstance(node, list):
        return [_resolved(each, root) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: _target(value, root) if key == "$ref" else _resolved(value, root) for key, value in node.items()}


def _target(reference: str, root: str) -> str:
    file, _, fragment = reference.partition("#")
    if not file:
        return root + fragment.lstrip("/")
    return f"#/components/schemas/{Path(file).stem}" + fragment

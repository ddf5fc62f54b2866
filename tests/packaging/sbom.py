"""What a wheel needs to run, as a CycloneDX 1.6 document beside it: `python tests/packaging/sbom.py dist/*.whl`.

The versions are those installed in the environment that this runs in. Nothing in it depends on when it was made.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SPDX = {"Apache License, Version 2.0": "Apache-2.0", "MIT License": "MIT", "Apache 2.0": "Apache-2.0"}
"""Names that are used for licences instead of their identifiers."""


def main(wheel: str) -> None:
    """Write it beside the wheel, and tell where."""
    path = Path(wheel)
    target = path.with_suffix(".cdx.json")
    target.write_text(json.dumps(document(path), indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{target}\n")


def document(wheel: Path) -> dict[str, Any]:
    """The bill of materials of a wheel."""
    told = metadata(wheel)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    root = component(told, "application") | {"hashes": [{"alg": "SHA-256", "content": digest}]}
    found = installed(told.get_all("Requires-Dist", []))
    parts = [component(found[name].metadata) for name in sorted(found)]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root},
        "components": parts,
        "dependencies": [
            {"ref": root["bom-ref"], "dependsOn": refs(told.get_all("Requires-Dist", []), found)},
            *(
                {"ref": ref(each.metadata), "dependsOn": refs(each.requires or [], found)}
                for _, each in sorted(found.items())
            ),
        ],
    }


def metadata(wheel: Path) -> Message:
    """What a wheel says of itself."""
    with ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        return HeaderParser().parsestr(archive.read(name).decode())


def component(told: Any, kind: str = "library") -> dict[str, Any]:
    """One package."""
    return {
        "type": kind,
        "bom-ref": ref(told),
        "name": told["Name"],
        "version": told["Version"],
        "purl": ref(told),
        "licenses": [licence(told)],
    }


def ref(told: Any) -> str:
    """Its package URL, by which others name it."""
    return f"pkg:pypi/{canonicalize_name(told['Name'])}@{told['Version']}"


def licence(told: Any) -> dict[str, Any]:
    """Its licence, as near to an SPDX expression as it says."""
    if told["License-Expression"]:
        return {"expression": told["License-Expression"]}
    classed = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier", []) if each.startswith("License ::")]
    named = (told["License"] or next(iter(classed), None) or "unknown").partition("\n")[0]
    return {"expression": SPDX[named]} if named in SPDX else {"license": {"name": named}}


def installed(requires: list[str]) -> dict[str, Distribution]:
    """All that is needed, by name, with what that needs in turn."""
    found: dict[str, Distribution] = {}
    ahead = list(wanted(requires))
    while ahead:
        name = ahead.pop()
        if name not in found:
            found[name] = each = distribution(name)
            ahead += wanted(each.requires or [])
    return found


def wanted(requires: list[str]) -> Iterator[str]:
    """The names of those that are needed here, without extras."""
    for each in map(Requirement, requires):
        if each.marker is None or each.marker.evaluate({"extra": ""}):
            yield canonicalize_name(each.name)


def refs(requires: list[str], found: dict[str, Distribution]) -> list[str]:
    return sorted({ref(found[name].metadata) for name in wanted(requires)})


if __name__ == "__main__":
    main(*sys.argv[1:])

"""`make bundle`: write anew what is made from other files. A test says when that was forgotten.

schemas/<api>/bundle.json   from openapi.yaml and the messages beside it
schemas/scenario.json       from what each provider contributes
docs/scenarios.md           from that, and from the scenarios that are shipped
"""

import json
import sys
from pathlib import Path
from typing import Any

from emulator.contract import bundle
from emulator.scenario.schema import for_editors, schema


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files. It needs the providers, and they their bundles."""
    from emulator.app import vocabularies  # noqa: PLC0415

    written: dict[str, Any] = for_editors(schema(vocabularies()))
    return written


def scenario_guide() -> str:
    """The page about scenarios. It needs the providers too."""
    from emulator.guide import text  # noqa: PLC0415

    return text()


def main(root: Path = Path("schemas"), docs: Path = Path("docs")) -> None:
    """Write everything anew."""
    for source in sorted(root.glob("*/openapi.yaml")):
        _write(source.with_name("bundle.json"), bundle.text(bundle.bundle(source.parent)))
    _write(root / "scenario.json", json.dumps(scenario_schema(), ensure_ascii=False, indent=1) + "\n")
    docs.mkdir(exist_ok=True)
    _write(docs / "scenarios.md", scenario_guide())


def _write(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()

"""`make bundle`: write anew what is made from other files. A test says when that was forgotten.

schemas/<api>/bundle.json   from openapi.yaml and the messages beside it
schemas/scenario.json       from what each provider contributes
"""

import json
import sys
from pathlib import Path
from typing import Any

from emulator.contract import bundle
from emulator.scenario.schema import schema


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files. It needs the providers, and they their bundles."""
    from emulator.app import vocabularies  # noqa: PLC0415

    return schema(vocabularies())


def main(root: Path = Path("schemas")) -> None:
    """Write everything anew."""
    for source in sorted(root.glob("*/openapi.yaml")):
        _write(source.with_name("bundle.json"), bundle.text(bundle.bundle(source.parent)))
    _write(root / "scenario.json", json.dumps(scenario_schema(), ensure_ascii=False, indent=1) + "\n")


def _write(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()

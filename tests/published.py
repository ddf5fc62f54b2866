"""A vendor's published examples, and what our contract has against them."""

import json
from pathlib import Path
from typing import Any

from emulator.contract import openapi


class Published:
    """The examples in `tests/<api>/examples`, beside the contract of that API."""

    def __init__(self, api: str) -> None:
        self.contract = openapi.load(api)
        self._folder = Path(__file__).parent / api / "examples"

    def text(self, name: str) -> str:
        return (self._folder / f"{name}.json").read_text(encoding="utf-8")

    def example(self, name: str) -> Any:
        return json.loads(self.text(name))

    def violations(self, message: str, value: Any) -> list[tuple[str, str]]:
        return [(each.pointer, each.text) for each in self.contract.message(message).violations(value)]

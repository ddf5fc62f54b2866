"""What every test of Deposco begins with."""

from typing import Any

import pytest

API = "/latest/async"
IMPORTS = f"{API}/bulkImports"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
BUSINESS_UNIT = {"businessKey": {"code": "BU1"}}


def item(number: Any, **more: Any) -> dict[str, Any]:
    """An item that keeps the rules."""
    return {"number": number, "businessUnit": BUSINESS_UNIT, "packs": [{"type": "Each", "quantity": 1}], **more}


def items(count: int) -> list[dict[str, Any]]:
    """SKU-1, SKU-2, and so on."""
    return [item(f"SKU-{n + 1}") for n in range(count)]


def order(number: str) -> dict[str, Any]:
    """A purchase order that keeps the rules."""
    return {"number": number, "businessUnit": BUSINESS_UNIT}


def of(entity_type: str, *entities: Any, **more: Any) -> dict[str, Any]:
    """The body of a bulk import."""
    return {"entityType": entity_type, "entities": list(entities), **more}


def errors(answer: dict[str, Any]) -> dict[str, list[str]]:
    """What is said of the entities that failed, by the first part of their business key."""
    return {
        next(iter(row["businessKey"].values()), ""): [each["errorMessage"] for each in row["errors"]]
        for row in answer["results"]
        if row["status"] == "Failed"
    }


class Deposco:
    """A client: it knows paths and its token, and judges nothing."""

    def __init__(self, emulator: Any, token: str | None = None) -> None:
        self.emulator = emulator
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def holding(self, token: str) -> "Deposco":
        """Another client of the same server."""
        return Deposco(self.emulator, token)

    async def post(self, body: Any, **kwargs: Any):
        return await self.emulator.call("POST", IMPORTS, json=body, headers=self.headers, **kwargs)

    async def submit(self, *entities: Any, entity_type: str = "Item") -> str:
        """The id of a new request."""
        response = await self.post(of(entity_type, *entities))
        assert response.status == 202, response.text
        return response.json["request"]["id"]

    async def get(self, request_id: str):
        return await self.emulator.get(f"{API}/{request_id}", headers=self.headers)

    async def status(self, request_id: str) -> dict[str, Any]:
        response = await self.get(request_id)
        assert response.status == 200, response.text
        return response.json

    async def lived(self, request_id: str, *advances: str) -> list[str]:
        """The states that are seen, at once and after each advance."""
        states = [(await self.status(request_id))["status"]]
        for by in advances:
            await self.emulator.advance(by)
            states.append((await self.status(request_id))["status"])
        return states

    async def outcome(self, *entities: Any, entity_type: str = "Item") -> dict[str, Any]:
        """What comes of an import."""
        request_id = await self.submit(*entities, entity_type=entity_type)
        await self.emulator.advance("2s")
        return await self.status(request_id)


@pytest.fixture
def client(emulator):
    """A client of the default scenario."""
    return Deposco(emulator)


@pytest.fixture
def playing(start_emulator):
    """A client of a server that plays the story of that name."""

    async def play(story, token=None, **flags):
        return Deposco(await start_emulator(scenario=(f"deposco/{story}",), **flags), token)

    return play


@pytest.fixture
def told(start_emulator, tmp_path):
    """A client of a server that plays the story in these lines, from the third."""

    async def tell(lines, token=None):
        file = tmp_path / "story.yaml"
        file.write_text(f"version: 1\napi: deposco\n{lines}", encoding="utf-8")
        return Deposco(await start_emulator(scenario=(str(file),)), token)

    return tell

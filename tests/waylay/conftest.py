"""What every test of Waylay begins with."""

from typing import Any

import pytest

API = "/resources/v1"
AUTH = {"Authorization": "Basic a2V5OnNlY3JldA=="}
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def deleting(*ids: str, entity: str = "resource") -> dict[str, Any]:
    """The body of a batch that deletes these."""
    return {"entity": entity, "action": "delete", "query": {"ids": list(ids)}}


def patching(*resources: dict[str, Any]) -> dict[str, Any]:
    """The body of a batch that patches or inserts these."""
    return {"entity": "resource", "action": "patchOrInsert", "query": {"resources": list(resources)}}


class Waylay:
    """A client with an API key: it knows paths and credentials, and judges nothing."""

    def __init__(self, emulator: Any, headers: dict[str, str] | None = None) -> None:
        self.emulator = emulator
        self.headers = AUTH if headers is None else headers

    async def call(self, method: str, path: str, body: Any = None, **kwargs: Any):
        headers = self.headers | kwargs.pop("headers", {})
        return await self.emulator.call(method, API + path, json=body, headers=headers, **kwargs)

    async def get(self, path: str, **kwargs: Any):
        return await self.call("GET", path, **kwargs)

    async def post(self, path: str, body: Any):
        return await self.call("POST", path, body)

    async def delete(self, path: str):
        return await self.call("DELETE", path)

    async def start(self, body: dict[str, Any]) -> str:
        """The id of a new batch."""
        response = await self.post("/batch", body)
        assert response.status == 202, response.text
        return response.json["entity"]["id"]

    async def batch(self, batch_id: str) -> dict[str, Any]:
        """The status of a batch."""
        response = await self.get(f"/batch/{batch_id}")
        assert response.status == 200, response.text
        return response.json

    async def results(self, body: dict[str, Any]) -> dict[str, Any]:
        """What comes of a batch, once it has finished."""
        batch_id = await self.start(body)
        await self.emulator.advance("1s")
        return (await self.batch(batch_id))["results"]

    async def ids(self, path: str = "/resources", **params: Any) -> list[str]:
        """The ids in a listing."""
        response = await self.get(path, params=params)
        assert response.status == 200, response.text
        return [each["id"] for each in response.json["values"]]

    async def error(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and text of a call that fails."""
        response = await self.call(method, path, body)
        assert response.json["statusCode"] == response.status
        return response.status, response.json["error"]


@pytest.fixture
def client(emulator):
    """A client of the default scenario."""
    return Waylay(emulator)


@pytest.fixture
def playing(start_emulator):
    """A client of a server that plays the story of that name."""

    async def play(story, **flags):
        return Waylay(await start_emulator(scenario=(f"waylay/{story}",), **flags))

    return play


@pytest.fixture
def told(start_emulator, tmp_path):
    """A client of a server that plays the story in these lines, from the third."""

    async def tell(lines):
        file = tmp_path / "story.yaml"
        file.write_text(f"version: 1\napi: waylay\n{lines}", encoding="utf-8")
        return Waylay(await start_emulator(scenario=(str(file),)))

    return tell

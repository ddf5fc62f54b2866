"""What every test of Kladana begins with."""

from typing import Any

import pytest

API = "/api/remap/1.2"
BYSTORE = f"{API}/report/stock/bystore"


@pytest.fixture
def kladana():
    return Kladana


class Kladana:
    """A client of one account: it knows paths and credentials, and judges nothing."""

    def __init__(self, emulator: Any, authorization: str = "Bearer token") -> None:
        self.emulator = emulator
        self.headers = {"Authorization": authorization}

    async def get(self, path: str, **kwargs: Any):
        headers = self.headers | kwargs.pop("headers", {})
        return await self.emulator.get(path if path.startswith("http") else API + path, headers=headers, **kwargs)

    async def put(self, path: str):
        url = path if path.startswith("http") else API + path
        return await self.emulator.call("PUT", url, headers=self.headers)

    async def submit(self, report: str = "stock/bystore", **params: str) -> str:
        """The status URL of a new task."""
        response = await self.get(f"/report/{report}", params={"async": "true", **params})
        assert response.status == 202, response.text
        return response.headers["Content-Location"]

    async def state(self, task: str) -> str:
        return (await self.get(task)).json["state"]

    async def code(self, path: str, method: str = "GET") -> tuple[int, int]:
        """Status and error code of a call that fails."""
        response = await (self.get(path) if method == "GET" else self.put(path))
        return response.status, response.json["errors"][0]["code"]

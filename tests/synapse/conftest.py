"""What every test of Synapse begins with."""

from typing import Any

import pytest

JOB = "/repo/v1/asynchronous/job"
MODEL = "org.sagebionetworks.repo.model."
TABLE = f"{MODEL}table."
ALICE, BOB, ADMIN = ({"Authorization": f"Bearer {name}-token"} for name in ("test", "bob", "admin"))
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def downloading(sql: str = "select * from syn124", **more: Any) -> dict[str, Any]:
    return {"concreteType": f"{TABLE}DownloadFromTableRequest", "sql": sql, **more}


def uploading(file: str = "501", table: str = "syn124", **more: Any) -> dict[str, Any]:
    return {"concreteType": f"{TABLE}UploadToTableRequest", "tableId": table, "uploadFileHandleId": file, **more}


def changing(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"concreteType": f"{TABLE}TableUpdateTransactionRequest", "changes": list(changes), **more}


def querying(sql: str = "select * from syn124", mask: int | None = None, **query: Any) -> dict[str, Any]:
    part = {} if mask is None else {"partMask": mask}
    return {"concreteType": f"{TABLE}QueryBundleRequest", "query": {"sql": sql, **query}, **part}


def appending(*rows: dict[str, Any], table: str = "syn124") -> dict[str, Any]:
    partial = {"concreteType": f"{TABLE}PartialRowSet", "tableId": table, "rows": list(rows)}
    return {"concreteType": f"{TABLE}AppendableRowSetRequest", "entityId": table, "toAppend": partial}


class Synapse:
    """A client with a token: it knows paths and headers, and judges nothing."""

    def __init__(self, emulator: Any, headers: dict[str, str] | None = None) -> None:
        self.emulator = emulator
        self.headers = ALICE if headers is None else headers

    def as_(self, headers: dict[str, str]) -> "Synapse":
        return Synapse(self.emulator, headers)

    async def call(self, method: str, path: str, body: Any = None, **kwargs: Any):
        headers = self.headers | kwargs.pop("headers", {})
        path = path if path.startswith(("/file/", "/repo/", "http")) else f"/repo/v1{path}"
        return await self.emulator.call(method, path, json=body, headers=headers, **kwargs)

    async def get(self, path: str, **kwargs: Any):
        return await self.call("GET", path, **kwargs)

    async def post(self, path: str, body: Any = None, **kwargs: Any):
        return await self.call("POST", path, body, **kwargs)

    async def launch(self, body: dict[str, Any]) -> str:
        """The ID of a new job."""
        response = await self.post("/asynchronous/job", body)
        assert response.status == 201, response.text
        return response.json["jobId"]

    async def status(self, job: str) -> dict[str, Any]:
        response = await self.get(f"/asynchronous/job/{job}")
        assert response.status == 200, response.text
        return response.json

    async def state(self, job: str) -> str:
        return (await self.status(job))["jobState"]

    async def cancel(self, job: str) -> None:
        response = await self.get(f"/asynchronous/job/{job}/cancel")
        assert (response.status, response.body) == (204, b"")

    async def finished(self, body: dict[str, Any], by: str = "1s") -> dict[str, Any]:
        """The status of a job that has had its time."""
        job = await self.launch(body)
        await self.emulator.advance(by)
        return await self.status(job)

    async def result(self, body: dict[str, Any]) -> dict[str, Any]:
        """What comes of a job that completes."""
        status = await self.finished(body)
        assert status["jobState"] == "COMPLETE", status
        return status["responseBody"]

    async def failed(self, body: dict[str, Any]) -> tuple[str | None, str]:
        """Exception and message of a job that fails."""
        status = await self.finished(body)
        assert status["jobState"] == "FAILED", status
        return status.get("exception", "").rsplit(".", 1)[-1], status["errorMessage"]

    async def start(self, prefix: str, body: dict[str, Any]) -> str:
        """The token of a service's job."""
        response = await self.post(f"{prefix}/async/start", body)
        assert response.status == 201, response.text
        return response.json["token"]

    async def rows(self, sql: str, **query: Any) -> list[list[str | None]]:
        """What a query finds."""
        result = await self.result(querying(sql, 1, **query))
        return [each["values"] for each in result["queryResult"]["queryResults"]["rows"]]

    async def file(self, handle: str) -> Any:
        """Handle and link of a file."""
        asked = {"fileHandleId": handle, "associateObjectId": "syn124", "associateObjectType": "TableEntity"}
        body = {"includeFileHandles": True, "includePreSignedURLs": True, "requestedFiles": [asked]}
        response = await self.post("/file/v1/fileHandle/batch", body)
        assert response.status == 201, response.text
        return response.json["requestedFiles"][0]

    async def content(self, handle: str) -> bytes:
        """What is in a file."""
        response = await self.emulator.get((await self.file(handle))["preSignedURL"])
        assert response.status == 200, response.text
        return response.body

    async def error(self, method: str, path: str, body: Any = None, **kwargs: Any) -> tuple[int, str]:
        """Status and reason of a call that fails."""
        response = await self.call(method, path, body, **kwargs)
        assert response.json["concreteType"] == f"{MODEL}ErrorResponse"
        assert set(response.json) <= {"concreteType", "reason", "errorCode"}
        return response.status, response.json["reason"]

    async def refused(self, body: Any) -> tuple[int, str]:
        """Status and reason of a launch that fails."""
        return await self.error("POST", "/asynchronous/job", body)


@pytest.fixture
def client(emulator):
    """Alice, of the default scenario."""
    return Synapse(emulator)


@pytest.fixture
def playing(start_emulator):
    """A client of a server that plays the story of that name."""

    async def play(story, **flags):
        return Synapse(await start_emulator(scenario=(f"synapse/{story}",), **flags))

    return play


@pytest.fixture
def setting(start_emulator):
    """A client of a server with these settings."""

    async def start(*settings):
        return Synapse(await start_emulator(settings=tuple(f"synapse.{each}" for each in settings)))

    return start


@pytest.fixture
def told(start_emulator, tmp_path):
    """A client of a server that plays the story in these lines, from the third."""

    async def tell(lines):
        file = tmp_path / "story.yaml"
        file.write_text(f"version: 1\napi: synapse\n{lines}", encoding="utf-8")
        return Synapse(await start_emulator(scenario=(str(file),)))

    return tell

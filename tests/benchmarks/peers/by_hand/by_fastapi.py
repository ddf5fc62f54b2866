"""What one writes in half an hour with FastAPI: jobs in a dict, submissions checked by models.

python by_fastapi.py EXCHANGE PORT
"""

import json
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from pydantic.alias_generators import to_camel


class Vendors(BaseModel, alias_generator=to_camel):
    """Named as the vendor names things."""


class Ids(Vendors):
    ids: list[str] = Field(min_length=1)


class Related(Vendors):
    cascade: list[Literal["alarms", "measurements", "tasks"]]


class Location(Vendors):
    lat: float
    lon: float


class Named(Vendors):
    name: str


class Sensor(Named):
    sensor: Named


class Resource(Vendors):
    id: str = Field("", min_length=1)
    resource_type_id: str | None = None
    parent_id: str | None = None
    name: str | None = None
    alias: str | None = None
    last_message_timestamp: int | None = None
    owner: str | None = None
    tags: list[str] | None = None
    provider: str | None = None
    provider_id: str | None = None
    customer: str | None = None
    firmware: str | None = None
    location: Location | None = None
    metrics: list[Named] | None = None
    sensors: list[Sensor] | None = None
    icon: str | None = None


class Resources(Vendors):
    resources: list[Resource] = Field(min_length=1)


class Protection(Vendors):
    update_protected: bool = False


class DeleteResources(Vendors):
    entity: Literal["resource"]
    action: Literal["delete"]
    query: Ids
    action_parameters: Related | None = None


class DeleteTypes(Vendors):
    entity: Literal["resourcetype"]
    action: Literal["delete"]
    query: Ids


class PatchOrInsert(Vendors):
    entity: Literal["resource"]
    action: Literal["patchOrInsert"]
    query: Resources
    action_parameters: Protection = Protection()


exchange = json.loads(Path(sys.argv[1]).read_bytes())
task = json.loads(exchange["task"])
user = json.loads(exchange["started"])["entity"]["user"]
jobs: dict[str, dict[str, Any]] = {task["id"]: task}
app = FastAPI()


@app.get(exchange["poll"].rpartition("/")[0] + "/{job}")
async def poll(job: str) -> dict[str, Any]:
    if job not in jobs:
        raise HTTPException(404)
    return jobs[job]


@app.post(exchange["submit"], status_code=202)
async def submit(batch: DeleteResources | DeleteTypes | PatchOrInsert) -> dict[str, Any]:
    job = str(uuid.uuid4())
    about = batch.query.resources if isinstance(batch, PatchOrInsert) else batch.query.ids
    jobs[job] = {
        "id": job,
        "user": user,
        "queueTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "operation": {
            "entity": batch.entity,
            "action": batch.action,
            "description": f"deleting {len(about)} resources",
        },
    }
    return {"statusCode": 202, "uri": f"{exchange['submit']}/{job}", "entity": jobs[job]}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")

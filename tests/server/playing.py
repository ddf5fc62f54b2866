"""Somebody who plays scenarios and calls Kladana, for tests of what scenarios do."""

import asyncio

API = "/api/remap/1.2"
TASKS = f"{API}/async"
STOCK = f"{API}/report/stock/bystore"
SUBMIT = f"{STOCK}?async=true"
IMPORTS = "/latest/async/bulkImports"
ITEM = {"number": "SKU-1", "businessUnit": {"businessKey": {"code": "BU1"}}, "packs": [{"type": "Each", "quantity": 1}]}
STEPS = "steps: [{state: PENDING}, {state: PROCESSING}, {state: end}]"
QUICK = f"jobs: [{{{STEPS}}}]\nsettings: {{queued_tasks: 1000000}}\n"


class Client:
    """Somebody who calls Kladana, and looks at the journal."""

    def __init__(self, emulator, token="token"):
        self.emulator = emulator
        self.headers = {"Authorization": f"Bearer {token}"}

    async def play(self, rest, api="kladana", **more):
        told = await self.emulator.admin("PUT", "/scenario", {"yaml": f"version: 1\napi: {api}\n{rest}", **more})
        self.scenario = told["name"]

    async def get(self, path, **headers):
        return await self.emulator.get(path, headers=self.headers | headers)

    async def submit(self, **headers):
        reply = await self.get(SUBMIT, **headers)
        assert reply.status == 202, reply.text
        return reply.headers["X-Emulator-Job"]

    async def poll(self, job, **headers):
        return await self.get(f"{TASKS}/{job}", **headers)

    async def statuses(self, path, times):
        return [(await self.get(path)).status for _ in range(times)]

    async def journal(self):
        return (await self.emulator.admin("GET", "/requests"))["requests"]

    async def last(self):
        return (await self.journal())[-1]

    async def jobs(self):
        return (await self.emulator.admin("GET", "/jobs"))["jobs"]

    async def hits(self, api="kladana"):
        told = (await self.emulator.admin("GET", "/scenario"))["scenarios"]
        (played,) = [each for each in told if each["api"] == api]
        return [rule["hits"] for rule in played["rules"]]

    async def import_items(self, entities=(ITEM,), **kwargs):
        return await self.emulator.call(
            "POST", IMPORTS, json={"entityType": "Item", "entities": list(entities)}, headers=self.headers, **kwargs
        )


def fault(rule):
    return f"faults: [{{{rule}}}]\n"


async def raw(client, target, headers=b""):
    """The bytes that are answered on a connection of its own, to whatever a client sends once."""
    host, _, port = client.emulator.origin.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\nConnection: close\r\n"
    writer.write(head.encode() + headers + b"\r\n")
    try:
        return await reader.read()
    finally:
        writer.close()

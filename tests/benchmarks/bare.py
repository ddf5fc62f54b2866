"""A routed aiohttp server that sends answers given to it: what the emulator is measured against.

It reads a JSON object from its input, path template -> answer, and says its port once it is bound.
"""

import asyncio
import json
import sys
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler


def handler(reply: dict[str, Any]) -> Handler:
    body, headers, status = reply["body"].encode("latin-1"), reply["headers"], reply["status"]

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers=headers)

    return answer


async def serve(replies: dict[str, dict[str, Any]]) -> None:
    app = web.Application()
    for path, reply in replies.items():
        app.router.add_get(path, handler(reply))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(serve(json.load(sys.stdin)))

"""A routed aiohttp handler that sends bytes given to it: what the emulator is measured against."""

import json
import sys

from aiohttp import web


def main() -> None:
    reply = json.load(sys.stdin)
    body, headers = reply["body"].encode(), reply["headers"]

    async def task(_request: web.Request) -> web.Response:
        return web.Response(status=reply["status"], body=body, headers=headers)

    async def announce(_app: web.Application) -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    app = web.Application()
    app.router.add_get("/api/remap/1.2/async/{id}", task)
    app.on_startup.append(announce)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


main()

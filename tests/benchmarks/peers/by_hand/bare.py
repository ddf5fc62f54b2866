"""Two routed aiohttp handlers that send what they were given: less than this no server on aiohttp can do.

python bare.py EXCHANGE PORT
"""

import json
import sys
from pathlib import Path

from aiohttp import web

exchange = json.loads(Path(sys.argv[1]).read_bytes())
task, started = exchange["task"].encode(), exchange["started"].encode()


async def poll(_request: web.Request) -> web.Response:
    return web.Response(body=task, content_type="application/json")


async def submit(request: web.Request) -> web.Response:
    json.loads(await request.read())
    return web.Response(status=202, body=started, content_type="application/json")


app = web.Application()
app.router.add_get(exchange["poll"].rpartition("/")[0] + "/{id}", poll)
app.router.add_post(exchange["submit"], submit)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=None, print=None)

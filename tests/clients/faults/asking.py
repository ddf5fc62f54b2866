"""One request for JSON by each client, with a time limit, and what it comes to, in a few words that stay the same."""

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import requests

SECONDS = 1
HEADERS = {"Authorization": "Bearer token"}
FETCH = Path(__file__).with_name("fetch.mjs")


def told(status: int | None, error: BaseException | None) -> str:
    """`200, whole`, `502`, `200, then \\`A\\` of \\`B\\``: B is what A was raised for in the end."""
    if error is None:
        return f"{status}, whole" if status == 200 else str(status)
    names = list(dict.fromkeys(type(each).__name__ for each in _causes(error)))
    ends = [names[0]] if len(names) == 1 else [names[0], names[-1]]
    raised = " of ".join(f"`{name}`" for name in ends)
    return raised if status is None else f"{status}, then {raised}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def by_requests(url: str) -> str:
    status = None
    try:
        with requests.get(url, headers=HEADERS, timeout=SECONDS, stream=True) as answer:
            status = answer.status_code
            if answer.ok:
                answer.json()
    except Exception as error:  # noqa: BLE001 - which one it is, is the question
        return told(status, error)
    return told(status, None)


def by_httpx(url: str) -> str:
    status = None
    try:
        with (
            httpx.Client(headers=HEADERS, timeout=SECONDS, follow_redirects=True, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            status = answer.status_code
            if answer.is_success:
                answer.read()
                answer.json()
    except Exception as error:  # noqa: BLE001 - as above
        return told(status, error)
    return told(status, None)


def by_aiohttp(url: str) -> str:
    return asyncio.run(_by_aiohttp(url))


async def _by_aiohttp(url: str) -> str:
    status, limit = None, aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with aiohttp.ClientSession(headers=HEADERS, timeout=limit) as session, session.get(url) as answer:
            status = answer.status
            if answer.ok:
                await answer.json()
    except Exception as error:  # noqa: BLE001 - as above
        return told(status, error)
    return told(status, None)


def by_fetch(url: str) -> str:
    command = ["node", FETCH, url, json.dumps(HEADERS), str(1000 * SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    seen: Mapping[str, Any] = json.loads(done.stdout)
    if "error" not in seen:
        return told(seen["status"], None)
    raised = " of ".join(f"`{name}`" for name in seen["error"])
    return f"{seen['status']}, then {raised}" if seen["status"] else raised


CLIENTS: Mapping[str, Callable[[str], str]] = {
    "requests": by_requests,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "fetch": by_fetch,
}

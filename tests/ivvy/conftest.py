"""What every test of iVvy begins with."""

import hmac
import io
import json
from hashlib import md5
from typing import Any

import pytest
from yarl import URL

from emulator.clock import to_datetime, wall
from tests.callbacks.receiver import receiving
from tests.conftest import Reply

API = "/api/1.0"
KEY, SECRET = "acme-key", "s3cr3t-for-tests"
START = "2026-03-01 09:00:00"
"""What the clock of the fixtures says at first."""

LARGE = 100_000
"""Bytes beyond which a client sends a body piece by piece."""

INVITE = {"namespace": "event", "action": "inviteContacts", "params": {"event": 1, "contacts": [1, 2, 3]}}
WRONG_ID = {"namespace": "contact", "action": "getContact", "params": {"id": "wrong"}}
PING = {"namespace": "test", "action": "ping", "params": {}}


def call(name: str, **params: Any) -> dict[str, Any]:
    """A call of a batch: `call("contact.getContact", id=1)`."""
    namespace, _, action = name.partition(".")
    return {"namespace": namespace, "action": action, "params": params}


def now() -> str:
    """What a client dates by its own clock."""
    return f"{to_datetime(wall()):%Y-%m-%d %H:%M:%S}"


def signed(target: str, body: bytes, date: str | None = None, key: str = KEY, secret: str = SECRET) -> dict[str, str]:
    """The headers of a request, signed as the vendor's page says; it is dated now by default."""
    date = date or now()
    digest, kind = md5(body).hexdigest(), "application/json"
    text = f"POST{digest}{kind}{target}1.0IVVYDate={date}".lower()
    signature = hmac.new(secret.encode(), text.encode(), "sha1").hexdigest()
    return {
        "Content-MD5": digest,
        "Content-Type": kind,
        "IVVY-Date": date,
        "X-Api-Authorization": f"IWS {key}:{signature}",
    }


class Ivvy:
    """A client with an API key: it knows how to sign, and judges nothing."""

    def __init__(self, emulator: Any, key: str = KEY, secret: str = SECRET, date: str | None = None) -> None:
        self.emulator = emulator
        self.key, self.secret, self.date = key, secret, date

    async def send(self, action: str, body: bytes, method: str = "POST", **headers: str | None):
        """`send("batch?action=run", b"...")`; a header of None is left out."""
        target = action if action.startswith("/") else f"{API}/{action}"
        said = signed(target, body, self.date, self.key, self.secret) | headers
        kept = {name: value for name, value in said.items() if value is not None}
        url = URL(self.emulator.base + target, encoded=True)
        async with self.emulator.session.request(
            method,
            url,
            data=io.BytesIO(body) if len(body) > LARGE else body,
            headers=kept,
            skip_auto_headers=("Content-Type",),
            allow_redirects=False,
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def post(self, action: str, body: Any):
        return await self.send(action, json.dumps(body).encode())

    async def batch(self, action: str, body: Any):
        return await self.post(f"batch?action={action}", body)

    async def run(self, *jobs: Any, url: str = "http://127.0.0.1:9/cb") -> str:
        """The asyncId of a new batch."""
        response = await self.batch("run", {"jobs": jobs or (INVITE,), "callbackUrl": url})
        assert response.status == 200, response.text
        return response.json["asyncId"]

    async def ask(self, action: str, async_id: str) -> Any:
        """What one of the other four says of a batch."""
        response = await self.batch(action, {"async": async_id})
        assert response.status == 200, response.text
        return response.json

    async def progress(self, async_id: str) -> int:
        return (await self.ask("progress", async_id))["progress"]

    async def results(self, *jobs: Any) -> list[Any]:
        """What comes of the calls of a batch, once it has ended."""
        async_id = await self.run(*jobs)
        await self.emulator.advance("1h")
        return (await self.ask("results", async_id))["results"]

    async def responses(self, *jobs: Any) -> list[Any]:
        return [each["response"] for each in await self.results(*jobs)]

    async def error(self, action: str, body: Any) -> tuple[int, int, str]:
        """Status, specific code and text of a call that fails."""
        response = await self.batch(action, body)
        assert response.json["errorCode"] == response.status
        return response.status, response.json["specificCode"], response.json["message"]


@pytest.fixture
def client(emulator):
    """A client of the default scenario."""
    return Ivvy(emulator)


@pytest.fixture
def playing(start_emulator):
    """A client of a server that plays the story of that name."""

    async def play(story, date=None, **flags):
        return Ivvy(await start_emulator(scenario=(f"ivvy/{story}",), **flags), date=date)

    return play


@pytest.fixture
def told(start_emulator, tmp_path):
    """A client of a server that plays the story in these lines, from the third."""

    async def tell(lines, date=None, **flags):
        file = tmp_path / "story.yaml"
        file.write_text(f"version: 1\napi: ivvy\n{lines}", encoding="utf-8")
        return Ivvy(await start_emulator(scenario=(str(file),), **flags), date=date)

    return tell


@pytest.fixture
async def receiver():
    """Somebody who is called back."""
    async with receiving() as found:
        yield found

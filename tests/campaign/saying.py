"""The clients of a campaign: they say what clients say, what the contracts allow, and all of it spoilt."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import quote

from emulator.clock import Instant, to_datetime
from emulator.contract import openapi
from emulator.contract.openapi import Operation
from tests.campaign.calls import KNOWN, MORE, STRANGERS, Said
from tests.campaign.making import STRINGS, Maker
from tests.campaign.recipes import Asked
from tests.campaign.spoiling import SPOILING
from tests.conftest import Reply
from tests.ivvy.conftest import SECRET, signed
from tests.stories.conversations import CONVERSATIONS, CREDENTIALS, MOUNTS, Call

APIS = tuple(CONVERSATIONS)


class Client:
    """Somebody who speaks to one API, with one credential, and remembers what it was told."""

    def __init__(self, api: str, receiver: str) -> None:
        self.api = api
        self._receiver = receiver
        self._newest = 4  # of what has been told, so many of the last are spoken of
        self._kept: dict[str, list[str]] = defaultdict(list)
        self._calls = (*CONVERSATIONS[api], *MORE[api](receiver))
        contract = openapi.load(api)
        self._operations = tuple(contract.operations.values())
        self._items = {operation.id: _item(contract.document, operation.id) for operation in self._operations}
        self._maker = Maker(contract.document)

    def plausible(self, rng: Random, now: Instant) -> Said:
        """What a client says who knows the API."""
        return self._called(rng.choice(self._calls), now, rng)

    def asked(self, asked: Asked, now: Instant, rng: Random) -> Said:
        """What somebody says who follows a recipe: nothing of it is left to chance but what he was told last."""
        self._newest = 1
        said = self._called(asked.call, now, rng, asked.token or CREDENTIALS[self.api])
        self._newest = 4
        return replace(said, headers={**said.headers, **asked.headers})

    def allowed(self, rng: Random, now: Instant) -> Said:
        """What the contract allows, or almost."""
        operation = rng.choice(self._operations)
        item = self._items[operation.id]
        path = re.sub(r"\{(\w+)\}", lambda _match: quote(self._known(rng), safe=""), rng.choice(_paths(operation)))
        pairs = [
            f"{each.name}={quote(str(self._parameter(item, each.name, rng)), safe=',=;')}"
            for each in operation.parameters
            if each.place == "query" and (each.required or rng.random() < 0.3)
        ]
        target = path + ("&" if "?" in path else "?") + "&".join(pairs) if pairs else path
        content = item.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = json.dumps(self._maker.value(content["schema"], rng)).encode() if content else b""
        return self._said(operation.method, target, body, now, rng)

    def wrong(self, rng: Random, now: Instant) -> Said:
        """Either of the two, with something done to it."""
        said = (self.plausible if rng.random() < 0.6 else self.allowed)(rng, now)
        spoil = rng.choice(SPOILING)
        return replace(spoil(said, rng), bad=True)

    def hear(self, said: Said, reply: Reply) -> None:
        """Keep what is to be kept of an answer."""
        if said.call is None:
            return
        told = "\n".join(f"{name}: {value}" for name, value in reply.headers.items()) + "\n"
        told += reply.body[:20_000].decode("utf-8", "replace")
        for name, pattern in said.call.keep.items():
            if found := re.search(pattern, told):
                self._kept["task" if name == "second" and self.api == "kladana" else name].append(found[1])

    def forget(self) -> None:
        """All that it was told: the namespace has been reset."""
        self._kept.clear()

    def _called(self, call: Call, now: Instant, rng: Random, credential: str | None = None) -> Said:
        filled = re.sub(r"\{(\w+)\}", lambda match: self._told(match[1], rng), call.path)
        body = b"" if call.body is None else self._filled(json.dumps(call.body), rng).encode()
        return self._said(call.method, filled, body, now, rng, call=call, credential=credential)

    def _told(self, name: str, rng: Random) -> str:
        if name == "receiver":
            return self._receiver
        kept = self._kept.get(name) or self._kept.get(
            {"second": "request" if self.api == "deposco" else "batch"}.get(name, "")
        )
        return rng.choice(kept[-self._newest :]) if kept else f"{MOUNTS[self.api]}/nothing"

    def _filled(self, text: str, rng: Random) -> str:
        return re.sub(r"\{(batch|file|job|receiver)\}", lambda match: self._told(match[1], rng), text)

    def _known(self, rng: Random) -> str:
        told = [each.rsplit("/", 1)[-1].partition("?")[0] for some in self._kept.values() for each in some[-3:]]
        return rng.choice((*KNOWN[self.api], *told, rng.choice(STRINGS) or "a"))

    def _parameter(self, item: Mapping[str, Any], name: str, rng: Random) -> Any:
        for each in item.get("parameters", ()):
            parameter = self._maker.at(each["$ref"]) if "$ref" in each else each
            if parameter["name"] == name:
                return self._maker.value(parameter.get("schema", {}), rng)
        return ""

    def _said(
        self,
        method: str,
        target: str,
        body: bytes,
        now: Instant,
        rng: Random,
        *,
        call: Call | None = None,
        credential: str | None = None,
    ) -> Said:
        if credential is None:
            credential = CREDENTIALS[self.api] if rng.random() < 0.97 else rng.choice(STRANGERS)
        target = re.sub(r"^http://[^/]+(?:/ns/[^/]+)?", "", target)
        target = re.sub(r"^/ns/[^/]+", "", target)
        return Said(method, target, self._headers(target, body, now, rng, credential), body, call=call)

    def _headers(self, target: str, body: bytes, now: Instant, rng: Random, credential: str) -> dict[str, str]:
        if self.api == "ivvy":
            return signed(target, body, f"{to_datetime(now):%Y-%m-%d %H:%M:%S}", credential, SECRET)
        scheme = "Basic" if self.api == "waylay" else "Bearer"
        headers = {"Authorization": f"{scheme} {credential}", "Accept-Encoding": rng.choice(("gzip", "identity"))}
        if body:
            headers["Content-Type"] = "application/json"
        if rng.random() < 0.02:
            headers["Prefer"] = rng.choice(("scenario=default", f"scenario={self.api}/default", "scenario=x", "a=b;c"))
        return headers


def _item(document: Mapping[str, Any], operation_id: str) -> Mapping[str, Any]:
    found = [
        each
        for item in document["paths"].values()
        for each in item.values()
        if isinstance(each, dict) and each.get("operationId") == operation_id
    ]
    return found[0]


def _paths(operation: Operation) -> tuple[str, ...]:
    return (operation.path, *operation.aliases)

"""A tester who knows nothing of the emulator's insides tells three stories, and sees them happen.

The stories are written as an editor completes them, with the slips of a hasty hand. What the server says of each slip
is all that it takes to mend it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
import yaml

from emulator.app import vocabularies
from emulator.scenario.schema import schema
from tests.conftest import Emulator, Reply
from tests.deposco.conftest import Deposco, items, of
from tests.ivvy.conftest import Ivvy, receiver

__all__ = ("receiver",)

IMPORTS = """\
version: 1
api: deposco
about: Every fifth submission is accepted but its answer is lost; one import in three fails for 20 % of its entities.
faluts:
  - {operation: postBulkImports, evry: 5, fault: CONNECTION_RESET}
jobs:
  - when: {every: 3}
    steps:
      - {state: queued}
      - {state: processing}
      - {state: Partialy Failed, after: 2 seconds}
    results: {fail_share: 0.2}
"""

CALLBACKS = """\
version: 1
api: ivy
about: The callback comes twice, ten seconds late.
callback:
  - {copys: 2, delay: 10}
"""


async def told(emulator: Emulator, text: str) -> tuple[str, int]:
    """The story as the server takes it, and how many slips its messages have mended."""
    mended = 0
    for _ in range(5):
        reply = await emulator.call("PUT", "/__admin/scenario", json={"yaml": text})
        if reply.status == 200:
            return text, mended
        assert reply.status == 422, reply.text
        text = corrected(text, reply)
        mended += len(reply.json["mistakes"])
    raise AssertionError(reply.text)


def corrected(text: str, reply: Reply) -> str:
    """With every suggestion put where it belongs, the last first."""
    lines = text.splitlines(keepends=True)
    mistakes = sorted(reply.json["mistakes"], key=lambda each: (each["line"], each["column"]), reverse=True)
    for each in mistakes:
        assert each["suggestion"] is not None, each
        line, start = lines[each["line"] - 1], each["column"] - 1
        lines[each["line"] - 1] = line[:start] + re.sub(r"^[^,:}\n]+", str(each["suggestion"]), line[start:])
    return "".join(lines)


def parts(node: Any) -> Iterator[Any]:
    """A schema and all that stands beside it for the same value."""
    yield node
    beside = [node[key] for key in ("then", "else") if key in node] + node.get("allOf", [])
    for each in beside:
        yield from parts(each)


def completed(nodes: list[Any], value: Any) -> None:
    """Every key and every word of a list of choices is one that an editor offers at its place, and explains."""
    here = [part for node in nodes for part in parts(node)]
    if isinstance(value, dict):
        for key, each in value.items():
            below = [part["properties"][key] for part in here if key in part.get("properties", {})]
            assert any("description" in node for node in below), key
            completed(below, each)
    elif isinstance(value, list):
        for each in value:
            completed([part["items"] for part in here if "items" in part], each)
    elif choices := [choice for part in here for choice in part.get("enum", ())]:
        assert value in choices


@pytest.mark.parametrize(("text", "slips"), [(IMPORTS, 8), (CALLBACKS, 4)])
async def test_slips_are_mended_by_what_the_server_says_of_them_and_the_rest_by_the_editor(emulator, text, slips):
    text, mended = await told(emulator, text)
    assert mended == slips
    story = yaml.safe_load(text)
    completed([schema({story["api"]: vocabularies()[story["api"]]})], story)


async def test_every_fifth_answer_is_lost_and_one_import_in_three_fails_for_a_fifth_of_its_entities(emulator):
    await told(emulator, IMPORTS)
    client, seen = Deposco(emulator), []
    for n in range(1, 11):
        if n % 5 == 0:
            with pytest.raises(aiohttp.ClientError):
                await client.post(of("Item", *items(100)))
        else:
            seen.append((n, await client.submit(*items(100))))
    await emulator.advance("1m")
    assert (await emulator.admin("GET", "/jobs"))["total"] == 10
    failures = {n: (await client.status(request_id))["failures"] for n, request_id in seen}
    assert {n: count > 0 for n, count in failures.items()} == {n: n % 3 == 0 for n, _ in seen}
    assert 40 < sum(failures.values()) < 80  # a fifth of three hundred


async def test_the_callback_comes_twice_and_ten_seconds_late(emulator, receiver):
    await told(emulator, CALLBACKS)
    async_id = await Ivvy(emulator).run(url=receiver.url)
    heard = Counter()
    for second in range(15):
        heard[second] = len(receiver.heard) - sum(heard.values())
        await emulator.advance("1s")
    assert +heard == {11: 2}  # the batch ends after one
    assert [json.loads(each.body)["asyncId"] for each in receiver.heard] == [async_id] * 2

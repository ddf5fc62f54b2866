"""What clients say comes back as data or not at all; what takes long to check is not asked for."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from emulator.chance import Chance

ROOT = Path(__file__).parents[2]
TOKEN = {"Authorization": "Bearer token"}
SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"

TAGS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "<math><mtext></p><script>alert(1)</script>",
    "<details open ontoggle=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<a href=javascript:alert(1)>",
]
WRAPPED = ["{}", "'\"{}", "--!>{}", "]]>{}", "\u2028{}"]
SCRIPTS = [wrap.format(tag) for wrap in WRAPPED for tag in TAGS]

PLACES = [
    "/{}",
    "/ns/{}/api/remap/1.2/async",
    "/api/remap/1.2/async/{}",
    "/api/remap/1.2/async?filter={}",
    "/latest/async/import/{}",
    "/resources/v1/{}",
    "/api/1.0/{}?action=run",
    "/repo/v1/entity/{}",
    "/__admin/jobs/{}",
]


@pytest.mark.requirement("S-24", "G-17")
@pytest.mark.parametrize("place", PLACES)
async def test_of_fifty_scripts_none_comes_back_as_a_page(emulator, place):
    assert len(set(SCRIPTS)) == 50
    for script in SCRIPTS:
        headers = TOKEN | {"X-Emulator-Namespace": "x", "Accept": "text/html", "Content-Type": "text/html"}
        answer = await emulator.get(place.format(quote(script, safe="")), headers=headers)
        assert answer.status < 500
        assert re.match(r"application/(problem\+)?json\b", answer.headers.get("Content-Type", "application/json"))
        assert not answer.body or json.loads(answer.body) is not None


@pytest.mark.requirement("S-28")
async def test_of_hundreds_of_links_that_nearly_are_ours_none_opens(emulator):
    task = (await emulator.get(SUBMIT, headers=TOKEN)).headers["Content-Location"]
    await emulator.advance("60s")
    link = (await emulator.get(f"{task}/result", headers=TOKEN)).headers["Location"]
    assert (await emulator.get(link)).status == 200
    start, signed = link.index("temp_url_sig=") + len("temp_url_sig="), 40
    chance = Chance(0, "links")
    refused = set()
    for n in range(500):
        place = start + chance.bits("", n, "place", 0) % signed
        digit = f"{(int(link[place], 16) + 1 + chance.bits('', n, 'digit', 0) % 15) % 16:x}"
        answer = await emulator.get(link[:place] + digit + link[place + 1 :])
        refused.add((answer.status, answer.body))
    assert {status for status, _ in refused} <= {401, 403, 404}
    assert len(refused) == 1  # nothing tells one that is nearly right from another


@pytest.mark.requirement("S-25")
@pytest.mark.parametrize("name", ["http://127.0.0.1:1/story.yaml", "file:///etc/passwd", "//host/share", "https:story"])
async def test_no_scenario_is_fetched_from_an_address(emulator, name):
    answer = await emulator.call("PUT", "/__admin/scenario", json={"name": name})
    assert answer.status == 404


SLOW = {"uniqueItems", "unevaluatedItems", "unevaluatedProperties", "contains", "patternProperties"}


def keywords(value, path=()):
    if isinstance(value, dict):
        for key, each in value.items():
            yield key, each, value
            yield from keywords(each, (*path, key))
    elif isinstance(value, list):
        for each in value:
            yield from keywords(each, path)


@pytest.mark.requirement("S-32")
def test_no_contract_asks_for_what_takes_the_square_of_its_length_to_check():
    files = [*ROOT.glob("schemas/*/bundle.json"), *ROOT.glob("schemas/admin/*.json")]
    assert files
    for file in files:
        for key, asked, beside in keywords(json.loads(file.read_text())):
            if key in SLOW and asked is True:
                assert "maxItems" in beside, f"{file}: {key} without maxItems"

"""What is done to a request: another body, method, path, query or header than it should have."""

import json
import re
from dataclasses import replace
from random import Random
from urllib.parse import quote

from tests.campaign.calls import Said
from tests.campaign.making import STRINGS, broken, spoilt

LONGEST = 400_000
"""Bytes of a body: some of them are more than is read beside the loop."""


def _other_json(said: Said, rng: Random) -> Said:
    try:
        value = json.loads(said.body)
    except ValueError:
        return _no_json(said, rng)
    for _ in range(rng.choice((1, 1, 2, 5))):
        value = spoilt(value, rng)
    body = json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "replace")
    return replace(said, body=body if len(body) < LONGEST else said.body)


def _no_json(said: Said, rng: Random) -> Said:
    return replace(said, body=broken(said.body or b"{}", rng))


def _other_method(said: Said, rng: Random) -> Said:
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get")
    return replace(said, method=rng.choice(methods))


def _other_path(said: Said, rng: Random) -> Said:
    path, mark, query = said.target.partition("?")
    at = rng.randrange(len(path) + 1)
    piece = rng.choice(
        ("/", "//", "%00", "%2f", "%ff", "/..", "/.", "a", ";a=b", "%", "%C3%A9", "'", "A" * 300, "{id}")
    )
    path = rng.choice(
        (path + piece, path[:at] + piece + path[at:], path.upper(), path[:at] or "/", path.replace("/", "//"))
    )
    return replace(said, target=f"/{path.lstrip('/')}" + mark + query)


def _other_query(said: Said, rng: Random) -> Said:
    names = (
        "async",
        "limit",
        "offset",
        "filter",
        "order",
        "action",
        "skip",
        "sort",
        "ids",
        "q",
        "temp_url_sig",
        "expand",
    )
    pair = f"{rng.choice(names)}={quote(rng.choice(STRINGS), safe=rng.choice(('', '=;,&%')))}"
    return replace(
        said,
        target=said.target + ("&" if "?" in said.target else "?") + re.sub(r"[\r\n\0 ]", "+", pair),
    )


def _other_headers(said: Said, rng: Random) -> Said:
    headers = dict(said.headers)
    name, value = rng.choice(tuple(ODD_HEADERS.items()))
    if rng.random() < 0.3 and headers:
        del headers[rng.choice(sorted(headers))]
    else:
        headers[name] = rng.choice(value)
    return replace(said, headers=headers)


ODD_HEADERS = {
    "Authorization": ("Basic", "Bearer ", "Basic ====", "Basic Og==", "Bearer a b", "\u00ff", "Digest a", "Basic YTpi"),
    "X-Api-Authorization": ("IWS", "IWS a:b", "IWS acme-key:", "IWS :", "a"),
    "IVVY-Date": ("", "2026", "2026-13-01 00:00:00", "0001-01-01 00:00:00"),
    "Content-MD5": ("", "0" * 32, "\u00ff"),
    "Content-Type": (
        "",
        "text/plain",
        "application/xml",
        "application/json; charset=utf-16",
        "a",
        "multipart/form-data",
    ),
    "Accept": ("text/html", "application/xml", "*/*;q=0", "\u00ff"),
    "Accept-Encoding": ("br", "gzip;q=0", "*", "identity;q=0"),
    "Accept-Language": ("ru", "en-US,ru;q=x", "*", "\u00ff"),
    "Content-Encoding": ("gzip", "deflate", "br", "nothing"),
    "Host": ("a b", "evil.example", "", "[::1]", "a" * 300),
    "X-Emulator-Namespace": ("../x", "a" * 65, ""),
    "X-Forwarded-Host": ("evil.example",),
    "Prefer": ("scenario=../../etc/passwd", "scenario=\u00ff", "scenario="),
    "Expect": ("100-continue", "something"),
    "X-Lognex-Remap-Beta-Feature": ("assortment", "nothing", "\u00ff"),
}
SPOILING = (_other_json, _other_json, _other_json, _no_json, _other_method, _other_path, _other_query, _other_headers)

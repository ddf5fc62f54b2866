"""The contracts as a foreign tool reads them: plain OpenAPI, each operation at its whole path.

The contract says `/batch?action=run`, gives a path servers of its own, and names what is only ours by `x-`. All that
is said here in the words of the specification, on a copy; the contract itself stays as it is.
"""

import copy
from typing import Any

from emulator.contract import openapi

APIS = ("kladana", "deposco", "waylay", "ivvy", "synapse", "admin")
METHODS = ("get", "put", "post", "delete", "patch")
ENDLESS = {"listen", "waitForRequests"}
"""Operations whose answer goes on, or comes only once something has happened: not for a tool that waits for it."""


def plain(api: str) -> dict[str, Any]:
    """The document of that API, for anybody who knows OpenAPI 3.1 and nothing of ours."""
    document = copy.deepcopy(dict(openapi.load(api).document))
    paths: dict[str, Any] = {}
    for path, item in document.pop("paths").items():
        servers = item.pop("servers", document["servers"])
        for server in servers:
            paths[server["url"].rstrip("/") + path] = _renamed(item, "" if server is servers[0] else server["url"])
    document["servers"] = [{"url": "/"}]
    document["paths"] = {path: item for path, item in paths.items() if any(each in item for each in METHODS)}
    document.pop("webhooks", None)
    return _without_ours(document)


def _renamed(item: dict[str, Any], suffix: str) -> dict[str, Any]:
    """The same under an alias: an operation has one id, and a path for each."""
    kept = {key: copy.deepcopy(each) for key, each in item.items() if key not in METHODS}
    for method in METHODS:
        if method in item and item[method]["operationId"] not in ENDLESS:
            kept[method] = copy.deepcopy(item[method])
            kept[method]["operationId"] += suffix.replace("/", "-")
    return kept


def _without_ours(value: Any) -> Any:
    """Everything but what is called `x-...`, which is an extension wherever it stands for a keyword."""
    if isinstance(value, dict):
        return {key: _without_ours(each) for key, each in value.items() if not key.startswith("x-")}
    return [_without_ours(each) for each in value] if isinstance(value, list) else value

"""The gateway, the settings of the tenant, the version of the service: what the Python client asks on its way."""

from emulator.exchange import Answer, Request
from emulator.providers.waylay.settings import WaylayWorld


def get_gateway(_world: WaylayWorld, _request: Request) -> Answer:
    """`GET /`"""
    return Answer(200, {"name": "gateway", "version": "1.2.3", "health": "OK"})


def get_settings(world: WaylayWorld, _request: Request) -> Answer:
    """`GET /configs/v1/settings`: the client keeps those whose names begin with `waylay_`."""
    return Answer(200, {"waylay_domain": world.settings.domain, "waylay_tenant": world.settings.tenant})


def get_version(_world: WaylayWorld, _request: Request) -> Answer:
    """`GET /resources/v1/`"""
    return Answer(200, {"name": "resources-service", "version": "8.5.0"})

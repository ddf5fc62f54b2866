"""Which port serves what, where a part of it has a port of its own."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

Kind = Literal["main", "storage", "admin"]


@dataclass(slots=True)
class Ports:
    """The ports that serve one part only; None: that part is served at the main one."""

    storage: int | None = None
    admin: int | None = None

    def kind(self, incoming: web.BaseRequest) -> Kind:
        """What the port serves at which a request has come in."""
        if (self.storage is None and self.admin is None) or incoming.transport is None:
            return "main"
        port = incoming.transport.get_extra_info("sockname")[1]
        if port == self.storage:
            return "storage"
        return "admin" if port == self.admin else "main"

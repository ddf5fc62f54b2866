"""What the admin API is, told by itself."""

from emulator.admin.api import Call, Handler
from emulator.contract import openapi
from emulator.exchange import Answer


async def get_openapi(_call: Call) -> Answer:
    """The bundled document, as the server read it."""
    return Answer(200, openapi.load("admin").document)


HANDLERS: dict[str, Handler] = {"getOpenapi": get_openapi}

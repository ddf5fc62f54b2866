"""Calls to the client: aiohttp's client, and who may be called.

allowed  which addresses may be called
call     one call: a session that looks at the address it connects to, and what came of it
courier  the calls of all namespaces: during an advance, beside an exchange, or woken when they fall due
"""

from emulator.courier.allowed import Allowed
from emulator.courier.courier import Courier

__all__ = ["Allowed", "Courier"]

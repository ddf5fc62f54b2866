"""Deposco API, asynchronous operations: bulk imports.

Split by the vendor's words; every name and number is the vendor's unless a table says otherwise.

    work        what an import is asked to do, and what came of it
    settings    what no page of the vendor settles, each in one overridable place
    errors      errors of a whole call, and texts of what is wrong with an entity
    entities    the twelve types: what they must hold, what identifies them, where they are, what has become of them
    security    tokens, scopes, the gateway's limits
    imports     perform a bulk import, get the status of an asynchronous request
    processing  what an import lives through, and where it arrives
    rows        what comes of each entity
    words       what scenarios may say
    api         the provider, put together
"""

from emulator.providers.deposco.api import api

__all__ = ["api"]

"""aiohttp in, aiohttp out: the only package that reads requests from a socket and writes answers to one.

A request goes: head, body, namespace, stamp (all that is due happens), provider, journal. From the stamp to the
journal there is no `await`, so each exchange is said at one instant and needs no lock. After that only time on the
wire is left: latency, faults, sending.

    shell     the whole life of one exchange
    incoming  what is read from a socket
    outgoing  what is written to one
"""

from emulator.wire.incoming import let_body_wait, quiet_bad_requests
from emulator.wire.shell import Shell

__all__ = ["Shell", "let_body_wait", "quiet_bad_requests"]

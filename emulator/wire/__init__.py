"""aiohttp in, aiohttp out: the only package that reads requests from a socket and writes answers to one.

A request goes: head, body, namespace, stamp (all that is due happens), provider, journal. From the stamp to the
journal there is no `await`, so each exchange is said at one instant and needs no lock. After that only time on the
wire is left: latency, faults, sending.

    shell     the whole life of one exchange
    hearing   what of a request its bytes alone decide
    routes    where an address leads
    prompt    what is answered before the event loop goes on
    turns     how much is done before it does
    looks     how many sockets it looks at then, and what is sent before
    incoming  what is read from a socket
    unpacking  bodies that come packed
    outgoing  what becomes of an answer on its way out
    ports     which port serves what
    reply     the finished answer, and its way into a socket
    connections  how long a client may take, and how many there may be
    descriptors  how many the system allows
"""

from emulator.wire.connections import Connections, warn_of_parser
from emulator.wire.hearing import Hearing
from emulator.wire.incoming import quiet_bad_requests
from emulator.wire.looks import new_loop
from emulator.wire.shell import Shell

__all__ = ["Connections", "Hearing", "Shell", "new_loop", "quiet_bad_requests", "warn_of_parser"]

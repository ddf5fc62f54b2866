"""How many connections the system lets this process hold."""

import sys
from contextlib import suppress

if sys.platform != "win32":
    import resource

RESERVED = 256
"""Descriptors kept for everything but clients: files, listening sockets, calls to receivers."""


def raise_limit(connections: int) -> None:
    """Let this process open as many descriptors as so many connections want, or as the system allows."""
    if sys.platform == "win32":  # which has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVED
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # a system that does not: then there is room for fewer
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def room(connections: int) -> int:
    """So many, or as many fewer as there are descriptors for."""
    if sys.platform == "win32":
        return connections
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft - RESERVED))

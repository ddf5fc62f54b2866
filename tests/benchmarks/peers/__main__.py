"""The emulator beside its peers: one poll and one checked submission, asked of each; `--write` writes docs/peers.md.

python -m tests.benchmarks.peers [--write] [NAME...]
"""

import os
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from tests.benchmarks.peers import page
from tests.benchmarks.peers.exchange import Exchange, ask, granted, told_by
from tests.benchmarks.peers.page import STARTS, Entry
from tests.benchmarks.peers.process import Server, Unable, free_port, held, started
from tests.benchmarks.peers.roster import PEERS, Peer
from tests.benchmarks.peers.rounds import Entrant, Series, measure
from tests.benchmarks.server import emulator

PAGE = Path(__file__).parents[3] / "docs/peers.md"
SETTLES = 0.5
"""Seconds until what is loaded beside the first answer is loaded."""


def start(peer: Peer, exchange: Exchange) -> AbstractContextManager[Server]:
    """The peer, in a folder of its own with its files."""
    port, spare = free_port(), free_port()
    return started(peer.command(port, spare), peer.files(exchange, port), port)


def entered(peer: Peer, exchange: Exchange, running: ExitStack) -> Entry:
    """The peer after its starts; the last of them goes on."""
    try:
        took = []
        for _ in range(STARTS - 1):
            with start(peer, exchange) as server:
                took.append(server.took)
        server = running.enter_context(start(peer, exchange))
        time.sleep(SETTLES)
        memory, asked = held(server.pid), peer.asked(server.origin, exchange)
        polled, refused = granted(server.origin, asked.poll), ask(server.origin, asked.wrong)
    except Unable as reason:
        return Entry(peer, unable=str(reason))
    entrant = Entrant(server, Series(asked.poll), Series(asked.submit))
    return Entry(peer, min(*took, server.took), memory, len(polled.body), refused.status, entrant)


def entries(peers: list[Peer]) -> list[Entry]:
    """All of them, measured; who cannot be says why."""
    with emulator() as (_, origin):
        exchange = told_by(origin)
    with ExitStack() as running:
        entries = [entered(peer, exchange, running) for peer in peers]
        measure([entry.entrant for entry in entries if entry.entrant])
    return entries


def main() -> None:
    names = [each for each in sys.argv[1:] if each != "--write"]
    load = os.getloadavg()
    told = page.text(entries([peer for peer in PEERS if peer.name in names or not names]), load)
    sys.stdout.write(told)
    if "--write" in sys.argv:
        PAGE.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()

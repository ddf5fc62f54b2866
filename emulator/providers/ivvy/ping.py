"""Test. https://developer.ivvy.com/getting-started/test/ping: the call that every client begins with."""

from emulator.exchange import Answer, Request
from emulator.providers.ivvy.messages import timestamp
from emulator.providers.ivvy.settings import IvvyWorld


def ping(world: IvvyWorld, _request: Request) -> Answer:
    """`{"ack": ...}`: what time it is here."""
    return Answer(200, {"ack": timestamp(world.now())})

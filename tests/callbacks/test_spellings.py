"""Three hundred spellings of addresses that are never called, made by rule. None reaches a socket."""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

import pytest

from tests.callbacks.conftest import Post
from tests.callbacks.receiver import Receiver

FORBIDDEN = [
    "169.254.169.254",  # metadata of most clouds
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "8.8.8.8",
    "203.0.113.7",
    "224.0.0.1",
    "255.255.255.255",
]
FULL_WIDTH = str.maketrans("0123456789.", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\u3002")


def spellings(text: str) -> Iterator[str]:
    """One IPv4 address as resolvers, browsers and translators may read it."""
    address = IPv4Address(text)
    number, (a, b, c, d) = int(address), address.packed
    yield from (text, f"{text}.", text.translate(FULL_WIDTH), text.replace(".", "%2e"), text.replace(".", "\uff0e"))
    yield from (str(number), hex(number), hex(number).upper().replace("X", "x"), f"0{number:o}", f"0x{number:012x}")
    yield from (".".join(f"{form}" for form in (hex(a), hex(b), hex(c), hex(d))), f"0{a:o}.0{b:o}.0{c:o}.0{d:o}")
    yield from (
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"{a:#x}.{b}.0{c:o}.{d}",
        f"{a:03}.{b}.{c}.{d}",
    )
    yield from (f"{a + 256}.{b}.{c}.{d}", f"{number + 2**32}", f"{a}.{b}.{c}.{d + 256}")
    yield from (f"[::ffff:{text}]", f"[::{text}]", f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]")
    yield from (f"[64:ff9b::{text}]", f"[64:FF9B::{number >> 16:X}:{number & 0xFFFF:X}]", f"[::FFFF:{text}]")
    yield f"[{IPv6Address((0x2002 << 112) | (number << 80))}]"
    yield f"[{IPv6Address((0x20010000 << 96) | (number << 64) | 1)}]"
    yield f"[{IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF))}]"
    yield f"[{IPv6Address(0xFFFF00000000 | number).exploded}]"
    yield from (f"user@{text}", f":@{text}", f"[::ffff:{text}%25lo]", f"{text}:80#", f"{text}\t", f"{text}%00")


CORPUS = list(dict.fromkeys(each for address in FORBIDDEN for each in spellings(address)))


@pytest.mark.requirement("S-1", "G-17")
async def test_of_three_hundred_spellings_none_is_called(post: Post, receiver: Receiver, monkeypatch):
    assert len(CORPUS) >= 300
    connected = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: connected.append(address))
    owed = {host: post.owe(f"http://{host}:{receiver.port}/") for host in CORPUS}
    await post.advance(0)
    assert connected == []
    assert receiver.heard == []
    assert {host for host, each in owed.items() if [attempt.status for attempt in each.attempts] != [None]} == set()

"""Shipped scenarios that somebody's editor, disk or cat has walked over, by a seed."""

import os
from collections.abc import Iterator

from emulator.chance import Chance
from tests.scenario.mutations import SHIPPED


def damaged(seed: int = 0) -> Iterator[bytes]:
    """Shipped files with a few bytes or lines of them changed, without end."""
    pages = [file.read_bytes() for file in SHIPPED]
    turn = 0
    while True:
        turn += 1
        chance = Chance(seed, "damaged", turn)
        data = pages[chance.below(len(pages), "file")]
        for n in range(1 + chance.below(4, "edits")):
            damage = DAMAGE[chance.below(len(DAMAGE), "damage", n)]
            data = damage(data, Chance(seed, "damage", turn, n))
        yield data


def spent() -> float:
    """Seconds of this process's own work so far: what else the machine does is not counted."""
    times = os.times()
    return times.user + times.system


def _span(data: bytes, chance: Chance, most: int = 40) -> tuple[int, int]:
    start = chance.below(len(data) + 1, "start")
    return start, min(len(data), start + chance.below(most, "length"))


def flip(data: bytes, chance: Chance) -> bytes:
    """A few bytes become others."""
    changed = bytearray(data)
    for n in range(1 + chance.below(8, "flips")):
        if changed:
            changed[chance.below(len(changed), "byte", n)] ^= 1 << chance.below(8, "bit", n)
    return bytes(changed)


def delete(data: bytes, chance: Chance) -> bytes:
    """A stretch is gone."""
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def duplicate(data: bytes, chance: Chance) -> bytes:
    """A stretch comes twice, or very often."""
    start, end = _span(data, chance)
    return data[:start] + data[start:end] * (1, 2, 3, 1000)[chance.below(4, "times")] + data[start:]


def shuffle(data: bytes, chance: Chance) -> bytes:
    """A few lines change places."""
    lines = data.splitlines(keepends=True)
    for n in range(1 + chance.below(5, "swaps")):
        if lines:
            a, b = chance.below(len(lines), "a", n), chance.below(len(lines), "b", n)
            lines[a], lines[b] = lines[b], lines[a]
    return b"".join(lines)


def insert(data: bytes, chance: Chance) -> bytes:
    """A piece of YAML's own grammar comes in."""
    pieces = (
        b"{",
        b"[",
        b"}",
        b"]",
        b": ",
        b"- ",
        b"\n",
        b"\t",
        b"'",
        b'"',
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!",
        b"? ",
        b"|",
    )
    at = chance.below(len(data) + 1, "at")
    return data[:at] + pieces[chance.below(len(pieces), "piece")] * (1, 1, 2, 3000)[chance.below(4, "n")] + data[at:]


DAMAGE = (flip, delete, duplicate, shuffle, insert)

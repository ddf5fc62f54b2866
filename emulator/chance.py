"""Chance without a generator: every draw is a function of its key.

Same seed and same key, same draw, whatever else was drawn before or by whom. A keyed BLAKE2 hash does it; Python's
`hash()` differs from process to process and `random` remembers who asked last, so neither will do.
"""

from dataclasses import dataclass
from hashlib import blake2b, shake_128
from statistics import NormalDist
from struct import iter_unpack
from typing import Protocol

Key = str | int

_BITS = 128
_P99 = NormalDist().inv_cdf(0.99)


class Chance:
    """Draws for one scope, such as ("kladana",) under one seed."""

    __slots__ = ("_key",)

    def __init__(self, seed: int, *scope: Key) -> None:
        self._key = blake2b(repr((seed, scope)).encode(), digest_size=32).digest()

    def bits(self, *key: Key) -> int:
        """128 bits: an int from 0 to 2**128 - 1."""
        return int.from_bytes(blake2b(repr(key).encode(), digest_size=_BITS // 8, key=self._key).digest())

    def unit(self, *key: Key) -> float:
        """A number from 0 up to, not including, 1."""
        return (self.bits(*key) >> (_BITS - 53)) / (1 << 53)

    def below(self, limit: int, *key: Key) -> int:
        """An int from 0 to limit - 1."""
        return self.bits(*key) % limit

    def shuffled(self, count: int, *key: Key) -> list[int]:
        """The numbers from 0 to count - 1, in any order."""
        draws = shake_128(self.secret(*key)).digest(8 * count)
        return sorted(range(count), key=lambda n: draws[8 * n : 8 * n + 8])

    def units(self, count: int, *key: Key) -> list[float]:
        """So many numbers from 0 up to, not including, 1, at a tenth of what they cost one by one."""
        draws = shake_128(self.secret(*key)).digest(8 * count)
        return [(draw >> (64 - 53)) / (1 << 53) for (draw,) in iter_unpack(">Q", draws)]

    def secret(self, *key: Key) -> bytes:
        """32 bytes to sign with."""
        return blake2b(repr(key).encode(), digest_size=32, key=self._key).digest()


class Distribution(Protocol):
    """How long something takes, in microseconds, by its inverse cumulative function."""

    def quantile(self, unit: float) -> int:
        """The duration that a share `unit` of all draws stays below."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same."""

    duration: int = 0

    def quantile(self, unit: float) -> int:  # noqa: ARG002 - the shape asks for it
        """The one duration there is."""
        return self.duration


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything between the two, each as likely."""

    low: int
    high: int

    def quantile(self, unit: float) -> int:
        """Linear between the two."""
        return self.low + int((self.high - self.low) * unit)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Mostly near the median, seldom far above it: one in a hundred beyond `p99`."""

    median: int
    p99: int

    def quantile(self, unit: float) -> int:
        """The median, times a power of the ratio between the two."""
        deviations = NormalDist().inv_cdf(min(max(unit, 1e-12), 1 - 1e-12))
        return int(self.median * (self.p99 / self.median) ** (deviations / _P99))

"""What goes wrong with an answer on the wire, as a value. A scenario says it, `wire` acts it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

Name = Literal[
    "CONNECTION_RESET_BY_PEER",
    "EMPTY_RESPONSE",
    "MALFORMED_RESPONSE_CHUNK",
    "RANDOM_DATA_THEN_CLOSE",
    "TIMEOUT",
    "SLOW_CLOSE",
    "CONTENT_LENGTH_TOO_LONG",
    "CONTENT_LENGTH_TOO_SHORT",
    "TRUNCATED_BODY",
    "TRUNCATED_GZIP",
    "WRONG_CONTENT_TYPE",
    "BAD_GATEWAY",
    "SERVICE_UNAVAILABLE",
    "GATEWAY_TIMEOUT",
    "REDIRECT_LOOP",
]

FAULTS: Mapping[Name, str] = MappingProxyType(
    {
        "CONNECTION_RESET_BY_PEER": "the connection is reset, nothing is said",
        "EMPTY_RESPONSE": "the connection is closed, nothing is said",
        "MALFORMED_RESPONSE_CHUNK": "a good head, then chunks that are none, then the end",
        "RANDOM_DATA_THEN_CLOSE": "noise instead of an answer, then the end",
        "TIMEOUT": "the call is taken and never answered",
        "SLOW_CLOSE": "a whole answer without a length, whose end is not told for five seconds",
        "CONTENT_LENGTH_TOO_LONG": "more bytes are announced than come, then the end",
        "CONTENT_LENGTH_TOO_SHORT": "fewer bytes are announced than come",
        "TRUNCATED_BODY": "half of the body, as if that were all of it: the length fits",
        "TRUNCATED_GZIP": "the body packed by gzip, of which the last bytes are missing: the length fits",
        "WRONG_CONTENT_TYPE": "the same body, said to be text/html",
        "BAD_GATEWAY": "a proxy's HTML page with 502",
        "SERVICE_UNAVAILABLE": "a proxy's HTML page with 503",
        "GATEWAY_TIMEOUT": "a proxy's HTML page with 504",
        "REDIRECT_LOOP": "302 to the very URL that was asked",
    }
)
"""What each does. The first four are WireMock's, by its names."""

WITHOUT_ANSWER: frozenset[Name] = frozenset(
    {
        "CONNECTION_RESET_BY_PEER",
        "EMPTY_RESPONSE",
        "RANDOM_DATA_THEN_CLOSE",
        "TIMEOUT",
        "BAD_GATEWAY",
        "SERVICE_UNAVAILABLE",
        "GATEWAY_TIMEOUT",
        "REDIRECT_LOOP",
    }
)
"""Those that need no answer of the vendor's to act on."""

HeaderChange = str | tuple[str, ...] | None
"""The value a header gets, or several of them each on a line of its own; None takes it away."""


@dataclass(frozen=True, slots=True)
class Dribble:
    """The body comes in so many pieces of one size, spread evenly over some real time (microseconds)."""

    chunks: int
    over: int


@dataclass(frozen=True, slots=True)
class Damage:
    """All that goes wrong with one answer."""

    fault: Name | None = None
    dribble: Dribble | None = None
    bandwidth: int | None = None
    """Bytes of the body in each real second."""
    headers: Mapping[str, HeaderChange] = field(default_factory=lambda: MappingProxyType({}))
    date: int = 0
    """Microseconds by which `Date` is ahead; behind, if negative."""

    def __bool__(self) -> bool:
        return self is not NONE and self != NONE

    def then(self, later: "Damage") -> "Damage":
        """Both; where they are about the same thing, the later one."""
        return replace(
            self,
            fault=later.fault or self.fault,
            dribble=later.dribble or self.dribble,
            bandwidth=later.bandwidth or self.bandwidth,
            headers={**self.headers, **later.headers},
            date=later.date or self.date,
        )


NONE = Damage(headers=MappingProxyType({}))

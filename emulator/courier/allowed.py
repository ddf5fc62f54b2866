"""Who may be called.

Loopback and private addresses, for that is where receivers under test live; public ones if they are allowed by name or
by network; link-local ones, where clouds keep their credentials, never. What counts is the address that a socket is
about to connect to, however the URL spelled it and whatever its name led to a moment ago.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


NEARBY = _networks("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
NEVER = (
    *_networks("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
    *_networks("::/128", "fe80::/10", "fec0::/10", "ff00::/8"),
    *_networks("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),  # metadata: Alibaba, Azure, Oracle
    *_networks("fd00:ec2::254/128", "fd20:ce::254/128"),  # metadata: Amazon, Google
)
NAT64, COMPATIBLE = _networks("64:ff9b::/96", "::/96")
LOW_32 = 0xFFFF_FFFF

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")


class NotAllowable(ValueError):  # noqa: N818 - reads as what it says
    """What is to be allowed is neither a host name nor a network."""


class Refused(Exception):  # noqa: N818 - reads as what it says
    """A call that may not be made; the text says why."""


@dataclass(frozen=True)
class Allowed:
    """The public receivers that may be called, by host name or by network."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, texts: Iterable[str]) -> "Allowed":
        """From `--allow-callback-to`. NotAllowable."""
        hosts, networks = set(), []
        for text in texts:
            try:
                networks.append(ip_network(text, strict=False))
            except ValueError:
                hosts.add(_host(text))
        return cls(frozenset(hosts), tuple(networks))

    def check(self, host: str, text: str) -> None:
        """Refused, unless a call to `host` may connect to the address `text`."""
        address = _plain(text)
        if any(each in network for each in (address, *_within(address)) for network in NEVER):
            raise Refused(f"{address} is never called")
        if any(address in network for network in NEARBY):
            return
        if host not in self.hosts and not any(address in network for network in self.networks):
            raise Refused(f"{address} is public and not among those that --allow-callback-to names")


def _host(text: str) -> str:
    host = text.lower().rstrip(".")
    if not _HOST.fullmatch(host) or re.fullmatch(r"[0-9.]+", host):
        raise NotAllowable(f"--allow-callback-to: {text!r} is neither a host name nor a network such as 203.0.113.0/24")
    return host


def _plain(text: str) -> Address:
    """The address, without its zone and out of its IPv6 wrapping."""
    address = ip_address(text.partition("%")[0])
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _within(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address would be translated or tunnelled to."""
    if isinstance(address, IPv4Address):
        return []
    tunnelled = [each for each in (address.sixtofour, *(address.teredo or ())) if each]
    translated = any(address in network for network in (NAT64, COMPATIBLE)) and int(address) > 1
    return [*tunnelled, IPv4Address(int(address) & LOW_32)] if translated else tunnelled

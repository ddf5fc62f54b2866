"""What a server needs to speak TLS: somebody's certificate, or one of its own that lives as long as it does.

A key of our own is never in a file: OpenSSL, which reads nothing else, is given a pipe.
"""

import os
import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""What a certificate of our own is always for."""

_ORGANIZATION = "async-api-emulator"
_PIPES = Path("/dev/fd")
_NAME = re.compile(r"(?=.{1,253}\Z)(\*\.)?\w([\w-]*\w)?(\.\w([\w-]*\w)?)*")


class TlsError(Exception):
    """A certificate, a key or a name that cannot be used; the text says which, in one line."""


@dataclass(frozen=True)
class Own:
    """A certificate of our own, ready to be served, and that of the throw-away authority behind it (PEM)."""

    context: ssl.SSLContext
    authority: bytes


def from_files(certificate: Path, key: Path) -> ssl.SSLContext:
    """Serve a certificate (PEM, with its chain). TlsError if it or its key cannot be read, or is not the other's."""
    for each in (certificate, key):
        try:
            each.read_bytes()
        except OSError as error:
            raise TlsError(f"{each}: {error.strerror}") from None
    try:
        return _context(str(certificate), str(key))
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise TlsError(f"{key} is not the key of {certificate}") from None
        raise TlsError(f"{certificate} and {key} are no certificate and its key, in PEM and without password") from None


def own(hosts: Iterable[str]) -> Own:
    """A certificate for loopback and these hosts. TlsError if one of them is neither an address nor a name."""
    import trustme  # noqa: PLC0415 - an extra, and slow to load

    names = tuple(dict.fromkeys((*LOOPBACK, *hosts)))
    for each in names:
        if not (_is_address(each) or _NAME.fullmatch(each)):
            raise TlsError(f"{each!r} is neither an address nor the name of a host")
    authority = trustme.CA(organization_name=_ORGANIZATION, organization_unit_name="throw-away authority")
    leaf = authority.issue_cert(*names, organization_name=_ORGANIZATION)
    with leaf.cert_chain_pems[0].tempfile() as certificate, _key(leaf.private_key_pem) as key:
        return Own(_context(certificate, key), authority.cert_pem.bytes())


def _context(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key, password="")  # without one, OpenSSL asks the terminal
    context.set_alpn_protocols(["http/1.1"])
    return context


def _key(key: "trustme.Blob") -> AbstractContextManager[str]:
    """Where a key may be read, once; in a file of the user's alone where the system names no pipes."""
    return _pipe(key.bytes()) if _PIPES.is_dir() else key.tempfile()


@contextmanager
def _pipe(data: bytes) -> Iterator[str]:
    """A name under which `data` is read from a pipe, which holds some kilobytes."""
    source, sink = os.pipe()
    try:
        with os.fdopen(sink, "wb") as end:
            end.write(data)
        yield str(_PIPES / str(source))
    finally:
        os.close(source)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

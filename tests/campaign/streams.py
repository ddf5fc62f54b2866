"""What should never be sent to a server: byte streams that are no HTTP, or HTTP in which two readers would disagree.

Each stream says how it may be answered. `FRAMED` streams break the framing: nothing that stands behind the break may
be taken for a request, so one answer is the most there can be, and it is a refusal. `ODD` ones can be read, if only
barely: they are answered, or refused, or not at all. `WHOLE` ones are several good requests at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

Kind = Literal["framed", "odd", "whole"]

PATH = "/latest/async/bulkImports"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: a\r\n"
GET = "GET /__admin/health HTTP/1.1\r\nHost: a\r\n"
SECOND = "GET /__admin/ready HTTP/1.1\r\nHost: a\r\n\r\n"
"""What stands behind a break in the framing. An answer to it says `ready`, so it is told from all others."""


@dataclass(frozen=True)
class Stream:
    """Bytes for a socket."""

    name: str
    data: bytes
    kind: Kind = "odd"
    ends: bool = False
    """Whether the client says that nothing more will come."""
    answers: int = 0
    """How many answers there must be, at least."""


def _stream(name: str, text: str | bytes, kind: Kind = "odd", *, ends: bool = False, answers: int = 0) -> Stream:
    return Stream(name, text.encode("latin-1") if isinstance(text, str) else text, kind, ends=ends, answers=answers)


# Two readers, two lengths -----------------------------------------------------

LENGTHS = (
    "+5", "-1", "-0", "0x5", "5 5", "5,5", "5, 6", "5;", "5.0", "1e1", "\u00b2", "five", "", " ", "\t", "5\0", "5\x0b",
    "0b1", "1_0", "99999999999999999999999", "18446744073709551617", "\xff", "NaN", "Infinity", "'5'", '"5"', "5\r",
)  # fmt: skip
"""None of them is a number of bytes."""

CODINGS = (
    "chunked, identity", "identity, chunked", "chunked, chunked", "chunked, gzip", "xchunked", "chunkedx", "chunke",
    "identity", "gzip", "chunked;q=1", "chunked\0", "\x0bchunked", "chunked\x0b", "chu nked", "", ",", ", chunked",
    "chunked,", '"chunked"', "[chunked]", "deflate", "br", "\xffchunked", "x: chunked", "trailers",
)  # fmt: skip
"""In none of them do the bodies of HTTP/1.1 end as all readers agree."""

READABLE = {"identity, chunked", ", chunked", "chunked,", '"chunked"'}
"""In these they do, for whoever leaves out what says nothing."""

PADDED = (" ", "\t", "\0", "\x0b", "\x0c", "\r", "_", "\x7f", "\xa0", "\x85")

CHUNK_SIZES = (
    "", "g", "-1", "+1", "0x1", " 1", "1 ", "1\t", "1\0", "1;", "1;a=\n", "1_0", "1.0", "1,", "\x0b1",
    "ffffffffffffffff",
    "10000000000000000", "f" * 40, "0" * 5000 + "1", "1\r1", "\xff", "1;" + "a" * 20_000, "1;\0", "zz", "1 1", "#",
)  # fmt: skip
"""None of them is the plain size of a chunk of one byte; some readers make one of them."""


def smuggled() -> Iterator[Stream]:
    """A length and a coding, two lengths, headers that only some take for one."""
    both = f"{HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield _stream("length and coding", both + SECOND, "framed")
    turned = f"{HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    yield _stream("coding and length", turned + SECOND, "framed")
    for a, b in (("5", "6"), ("5", "5"), ("0", "5"), ("5", "0"), ("05", "5"), ("5", "+5")):
        yield _stream(
            f"lengths {a} {b}", f"{HEAD}Content-Length: {a}\r\nContent-Length: {b}\r\n\r\nhello{SECOND}", "framed"
        )
    for length in LENGTHS:
        yield _stream(f"length {length!r}", f"{HEAD}Content-Length: {length}\r\n\r\nhello{SECOND}", "framed")
    for coding in CODINGS:
        kind: Kind = "odd" if coding in READABLE else "framed"
        yield _stream(f"coding {coding!r}", f"{HEAD}Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n{SECOND}", kind)
    for pad, (name, value) in product(PADDED, (("Content-Length", "5"), ("Transfer-Encoding", "chunked"))):
        body = "hello" if value == "5" else "0\r\n\r\n"
        yield _stream(f"{name}{pad!r}:", f"{HEAD}{name}{pad}: {value}\r\n\r\n{body}{SECOND}")
        yield _stream(f"{pad!r}{name}:", f"{HEAD}{pad}{name}: {value}\r\n\r\n{body}{SECOND}")
        yield _stream(f"{name}:{pad!r}", f"{HEAD}{name}:{pad}{value}\r\n\r\n{body}{SECOND}")
    for name in ("Content-Length", "Transfer-Encoding"):
        yield _stream(f"{name} folded", f"{HEAD}{name}:\r\n 5\r\n\r\nhello{SECOND}", "framed")
        yield _stream(f"{name} behind a bare LF", f"{HEAD}X: a\n{name}: 5\r\n\r\nhello{SECOND}")
        yield _stream(f"{name} behind a bare CR", f"{HEAD}X: a\r{name}: 5\r\n\r\nhello{SECOND}", "framed")


def chunked() -> Iterator[Stream]:
    """Bodies in chunks that are none."""
    head = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n"
    for size in CHUNK_SIZES:
        yield _stream(f"chunk of {size[:20]!r}", f"{head}{size}\r\n{{\r\n0\r\n\r\n{SECOND}")
    for name, rest in {
        "no end of chunk": "1\r\n{}\r\n0\r\n\r\n",
        "a longer chunk than told": "1\r\n{{{{\r\n0\r\n\r\n",
        "a chunk of nothing but LF": "1\n{\n0\n\n",
        "LF behind the size": "1\n{\r\n0\r\n\r\n",
        "LF behind the data": "1\r\n{\n0\r\n\r\n",
        "CR behind the size": "1\r{\r\n0\r\n\r\n",
        "a header behind the last": "0\r\nHost: b\r\n\r\n",
        "a length behind the last": "0\r\nContent-Length: 5\r\n\r\n",
        "no header behind the last": "0\r\nnone\r\n\r\n",
        "a bad header behind the last": "0\r\nX\0: a\r\n\r\n",
        "many headers behind the last": "0\r\n" + "X: a\r\n" * 2000 + "\r\n",
        "a long header behind the last": "0\r\nX: " + "a" * 20_000 + "\r\n\r\n",
        "no last": "1\r\n{\r\n",
        "garbage behind the last": "0\r\n\r\n\0\0\0",
        "an empty size": "\r\n\r\n",
    }.items():
        yield _stream(f"chunks: {name}", f"{head}{rest}{SECOND}", ends=True)


# Heads that are none ----------------------------------------------------------

METHODS = (
    "", " ", "get", "G\0T", "GE T", "G\tT", "GET\0", "\xffGET", "G(T", "GET,", "PRI", "CONNECT", "TRACE", "PROPFIND",
    "HACK", "A" * 300, "A" * 20_000, "\r", "{}", "GET\x0b", "\u00e9", "<script>",
)  # fmt: skip
TARGETS = (
    "", " ", "*", "//", "///", "/..", "/../..", "/%", "/%zz", "/%00", "/\0", "/\xff", "/a b", "/a\tb", "/#a",
    "/a#b", "?",
    "/?", "?a", "a", "a:1", "http://", "http://a", "http:///", "http://a:b/", "http://a:99999999/", "http://[::1]/",
    "http://[::1/", "http://]/", "http://a@b/", "http://a/latest/async", "HTTP://a/", "ftp://a/", "file:///etc/passwd",
    "https://a/latest/async/bulkImports", "javascript:alert(1)", "data:,", "//evil/latest", "\\", "/\\..\\", "/ns",
    "/ns/", "/ns//", "/ns/%00/latest", "/ns/../__admin/reset", "/ns/" + "a" * 65 + "/", "/ns/a b/", "/" + "a" * 8000,
    "/" + "a" * 9000, "/" + "a/" * 3000, "/" + "%41" * 3000, "/?" + "a=1&" * 2000, "/" + "?" * 100, "/__admin/../",
    "/__admin/%2e%2e/reset", "/latest/async/%2F", "/latest/async/%c3%28", "/latest/async/\xc3\xa9", "/\x7f", "/\x1b[2J",
    "http://a:80:80/", "http://a b/", "http://%00/", "http://" + "a" * 5000 + "/", "urn:a", "[::1]:80", "/;a=b",
    "/latest/async;a/x", "/latest//async", "/latest/./async/x", "/latest/async/x/", "/LATEST/async",
    "/ns/x/ns/y/latest",
)  # fmt: skip
VERSIONS = (
    "", "HTTP", "HTTP/", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/1.2", "HTTP/1.9", "HTTP/2", "HTTP/2.0",
    "HTTP/3", "HTTP/0.9",
    "HTTP/9.9", "HTTP/1.11", "HTTP/11.1", "HTTP/01.1", "HTTP/1,1", "HTTP/-1.1", "http/1.1", "Http/1.1", "HTTP /1.1",
    "HTTP/1.1 ", "HTTP/1.1 x", "HTTP/1.1\0", "HTTP/1.1\t", "HTTPS/1.1", "FTP/1.1", "RTSP/1.0", "ICAP/1.0",
    "\xff", "1.1",
    "HTTP/A.B", "HTTP/1.0", "HTTP/999999999.1", "HTTP/1.1,HTTP/1.1",
)  # fmt: skip
HEADERS = (
    "X", ":", ": a", " X: a", "\tX: a", "X : a", "X\0: a", "X: \0", "X: a\0b", "X\xff: a", "X: \xff",
    "X(: a", "X: a\x01",
    "X: \x7f", "X: a\rb", "X: a\nb", "X: a\r\r", "X: a\r\n b", "X: a\r\n\tb", "X:" + "a" * 7000, "X:" + "a" * 9000,
    "X" * 9000 + ": a", "\r", "X: \x1b[31m", "Host: b", "Host:", "Host: a, b", "Host: a b", "Host: \xff", "Host: http://a/",
    "Host: a/b", "Host: [", "Host: a:99999999", "Host: " + "a" * 300, "Connection: " + "close, " * 500,
    "Connection: upgrade",
    "Expect: 100-continue", "Expect: something", "Expect: 100-continue, 100-continue", "Cookie: " + "a=b;" * 1000,
    "Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: zstd", "Content-Encoding: gzip, gzip",
    "Content-Encoding: nothing", "Content-Type: \0", "Content-Type: a/b; charset=nothing", "Accept-Encoding: *;q=x",
    "Transfer-Encoding: identity", "Range: bytes=0-0,0-0", "If-Match: *", "X-Emulator-Namespace: ../x",
    "X-Emulator-Namespace: " + "n" * 100, "X-Emulator-Namespace: \xff", "Authorization: \xff", "Authorization: Basic",
    "Authorization: Bearer", "Authorization: Basic \xff", "Authorization: Basic ====", "X-HTTP-Method-Override: DELETE",
    "Keep-Alive: timeout=-1", "Trailer: Content-Length", "TE: trailers", "Proxy-Connection: keep-alive", "Date: \0",
    "Prefer: scenario=", "Prefer: scenario=../../etc/passwd", "Prefer: scenario=kladana/nothing", "Prefer: \xff",
    "Origin: null", "Origin: http://evil", "Sec-Fetch-Site: cross-site", "Upgrade-Insecure-Requests: 1",
    "Forwarded: \xff",
)  # fmt: skip


def heads() -> Iterator[Stream]:
    """Methods, targets, versions and headers of which one is not as it should be."""
    for method in METHODS:
        yield _stream(f"method {method[:20]!r}", f"{method} /__admin/health HTTP/1.1\r\nHost: a\r\n\r\n")
    for target in TARGETS:
        yield _stream(f"target {target[:30]!r}", f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
        yield _stream(
            f"target of POST {target[:30]!r}", f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    for target in ("a:1", "a", "", "[::1]:443", "/", "http://a/", "*", ":", "a:99999999", "\xff:1"):
        yield _stream(f"tunnel to {target!r}", f"CONNECT {target} HTTP/1.1\r\nHost: a\r\n\r\n{SECOND}")
    for version in VERSIONS:
        yield _stream(f"version {version!r}", f"GET /__admin/health {version}\r\nHost: a\r\n\r\n", ends=True)
    for header in HEADERS:
        yield _stream(f"header {header[:30]!r}", f"GET {PATH} HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\n")
        name = f"header of POST {header[:30]!r}"
        yield _stream(name, f"{HEAD}{header}\r\nContent-Length: 2\r\n\r\n{{}}", ends=True)
    for name, text in {
        "nothing": "",
        "a byte": "G",
        "NUL": "\0",
        "blank lines": "\r\n" * 1000,
        "bare LFs": "\n" * 1000,
        "bare CRs": "\r" * 1000,
        "spaces": " " * 20_000,
        "no end of the first line": "GET /" + "a" * 70_000,
        "no end of the head": GET + "X: a\r\n" * 50,
        "too many headers": GET + "".join(f"X-{n}: a\r\n" for n in range(20_000)) + "\r\n",
        "one huge head": GET + "X: " + "a" * 200_000 + "\r\n\r\n",
        "LF at each end": "GET /__admin/health HTTP/1.1\nHost: a\n\n",
        "CR at each end": "GET /__admin/health HTTP/1.1\rHost: a\r\r",
        "LF CR at each end": "GET /__admin/health HTTP/1.1\n\rHost: a\n\r\n\r",
        "no Host": "GET /__admin/health HTTP/1.1\r\n\r\n",
        "HTTP/0.9": "GET /__admin/health\r\n",
        "HTTP/0.9 and LF": "GET /__admin/health\n",
        "HTTP/0.9 POST": "POST /latest/async/bulkImports\r\n\r\n{}",
        "no spaces": "GET/__admin/healthHTTP/1.1\r\nHost: a\r\n\r\n",
        "tabs for spaces": "GET\t/__admin/health\tHTTP/1.1\r\nHost: a\r\n\r\n",
        "two spaces": "GET  /__admin/health  HTTP/1.1\r\nHost: a\r\n\r\n",
        "a space before it": " GET /__admin/health HTTP/1.1\r\nHost: a\r\n\r\n",
        "an answer": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "a BOM": "\xef\xbb\xbfGET /__admin/health HTTP/1.1\r\nHost: a\r\n\r\n",
        "JSON": '{"entityType": "Item"}\n',
        "XML": "<?xml version='1.0'?><a/>\r\n\r\n",
        "SMTP": "EHLO a\r\nMAIL FROM:<a@b>\r\n",
        "SSH": "SSH-2.0-OpenSSH_9.2\r\n",
        "FTP": "USER anonymous\r\nPASS a\r\n",
        "Redis": "*1\r\n$4\r\nPING\r\n",
        "memcached": "stats\r\nget a\r\n",
        "SIP": "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n",
        "PROXY v1": "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + SECOND,
    }.items():
        yield _stream(name, text, ends=True)


# Other protocols --------------------------------------------------------------

HELLO = bytes.fromhex(
    "16030100c8010000c40303" + "5a" * 32 + "20" + "a5" * 32 + "000c130113021303c02bc02f00ff0100006f"
    "0000000e000c0000096c6f63616c686f7374000b000403000102000a000400020017002300000010000e000c02683208687474702f312e31"
)


def foreign() -> Iterator[Stream]:
    """Protocols that are not HTTP/1.1."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    settings = b"\0\0\0\4\0\0\0\0\0"
    yield _stream("HTTP/2 preface", preface + settings, ends=True)
    yield _stream("HTTP/2 preface alone", preface, ends=True)
    yield _stream("HTTP/2 frames", settings * 50, ends=True)
    for version in ("0300", "0301", "0303", "0304"):
        yield _stream(f"TLS hello {version}", HELLO[:1] + bytes.fromhex(version) + HELLO[3:], ends=True)
    yield _stream(
        "SSL 2 hello", bytes.fromhex("802e0100020015000000100100800200800300800400800500800600400700c0") + b"\0" * 16
    )
    yield _stream("PROXY v2", b"\r\n\r\n\0\r\nQUIT\n" + b"\x21\x11\0\x0c" + b"\1" * 12 + SECOND.encode(), ends=True)
    yield _stream("zeroes", b"\0" * 10_000, ends=True)
    yield _stream("ones", b"\xff" * 10_000, ends=True)
    yield _stream("every byte", bytes(range(256)) * 20, ends=True)
    for upgrade in ("websocket", "h2c", "TLS/1.0", "HTTP/3.0", "h2c, websocket", "\0", ""):
        asked = f"{GET}Connection: Upgrade\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABk\r\n"
        keys = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        yield _stream(f"upgrade to {upgrade!r}", f"{asked}{keys}\r\n", ends=True)
        yield _stream(f"upgrade to {upgrade!r} and more", f"{asked}{keys}\r\n\x81\x05hello{SECOND}", ends=True)


# More or less than told -------------------------------------------------------


def bodies() -> Iterator[Stream]:
    """Bodies that are longer or shorter than told, or no bodies."""
    good = '{"entityType":"Item","entities":[]}'
    for less in (1, 10, len(good) - 1, len(good)):
        told = f"{HEAD}Content-Length: {len(good)}\r\n\r\n{good[: len(good) - less]}"
        yield _stream(f"{less} bytes less than told", told, ends=True)
    for more in (1, 10, len(good) - 1):
        told = f"{HEAD}Content-Length: {len(good) - more}\r\n\r\n{good}"
        yield _stream(f"{more} bytes more than told", told, ends=True)
    for told in (10**7, 10**9, 10**12, 2**63 - 1):
        yield _stream(f"a body of {told}", f"{HEAD}Content-Length: {told}\r\n\r\n{good}", ends=True)
    for method in ("GET", "HEAD", "DELETE", "OPTIONS", "TRACE"):
        name = f"{method} with a body"
        yield _stream(name, f"{method} {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", ends=True)
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
        for data in (b"", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\0" * 40, b"\xff" * 40):
            head = f"{HEAD}Content-Encoding: {coding}\r\nContent-Length: {len(data)}\r\n\r\n"
            yield _stream(f"{coding} of {data[:6]!r}", head.encode() + data, ends=True)


def pipelined() -> Iterator[Stream]:
    """Several good requests at once, each of which is answered, in order."""
    health, ready = GET + "\r\n", SECOND
    post = f"{HEAD}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    for number in (2, 10, 100):
        yield _stream(f"{number} at once", health * number, "whole", answers=number)
        yield _stream(f"{number} with bodies", (post + health) * number, "whole", answers=2 * number)
    yield _stream("two and a half", health + ready + "GET / HT", "whole", ends=True, answers=2)
    yield _stream("good and then none", health + "\0\0\0\r\n\r\n", ends=True)
    yield _stream("a CRLF between", health + "\r\n" + ready, "whole", answers=2)
    yield _stream("the end, and more", f"{GET}Connection: close\r\n\r\n" + SECOND, "framed")


def corpus() -> list[Stream]:
    """All of them."""
    return [*smuggled(), *chunked(), *heads(), *foreign(), *bodies(), *pipelined()]

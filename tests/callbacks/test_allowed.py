"""Who may be called. A canary listens on loopback; whatever does not mean it plainly must not reach it."""

import asyncio
import socket
import threading

import pytest

from emulator.courier.allowed import Allowed, NotAllowable, Refused
from tests.callbacks.conftest import Post
from tests.callbacks.receiver import Receiver

METADATA = [
    "169.254.169.254",
    "169.254.169.254.",
    "2852039166",
    "0xa9fea9fe",
    "0xA9FEA9FE",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "0251.254.169.254",
    "169.16689662",
    "169.254.43518",
    "025177524776",
    "169.254.169.0xfe",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[::169.254.169.254]",
    "[::a9fe:a9fe]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[2001:0:a9fe:a9fe::]",
    "[fe80::1]",
    "[fe80::a9fe:a9fe]",
    "[fe80::1%25lo]",
    "[febf::1]",
    "[fec0::1]",
    "[fd00:ec2::254]",
    "[fd00:0ec2:0:0:0:0:0:254]",
    "[fd20:ce::254]",
    "169.254.170.2",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "\uff11\uff16\uff19.254.169.254",
    "169\u3002254\u3002169\u3002254",
    "\u2460\u2465\u2468.254.169.254",
]
NOWHERE = [
    "0.0.0.0",
    "0",
    "0.0.0.0.",
    "0x0",
    "00000000000",
    "0.1.2.3",
    "[::]",
    "[::ffff:0.0.0.0]",
    "[::ffff:0:0]",
    "[0:0:0:0:0:0:0:0]",
    "224.0.0.1",
    "239.255.255.250",
    "[ff02::1]",
    "[ff0e::1]",
    "255.255.255.255",
    "240.0.0.1",
    "4294967295",
]
PUBLIC = [
    "8.8.8.8",
    "8.8.8.8.",
    "134744072",
    "0x08080808",
    "010.010.010.010",
    "[2001:4860:4860::8888]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:0a00:1::]",
    "[::7f00:2]",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.7",
    "172.32.0.1",
    "172.15.255.255",
    "11.0.0.1",
    "9.255.255.255",
    "192.169.0.1",
    "128.0.0.1",
]


@pytest.mark.requirement("S-1")
@pytest.mark.parametrize("host", [*METADATA, *NOWHERE, *PUBLIC])
async def test_however_it_is_spelled_it_is_not_called(post: Post, receiver: Receiver, host: str, monkeypatch):
    connected = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: connected.append(address))
    delivery = post.owe(f"http://{host}:{receiver.port}/")
    await post.advance(0)
    (attempt,) = delivery.attempts
    assert attempt.status is None
    assert attempt.reason
    assert "no answer" not in attempt.reason
    assert connected == []
    assert receiver.heard == []


@pytest.mark.requirement("S-1")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@169.254.169.254:{port}/",
        "http://169.254.169.254@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@169.254.169.254/",
        "http://127.0.0.1:{port}\\@169.254.169.254/",
        "http://169.254.169.254:80\\@127.0.0.1:{port}/",
        "http://:@127.0.0.1:{port}/",
        "http://169.254.169.254#@127.0.0.1:{port}/",
        "http://169.254.169.254?@127.0.0.1:{port}/",
        "http:\\\\127.0.0.1:{port}/",
        "http:127.0.0.1:{port}/",
        "http:///127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "unix:///127.0.0.1:{port}/",
        "javascript://127.0.0.1:{port}/%0aalert(1)",
        "http://127.0.0.1 169.254.169.254:{port}/",
        "http://127.0.0.1%20:{port}/",
        "http://127.0.0.1%00.example:{port}/",
        "http://127.0.0.1\x00:{port}/",
        "http://[::1]x:{port}/",
        "http://[v1.x]:{port}/",
    ],
)
async def test_a_url_that_is_read_in_two_ways_is_read_in_neither(post: Post, receiver: Receiver, url: str):
    delivery = post.owe(url.format(port=receiver.port))
    await post.advance(0)
    assert [each.status for each in delivery.attempts] == [None]
    assert receiver.heard == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
async def test_receivers_on_loopback_are_called(post: Post, receiver: Receiver, host: str):
    delivery = post.owe(f"http://{host}:{receiver.port}/", timeout=2_000_000)
    await post.advance(0)
    assert (delivery.status, len(receiver.heard)) == ("delivered", 1), delivery.attempts


def answering(monkeypatch, *addresses: str) -> None:
    """Let every name lead to these."""

    def getaddrinfo(host, port, *args, **kwargs):
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.requirement("S-2")
@pytest.mark.parametrize(
    "addresses",
    [
        ["8.8.8.8"],
        ["169.254.169.254"],
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["127.0.0.1", "169.254.169.254"],
        ["10.0.0.1", "::ffff:169.254.169.254"],
        ["0.0.0.0", "127.0.0.1"],
        ["fe80::1", "127.0.0.1"],
    ],
)
async def test_a_name_that_leads_elsewhere_too_is_not_called(post: Post, receiver: Receiver, monkeypatch, addresses):
    answering(monkeypatch, *addresses)
    delivery = post.owe(f"http://rebind.example:{receiver.port}/")
    await post.advance(0)
    assert delivery.attempts[0].status is None
    assert receiver.heard == []


async def test_a_name_that_leads_to_loopback_is_called(post: Post, receiver: Receiver, monkeypatch):
    answering(monkeypatch, "127.0.0.1")
    delivery = post.owe(f"http://some_url.ru:{receiver.port}/")
    await post.advance(0)
    assert delivery.status == "delivered"


@pytest.mark.requirement("S-4")
async def test_names_that_nobody_answers_for_hold_up_nobody_else(post: Post, monkeypatch):
    answered, asked = threading.Event(), []

    def getaddrinfo(host, *args, **kwargs):
        asked.append(host)
        answered.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    owed = [post.owe(f"http://slow-{n}.example/", timeout=50_000) for n in range(40)]
    await post.advance(0)
    assert {each.attempts[0].reason for each in owed} == {"no answer within 50 ms"}
    assert len(asked) == len(owed)
    assert await asyncio.to_thread(lambda: "at once") == "at once"
    answered.set()


async def test_a_name_that_leads_nowhere(post: Post, monkeypatch):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "nobody knows")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    delivery = post.owe("http://some_url.ru/")
    await post.advance(0)
    assert delivery.attempts[0].reason == "the name does not resolve"


@pytest.mark.parametrize(
    ("allowed", "host", "address"),
    [
        (["hooks.example.com"], "hooks.example.com", "203.0.113.7"),
        (["Hooks.Example.com."], "hooks.example.com", "203.0.113.7"),
        (["203.0.113.0/24"], "anything", "203.0.113.7"),
        (["203.0.113.7"], "203.0.113.7", "203.0.113.7"),
        (["203.0.113.7"], "x", "::ffff:203.0.113.7"),
        (["2001:db8::/32"], "x", "2001:db8::1"),
        ([], "x", "10.1.2.3"),
        ([], "x", "172.16.0.1"),
        ([], "x", "172.31.255.255"),
        ([], "x", "192.168.1.1"),
        ([], "x", "fd12:3456::1"),
        ([], "x", "::1"),
        ([], "x", "127.9.8.7"),
        ([], "x", "::ffff:127.0.0.1"),
    ],
)
def test_what_is_allowed_is_called(allowed, host, address):
    Allowed.read(allowed).check(host, address)


@pytest.mark.requirement("S-1")
@pytest.mark.parametrize(
    ("allowed", "host", "address"),
    [
        (["hooks.example.com"], "example.com", "203.0.113.7"),
        (["hooks.example.com"], "x.hooks.example.com", "203.0.113.7"),
        (["hooks.example.com"], "hooks.example.com", "169.254.169.254"),
        (["169.254.0.0/16"], "x", "169.254.169.254"),
        (["0.0.0.0/0", "::/0"], "x", "169.254.169.254"),
        (["0.0.0.0/0", "::/0"], "x", "64:ff9b::a9fe:a9fe"),
        (["0.0.0.0/0", "::/0"], "x", "2002:a9fe:a9fe::"),
        (["0.0.0.0/0", "::/0"], "x", "0.0.0.0"),
        (["0.0.0.0/0", "::/0"], "x", "ff02::1"),
        (["0.0.0.0/0", "::/0"], "x", "fd00:ec2::254"),
        (["203.0.113.0/24"], "x", "203.0.114.1"),
    ],
)
def test_nothing_else_is(allowed, host, address):
    with pytest.raises(Refused):
        Allowed.read(allowed).check(host, address)


@pytest.mark.parametrize("text", ["", "http://x", "a b", "300.1.1.1", "10.0.0.0/33", "x/24", "-", "user@host", "1.2.3"])
def test_what_is_neither_a_name_nor_a_network_is_a_mistake(text):
    with pytest.raises(NotAllowable, match="neither a host name nor a network"):
        Allowed.read([text])

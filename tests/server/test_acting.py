"""What a fault makes of a finished answer, as a value: bytes, pauses, and how the connection ends."""

import gzip
import zlib

import pytest
from aiohttp import HttpVersion10, HttpVersion11

from emulator.clock import SECOND
from emulator.damage import FAULTS, WITHOUT_ANSWER, Damage, Dribble
from emulator.wire.acting import SILENT, SLOW_CLOSE, UNSEEN, Script, Wait, Write, retold, script
from emulator.wire.reply import CHUNKED, Reply

DATE = ("Date", "Sun, 01 Mar 2026 09:00:00 GMT")
JSON = ("Content-Type", "application/json")
TEXT = b'{"rows": [1, 2, 3, 4]}'
BODILESS = Reply.of(204, [("Server", "s"), DATE])


def whole(body=TEXT, *more):
    return Reply.of(200, [("Server", "s"), DATE, JSON, *more, ("Content-Length", str(len(body)))], body)


def acted(damage, reply=None, *, version=HttpVersion11, **more):
    reply = reply or whole()
    body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    return script(version, reply, body, damage, **{"target": "http://x/a?b", "nth": 1, **more})


def said(told: Script) -> bytes:
    return b"".join(act.data for act in told.acts if isinstance(act, Write))


def pauses(told: Script) -> list[int]:
    return [act.duration for act in told.acts if isinstance(act, Wait)]


def split(told: Script):
    """Status line, headers by name, body."""
    head, _, body = said(told).partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    return line, dict(each.split(": ", 1) for each in headers), body


HEAD = b"HTTP/1.1 200 OK\r\nServer: s\r\nDate: Sun, 01 Mar 2026 09:00:00 GMT\r\nContent-Type: application/json\r\n"
CASES = [
    ("CONTENT_LENGTH_TOO_LONG", HEAD + b"Content-Length: 54\r\n\r\n" + TEXT, "close"),
    ("CONTENT_LENGTH_TOO_SHORT", HEAD + b"Content-Length: 11\r\n\r\n" + TEXT, "close"),
    ("TRUNCATED_BODY", HEAD + b"Content-Length: 11\r\n\r\n" + TEXT[:11], "keep"),
    ("SLOW_CLOSE", HEAD + b"Connection: close\r\n\r\n" + TEXT, "close"),
    (
        "WRONG_CONTENT_TYPE",
        HEAD.replace(b"application/json", b"text/html; charset=utf-8") + b"Content-Length: 22\r\n\r\n" + TEXT,
        "keep",
    ),
    (
        "REDIRECT_LOOP",
        (
            b"HTTP/1.1 302 Found\r\nServer: s\r\nDate: Sun, 01 Mar 2026 09:00:00 GMT\r\nLocation: http://x/a?b\r\n"
            b"Content-Length: 0\r\n\r\n"
        ),
        "keep",
    ),
]


@pytest.mark.parametrize(("fault", "expected", "ending"), CASES, ids=[case[0] for case in CASES])
def test_the_bytes_of_a_fault(fault, expected, ending):
    told = acted(Damage(fault))
    assert said(told) == expected
    assert told.ending == ending
    assert pauses(told) == ([SLOW_CLOSE] if fault == "SLOW_CLOSE" else [])


@pytest.mark.parametrize("fault", SILENT)
def test_silent_ones_say_nothing_and_need_no_body(fault):
    assert acted(Damage(fault)) == SILENT[fault]
    assert SILENT[fault].acts == ()


def test_every_fault_does_something_and_each_something_else():
    told = [acted(Damage(fault)) for fault in FAULTS]
    assert acted(Damage()) not in told
    assert len(set(told)) == len(FAULTS)


@pytest.mark.parametrize("fault", sorted(UNSEEN))
def test_some_show_nothing_of_the_body(fault):
    assert acted(Damage(fault)) == acted(Damage(fault), Reply.of(200, whole().headers, b""))


@pytest.mark.parametrize("fault", sorted(WITHOUT_ANSWER))
def test_those_that_need_no_answer_come_without_one(fault):
    told = acted(Damage(fault), Reply.of(0, [("Server", "s"), DATE, ("Content-Length", "0")], b""))
    assert not said(told).startswith(b"HTTP/1.1 0")
    assert acted(Damage(fault)) == told


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("BAD_GATEWAY", "502 Bad Gateway"),
        ("SERVICE_UNAVAILABLE", "503 Service Unavailable"),
        ("GATEWAY_TIMEOUT", "504 Gateway Timeout"),
    ],
)
def test_a_proxys_page(fault, title):
    line, headers, body = split(acted(Damage(fault), whole(TEXT, ("X-Emulator-Rule", "r"), ("ETag", "e"))))
    assert line == f"HTTP/1.1 {title}"
    assert body.count(title.encode()) == 2
    assert headers == {
        "Server": "nginx",
        "Date": DATE[1],
        "X-Emulator-Rule": "r",
        "Content-Type": "text/html",
        "Content-Length": str(len(body)),
    }


def test_noise_is_no_http_and_never_the_same_but_when_played_again():
    noise = {n: said(acted(Damage("RANDOM_DATA_THEN_CLOSE"), nth=n)) for n in (1, 2)}
    assert noise[1] != noise[2]
    assert noise[1] == said(acted(Damage("RANDOM_DATA_THEN_CLOSE"), nth=1))
    assert not noise[1].startswith(b"HTTP")


def test_malformed_chunks_follow_a_good_head():
    told = acted(Damage("MALFORMED_RESPONSE_CHUNK"))
    line, headers, body = split(told)
    assert (line, headers["Transfer-Encoding"]) == ("HTTP/1.1 200 OK", "chunked")
    assert "Content-Length" not in headers
    assert TEXT not in body
    assert told.ending == "close"


@pytest.mark.parametrize("packed", [True, False])
def test_gzip_lacks_its_end(packed):
    body = gzip.compress(TEXT * 100, mtime=0)
    reply = whole(body, ("Content-Encoding", "gzip")) if packed else whole(TEXT * 100)
    told = acted(Damage("TRUNCATED_GZIP"), reply)
    _, headers, cut = split(told)
    assert (headers["Content-Encoding"], headers["Content-Length"]) == ("gzip", str(len(cut)))
    if packed:
        assert body.startswith(cut)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert (TEXT * 100).startswith(unpacker.decompress(cut))
    assert not unpacker.eof
    assert told.ending == "keep"


# What comes slowly ------------------------------------------------------------


def test_a_dribble_is_chunks_of_one_size_spread_evenly():
    told = acted(Damage(dribble=Dribble(4, 2 * SECOND)))
    _, headers, body = split(told)
    assert headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in headers
    assert body == b'6\r\n{"rows\r\n6\r\n": [1,\r\n6\r\n 2, 3,\r\n4\r\n 4]}\r\n0\r\n\r\n'
    assert pauses(told) == [SECOND // 2] * 4
    assert told.ending == "keep"


def test_a_dribble_of_more_chunks_than_bytes_is_a_byte_a_chunk():
    told = acted(Damage(dribble=Dribble(1000, SECOND)))
    assert len(pauses(told)) == len(TEXT)


@pytest.mark.parametrize("fault", ["CONTENT_LENGTH_TOO_LONG", "CONTENT_LENGTH_TOO_SHORT", "SLOW_CLOSE"])
def test_what_is_wrong_with_a_length_is_so_when_it_dribbles(fault):
    dribble = Damage(dribble=Dribble(4, SECOND))
    assert said(acted(Damage(fault).then(dribble))) == said(acted(Damage(fault)))


def test_http_1_0_knows_no_chunks():
    line, headers, body = split(acted(Damage(dribble=Dribble(4, SECOND)), version=HttpVersion10))
    assert (line, headers["Content-Length"], body) == ("HTTP/1.0 200 OK", str(len(TEXT)), TEXT)


def test_bandwidth_is_so_many_bytes_in_each_second():
    told = acted(Damage(bandwidth=100), whole(b"x" * 250))
    assert said(told) == said(acted(Damage(), whole(b"x" * 250)))
    assert pauses(told) == [SECOND // 10] * 25
    assert sum(pauses(acted(Damage(bandwidth=3), whole(b"x" * 7)))) == pytest.approx(7 * SECOND / 3, abs=10)


def test_very_little_bandwidth_makes_no_more_pieces_than_can_be_held():
    told = acted(Damage(bandwidth=1), whole(b"x" * 1_000_000))
    assert len(pauses(told)) == 10_000
    assert sum(pauses(told)) == 1_000_000 * SECOND


# Heads ------------------------------------------------------------------------


def test_headers_are_set_repeated_and_removed_whatever_their_case():
    damage = Damage(headers={"content-type": ("a/b", "c/d"), "server": None, "X-New": "n"})
    told = said(acted(damage)).decode()
    assert told.partition("\r\n\r\n")[0].split("\r\n")[1:] == [
        f"Date: {DATE[1]}", "content-type: a/b", "content-type: c/d", "Content-Length: 22", "X-New: n"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ahead", "date"),
    [(600 * SECOND, "Sun, 01 Mar 2026 09:10:00 GMT"), (-9 * 3600 * SECOND - SECOND, "Sat, 28 Feb 2026 23:59:59 GMT")],
)
def test_date_is_off(ahead, date):
    assert split(acted(Damage(date=ahead)))[1]["Date"] == date
    assert split(acted(Damage("BAD_GATEWAY", date=ahead)))[1]["Date"] == date


def test_without_a_date_none_is_off():
    assert "Date" not in split(acted(Damage(date=SECOND), Reply.of(200, [("Content-Length", "0")])))[1]


@pytest.mark.parametrize(
    ("headers", "ending"),
    [({"X": "y"}, "keep"), ({"Content-Length": None}, "close"), ({"Connection": "close"}, "close")],
)
def test_a_connection_goes_on_if_the_head_lets_it(headers, ending):
    assert acted(Damage("WRONG_CONTENT_TYPE", headers=headers)).ending == ending
    assert retold(whole(), Damage(headers=headers)).keep_alive == (ending == "keep")
    assert retold(Reply.of(200, whole().headers, b"", keep_alive=False), Damage(headers=headers)).keep_alive is False


def test_a_change_of_headers_leaves_a_stream_a_stream():
    parts = iter([b"a", b"b"])
    reply = Reply.of(200, [DATE, CHUNKED], parts)
    told = retold(reply, Damage(headers={"X": "y"}))
    assert told.body is parts
    assert (told.headers, told.keep_alive) == ([DATE, CHUNKED, ("X", "y")], True)


# Answers without a body -------------------------------------------------------


def test_a_stream_is_told_whole_with_its_length():
    _, headers, body = split(acted(Damage("WRONG_CONTENT_TYPE"), Reply.of(200, [DATE, CHUNKED], iter([b"a", b"b"]))))
    assert (headers["Content-Length"], body) == ("2", b"ab")
    assert "Transfer-Encoding" not in headers


OF_BODIES = [
    *map(Damage, ["CONTENT_LENGTH_TOO_LONG", "CONTENT_LENGTH_TOO_SHORT", "TRUNCATED_BODY", "TRUNCATED_GZIP"]),
    Damage(dribble=Dribble(3, SECOND)),
    Damage(bandwidth=1),
]


@pytest.mark.parametrize("damage", OF_BODIES, ids=lambda each: each.fault or "slow")
@pytest.mark.parametrize("status", [204, 304])
def test_nothing_is_wrong_with_a_body_where_there_is_none(damage, status):
    told = acted(damage, Reply.of(status, BODILESS.headers))
    _, headers, body = split(told)
    assert (body, pauses(told)) == (b"", [])
    assert "Content-Length" not in headers


@pytest.mark.parametrize("fault", [each for each in FAULTS if each not in {*SILENT, "RANDOM_DATA_THEN_CLOSE"}])
def test_no_body_follows_the_head_that_head_is_answered(fault):
    reply = Reply.of(200, whole().headers, b"")  # its length is the body's that is not there
    _, headers, body = split(acted(Damage(fault), reply, bare=True))
    if fault == "MALFORMED_RESPONSE_CHUNK":
        assert body.startswith(b"\xff\x00")
    else:
        assert body == b""
    page = fault in {"BAD_GATEWAY", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT"}
    expected = {"SLOW_CLOSE": None, "MALFORMED_RESPONSE_CHUNK": None, "REDIRECT_LOOP": "0"}.get(fault, "22")
    assert page or headers.get("Content-Length") == expected
    assert not page or int(headers["Content-Length"]) > 100


def test_head_is_told_that_a_stream_is_in_chunks():
    for damage in (Damage("TRUNCATED_BODY"), Damage(dribble=Dribble(3, SECOND))):
        told = acted(damage, Reply.of(200, [DATE, CHUNKED]), bare=True)
        assert split(told)[1:] == ({"Date": DATE[1], "Transfer-Encoding": "chunked"}, b"")
        assert told.ending == "keep"


@pytest.mark.parametrize("damage", [Damage("TRUNCATED_BODY"), Damage("CONTENT_LENGTH_TOO_SHORT"), Damage(bandwidth=9)])
def test_an_empty_body_is_still_one(damage):
    assert split(acted(damage, whole(b"")))[1:] == (
        {"Server": "s", "Date": DATE[1], "Content-Type": "application/json", "Content-Length": "0"},
        b"",
    )

"""What is let through is JSON beyond doubt."""

import gc
import weakref

import pytest

from emulator.contract import decoder
from emulator.contract.decoder import DEPTH, NotJson, decode
from emulator.exchange import Request


@pytest.mark.requirement("S-14", "S-15", "S-16", "S-17")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"{'a': 1}", "Expecting property name"),
        (b"[1, 2,]", "Expecting value|Illegal trailing comma"),
        (b"{} {}", "Extra data"),
        (b"nul", "Expecting value"),
        (b'"tab\tinside"', "Invalid control character"),
        (b'"\x00"', "Invalid control character"),
        (b"NaN", "NaN is not"),
        (b"[Infinity]", "Infinity is not"),
        (b"-Infinity", "-Infinity is not"),
        (b"1e400", "too large"),
        (b"-1e400", "too large"),
        (b"1" * 5000, "digits"),
        (b'{"a": 1, "a": 2}', 'the key "a" stands twice'),
        (b'{"a": {"\\u0062": 1, "b": 2}}', 'the key "b" stands twice'),
        (b'"\xff"', "not UTF-8 at byte 1"),
        ('"é"'.encode("latin-1"), "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"\xef\xbb\xbf{}", "Expecting value|BOM"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\udc00": 1}', "surrogate"),
        (b'["\\ud800\\u0041"]', "surrogate"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), "nested deeper"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested deeper"),
        (b"[" * 1_000_000, "nested deeper"),
    ],
)
def test_what_is_not_json_beyond_doubt_is_refused_with_its_reason(body, reason):
    with pytest.raises(NotJson, match=reason):
        decode(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, -2.5, true, false, null, "\\u00e9"]}', {"a": [1, -2.5, True, False, None, "é"]}),
        (b' "\\ud83d\\ude00" ', "😀"),
        ('"é"'.encode(), "é"),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"[" * DEPTH + b"]" * DEPTH, None),
        (b'"' + b"[" * 5000 + b'"', "[" * 5000),
        (b'"\\"' + b"{" * 5000 + b'"', '"' + "{" * 5000),
        (b"[" + b"[], " * 5000 + b"[]]", [[]] * 5001),
    ],
)
def test_what_is_json_is_its_value(body, value):
    assert value is None or decode(body) == value
    decode(body)


@pytest.mark.parametrize("size", range(1, 12))
def test_depth_is_the_same_however_a_body_is_cut_into_slices(monkeypatch, size):
    monkeypatch.setattr(decoder, "_SLICE", size)
    text = rb'"]]\\\" [[ \\", '  # its last quote ends it, for the backslash before that is escaped itself
    inmost = b"[" + text * 3 + b"1, {}, {}]"
    decode(b"[" * (DEPTH - 2) + inmost + b"]" * (DEPTH - 2))
    with pytest.raises(NotJson, match="nested deeper"):
        decode(b"[" * (DEPTH - 1) + inmost + b"]" * (DEPTH - 1))


def test_a_mistake_has_its_place():
    with pytest.raises(NotJson) as caught:
        decode(b'{\n  "a": 1,\n  oops\n}')
    assert (caught.value.line, caught.value.column) == (3, 3)


def complaint(request):
    try:
        return request.json
    except NotJson as error:
        return error.reason


def test_a_request_whose_body_says_nothing_goes_with_its_exchange():
    request = Request("POST", "/", body=b"{")
    assert [complaint(request) for _ in range(2)] == [request.decoded.reason] * 2
    watched = weakref.ref(request)
    gc.disable()
    try:
        del request
        assert watched() is None
    finally:
        gc.enable()

"""JSON Pointers: the examples of RFC 6901, and what a change makes of a value."""

import pytest

from emulator import pointer
from emulator.pointer import ABSENT, Change

OF_THE_RFC = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", OF_THE_RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_rfc(text, found):
    assert pointer.get(OF_THE_RFC, text) == found


@pytest.mark.parametrize("text", ["/bar", "/foo/2", "/foo/-", "/foo/01", "/foo/0/0", "/foo/x", "/foo/\u0661"])
def test_what_leads_nowhere(text):
    assert pointer.get(OF_THE_RFC, text) is ABSENT


def test_null_is_something():
    assert pointer.get({"a": None}, "/a") is None


def test_an_escaped_tilde_is_read_once():
    assert pointer.parts("/a~01") == ["a~1"]


@pytest.mark.parametrize(
    ("change", "value", "after", "missed"),
    [
        (Change(remove=("/a",)), {"a": 1, "b": 2}, {"b": 2}, []),
        (Change(remove=("/a/1",)), {"a": [1, 2, 3]}, {"a": [1, 3]}, []),
        (Change(remove=("/c", "")), {"a": 1}, {"a": 1}, ["/c", ""]),
        (Change(replace={"/a": None}), {"a": 1}, {"a": None}, []),
        (Change(replace={"/b": 1}), {"a": 1}, {"a": 1}, ["/b"]),
        (Change(replace={"": [1]}), {"a": 1}, [1], []),
        (Change(set={"/b": 1, "/a/0": 2}), {"a": [1]}, {"a": [2], "b": 1}, []),
        (Change(set={"/a/-": 2, "/a/2": 3}), {"a": [1]}, {"a": [1, 2, 3]}, []),
        (Change(set={"/a/5": 2, "/x/y": 1}), {"a": [1]}, {"a": [1]}, ["/a/5", "/x/y"]),
        (Change(set={"/s/t": 1}), {"s": "t"}, {"s": "t"}, ["/s/t"]),
        (Change(remove=("/a",), replace={"/a": 1}, set={"/a": 2}), {"a": 0}, {"a": 2}, ["/a"]),
    ],
)  # fmt: skip
def test_a_value_is_changed(change, value, after, missed):
    before = repr(value)
    assert change.applied(value) == (after, missed)
    assert repr(value) == before


def test_a_change_of_nothing_is_none():
    assert not Change()
    assert Change(set={"/a": None})

import json

import pytest
import yaml

from emulator.scenario import reader
from emulator.scenario.mistakes import ScenarioError
from emulator.scenario.reader import read


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def _each_parser(request, monkeypatch):
    monkeypatch.setattr(reader, "_LOADER", getattr(yaml, request.param))


def value(text):
    document = read(text.encode(), "f.yaml")
    assert document.findings == ()
    return document.value


def refusal(data):
    with pytest.raises(ScenarioError) as caught:
        read(data if isinstance(data, bytes) else data.encode(), "f.yaml")
    return str(caught.value)


def finding(text):
    document = read(text.encode(), "f.yaml")
    (only,) = document.findings
    line, column = document.position(only.path, key=only.at_key)
    return f"{line}:{column}: {only.message}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("1:30", "1:30"),
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z"),
        ("0x10", "0x10"),
        ("0o7", "0o7"),
        ("1_000", "1_000"),
        ("2..3", "2..3"),
        ("=", "="),
        ("010", 10),
        ("-7", -7),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("'true'", "true"),
        ('"5"', "5"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("!!bool 'true'", True),
        ("!!null ''", None),
        ("|\n  two\n  lines", "two\nlines\n"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(text, meant):
    read_back = value(f"a: {text}\n")["a"]
    assert read_back == meant
    assert type(read_back) is type(meant)


def test_a_key_that_yaml_1_1_takes_for_a_boolean_is_a_string():
    assert value("on: submit\noff: x\ny: 1") == {"on": "submit", "off": "x", "y": 1}


def test_an_empty_file_is_null():
    assert value("") is None
    assert value("# nothing\n") is None


def test_every_value_and_every_key_has_its_position():
    document = read(b"version: 1\njobs:\n  - when: {nth: 3}\n    steps: [a, b]\n", "f.yaml")
    assert document.positions[()] == (1, 1)
    assert document.positions["version",] == (1, 10)
    assert document.keys["jobs",] == (2, 1)
    assert document.positions["jobs", 0] == (3, 5)
    assert document.keys["jobs", 0, "when", "nth"] == (3, 12)
    assert document.positions["jobs", 0, "when", "nth"] == (3, 17)
    assert document.positions["jobs", 0, "steps", 1] == (4, 16)


def test_a_path_that_the_file_does_not_hold_stands_where_its_parent_does():
    assert read(b"a: 1\nb:\n  c: 2\n", "f.yaml").position(("b", "d", 0)) == (3, 3)


def test_a_byte_order_mark_shifts_nothing():
    document = read("\ufeffa: 1".encode(), "f.yaml")
    assert document.value == {"a": 1}
    assert document.positions["a",] == (1, 4)


def test_columns_count_characters_not_bytes():
    assert read('{"ä€😀": 1}'.encode(), "f.yaml").positions["ä€😀",] == (1, 9)


def test_an_alias_is_the_value_it_stands_for_with_positions():
    document = read(b"a: &x {b: [1]}\nc: *x\nd: *x", "f.yaml")
    assert document.value == {"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1]}}
    assert document.positions["d", "b", 0] == (1, 12)


def test_values_behind_two_aliases_are_not_shared():
    value_ = value("a: &x [1]\nb: *x")
    value_["a"].append(2)
    assert value_["b"] == [1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3", "3:1: expected each key once, got 'a' again, as on line 1"),
        ("a: 1\n'a': 3", "2:1: expected each key once, got 'a' again, as on line 1"),
        ("a:\n  1: x", "2:3: expected a string as key, got 1"),
        ("true: x", "1:1: expected a string as key, got true"),
        ("? \n: x", "1:2: expected a string as key, got nothing"),
        ("a: &x {c: 1}\nb:\n  <<: *x", "3:3: expected every key written out, got the merge key '<<'"),
        (f"a: {'9' * 30}", f"1:4: expected a whole number that fits in 64 bits, got {'9' * 30}"),
        (f"a: -{2**63}", f"1:4: expected a whole number that fits in 64 bits, got -{2**63}"),
        (f"a: {'9' * 5000}", f"1:4: expected a number of at most 40 characters, got {'9' * 40}..."),
        ("a: 1e999", "1:4: expected a number that JSON can say, got 1e999"),
        ("a: .inf", "1:4: expected a number that JSON can say, got .inf"),
        ("a: .NaN", "1:4: expected a number that JSON can say, got .NaN"),
        ("a: !!int x", "1:4: expected what its tag says, 'int', got 'x'"),
        ("a: !!set {b}", "1:4: expected no tag but !!map or !!seq, got 'tag:yaml.org,2002:set'"),
        (
            "a: !!timestamp 2026-03-01",
            "1:4: expected one of the tags !!str, !!int, !!float, !!bool and !!null, got 'tag:yaml.org,2002:timestamp'",
        ),
        ("a: !mine x", "1:4: expected one of the tags !!str, !!int, !!float, !!bool and !!null, got '!mine'"),
    ],
)
def test_what_json_could_not_say_is_found_where_it_stands(text, told):
    assert finding(text) == told


@pytest.mark.requirement("S-10")
def test_a_python_tag_runs_nothing():
    assert "got 'tag:yaml.org,2002:python/object/apply:os.abort'" in finding("!!python/object/apply:os.abort ''")


def test_the_last_of_two_equal_keys_is_read_on_with_its_own_positions():
    document = read(b"a: 1\na:\n  b: 2", "f.yaml")
    assert document.value == {"a": {"b": 2}}
    assert document.positions["a",] == (3, 3)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a: 1\nb: \xff", "f.yaml:2:4: expected UTF-8, got the byte 0xff"),
        ("a: ä".encode("utf-16"), "f.yaml:1:1: expected UTF-8, got the byte 0xff"),
        (b"a: 1\nb: x\x00y", "f.yaml:2:5: expected text, got the control character U+0000"),
        (b"a: \x1b[31m", "f.yaml:1:4: expected text, got the control character U+001B"),
        (b"a:\n\tb: 1", "f.yaml:2:1: expected spaces, got a tab"),
        (b"--- a\n--- b", "f.yaml:2:1: expected one document, got a second"),
        (b"a: *b", "f.yaml:1:4: expected an anchor that stands above, got 'b'"),
        (b"&a [1, *a]", "f.yaml:1:8: expected an anchor that is complete, got 'a' inside itself"),
        (b"? [a]\n: 1", "f.yaml:1:3: expected a string as key, got a mapping or a list"),
        (b"{a: 1}: 2", "f.yaml:1:1: expected a string as key, got a mapping or a list"),
        (b"a" * ((1 << 20) + 1), "f.yaml:1:1: expected at most 1048576 bytes, got 1048577"),
    ],
)
def test_what_cannot_be_read_on_from_is_refused_at_once(data, told):
    assert refusal(data) == told


@pytest.mark.parametrize("text", ["a: [1", "a: 'x", "a: b: c", "}", "- a\nb: 1", 'a: "\\x"', "%YAML 3.0\n---\na", "@a"])
def test_broken_yaml_is_one_line_with_a_position(text):
    line = refusal(text)
    assert "\n" not in line
    file, row, column, _ = line.split(":", 3)
    assert (file, int(row) > 0, int(column) > 0) == ("f.yaml", True, True)
    assert "expected YAML: " in line


@pytest.mark.requirement("S-10")
@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "[" * 65])
def test_depth_is_bounded_however_deep_it_goes(text):
    assert "expected at most 64 levels, got more" in refusal(text)


def test_sixty_four_levels_are_fine():
    assert json.dumps(value("[" * 64 + "]" * 64)) == "[" * 64 + "]" * 64


def test_depth_counts_what_an_alias_stands_for():
    deep = "[" * 40 + "]" * 40
    assert value(f"[&a {deep}, {'[' * 20}*a{']' * 20}]")
    assert "expected at most 64 levels" in refusal(f"[&a {deep}, {'[' * 30}*a{']' * 30}]")


def test_nodes_are_bounded(monkeypatch):
    monkeypatch.setattr(reader, "MOST_NODES", 1000)
    assert len(value("[" + "a," * 999 + "]")) == 999
    assert "f.yaml:1:2000: expected at most 1000 values" in refusal("[" + "a," * 1000 + "]")


@pytest.mark.requirement("S-11")
def test_a_bomb_of_aliases_is_refused_by_what_it_would_expand_to():
    lines = ["a: &a [1,1,1,1,1,1,1,1,1,1]"]
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{after}: &{after} [{','.join([f'*{before}'] * 10)}]")
    assert "expected at most 100000 values, aliases counted as what they stand for" in refusal("\n".join(lines))


@pytest.mark.requirement("S-11")
def test_aliases_are_bounded():
    assert "f.yaml:1:" in refusal("[&a 1" + ", *a" * 101 + "]")
    assert len(value("[&a 1" + ", *a" * 100 + "]")) == 101


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "a: 1\nb: {c: 1\nd: 2\n",
            "f.yaml:2:4: expected YAML: a '}' to close this mapping, got none that fits by line 3",
        ),
        (
            "a: 1\nb: [1,\nd: 2\ne: 3\n",
            "f.yaml:2:4: expected YAML: a ']' to close this list, got none that fits by line ",
        ),
        ("a: 1\nb: 'c\nd: 2\n", "f.yaml:2:4: expected YAML: a quote to close this text, got none that fits by line 4"),
        ('a: "b\nc: "d"\n', "f.yaml:1:4: expected YAML: a quote to close this text, got none that fits by line 2"),
        ("a: {b: ${c}}", "f.yaml:1:9: expected quotes around a text with ${...} within braces or brackets, got none"),
    ],
)
def test_what_is_never_closed_is_told_where_it_was_opened(text, line):
    assert refusal(text).startswith(line)

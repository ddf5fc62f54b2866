"""One scenario that adds to another, and files beside it."""

import os

import pytest

from emulator.chance import Fixed
from emulator.clock import SECOND
from emulator.scenario.beside import LARGEST, LONGEST_CHAIN
from emulator.scenario.library import Library
from emulator.scenario.mistakes import ScenarioError

HEAD = "version: 1\napi: fake\n"
BASE = (
    HEAD
    + """
about: The base.
parameters: {wait: 5s}
clock: {mode: frozen}
seed: 7
settings: {queued_tasks: 2, greeting: base}
accounts: [{name: anna}]
jobs:
  - steps: [{state: PENDING}, {state: PROCESSING, after: "${parameters.wait}"}, {state: end}]
faults:
  - {operation: getTask, latency: 1s}
callbacks:
  - {copies: 2}
"""
)


@pytest.fixture
def shelf(vocabularies, tmp_path):
    """A library in a directory, and how to write a file into it."""
    (tmp_path / "fake").mkdir()
    (tmp_path / "other").mkdir()
    library = Library(vocabularies, tmp_path)

    def write(name, text):
        (tmp_path / f"{name}.yaml").write_text(text)
        return library

    return write


def mistakes(library, name):
    with pytest.raises(ScenarioError) as caught:
        library.find(name)
    return [f"{each.line}:{each.column}: {each.where}: {each.message}" for each in caught.value.mistakes]


def test_its_rules_come_first_and_what_it_does_not_say_the_base_does(shelf):
    shelf("fake/base", BASE)
    library = shelf(
        "fake/mine",
        HEAD
        + "extends: fake/base\nsettings: {greeting: mine}\nfaults: [{operation: getTask, latency: 2s}]\n"
        + "jobs: [{when: {nth: 1}, steps: [{state: PENDING}, {state: CANCEL}]}]\n",
    )
    mine = library.find("mine")
    assert [each.name for each in mine.jobs] == ["fake/mine jobs[0]", "fake/base jobs[0]"]
    assert [each.key for each in mine.jobs] == ["jobs[0]", "extends jobs[0]"]
    assert [each.latency for each in mine.faults] == [Fixed(2 * SECOND), Fixed(SECOND)]
    assert [each.name for each in mine.callbacks] == ["fake/base callbacks[0]"]
    assert mine.settings == {"queued_tasks": 2, "greeting": "mine"}
    assert (mine.about, mine.seed, mine.clock.rate, mine.accounts) == ("The base.", 7, 0, ({"name": "anna"},))
    assert mine.parameters == {}


def test_what_both_say_is_as_the_file_itself_has_it(shelf):
    shelf("fake/base", BASE)
    library = shelf(
        "fake/mine", HEAD + "about: Mine.\nextends: fake/base\nseed: 8\nclock: {rate: 2}\naccounts: [{name: bob}]\n"
    )
    mine = library.find("mine")
    assert (mine.about, mine.seed, mine.clock.rate, mine.accounts) == ("Mine.", 8, 2, ({"name": "bob"},))


def test_a_change_of_the_base_is_seen_though_the_file_is_the_same(shelf):
    shelf("fake/base", BASE)
    library = shelf("fake/mine", HEAD + "extends: fake/base\n")
    before = library.find("mine")
    assert library.find("mine") is before
    shelf("fake/base", BASE.replace("seed: 7", "seed: 9"))
    after = library.find("mine")
    assert (after.seed, after.digest == before.digest) == (9, False)


def test_parameters_of_the_base_are_passed_on(shelf):
    shelf("fake/base", BASE)
    library = shelf(
        "fake/mine", HEAD + "parameters: {long: 1m}\nextends: {name: fake/base, set: {wait: '${parameters.long}'}}\n"
    )
    assert library.find("mine").jobs[0].steps[1].after == Fixed(60 * SECOND)
    assert library.find("mine", given={"long": "2m"}).jobs[0].steps[1].after == Fixed(120 * SECOND)


def test_a_file_is_named_by_where_it_stands_and_chains_go_on(shelf, tmp_path):
    shelf("a", BASE)
    shelf("b", HEAD + "extends: a.yaml\nseed: 8\n")
    library = shelf("c", HEAD + "extends: ./b.yaml\nsettings: {strict: true}\n")
    told = library.find(str(tmp_path / "c.yaml"))
    assert (told.seed, told.settings) == (8, {"queued_tasks": 2, "greeting": "base", "strict": True})
    assert [each.key for each in told.jobs] == ["extends extends jobs[0]"]


def test_yaml_given_on_the_spot_extends_what_has_a_name_and_no_file(shelf, tmp_path):
    shelf("fake/base", BASE)
    library = shelf("a", BASE)
    assert library.parse(HEAD + "extends: fake/base\n").seed == 7
    for name in ("a.yaml", str(tmp_path / "a.yaml")):
        with pytest.raises(ScenarioError, match="expected a scenario to extend: no scenario is called"):
            library.parse(HEAD + f"extends: {name}\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "extends: fake/bse",
            ("3:10: extends: expected a scenario to extend: no scenario is called 'fake/bse' "
     "(did you mean 'fake/base'?)"),
        ),
        (
            "extends: {name: nowhere}",
            "3:17: extends.name: expected a scenario to extend: no scenario is called 'nowhere'",
        ),
        ("extends: ''", "3:10: extends: expected the name of a scenario, or {name, set}, got ''"),
        ("extends: {nam: base}", "3:11: extends.nam: expected one of the keys 'name' or 'set', got 'nam'"),
        (
            "extends: other/base",
            "3:10: extends: expected a scenario of fake, got other/base, which is of other",
        ),
        (
            "extends: fake/mine",
            "3:10: extends: expected a scenario that does not extend this one in turn, got 'fake/mine'",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_extended_is_told_with_its_place(shelf, text, line):
    shelf("fake/base", BASE)
    shelf("other/base", "version: 1\napi: other\n")
    assert mistakes(shelf("fake/mine", HEAD + text), "fake/mine") == [line]


def test_a_broken_base_is_told_with_its_own_place(shelf, tmp_path):
    shelf("fake/base", HEAD + "seed: -1\n")
    (told,) = mistakes(shelf("fake/mine", HEAD + "extends: fake/base\n"), "fake/mine")
    assert told == (
        f"3:10: extends: expected a scenario without mistakes, got one with {tmp_path}/fake/base.yaml:3:7: "
        "seed: expected a number of at least 0, got -1"
    )


def test_wrong_parameters_of_a_base_are_told(shelf):
    shelf("fake/base", BASE)
    (told,) = mistakes(shelf("fake/mine", HEAD + "extends: {name: fake/base, set: {wait: 5}}\n"), "fake/mine")
    assert "expected text for the parameter wait, got 5" in told


def test_a_circle_is_refused(shelf):
    shelf("fake/a", HEAD + "extends: fake/b\n")
    shelf("fake/b", HEAD + "extends: fake/c\n")
    (told,) = mistakes(shelf("fake/c", HEAD + "extends: fake/a\n"), "fake/a")
    assert "expected a scenario that does not extend this one in turn, got 'fake/a'" in told


def test_a_chain_has_an_end(shelf):
    library = shelf("fake/s1", HEAD)
    for n in range(2, LONGEST_CHAIN + 2):
        shelf(f"fake/s{n}", HEAD + f"extends: fake/s{n - 1}\n")
    (told,) = mistakes(library, f"fake/s{LONGEST_CHAIN + 1}")
    assert f"expected at most {LONGEST_CHAIN} scenarios that extend each other" in told
    assert library.find(f"fake/s{LONGEST_CHAIN}").api == "fake"


# Files that are answers ----------------------------------------------------------


def answering(file):
    quoted = "".join(each if each.isascii() and each.isalnum() else f"\\U{ord(each):08x}" for each in file)
    return HEAD + f'faults: [{{breaks_contract: true, answer: {{file: "{quoted}"}}}}]\n'


@pytest.mark.parametrize(
    ("file", "content", "body", "content_type"),
    [
        ("rows.json", '{"rows": [1]}', {"rows": (1,)}, None),
        ("rows.csv", "a;b\n", b"a;b\n", "text/csv"),
        ("sub/page.HTML", "<p>", b"<p>", "text/html"),
        ("blob", "\0", b"\0", "application/octet-stream"),
    ],
)
def test_a_file_beside_it_is_the_body_of_an_answer(shelf, tmp_path, file, content, body, content_type):
    (tmp_path / "fake" / "sub").mkdir()
    (tmp_path / "fake" / file).write_text(content)
    reply = shelf("fake/mine", answering(file)).find("mine").faults[0].answer
    assert (reply.body, reply.content_type) == (body, content_type)


def test_a_change_of_such_a_file_is_seen(shelf, tmp_path):
    (tmp_path / "fake" / "a.txt").write_text("one")
    library = shelf("fake/mine", answering("a.txt"))
    before = library.find("mine")
    (tmp_path / "fake" / "a.txt").write_text("two")
    assert library.find("mine").faults[0].answer.body == b"two"
    assert library.find("mine").digest != before.digest


UPWARDS = [
    prefix + up * depth + rest
    for prefix in ("", "./", "sub/", "sub/./")
    for up in ("../", ".././", "..//")
    for depth in (1, 2, 9)
    for rest in ("secret", "etc/passwd", "./secret")
]
ELSEWHERE = [
    "/etc/passwd", "//etc/passwd", "/proc/self/environ", "/dev/zero", "~/secret", "file:///etc/passwd",
    "..\\secret", "%2e%2e/secret", "..%2fsecret", "..;/secret", "..\x00/secret", "a.txt\x00.json", "\x00", "..", ".",
    "sub", "sub/..", "a.txt/x", "link", "linked/secret", "loop", "fifo", "gone", "../fake2/a.txt",
    "\uff0e\uff0e/secret", "..\u2215secret", " ../secret", "x" * 300, "x/" * 3000,
]  # fmt: skip


def test_there_are_a_hundred_ways_out():
    assert len(set(UPWARDS + ELSEWHERE)) > 100


@pytest.fixture
def escapes(shelf, tmp_path):
    """A library whose directory has ways out of it, for who follows links."""
    folder = tmp_path / "fake"
    (folder / "sub").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "fake2").mkdir()
    (tmp_path / "fake2" / "a.txt").write_text("secret")
    (folder / "a.txt").write_text("a")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    os.mkfifo(folder / "fifo")
    return shelf


@pytest.mark.requirement("S-7", "S-8", "G-17")
def test_no_spelling_leads_out_of_the_directory(escapes):
    for file in UPWARDS + ELSEWHERE:
        library = escapes("fake/mine", answering(file))
        try:
            library.find("mine")
            told = []
        except ScenarioError as error:
            told = [str(each) for each in error.mistakes]
        assert len(told) == 1, file
        assert told[0].partition("answer.file: ")[2].startswith("expected a "), told
        assert "\n" not in told[0]


def test_a_link_that_stays_within_it_is_as_good_as_the_file(escapes, tmp_path):
    (tmp_path / "fake" / "within").symlink_to("a.txt")
    assert escapes("fake/mine", answering("within")).find("mine").faults[0].answer.body == b"a"


@pytest.mark.requirement("S-8")
def test_a_file_is_not_too_large(shelf, tmp_path):
    with (tmp_path / "fake" / "large.txt").open("wb") as stream:
        stream.truncate(LARGEST)
    library = shelf("fake/mine", answering("large.txt"))
    assert len(library.find("mine").faults[0].answer.body) == LARGEST
    with (tmp_path / "fake" / "large.txt").open("ab") as stream:
        stream.write(b"x")
    (told,) = mistakes(library, "fake/mine")
    assert told.endswith(f"answer.file: expected a file of at most {LARGEST} bytes, got 'large.txt'")


def test_a_json_file_holds_json(shelf, tmp_path):
    (tmp_path / "fake" / "a.json").write_text("{")
    (told,) = mistakes(shelf("fake/mine", answering("a.json")), "fake/mine")
    assert "answer.file: expected JSON in a.json, got text that is none: " in told


def test_what_is_no_file_has_none_beside_it(shelf):
    library = shelf("fake/base", BASE)
    with pytest.raises(ScenarioError, match="a scenario that is no file has none beside it, got 'a"):
        library.parse(answering("a.txt"))

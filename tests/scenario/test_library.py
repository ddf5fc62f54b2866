import zipfile
from pathlib import Path

import pytest

from emulator.scenario.library import Library, UnknownScenario
from emulator.scenario.mistakes import ScenarioError


def story(api="fake", about="x"):
    return f"version: 1\napi: {api}\nabout: {about}\n"


@pytest.fixture
def shelf(tmp_path):
    """Writes `{name: text}` as files of one directory."""

    def filled(folder, files):
        for name, text in files.items():
            file = tmp_path / folder / f"{name}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / folder

    return filled


@pytest.fixture
def shipped(shelf):
    files = {"fake/default": story(), "fake/queue-full": story(), "other/default": story("other")}
    return shelf("shipped", {**files, "elsewhere/default": story(), "fake/.hidden": story(), "stray": story()})


@pytest.fixture
def library(vocabularies, shipped):
    return Library(vocabularies, shipped)


def test_names_are_those_of_known_apis_sorted(library):
    assert library.names() == ["fake/default", "fake/queue-full", "other/default"]


def test_names_of_all_directories_are_listed_once(vocabularies, shipped, shelf):
    mine = shelf("mine", {"fake/default": story(), "fake/mine": story()})
    names = Library(vocabularies, shipped, [mine]).names()
    assert names == ["fake/default", "fake/mine", "fake/queue-full", "other/default"]


def test_a_name_finds_its_story(library):
    assert (library.find("other/default").name, library.find("other/default").api) == ("other/default", "other")
    assert library.default("fake").name == "fake/default"


def test_a_bare_story_is_enough_where_it_is_unique(library):
    assert library.find("queue-full").name == "fake/queue-full"


def test_a_bare_story_of_several_apis_names_them(library):
    with pytest.raises(UnknownScenario) as caught:
        library.find("default")
    assert str(caught.value) == "'default' names several scenarios: 'fake/default' and 'other/default'"
    assert caught.value.candidates == ("fake/default", "other/default")


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("fake/queue-ful", ("fake/queue-full",)),
        ("fake/Queue-Full", ("fake/queue-full",)),
        ("queue-ful", ("fake/queue-full",)),
        ("defualt", ("fake/default", "other/default")),
        ("zzzz", ()),
    ],
)
def test_an_unknown_name_is_told_with_those_it_may_have_meant(library, name, candidates):
    with pytest.raises(UnknownScenario, match="no scenario is called") as caught:
        library.find(name)
    assert (caught.value.name, caught.value.candidates) == (name, candidates)


def test_an_unknown_name_reads_as_one_line(library):
    with pytest.raises(LookupError) as caught:
        library.find("fake/queue-ful")
    assert str(caught.value) == "no scenario is called 'fake/queue-ful' (did you mean 'fake/queue-full'?)"


def test_the_users_directories_come_before_what_is_shipped_in_their_order(vocabularies, shipped, shelf):
    first = shelf("first", {"fake/default": story(about="first")})
    second = shelf("second", {"fake/default": story(about="second"), "fake/queue-full": story(about="second")})
    library = Library(vocabularies, shipped, [first, second])
    assert [library.find(name).about for name in ("fake/default", "queue-full", "other/default")] == [
        "first",
        "second",
        "x",
    ]


def test_a_files_path_comes_before_any_name(library, tmp_path, monkeypatch, shelf):
    shelf("work", {"fake/default": story(about="a file")})
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "work" / "fake" / "default").write_text(story(about="a path"))
    found = library.find("fake/default")
    assert (found.name, found.about) == ("fake/default", "a path")
    assert library.find("fake/default", files=False).about == "x"
    assert library.find(str(tmp_path / "work" / "fake" / "default.yaml")).about == "a file"


@pytest.mark.requirement("S-7")
@pytest.mark.parametrize(
    "name",
    ["../secret", "fake/../secret", "fake/..", "..", "/etc/hostname", "", "/", "fake/", "fake/a/b", "a\0b", "fake/a\0",
     "fake/.hidden", "elsewhere/default", "stray", "x" * 5000, "fake/" + "x" * 5000, "fake/default.yaml",
     "fake\\default"],
)  # fmt: skip
def test_a_name_over_the_wire_never_leaves_the_shelves(library, shelf, name):
    shelf("", {"secret": story(), "shipped/secret": story()})
    for files in (True, False) if name != "/etc/hostname" else (False,):
        with pytest.raises(UnknownScenario):
            library.find(name, files=files)


@pytest.mark.requirement("S-7", "S-25")
def test_a_name_over_the_wire_reads_no_file_by_its_path(library, shelf):
    file = shelf("mine", {"own": story()}) / "own.yaml"
    assert library.find(str(file)).name == str(file)
    with pytest.raises(UnknownScenario):
        library.find(str(file), files=False)


def test_a_directory_is_no_scenario(library, shipped):
    with pytest.raises(UnknownScenario):
        library.find(str(shipped))


def test_a_broken_file_is_told_by_its_path(vocabularies, shelf):
    mine = shelf("mine", {"fake/broken": "version: 1\napi: fake\nseed: x\n", "fake/latin": b"\xe4"})
    library = Library(vocabularies, mine)
    with pytest.raises(ScenarioError) as caught:
        library.find("fake/broken")
    assert str(caught.value) == f"{mine}/fake/broken.yaml:3:7: seed: expected a whole number, got 'x'"
    with pytest.raises(ScenarioError, match=r"fake/latin\.yaml:1:1: expected UTF-8, got the byte 0xe4"):
        library.find("fake/latin")


def test_a_file_in_the_wrong_folder_is_a_mistake(vocabularies, shelf):
    library = Library(vocabularies, shelf("mine", {"fake/moved": story("other")}))
    with pytest.raises(ScenarioError, match=r"moved\.yaml:2:6: api: expected 'fake', got 'other'"):
        library.find("fake/moved")


@pytest.mark.requirement("S-8")
def test_a_file_that_is_too_long_is_not_read_to_its_end(vocabularies, shelf):
    library = Library(vocabularies, shelf("mine", {"fake/long": "# x\n" * 1_000_000}))
    with pytest.raises(ScenarioError, match="expected at most 1048576 bytes"):
        library.find("fake/long")


def test_a_file_that_cannot_be_read_is_told(library, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(
        ScenarioError, match=r"default\.yaml:1:1: expected a file that can be read, got Permission denied"
    ):
        library.find("fake/default")


def test_a_directory_that_cannot_be_listed_is_told(library, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ScenarioError, match="expected a directory that can be read, got Permission denied"):
        library.names()


def test_a_directory_of_yours_that_is_missing_is_told_at_once(vocabularies, shipped, tmp_path):
    with pytest.raises(NotADirectoryError, match=r"expected a directory of scenarios, got '.*nowhere'"):
        Library(vocabularies, shipped, [tmp_path / "nowhere"])


def test_a_scenario_is_loaded_once_as_long_as_its_file_stays_the_same(vocabularies, shelf):
    mine = shelf("mine", {"fake/a": story()})
    library = Library(vocabularies, mine)
    first = library.find("fake/a")
    assert library.find("a") is first
    shelf("mine", {"fake/a": story(about="changed")})
    assert library.find("fake/a").about == "changed"


def test_yaml_given_on_the_spot_is_named_by_its_digest(library):
    parsed = library.parse(story() + "jobs: [{steps: [{state: PENDING}, {state: CANCEL}]}]")
    assert parsed.name == f"inline:{parsed.digest[:8]}"
    assert parsed.jobs[0].name == f"{parsed.name} jobs[0]"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "inline:1:1: expected a mapping, got nothing"),
        ("[", "inline:2:1: expected YAML"),
        ("a: \ud800", "inline:1:4: expected UTF-8, got the byte 0xed"),
        ("x" * 2_000_000, "inline:1:1: expected at most 1048576 bytes"),
    ],
)
def test_broken_yaml_given_on_the_spot_is_told(library, text, line):
    with pytest.raises(ScenarioError) as caught:
        library.parse(text)
    assert line.removeprefix("inline:2:1: ") in str(caught.value)


def test_what_is_shipped_may_live_in_an_archive(vocabularies, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("scenarios/fake/default.yaml", story())
    library = Library(vocabularies, zipfile.Path(tmp_path / "a.zip", "scenarios/"))
    assert library.names() == ["fake/default"]
    assert library.default("fake").api == "fake"

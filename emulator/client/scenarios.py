"""What a namespace plays."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.client.connection import Connection
from emulator.client.errors import ProblemError


@dataclass(frozen=True)
class Playing:
    """What is played of one API, with its settings, and how often each of its rules has acted."""

    api: str
    name: str
    about: str
    digest: str
    settings: Mapping[str, Any]
    hits: Mapping[str, int]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Playing":
        """From the admin API's JSON."""
        return cls(
            api=told["api"],
            name=told["name"],
            about=told["about"],
            digest=told["digest"],
            settings=told["settings"],
            hits={rule["name"]: rule["hits"] for rule in told["rules"]},
        )


def play(connection: Connection, story: str | Path, settings: Mapping[str, Any]) -> Playing:
    """Play a story: by its name, as YAML of more than one line, or from a file."""
    file = Path(story) if isinstance(story, Path) or _names_a_file(story) else None
    wish = {"yaml": file.read_text(encoding="utf-8")} if file else {"yaml" if "\n" in str(story) else "name": story}
    try:
        return Playing.read(connection.ask("PUT", "/scenario", {**wish, "set": dict(settings)}))
    except ProblemError as error:
        raise _by_its_own_name(error, file) from None


def _names_a_file(story: str) -> bool:
    return "\n" not in story and story.endswith((".yaml", ".yml"))


def _by_its_own_name(error: ProblemError, file: Path | None) -> ProblemError:
    """The server knows the text alone; the mistakes are in a file that has a name here."""
    mistakes = error.problem.get("mistakes")
    if file is None or not mistakes:
        return error
    return ProblemError(error.status, {**error.problem, "mistakes": [{**each, "file": str(file)} for each in mistakes]})

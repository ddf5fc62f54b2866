"""What goes wrong between a test and its emulator."""

from collections.abc import Mapping
from typing import Any


class EmulatorError(Exception):
    """The emulator cannot be asked, or does not do what it was asked to."""


class NotStartedError(EmulatorError):
    """An emulator with a server of its own is asked before `with` has started that, or after it has ended."""


class UnreachableError(EmulatorError):
    """Nobody answers at the address, or whoever does is no emulator."""


class VerificationError(EmulatorError, AssertionError):
    """The client did not do what it was expected to; says what it did."""


class ProblemError(EmulatorError):
    """The emulator refuses. `problem` is its answer, a problem after RFC 9457; `status` that of HTTP."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(status, problem)
        self.status = status
        self.problem = problem

    @property
    def title(self) -> str:
        """The kind of problem, in a word or two."""
        return str(self.problem.get("title", ""))

    @property
    def detail(self) -> str:
        """What is wrong, in a sentence."""
        return str(self.problem.get("detail", ""))

    def __str__(self) -> str:
        mistakes = [_line(each) for each in self.problem.get("mistakes", ())]
        return "\n".join(
            [f"{self.status} {self.title}:", *mistakes] if mistakes else [f"{self.status} {self.title}: {self.detail}"]
        )


def _line(mistake: Mapping[str, Any]) -> str:
    """A mistake of a scenario, with its place."""
    place = f"{mistake['file']}:{mistake['line']}:{mistake['column']}: " + (mistake["path"] and f"{mistake['path']}: ")
    hint = f" (did you mean {mistake['suggestion']!r}?)" if mistake.get("suggestion") is not None else ""
    return place + str(mistake["message"]) + hint

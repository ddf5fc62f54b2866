"""Where a text stops being YAML, and in which words that is told."""

from typing import Any

from yaml import events

from emulator.scenario.mistakes import Position, shown


class Refused(Exception):  # noqa: N818 - it is about the file
    """A text that is not read any further, for what stands at `position`."""

    def __init__(self, position: Position, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.message = message


def position_of(mark: Any) -> Position:  # noqa: ANN401 - yaml.Mark, of one parser or the other
    """Where a mark stands; the beginning, if there is none."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def not_yaml(error: Exception, text: str, last: Any) -> Refused:  # noqa: ANN401 - an event
    """What the parser says against a text of which it made `last` last."""
    at = position_of(getattr(error, "problem_mark", None) or getattr(error, "context_mark", None))
    return _unclosed(error, last) or Refused(at, _syntax(error, text, at))


def _syntax(error: Exception, text: str, at: Position) -> str:
    line = [*text.split("\n"), ""][min(at[0], text.count("\n") + 1) - 1]
    if line[at[1] - 1 : at[1]] == "\t":
        return "expected spaces, got a tab"
    if line[max(at[1] - 2, 0) : at[1]] == "${":
        return "expected quotes around a text with ${...} within braces or brackets, got none"
    parts = [getattr(error, "context", None), getattr(error, "problem", None)]
    return f"expected YAML: {', '.join(filter(None, parts)) or shown(str(error))}"


_CLOSED_BY = {
    "while parsing a flow mapping": "a '}' to close this mapping",
    "while parsing a flow sequence": "a ']' to close this list",
    "while scanning a quoted scalar": "a quote to close this text",
}


def _unclosed(error: Exception, last: Any) -> Refused | None:  # noqa: ANN401 - an event
    """What was opened on a line above and never closed is the mistake, not the line on which that came out."""
    found = position_of(getattr(error, "problem_mark", None))
    expected = _CLOSED_BY.get(getattr(error, "context", None) or "")
    begun = position_of(getattr(error, "context_mark", None))
    if _quoted(last) and last.end_mark.line + 1 == found[0]:  # closed by the quote that was to open another text
        expected, begun = "a quote to close this text", position_of(last.start_mark)
    if expected is None or begun[0] == found[0]:
        return None
    return Refused(begun, f"expected YAML: {expected}, got none that fits by line {found[0]}")


def _quoted(event: Any) -> bool:  # noqa: ANN401
    return isinstance(event, events.ScalarEvent) and event.style in ("'", '"')

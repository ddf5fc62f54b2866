"""Pieces of Markdown: headings with their anchors, tables, YAML within a line."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

_WIDE = 10_000  # no line of YAML is broken in a table


def anchor(heading: str) -> str:
    """The name by which others link to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def link(heading: str) -> str:
    """A link to a heading of the same page."""
    return f"[{heading}](#{anchor(heading)})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; nothing, if it has no rows. Columns that are empty in every row are left out."""
    cells = [list(row) for row in rows]
    kept = [n for n in range(len(head)) if any(row[n] for row in cells)]
    if cells:
        for row in ([head[n] for n in kept], ["---"] * len(kept), *([row[n] for n in kept] for row in cells)):
            yield f"| {' | '.join(map(_cell, row))} |"
        yield ""


def code(value: Any) -> str:  # noqa: ANN401 - JSON
    """A value as a file would say it, as code."""
    text = in_yaml(value)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def in_yaml(value: Any) -> str:  # noqa: ANN401
    """A value in YAML, on one line."""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=_WIDE, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

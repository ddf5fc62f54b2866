"""Rows as lines of text, their columns one below the other."""

from collections.abc import Iterator, Sequence


def aligned(rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """One line for each row; the last column is as wide as it is. All rows are of one length."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

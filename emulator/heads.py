"""Headers as text, as they stand in the head of an answer."""

from collections.abc import Collection

LINE = "\r\n"


def lines(headers: Collection[tuple[str, str]]) -> str:
    """Each behind the end of the line before. ValueError if one of them would end its own."""
    text = LINE.join(("", *map(": ".join, headers)))
    if not text.count("\n") == text.count("\r") == len(headers) or "\0" in text:
        raise ValueError(f"a header does not keep to its line: {list(headers)}")
    return text


def parted(text: str) -> list[tuple[str, str]]:
    """What `lines` has made one text of, name and value."""
    pairs = (line.partition(": ") for line in text.split(LINE) if line)
    return [(name, value) for name, _, value in pairs]

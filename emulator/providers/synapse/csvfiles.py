"""Rows as CSV files, and back. https://rest-docs.synapse.org/rest/org/sagebionetworks/repo/model/table/CsvTableDescriptor.html"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.providers.synapse.errors import illegal
from emulator.providers.synapse.objects import Cell

ROW_ID, ROW_VERSION = "ROW_ID", "ROW_VERSION"
"""The columns that say which row it is, before all others."""
LARGEST = 1 << 30
"""Bytes of a file that is uploaded."""

Line = list[str]


def dialect(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """What Python's csv calls what the vendor's descriptor says. JobFailed where a character is none."""
    told = {
        "delimiter": descriptor.get("separator", ","),
        "quotechar": descriptor.get("quoteCharacter", '"'),
        "escapechar": descriptor.get("escapeCharacter", "\\"),
    }
    for name, character in told.items():
        if len(character) != 1 or character in "\r\n":
            raise illegal(f"The {name} must be one character")
    if len(set(told.values())) != len(told):
        raise illegal("The separator, quote, and escape characters must be different!")
    return told


def written(lines: Iterable[Iterable[Cell]], descriptor: Mapping[str, Any]) -> bytes:
    """A file of these lines; null is an empty value. JobFailed."""
    out = io.StringIO(newline="")
    csv.writer(out, **dialect(descriptor), lineterminator=descriptor.get("lineEnd", "\n")).writerows(lines)
    return out.getvalue().encode()


def lines_of(content: bytes, descriptor: Mapping[str, Any], skip: int) -> Iterator[Line]:
    """The lines of a file, without the first `skip`. JobFailed where it is no CSV."""
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), **dialect(descriptor), strict=True)
        for number, line in enumerate(reader):
            if number >= skip and line:
                yield line
    except (csv.Error, UnicodeDecodeError) as error:
        raise illegal(f"The file is not a CSV file: {error}") from None

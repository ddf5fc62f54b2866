"""What a preview of an upload tells: columns that would hold a file, and how its rows begin.

https://rest-docs.synapse.org/rest/org/sagebionetworks/repo/model/table/UploadToTablePreviewRequest.html
"""

from emulator.providers.synapse import csvfiles, tables
from emulator.providers.synapse.concretetypes import TABLE
from emulator.providers.synapse.files import own_file
from emulator.providers.synapse.messages import Pojo
from emulator.providers.synapse.settings import SynapseWorld
from emulator.providers.synapse.updates import VALID
from emulator.providers.synapse.users import User

SAMPLE = 5
"""Rows that a preview shows."""
GUESSES = ("BOOLEAN", "INTEGER", "DOUBLE")
"""Types that a column is tried as, in this order."""


def preview(world: SynapseWorld, user: User, asked: Pojo) -> Pojo:
    """Columns that would hold a file, and how its rows begin. JobFailed."""
    file = own_file(world, user, asked.get("uploadFileHandleId"))
    descriptor = asked.get("csvTableDescriptor", {})
    lines = list(csvfiles.lines_of(file.content, descriptor, asked.get("linesToSkip", 0)))
    headed = descriptor.get("isFirstLineHeader", True) and lines
    rows = lines[1:] if headed else lines
    width = max(map(len, lines), default=0)
    names = lines[0] if headed else [f"col{n}" for n in range(1, width + 1)]
    return {
        "concreteType": f"{TABLE}UploadToTablePreviewResult",
        "suggestedColumns": [_guessed(name, [row[n] for row in rows if n < len(row)]) for n, name in enumerate(names)],
        "sampleRows": [{"values": list(row)} for row in rows[:SAMPLE]],
        "rowsScanned": len(rows),
    }


def _guessed(name: str, values: list[str]) -> Pojo:
    kind = next((each for each in GUESSES if values and all(_fits(each, value) for value in values)), "STRING")
    if name in (csvfiles.ROW_ID, csvfiles.ROW_VERSION):
        kind = "INTEGER"
    size = {"maximumSize": max(map(len, values), default=0) or tables.STRING_SIZE} if kind == "STRING" else {}
    return {"name": name, "columnType": kind, **size}


def _fits(kind: str, value: str) -> bool:
    try:
        return bool(VALID[kind](value))
    except ValueError:
        return not value

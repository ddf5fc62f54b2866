"""File handles, batches of them, and links that expire.

https://rest-docs.synapse.org/rest/#org.sagebionetworks.file.controller.UploadController
"""

import hashlib
import hmac
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from emulator.clock import SECOND, Instant, to_datetime, to_instant
from emulator.exchange import Answer, Request
from emulator.providers.synapse.concretetypes import FILE
from emulator.providers.synapse.errors import JobFailed, illegal
from emulator.providers.synapse.messages import Pojo, date_time, pojo, said, uuid
from emulator.providers.synapse.objects import FileHandle
from emulator.providers.synapse.settings import SynapseWorld
from emulator.providers.synapse.users import FIRST, User
from emulator.world import World

STORAGE = "/proddata.sagebase.org"
"""The vendor's bucket, on the host of the storage."""
FIRST_FILE = 555
CSV, ZIP = "text/csv", "application/zip"

FILE_SCHEMA: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": "^[1-9][0-9]{0,17}$", "description": "The ID of the file handle."},
    "name": {"type": "string", "minLength": 1, "description": "The name of the file."},
    "content": {"type": "string", "description": "What is in it."},
    "owner": {"type": "integer", "description": "The user who made it; 3300001 unless said."},
}

# File handles -----------------------------------------------------------------


def seeded(world: World[Any, Any], entry: Mapping[str, Any]) -> FileHandle:
    """A file as a scenario describes it."""
    return FileHandle(
        id=entry["id"],
        name=entry["name"],
        content_type=CSV,
        content=entry["content"].encode(),
        owner=entry.get("owner", FIRST),
        created=world.now(),
        key=uuid(world.chance, "file", entry["id"]),
    )


def new_file(world: SynapseWorld, user: User, name: str, content_type: str, content: bytes) -> FileHandle:
    """A file that a job has made for its user. A scenario's own IDs are passed over."""
    files = world.objects.files
    while (file_id := str(FIRST_FILE - 1 + world.count("file"))) in files:
        pass
    key = uuid(world.chance, "file", file_id)
    files[file_id] = made = FileHandle(file_id, name, content_type, content, user.id, world.now(), key)
    return made


def claim(world: SynapseWorld, job: str, known: int) -> None:
    """All files but the first `known` were made by that job."""
    files = world.objects.files
    for file_id in list(islice(reversed(files), len(files) - known)):
        files[file_id] = replace(files[file_id], job=job)


def own_file(world: SynapseWorld, user: User, file_id: str | None) -> FileHandle:
    """The user's file of that ID; a job's own check. JobFailed."""
    if not file_id:
        raise illegal("File handle ID is required.")
    file = world.objects.files.get(file_id)
    if file is None:
        raise JobFailed("NotFoundException", f"Resource: '{file_id}' does not exist")
    if file.owner != user.id and not user.administrator:
        raise JobFailed("UnauthorizedException", "Only the creator of a FileHandle can access it directly by its ID.")
    return file


def file_handle(world: SynapseWorld, file: FileHandle) -> Pojo:
    """What is told of a file."""
    return {
        "id": file.id,
        "concreteType": f"{FILE}S3FileHandle",
        "etag": uuid(world.chance, "file", file.id, "etag"),
        "createdBy": str(file.owner),
        "createdOn": date_time(file.created),
        "fileName": file.name,
        "contentType": file.content_type,
        "contentSize": len(file.content),
        "contentMd5": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
        "storageLocationId": 1,
    }


# Batches ------------------------------------------------------------------------


def get_file_handle_batch(world: SynapseWorld, request: Request) -> Answer:
    """201 with each file's handle and link, or why there is none. ApiError no-body, bad-json, bad-enum."""
    asked = pojo("batch-file-request", said(request))
    return Answer(
        201, {"requestedFiles": [_found(world, request, asked, each) for each in asked.get("requestedFiles", ())]}
    )


def _found(world: SynapseWorld, request: Request, asked: Pojo, wanted: Pojo) -> Pojo:
    told = {"fileHandleId": wanted.get("fileHandleId", "")}
    try:
        file = own_file(world, request.user, wanted.get("fileHandleId"))
    except JobFailed as refused:
        return told | {"failureCode": FAILURES[refused.entry["code"]]}
    handle = {"fileHandle": file_handle(world, file)} if asked.get("includeFileHandles") else {}
    link = {"preSignedURL": pre_signed(world, request, file)} if asked.get("includePreSignedURLs") else {}
    return told | handle | link


FAILURES = {
    "IllegalArgumentException": "NOT_FOUND",
    "NotFoundException": "NOT_FOUND",
    "UnauthorizedException": "UNAUTHORIZED",
}
"""What a batch says where a single call would say an exception."""

# Links --------------------------------------------------------------------------


def pre_signed(world: SynapseWorld, request: Request, file: FileHandle) -> str:
    """A link to a file, with all that S3 puts into one."""
    path = f"{STORAGE}/{file.owner}/{file.key}/{quote(file.name, safe='')}"
    lives, signed = str(world.settings.link_lives // SECOND), world.now() // SECOND
    date = to_datetime(signed * SECOND).strftime("%Y%m%dT%H%M%SZ")
    signature = _signature(world, path, date, lives)
    query = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-Expires={lives}&X-Amz-Signature={signature}"
    return f"{request.storage}{path}?{query}"


def _signature(world: SynapseWorld, *parts: str) -> str:
    return hmac.digest(world.secret, "\n".join(parts).encode(), "sha256").hex()


def download_file(world: SynapseWorld, request: Request) -> Answer:
    """The bytes, while the link is valid; else what S3 says."""
    told = request.query
    date, lives = told.get("X-Amz-Date", ""), told.get("X-Amz-Expires", "")
    signature = _signature(world, request.path.rstrip("/"), date, lives)
    if not hmac.compare_digest(signature.encode(), told.get("X-Amz-Signature", "").encode()):
        return refused(
            "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."
        )
    file = next(each for each in world.objects.files.values() if each.key == request.params["key"])
    if world.now() >= _dies(date, lives):
        return replace(refused("AccessDenied", "Request has expired"), job=file.job)
    disposition = f"attachment; filename*=utf-8''{quote(file.name, safe='')}"
    disposed = {"Content-Disposition": disposition}
    return Answer(200, file.content, disposed, content_type=file.content_type, job=file.job)


def _dies(date: str, lives: str) -> Instant:
    """When a link of ours does: its date and life are as they were signed."""
    return to_instant(datetime.strptime(date + "+0000", "%Y%m%dT%H%M%SZ%z")) + int(lives) * SECOND


def refused(code: str, message: str) -> Answer:
    """403, in the storage's XML."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(403, text, content_type="application/xml")


# Zip files ----------------------------------------------------------------------


def bulk_download(world: SynapseWorld, user: User, asked: Pojo) -> Pojo:
    """Put the files that there are into one. JobFailed if none is asked for."""
    wanted = asked.get("requestedFiles")
    if not wanted:
        raise illegal("FileHandleAssociation list cannot be empty")
    packed: dict[str, FileHandle] = {}
    summary = [_packed(world, user, each, packed) for each in wanted]
    response = {"concreteType": f"{FILE}BulkFileDownloadResponse", "userId": str(user.id), "fileSummary": summary}
    if packed:
        name = asked.get("zipFileName") or f"Job-{user.id}.zip"
        response["resultZipFileHandleId"] = new_file(world, user, name, ZIP, _zipped(packed)).id
    return response


def _packed(world: SynapseWorld, user: User, wanted: Pojo, packed: dict[str, FileHandle]) -> Pojo:
    summary = {"fileHandleId": "", **wanted}
    try:
        file = own_file(world, user, wanted.get("fileHandleId"))
    except JobFailed as failed:
        code = FAILURES[failed.entry["code"]]
        return summary | {"status": "FAILURE", "failureCode": code, "failureMessage": str(failed)}
    entry = f"{int(file.id) % 1000}/{file.id}/{file.name}"
    if entry in packed:
        twice = "File was already added to this zip."
        return summary | {"status": "FAILURE", "failureCode": "DUPLICATE", "failureMessage": twice}
    packed[entry] = file
    return summary | {"status": "SUCCESS", "zipEntryName": entry}


def _zipped(packed: Mapping[str, FileHandle]) -> bytes:
    """The same bytes each time: every entry is dated 1980, where zip files begin."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for entry, file in packed.items():
            archive.writestr(zipfile.ZipInfo(entry), file.content)
    return out.getvalue()

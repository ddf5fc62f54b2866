"""What a report is: an entry of the table, from which a request at once and a task are both answered."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from emulator.exchange import JSON, Answer, Request
from emulator.provider import ApiError
from emulator.providers.kladana.general import context, requested, url
from emulator.providers.kladana.paging import page
from emulator.providers.kladana.reports.books import Books, Row
from emulator.providers.kladana.settings import KladanaWorld

SLICE = 200
"""Rows that are built, checked and sent at a time."""

FEATURE = "X-Lognex-Remap-Beta-Feature"
"""The header by which a client asks for what is new."""

MISSING = 39000
NO_OBJECT = 1012

Rows = Callable[[Books], Callable[[int], Row]]
"""Makes the function that makes the n-th row. It looks at the parameters: ApiError if one of them is wrong."""

Body = Callable[[Books], Any]
"""Makes the whole answer. ApiError if a parameter is wrong."""

Shape = Literal["page", "list", "array", "object"]
"""Rows in a frame that counts and pages them, in a frame that does not, in none; or no rows at all."""


@dataclass(frozen=True)
class Report:
    """One request that can become a task."""

    path: str
    """Below the API's base: report/stock/all."""
    operation: str
    message: str
    """The name of the answer's schema; that of a page's has one more for results, without paging."""
    rows: Rows | None = None
    body: Body | None = None
    shape: Shape = "page"
    type: str = ""
    """What `meta.type` says of it."""
    context: Callable[[Request], dict[str, Any]] = context
    metadata: bool = False
    """Whether its meta has a `metadataHref`, as lists of entities do."""
    size: int | None = None
    """How many rows it always has, whatever a scenario or the settings say."""
    required: tuple[str, ...] = ()
    missing: int = MISSING
    """The error of a request without one of those."""
    by_letter: bool = False
    """Whether only the letter of the vendor's list makes a task of it: nobody is seen to run it as one."""

    @cached_property
    def name(self) -> str:
        """What scenarios call it: stock/all."""
        return self.path.removeprefix("report/")

    @property
    def result(self) -> str:
        """The name of the schema of a task's result."""
        return f"{self.message}-result" if self.shape == "page" else self.message

    def check(self, request: Request) -> None:
        """ApiError if a required parameter is missing: the first that is."""
        for name in self.required:
            if not request.query.get(name):
                raise ApiError(self.missing, parameter=name)

    def count(self, world: KladanaWorld, request: Request, wish: Mapping[str, Any]) -> int:
        """How many rows it has; a scenario may wish for so many. ApiError if it cannot be made."""
        self.check(request)
        books = Books(world, request)
        if self.body is not None:
            return len(self.body(books).get("series", (1,)))
        assert self.rows is not None
        self.rows(books)
        return int(wish.get("rows", world.settings.rows)) if self.size is None else self.size

    def at_once(self, world: KladanaWorld, request: Request) -> Answer:
        """The synchronous answer: a page of it where it has pages. ApiError 1040, and those of `check`."""
        self.check(request)
        size = world.settings.rows if self.size is None else self.size
        frame, numbers = page(request, size) if self.shape == "page" else ({}, range(size))
        return self._answer(world, request, frame, numbers)

    def whole(self, world: KladanaWorld, request: Request, size: int) -> Answer:
        """The result of a task: all rows, and nothing of paging."""
        frame = {"size": size} if self.shape == "page" else {}
        answer = self._answer(world, request, frame, range(size))
        answer.message = self.result
        return answer

    def _answer(self, world: KladanaWorld, request: Request, frame: dict[str, Any], numbers: range) -> Answer:
        books = Books(world, request)
        if self.body is not None:
            return Answer(200, self.body(books))
        assert self.rows is not None
        slices = _slices(self.rows(books), numbers)
        if self.shape == "array":
            return Answer(200, [], rows=slices)
        meta = self._meta(request) | frame
        return Answer(200, {"context": self.context(request), "meta": meta, "rows": []}, rows=slices)

    def _meta(self, request: Request) -> dict[str, Any]:
        metadata = {"metadataHref": url(request, f"/{self.path}/metadata")} if self.metadata else {}
        return {"href": requested(request), **metadata, "type": self.type, "mediaType": JSON}


def framed(books: Books, kind: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is any of six types
    """A body in a frame that counts nothing."""
    meta = {"href": requested(books.request), "type": kind, "mediaType": JSON}
    return {"context": context(books.request), "meta": meta, **body}


def _slices(row: Callable[[int], Row], numbers: range) -> Iterator[list[Row]]:
    for start in range(0, len(numbers), SLICE):
        yield [row(n) for n in numbers[start : start + SLICE]]

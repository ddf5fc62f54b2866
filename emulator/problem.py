"""Errors in our own voice: RFC 9457 problem+json. Vendors' errors are worded by their providers."""

from http import HTTPStatus
from typing import Any

from emulator.exchange import Answer

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the RFC's word
    """Something that is said to the client as problem+json."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:  # noqa: ANN401 - extension members
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.more = more

    def answer(self) -> Answer:
        """The problem as an answer."""
        title = HTTPStatus(self.status).phrase
        payload = {"title": title, "status": self.status, "detail": self.detail, **self.more}
        return Answer(self.status, payload, content_type=MEDIA_TYPE)

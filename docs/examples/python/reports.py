"""Downloads reports of the Kladana API: starts a task, waits for it, fetches what it came to."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

PATH = "/api/remap/1.2"
TRIES = 5
SHORTEST, LONGEST = 0.5, 60.0
"""Seconds between two polls: the first and the last."""

TOO_MANY, SERVER_ERROR, FOUND, UNAUTHORIZED = 429, 500, 302, 401


class ReportFailed(Exception):  # noqa: N818 - reads as what it says
    """The task ended without a result."""


class TookTooLong(Exception):  # noqa: N818 - the same
    """The task did not end in time; it is cancelled."""


@dataclass
class Reports:
    """A client of one account. `sleep` takes seconds; so does `patience`, for one report."""

    host: str
    token: str
    sleep: Callable[[float], object] = time.sleep
    patience: float = 2 * 3600
    session: requests.Session = field(default_factory=requests.Session)

    def download(self, report: str) -> Any:  # noqa: ANN401 - JSON is any of six types
        """The report. ReportFailed, TookTooLong."""
        task = self.start(report)
        self.wait(task)
        return self.fetch(task, self.link(task))

    def start(self, report: str) -> str:
        """The URL of a new task."""
        return self._call("GET", f"{self.host}{PATH}/report/{report}?async=true").headers["Content-Location"]

    def wait(self, task: str) -> None:
        """Until the task is done; each pause is half as long again as the one before. ReportFailed, TookTooLong."""
        pause, waited = SHORTEST, 0.0
        while (state := self._call("GET", task).json()["state"]) in ("PENDING", "PROCESSING"):
            if waited >= self.patience:
                self._call("PUT", f"{task}/cancel")
                raise TookTooLong(task)
            self.sleep(pause)
            waited += pause
            pause = min(pause * 1.5, LONGEST)
        if state != "DONE":
            raise ReportFailed(state)

    def link(self, task: str) -> str:
        """Where the result is for the next five minutes."""
        return self._call("GET", f"{task}/result").headers["Location"]

    def fetch(self, task: str, link: str) -> Any:  # noqa: ANN401 - JSON is any of six types
        """The result; if the link has died meanwhile, by a new one."""
        answer = self.session.get(link)
        if answer.status_code == UNAUTHORIZED:
            answer = self.session.get(self.link(task))
        answer.raise_for_status()
        return answer.json()

    def call_back(self, url: str) -> None:
        """From now on, the end of each task is told to this URL."""
        self._call(
            "POST", f"{self.host}{PATH}/entity/webhook", {"url": url, "action": "PROCESSED", "entityType": "async"}
        )

    def _call(self, method: str, url: str, body: object = None) -> requests.Response:
        """The answer; limits and the server's errors are waited out."""
        headers = {"Authorization": f"Bearer {self.token}"}
        for attempt in range(TRIES):
            answer = self.session.request(method, url, json=body, headers=headers, allow_redirects=False)
            if answer.status_code != TOO_MANY and answer.status_code < SERVER_ERROR:
                break
            self.sleep(_told_to_wait(answer) or 2.0**attempt)
        answer.raise_for_status()
        return answer


def _told_to_wait(answer: requests.Response) -> float:
    """Seconds; 0 if nothing is said. The vendor's own header counts milliseconds."""
    milliseconds = answer.headers.get("X-Lognex-Retry-After")
    return float(milliseconds) / 1000 if milliseconds else float(answer.headers.get("Retry-After", 0))

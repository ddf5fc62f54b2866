"""Logs: text for people at a terminal, one JSON object a line for everybody else."""

import json
import logging
import sys

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """Text on one line: what a client sent cannot begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, with control characters in its message escaped; a traceback keeps its lines."""
        record.msg, record.args = _escaped(record.getMessage()), None
        return super().format(record)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, and the traceback if there is one."""
        told = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told)


def configure(form: str) -> bool:
    """Set logging up; `form` is text, json, or auto. True if it came to JSON."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else OneLine(TEXT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    return as_json


def _escaped(text: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)

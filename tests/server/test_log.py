"""One line a record, whatever a client has sent."""

import json
import logging
import sys

import pytest

from emulator.log import TEXT, JsonLines, OneLine


def said(formatter, message, *args, error=None):
    exc_info = (type(error), error, None) if error else None
    return formatter.format(logging.LogRecord("emulator", logging.INFO, "", 0, message, args, exc_info))


@pytest.mark.requirement("S-34")
@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\x00b", "a\u2028b", "a\u202eb"])
def test_control_characters_are_escaped(text):
    line = said(OneLine(TEXT), "sent %s", text)
    assert line.isprintable()
    assert line.splitlines() == [line]
    assert json.loads(said(JsonLines(), "sent %s", text))["message"] == f"sent {text}"


def test_a_line_of_json_tells_level_logger_and_traceback():
    told = json.loads(said(JsonLines(), "it failed", error=ValueError("why")))
    assert (told["level"], told["logger"]) == ("info", "emulator")
    assert "ValueError: why" in told["traceback"]
    assert sys.exc_info() == (None, None, None)

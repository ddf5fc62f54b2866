"""Pages of lists: `limit` and `offset`."""

from emulator.admin.api import Call
from emulator.problem import Problem

PAGE = 100
PAGE_LIMIT = 1000
DIGITS, FARTHEST = 15, 10**15
"""A number of more digits is as good as this one."""


def page(call: Call) -> tuple[int, int]:
    """How many rows are wanted, and from which on. Problem 422."""
    values = []
    for key, default in (("limit", PAGE), ("offset", 0)):
        text = call.request.query.get(key, str(default))
        if not (text.isascii() and text.isdigit()):
            raise Problem(422, f"{key} is a number from 0, not {text!r}")
        values.append(number(text))
    return min(values[0], PAGE_LIMIT), values[1]


def number(digits: str) -> int:
    """What decimal digits say, however many there are: nothing here goes so far as `FARTHEST`."""
    return int(digits) if len(digits) <= DIGITS else FARTHEST

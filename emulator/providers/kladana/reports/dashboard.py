"""Indicators. https://dev.kladana.com/doc/api/remap/1.2/reports/#reports-indicators

Of today, of this week, of this month: without a frame, and the same until the period is over.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from emulator.providers.kladana.reports.books import Books, Draw
from emulator.providers.kladana.reports.period import later, start, today
from emulator.providers.kladana.reports.report import Report

DAY = timedelta(days=1)


def day(books: Books) -> dict[str, Any]:
    """Today, compared with yesterday."""
    now = today(books.request)
    return _indicators(books, "day", now, now - DAY)


def week(books: Books) -> dict[str, Any]:
    """This week from Monday on, compared with the last."""
    now = today(books.request)
    monday = now - now.weekday() * DAY
    return _indicators(books, "week", monday, monday - 7 * DAY)


def month(books: Books) -> dict[str, Any]:
    """This month, compared with the last."""
    first = start(today(books.request), "month")
    return _indicators(books, "month", first, later(first, -1))


def _indicators(books: Books, period: str, now: date, before: date) -> dict[str, Any]:
    money, daily = books.draw(f"money of the {period}"), books.draw("money of the day")
    income, outcome = _amount(money(now.toordinal())), _amount(money(now.toordinal()) >> 32)
    movement = daily(today(books.request).toordinal())
    return {
        "sales": _trade(books.draw(f"sales of the {period}"), now, before),
        "orders": _trade(books.draw(f"orders of the {period}"), now, before),
        "money": {
            "income": income,
            "outcome": outcome,
            "balance": _amount(daily(0)) * 100,
            "todayMovement": _amount(movement) - _amount(movement >> 32),
            "movement": income - outcome,
        },
    }


def _trade(draw: Draw, now: date, before: date) -> dict[str, int]:
    """How many, how much, and how much more than in the period before."""
    count, amount = draw(now.toordinal()) & 31, _amount(draw(now.toordinal()) >> 8)
    return {"count": count, "amount": amount, "movementAmount": amount - _amount(draw(before.toordinal()) >> 8)}


def _amount(bits: int) -> int:
    """An amount in hundredths."""
    return (bits & 0xFFFFF) * 100


def _report(period: str, operation: str, body: Callable[[Books], dict[str, Any]]) -> Report:
    return Report(f"report/dashboard/{period}", operation, "dashboard", body=body, shape="object")


REPORTS = (
    _report("day", "getDashboardDay", day),
    _report("week", "getDashboardWeek", week),
    _report("month", "getDashboardMonth", month),
)

"""Counterparty indicators. https://dev.kladana.com/doc/api/remap/1.2/reports/#reports-report-indicators-of-counterparties

And the list of counterparties itself: https://dev.kladana.com/doc/api/remap/1.2/dictionaries/#entities-counterparty
The n-th is the same in both. Every third is a person, every fourth has not bought anything yet.
"""

from collections.abc import Callable
from typing import Any

from emulator.clock import DAY, SECOND, Instant
from emulator.exchange import JSON
from emulator.provider import ApiError
from emulator.providers.kladana.general import date_time, url
from emulator.providers.kladana.reports.books import Books, Row, external_code, named
from emulator.providers.kladana.reports.goods import price
from emulator.providers.kladana.reports.report import Report

COMPANY_TYPES = ("legal", "entrepreneur", "individual")
UUID_LENGTH = 36

_OPENED = 1_420_059_600 * SECOND
"""2015-01-01 in Moscow: nobody is known for longer."""


class Counterparties:
    """An account's counterparties, by number."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.kind = books.kind("counterparty")
        self.bits = books.draw("counterparty")

    def company_type(self, n: int) -> str:
        """What the n-th is: a legal entity, an entrepreneur, an individual."""
        return COMPANY_TYPES[n % 3]

    def name(self, n: int) -> str:
        """Its name."""
        words = self.books.words
        return named(words.people if self.company_type(n) == "individual" else words.companies, n)

    def inn(self, n: int, bits: int) -> dict[str, str]:
        """Its tax number; individuals show none."""
        return {} if self.company_type(n) == "individual" else {"inn": f"77{bits % 10**8:08d}"}


def created(n: int, bits: int) -> Instant:
    """Since when a counterparty is known."""
    return _OPENED + n % 2000 * DAY + bits % 36_000 * SECOND


# Indicators of counterparties -----------------------------------------------------


def indicators(books: Books) -> Callable[[int], Row]:
    """What each has bought and given back, and what is between them and the account."""
    parties, reports = Counterparties(books), url(books.request, "/report/counterparty/")

    def row(n: int) -> Row:
        its_id, bits = parties.kind.id(n), parties.bits(n)
        since = created(n, bits)
        return {
            "meta": {"href": reports + its_id, "type": "counterparty", "mediaType": JSON},
            "counterparty": {
                "meta": parties.kind.meta_of(its_id),
                "id": its_id,
                "name": parties.name(n),
                "externalCode": external_code(bits),
                **parties.inn(n, bits),
                "companyType": parties.company_type(n),
            },
            **_bought(since, bits, 0 if n % 4 == 0 else 1 + bits % 20),
            **_last_event(books, since, n),
            "updated": date_time(since + 20 * DAY),
        }

    return row


def _bought(since: Instant, bits: int, sales: int) -> dict[str, Any]:
    receipt = price(bits >> 16) if sales else 0.0
    returns = sales // 5
    return {
        "firstDemandDate": date_time(since + DAY) if sales else None,
        "lastDemandDate": date_time(since + sales * DAY) if sales else None,
        "demandsCount": sales,
        "demandsSum": receipt * sales,
        "averageReceipt": receipt,
        "returnsCount": returns,
        "returnsSum": receipt * returns,
        "discountsSum": receipt * (sales // 10),
        "balance": -receipt if bits >> 32 & 1 else 0.0,
        **({"bonusBalance": bits >> 40 & 0xFF} if sales else {}),
        "profit": receipt * (sales - returns) / 4,
    }


def _last_event(books: Books, since: Instant, n: int) -> dict[str, Any]:
    if n % 2 == 0:
        return {"lastEventDate": None, "lastEventText": None}
    return {"lastEventDate": date_time(since + 15 * DAY), "lastEventText": named(books.words.events, n)}


def indicators_of_one(books: Books) -> dict[str, Any]:
    """The row of the counterparty that the path names. ApiError 1000 if that is no id, 1021 if nobody's."""
    asked = books.request.params["id"].lower()
    try:
        n = books.kind("counterparty").number(asked) if len(asked) == UUID_LENGTH else -1
    except ValueError:
        n = -1
    if n == -1:
        raise ApiError(1000)
    if n is None:
        raise ApiError(1021, type="counterparty", id=asked)
    row: dict[str, Any] = indicators(books)(n)
    return row


# The list of counterparties --------------------------------------------------------


def counterparties(books: Books) -> Callable[[int], Row]:
    """Each counterparty, without what nobody has filled in."""
    parties, words, kind = Counterparties(books), books.words, books.kind("counterparty")
    owners, group = books.kind("employee"), books.one("group")

    def row(n: int) -> Row:
        its_id, bits, name = kind.id(n), parties.bits(n), parties.name(n)
        legal, since = parties.company_type(n) == "legal", created(n, bits)
        street, city = named(words.streets, n), words.cities[n % len(words.cities)]
        address = f"{bits >> 8 & 0xFFFF:06d}, {city}, {street}, {1 + n % 99}"
        return {
            "meta": kind.meta_of(its_id),
            "id": its_id,
            "accountId": books.account_id,
            "owner": {"meta": owners.meta(n % 3)},
            "shared": n % 7 == 0,
            "group": group,
            "updated": date_time(since + 20 * DAY),
            "name": name,
            "externalCode": external_code(bits),
            "archived": False,
            "created": date_time(since),
            "companyType": parties.company_type(n),
            **({"legalTitle": f'Limited Liability Company "{name}"'} if legal else {}),
            "legalAddress": address,
            "actualAddress": address,
            **parties.inn(n, bits),
            "email": f"contact{n}@example.com",
            "phone": f"+7495{bits >> 24 & 0x7FFFFF:07d}",
            "accounts": kind.part(its_id, "accounts", "account"),
            "tags": [words.tags[n % len(words.tags)]] if n % 2 else [],
            "contactpersons": kind.part(its_id, "contactpersons", "contactperson"),
            "notes": kind.part(its_id, "notes", "note"),
            "salesAmount": 0.0 if n % 4 == 0 else price(bits >> 16) * (1 + bits % 20),
        }

    return row


REPORTS = (
    Report("report/counterparty", "getCounterpartyReports", "counterparty-reports", indicators, type="counterparty"),
    Report(
        "report/counterparty/{id}",
        "getCounterpartyReport",
        "counterparty-report",
        body=indicators_of_one,
        shape="object",
        by_letter=True,
    ),
    Report(
        "entity/counterparty",
        "getCounterparties",
        "counterparties",
        counterparties,
        type="counterparty",
        metadata=True,
    ),
)

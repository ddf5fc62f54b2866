"""Assortment. https://dev.kladana.com/doc/api/remap/1.2/dictionaries/#entities-assortment

All goods and services in one list, each with the fields of its own type. Those that can be in a warehouse also have
`stock`, `reserve`, `inTransit` and `quantity`, unless a header asks to leave these out.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from emulator.clock import DAY
from emulator.exchange import JSON, Request
from emulator.providers.kladana.general import date_time, object_id, url
from emulator.providers.kladana.reports.books import Books, Row, external_code
from emulator.providers.kladana.reports.goods import ASSORTMENT, Goods, code, price, turns
from emulator.providers.kladana.reports.parts import Parts
from emulator.providers.kladana.reports.report import FEATURE, Report

WITHOUT_STOCK = "assortmentWithoutStock"
STORED = frozenset({"product", "variant", "consignment"})
"""The types that can be in a warehouse."""

_CREATED = 1_494_575_231_000_000
_PRICE_TYPE = "672559f1-cbf3-11e1-9eb9-889ffa6f49fd"


def with_stock(request: Request) -> bool:
    """Whether goods are to say how much of them there is."""
    return WITHOUT_STOCK not in request.headers.get(FEATURE, "").replace(" ", "").split(",")


def assortment(books: Books) -> Callable[[int], Row]:
    """Each good with the fields of its type."""
    goods, shelf = Goods(books, turns(books.request, ASSORTMENT)), Shelf(books)
    stocked = STORED if with_stock(books.request) else frozenset()

    def row(n: int) -> Row:
        kind, its_id, bits = goods.type(n), goods.id(n), goods.bits(n)
        whole = goods.whole(bits)
        levels = {
            "stock": whole.stock,
            "reserve": whole.reserve,
            "inTransit": whole.in_transit,
            "quantity": whole.quantity,
        }
        return {
            "meta": goods.meta(n),
            "id": its_id,
            "accountId": books.account_id,
            **(shelf.owned(n) if kind in ("product", "service", "bundle") else {}),
            "updated": _updated(n % 3000),
            "name": goods.name(n),
            "code": code(n),
            "externalCode": external_code(bits),
            "archived": False,
            **shelf.fields[kind](n, its_id, bits),
            "barcodes": [{"ean13": f"2{bits >> 48 & 0xFFFFFFFF:012d}"}],
            **(levels if kind in stocked else {}),
        }

    return row


@lru_cache(maxsize=4096)
def _updated(day: int) -> str:
    return date_time(_CREATED + day * DAY)


class Shelf:
    """The fields that some types have and others have not."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.parts = Parts(books)
        self.products, self.bundles = books.kind("product"), books.kind("bundle")
        self.currency = books.one("currency")
        self.group = books.one("group")
        self.owners = [{"meta": books.kind("employee").meta(n)} for n in range(3)]
        self.suppliers = [{"meta": books.kind("counterparty").meta(n)} for n in range(50)]
        self.price_type = _price_type(books)
        self.colour = _characteristic(books, "color")
        self.fields: dict[str, Callable[[int, str, int], dict[str, Any]]] = {
            "product": self.product,
            "service": self.service,
            "bundle": self.bundle,
            "variant": self.variant,
            "consignment": self.consignment,
        }

    def owned(self, n: int) -> dict[str, Any]:
        """Whose it is."""
        return {"owner": self.owners[n % len(self.owners)], "shared": n % 2 == 0, "group": self.group}

    def product(self, n: int, its_id: str, bits: int) -> dict[str, Any]:
        """What can be bought, stored and sold."""
        return {
            **self._priced(n, bits),
            "images": self.products.part(its_id, "images", "image"),
            "supplier": self.suppliers[n % len(self.suppliers)],
            "article": f"Ar{n}",
            "weight": (bits & 0xFF) / 10,
            "volume": 0,
            "variantsCount": int(n % 4 == 2),  # noqa: PLR2004 - the next one is its variant
            "isSerialTrackable": False,
        }

    def service(self, n: int, _its_id: str, bits: int) -> dict[str, Any]:
        """What is done for somebody."""
        return self._priced(n, bits)

    def bundle(self, n: int, its_id: str, bits: int) -> dict[str, Any]:
        """Goods sold together."""
        return {
            **self._priced(n, bits),
            "images": self.bundles.part(its_id, "images", "image"),
            "article": f"Ar{n}",
            "weight": 0,
            "volume": 0,
            "components": self.bundles.part(its_id, "components", "bundlecomponent", size=1),
        }

    def variant(self, n: int, _its_id: str, bits: int) -> dict[str, Any]:
        """A product in one of its colours: that of the number before."""
        colours = self.books.words.colours
        return {
            "characteristics": [{**self.colour, "value": colours[n % len(colours)]}],
            "salePrices": [self._sale_price(bits)],
            "product": {"meta": self.products.meta(n - 1)},
        }

    def consignment(self, n: int, _its_id: str, _bits: int) -> dict[str, Any]:
        """A batch of a product: that of three numbers before."""
        return {"label": f"Batch {n}", "assortment": {"meta": self.products.meta(n - 3)}}

    def _priced(self, n: int, bits: int) -> dict[str, Any]:
        return {
            "pathName": f"Goods/{self.parts.folder(n)['name']}",
            "useParentVat": False,
            "vat": 18,
            "vatEnabled": True,
            "effectiveVat": 18,
            "effectiveVatEnabled": True,
            "uom": {"meta": self.parts.uom(n)["meta"]},
            "minPrice": self._amount(price(bits >> 32)),
            "salePrices": [self._sale_price(bits)],
            "buyPrice": self._amount(price(bits >> 32)),
        }

    def _sale_price(self, bits: int) -> dict[str, Any]:
        return {**self._amount(price(bits >> 32) * 1.5), "priceType": self.price_type}

    def _amount(self, value: float) -> dict[str, Any]:
        return {"value": value, "currency": self.currency}


def _price_type(books: Books) -> dict[str, Any]:
    href = url(books.request, f"/context/companysettings/pricetype/{_PRICE_TYPE}")
    return {
        "meta": {"href": href, "type": "pricetype", "mediaType": JSON},
        "id": _PRICE_TYPE,
        "name": "Sale price",
        "externalCode": "cbcf493b-55bc-11d9-848a-00112f43529a",
    }


def _characteristic(books: Books, name: str) -> dict[str, Any]:
    its_id = object_id(books.world.chance, "characteristic", books.account)
    href = url(books.request, f"/entity/variant/metadata/characteristics/{its_id}")
    return {"meta": {"href": href, "type": "attributemetadata", "mediaType": JSON}, "id": its_id, "name": name}


REPORTS = (Report("entity/assortment", "getAssortment", "assortment", assortment, type="assortment", metadata=True),)

"""Parts that several reports show of a good: its unit, group and image."""

from typing import Any

from emulator.exchange import JSON
from emulator.providers.kladana.general import date_time, object_id, url
from emulator.providers.kladana.reports.books import Books, Meta

PNG = "image/png"
_PHOTOGRAPHED = 1_500_000_000_000_000
"""When the first image was taken."""


class Parts:
    """What an account's goods share, made once for all rows of an answer."""

    def __init__(self, books: Books) -> None:
        words, chance = books.words, books.world.chance
        units, folders = books.kind("uom"), books.kind("productfolder")
        self.uoms = [{"meta": units.meta(n), "name": name} for n, name in enumerate(words.uoms)]
        self.folders = [
            {"meta": folders.meta(n), "name": name, "pathName": "Goods"} for n, name in enumerate(words.folders)
        ]
        self._download = url(books.request, "/download/")
        self._images = object_id(chance, "image", books.account)[8:]

    def uom(self, n: int) -> dict[str, Any]:
        """The unit in which the n-th is counted."""
        return self.uoms[n % len(self.uoms)]

    def folder(self, n: int) -> dict[str, Any]:
        """The group that the n-th is in."""
        return self.folders[n % len(self.folders)]

    def image(self, n: int, good: Meta, name: str) -> dict[str, Any]:
        """The picture of the n-th, in three sizes."""
        its_id = f"{n:08x}{self._images}"
        href = f"{self._download}{its_id}"
        return {
            "meta": {"href": f"{good['href'].partition('?')[0]}/images/{its_id}", "type": "image", "mediaType": JSON},
            "title": name,
            "filename": f"{name.lower().replace(' ', '-')}.png",
            "size": 10_000 + n % 90_000,
            "updated": date_time(_PHOTOGRAPHED + n * 60_000_000),
            "miniature": _picture(f"{href}?miniature=true"),
            "tiny": _picture(f"{href}?tiny=true"),
        }


def _picture(href: str) -> dict[str, str]:
    return {"href": href, "type": "image", "mediaType": PNG}

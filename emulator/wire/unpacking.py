"""Bodies that come packed, unpacked no further than anybody wants them.

aiohttp would unpack the rest of a body too that has been refused, only to throw it away: a megabyte of zeros packed is
a second in which nobody else is served.
"""

import zlib
from collections.abc import Iterator, Mapping

GZIP, ZLIB, BARE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
"""What zlib calls the three forms."""
_ZLIB_METHOD = 8
PIECE = 2**18
"""A millisecond's work, after which others have a turn."""

FORMS: Mapping[str, int] = {"gzip": GZIP, "x-gzip": GZIP, "deflate": ZLIB}
"""By content coding. What is called deflate may lack the frame that it should have."""


class Unpackable(ValueError):  # noqa: N818 - reads as what it says
    """The bytes are not what their coding says."""


class Unpacker:
    """Unpacks one body as it comes."""

    def __init__(self, coding: str) -> None:
        """KeyError if the coding is none of `FORMS`."""
        self._form = FORMS[coding]
        self._inflater: zlib._Decompress | None = None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What these bytes unpack to, `PIECE` bytes at a time. Unpackable."""
        full = False
        try:
            while data or full:
                inflater = self._inflater = self._inflater or self._begin(data)
                piece = inflater.decompress(data, PIECE)
                yield piece
                full = len(piece) == PIECE and not inflater.eof
                data = inflater.unused_data or inflater.unconsumed_tail
                if inflater.eof and data:  # another one follows
                    self._inflater = None
        except zlib.error as error:
            raise Unpackable(str(error)) from None

    def end(self) -> None:
        """No more bytes follow. Unpackable if some should."""
        if self._inflater is None or not self._inflater.eof:
            raise Unpackable("it breaks off")

    def _begin(self, data: bytes) -> "zlib._Decompress":
        if self._form == ZLIB and data[0] & 0xF != _ZLIB_METHOD:
            self._form = BARE
        return zlib.decompressobj(wbits=self._form)

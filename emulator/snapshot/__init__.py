"""A namespace as one JSON document, and back again.

types    which types such a document may hold: a closed list, found by their annotations
fitting  whether a value is of an annotated type
writing  objects -> a list of records that name each other by place
reading  the same list -> objects, or where it is wrong
sense    what no type can say: whether the state fits together
state    a namespace -> a document, and a document -> a namespace
"""

from emulator.snapshot.reading import Unreadable
from emulator.snapshot.state import Document, restored, written

__all__ = ["Document", "Unreadable", "restored", "written"]

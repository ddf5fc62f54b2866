"""Values that look like real ones: what `${faker.company}` stands for."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker


@cache
def faker() -> "Faker":
    """One for the process: each draw seeds it anew.

    It takes longer to load than all the rest, so that is left until a file names it, and not for a request to do.
    """
    made: Faker = import_module("faker").Faker("en_US")
    return made


def drawn(name: str, bits: int) -> str:
    """One of `template.FAKERS`, always the same for the same bits."""
    faker().seed_instance(bits)
    return str(faker().format(name))

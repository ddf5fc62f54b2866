"""The words that rows are made of: `pools.json`, frozen, so that a seed means the same whatever Faker learns.

    python -m emulator.providers.kladana.pools      fills it anew

Who changes what it holds changes what every seed means: raise `VERSION` then.
"""

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import orjson

VERSION = 1
SEED = 1
Words = tuple[str, ...]

GOODS = (
    *("Table", "Chair", "Lamp", "Shelf", "Cabinet", "Mirror", "Carpet", "Curtain", "Kettle", "Pan", "Mug", "Plate"),
    *("Drill", "Hammer", "Saw", "Ladder", "Bucket", "Brush", "Ball", "Racket", "Tent", "Backpack", "Jacket", "Scarf"),
)
FOLDERS = ("Furniture", "Lighting", "Kitchen", "Tools", "Sports", "Outdoors", "Clothing", "Seasonal")


@dataclass(frozen=True)
class Pools:
    """Words by what they name. Every list is long enough for small accounts to see no name twice."""

    version: int
    products: Words
    colours: Words
    folders: Words
    warehouses: Words
    uoms: Words
    companies: Words
    people: Words
    cities: Words
    streets: Words
    tags: Words
    channels: Words
    channel_types: Words
    events: Words


@cache
def pools() -> Pools:
    """The pools, read once."""
    text = resources.files(__package__).joinpath("pools.json").read_bytes()
    read: dict[str, Any] = orjson.loads(text)
    return Pools(**{each.name: _frozen(read[each.name]) for each in fields(Pools)})


def _frozen(value: Any) -> Any:  # noqa: ANN401 - a number or a list of words
    return tuple(value) if isinstance(value, list) else value


def filled() -> Pools:
    """New pools. Faker is wanted here only: nothing that serves imports it."""
    from faker import Faker  # noqa: PLC0415

    fake = Faker("en_US")
    fake.seed_instance(SEED)
    return Pools(
        version=VERSION,
        products=_unique(200, lambda: f"{fake.safe_color_name().title()} {fake.random_element(GOODS)}"),
        colours=_unique(24, fake.safe_color_name, at_most=True),
        folders=FOLDERS,
        warehouses=("Main warehouse", "Not the main warehouse"),
        uoms=("pcs", "kg", "m", "l"),
        companies=_unique(200, fake.company),
        people=_unique(200, fake.name),
        cities=_unique(60, fake.city),
        streets=_unique(60, fake.street_name),
        tags=("wholesale", "retail", "favorites", "suppliers"),
        channels=_unique(40, lambda: f"{fake.domain_word()}.example"),
        channel_types=("MESSENGER", "SOCIAL_NETWORK", "MARKETPLACE", "ECOMMERCE", "CLASSIFIED_ADS", "DIRECT_SALES"),
        events=_unique(40, lambda: fake.sentence(nb_words=5)),
    )


def _unique(count: int, draw: Callable[[], str], *, at_most: bool = False) -> Words:
    """`count` different words, or fewer where there are no more."""
    found: dict[str, None] = {}
    for _ in range(count * 50):
        found[draw()] = None
        if len(found) == count:
            break
    assert at_most or len(found) == count
    return tuple(found)


def main() -> None:
    """Fill the file anew."""
    path = Path(__file__).with_suffix(".json")
    path.write_bytes(orjson.dumps(asdict(filled()), option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()

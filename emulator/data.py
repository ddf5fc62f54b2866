"""Where the schemas and scenarios are: inside the package when installed, beside it in the tree."""

from importlib import resources
from importlib.resources.abc import Traversable


def directory(name: str) -> Traversable:
    """The directory `schemas` or `scenarios` that belongs to this copy of the package."""
    package = resources.files("emulator")
    installed = package / "_data" / name
    return installed if installed.is_dir() else package / ".." / name

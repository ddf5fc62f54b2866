"""What an API contributes to the words a scenario may use."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

from emulator.job import Lifecycle, nothing

Size = NewType("Size", int)
"""Bytes."""

Statuses = NewType("Statuses", Mapping[int, int])
"""Error code -> HTTP status, where a table of the provider's is to be overridden."""


def setting(default: Any, about: str, **more: Any) -> Any:  # noqa: ANN401 - dataclasses.field has this shape
    """A field of a provider's `Settings`: its default, what it means, and further JSON Schema keywords."""
    return field(default=default, metadata={"description": about, **more})


@dataclass(frozen=True)
class Vocabulary:
    """The words of one API.

    `settings` is the provider's frozen dataclass, each field made by `setting` and typed by one of bool, int,
    float, str, Duration, Size, Statuses, a Literal of strings, or one of these `| None`. `when` and `result` are JSON
    Schemas (property name -> schema) of what a job rule may ask of a submission, and say of its result;
    `account` likewise of one entry of `accounts`.
    """

    api: str
    lifecycle: Lifecycle
    operations: frozenset[str]
    errors: frozenset[int | str]
    settings: type
    when: Mapping[str, Mapping[str, Any]] = field(default_factory=nothing)
    result: Mapping[str, Mapping[str, Any]] = field(default_factory=nothing)
    account: Mapping[str, Mapping[str, Any]] = field(default_factory=nothing)
    of_jobs: frozenset[str] = frozenset()
    """The operations that are about one job."""
    callbacks: bool = False
    """Whether the API ever calls its clients."""
    breaches: Callable[[str, int, str, Any], Iterable[str]] = lambda *_answer: ()
    """(operation, status, media type, JSON or bytes) -> how such an answer breaks the contract."""
    nonsense: Callable[[Any], Iterable[tuple[tuple[str | int, ...], str]]] = lambda _rule: ()
    """What is wrong with a well-formed job rule: where in it, and in which words."""

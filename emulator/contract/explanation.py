r"""Why a value is refused, in words: jsonschema explains what jsonschema-rs has decided.

The two differ in a few keywords (`$` before a newline, `\d`, leap seconds, host names, `multipleOf`), so the explaining
one asks one-keyword validators of the deciding one there.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Explained = tuple[tuple[str | int, ...], str, Any, Any, str]
"""Path, keyword, what it asks, what was found, and in words."""


def registry(uri: str, document: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of a type that no stub tells
    """A document that schemas may refer to; nothing is ever fetched."""
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    return Registry().with_resource(uri, resource)


def errors(schema: Mapping[str, Any], known: Any, value: object) -> list[Explained]:  # noqa: ANN401 - see `registry`
    """What is wrong with the value, the most telling first; the schema refers to what is `known`."""
    found = list(_EXPLAINING(schema, registry=known).iter_errors(value))
    best = best_match(found) if found else None
    return [_explained(each) for each in ([best] if best else []) + found]


def _explained(error: ValidationError) -> Explained:
    path = tuple(error.absolute_path)
    return path, str(error.validator), error.validator_value, error.instance, error.message


@cache
def _one_keyword(keyword: str, operand: str | float) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {keyword: operand},
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
    )


def _delegated(keyword: str, complaint: str) -> Callable[..., Iterator[ValidationError]]:
    def check(
        _validator: Any,  # noqa: ANN401 - jsonschema's calling convention
        operand: str | float,
        instance: Any,  # noqa: ANN401
        _schema: Any,  # noqa: ANN401
    ) -> Iterator[ValidationError]:
        if not _one_keyword(keyword, operand).is_valid(instance):
            yield ValidationError(f"{instance!r} {complaint} {operand!r}")

    return check


_EXPLAINING = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _delegated("pattern", "does not match"),
        "format": _delegated("format", "is not a"),
        "multipleOf": _delegated("multipleOf", "is not a multiple of"),
    },
)

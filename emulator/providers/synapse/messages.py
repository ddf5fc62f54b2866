"""Bodies as the vendor reads them: by class, unknown properties and nulls dropped; dates and etags.

Which properties a class has, and of which types, is what its message in the contract says.
"""

import re
from collections.abc import Callable
from typing import Any

from emulator.chance import Chance, Key
from emulator.clock import MILLISECOND, Instant, to_datetime
from emulator.contract import openapi
from emulator.contract.decoder import NotJson, decode
from emulator.exchange import Request
from emulator.provider import ApiError
from emulator.providers.synapse.concretetypes import INTERFACES, MESSAGES, MODEL
from emulator.providers.synapse.errors import shown

Pojo = dict[str, Any]

SCHEMAS: dict[str, dict[str, Any]] = openapi.load("synapse").document["components"]["schemas"]

NO_BODY = {
    "LaunchNewJob": f"public {MODEL}asynch.AsynchronousJobStatus org.sagebionetworks.repo.web.controller."
    f"AsynchronousJobController.launchNewJob(java.lang.Long,{MODEL}asynch.AsynchronousRequestBody) throws "
    "org.sagebionetworks.repo.web.NotFoundException",
}
"""By operation: the method that lacks its body. Those of the services are not known: their names stand for them."""

_CHARSET = re.compile(r'charset="?([\w-]+)', re.IGNORECASE)

# Reading ----------------------------------------------------------------------


def said(request: Request) -> Pojo:
    """The JSON object in the body. ApiError no-body, media-type, bad-json."""
    assert request.operation
    if not request.body:
        raise ApiError("no-body", signature=NO_BODY.get(request.operation.id, request.operation.id))
    media_type = request.headers.get("Content-Type", "")
    if media_type and not media_type.lower().startswith("application/json"):
        raise ApiError("media-type", type=shown(media_type))
    try:
        value = decode(_utf8(request.body, media_type))
    except NotJson as error:
        line, column = error.line or 1, error.column or 1
        raise bad_json(f"{error.reason} at {column} [character {column + 1} line {line}]") from None
    if not isinstance(value, dict):
        raise bad_json("A JSONObject text must begin with '{' at 1 [character 2 line 1]")
    return value


def bad_json(text: str) -> ApiError:
    """What the vendor's parser has to say."""
    return ApiError("bad-json", text=text)


def _utf8(body: bytes, media_type: str) -> bytes:
    """A body without a charset is read as ISO-8859-1."""
    named = _CHARSET.search(media_type)
    try:
        return body.decode(named.group(1) if named else "iso-8859-1").encode()
    except (LookupError, UnicodeError):
        raise bad_json("The body is not in the charset that it names") from None


def pojo(message: str, value: Any) -> Pojo:  # noqa: ANN401 - JSON is any of six types
    """An object of the class that `message` describes, as the vendor writes it back."""
    schema = SCHEMAS[message]
    if "x-interface" in schema:
        message = _implementation(schema["x-interface"], value)
        schema = SCHEMAS[message]
    known = {name: each for name, each in schema["properties"].items() if value.get(name) is not None}
    return {name: _field(name, each, value[name]) for name, each in known.items()} | _named(message)


def _named(message: str) -> Pojo:
    """A class that implements an interface names itself, whether or not it was named."""
    return {"concreteType": _CLASSES[message]} if message in _CLASSES else {}


_CLASSES = {message: name for name, message in MESSAGES.items()}


def _implementation(interface: str, value: Pojo) -> str:
    """The message of the class that is named. ApiError missing-class, unknown-class."""
    name = value.get("concreteType")
    if name is None:
        raise ApiError("missing-class", type=interface)
    check_type("concreteType", "string", name)
    if name not in INTERFACES[interface]:
        raise ApiError("unknown-class", type=shown(name))
    return MESSAGES[name]


def _field(name: str, schema: dict[str, Any], value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    if "$ref" in schema:
        check_type(name, "object", value)
        return pojo(schema["$ref"].rsplit("/", 1)[-1], value)
    if "enum" in schema:
        if value not in schema["enum"]:
            raise ApiError("bad-enum", type=schema["x-java"], value=shown(str(value)))
        return value
    kinds = schema["type"]
    if isinstance(kinds, list):
        if value is None:
            return None
        kinds = kinds[0]
    check_type(name, kinds, value)
    if kinds == "array":
        return [_field(name, schema["items"], each) for each in value]
    if kinds == "object":
        return {key: _field(key, each, value[key]) for key, each in schema["properties"].items() if key in value}
    return int(value) if kinds == "integer" else value


TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "not a string"),
    "boolean": (lambda value: isinstance(value, bool), "is not a Boolean"),
    "integer": (
        lambda value: not isinstance(value, bool) and isinstance(value, int) and -(2**63) <= value < 2**63,
        "is not a long",
    ),
    "array": (lambda value: isinstance(value, list), "is not a JSONArray"),
    "object": (lambda value: isinstance(value, dict), "is not a JSONObject"),
}
"""By JSON type: what is one, and what the parser says of what is none."""


def check_type(name: str, kind: str, value: Any) -> None:  # noqa: ANN401 - JSON is any of six types
    """ApiError bad-json unless the value of a property is of that JSON type."""
    holds, complaint = TYPES[kind]
    if not holds(value):
        raise bad_json(f'JSONObject["{name}"] {complaint}.')


# Writing ----------------------------------------------------------------------


def date_time(at: Instant) -> str:
    """`2024-10-24T18:07:06.123Z`."""
    return to_datetime(at - at % MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def uuid(chance: Chance, *key: Key) -> str:
    """A version 4 UUID: what etags, sessions and places in the storage are."""
    digits = f"{chance.bits(*key) & ~(0xF << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

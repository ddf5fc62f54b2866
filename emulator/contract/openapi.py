"""The operations of one API, read from its bundled OpenAPI 3.1 document.

Extensions used: `x-shared-responses` (answers that every operation may give; the bundle has them in each
operation, and in its `x-own` the statuses that it declares itself), `x-job` on an operation (the parameter that
names a job), `x-body-limit` on an operation (the longest body that it takes, in bytes), `x-tail` on a path parameter
(it may hold slashes), `x-secret` on an operation (its bodies are never written to a journal), `x-bare` on an answer (it
may lack its body), `x-role` on an operation (`result`, `cancel` or `control`: what it is to its job, where it is not
simply a look at it). An operation with `security: []` wants no credentials. A path may name a query, as in
`/batch?action=run`: those are the values that the query must say. Servers after the first are other names of the same.
`x-hosts` of the document are the names under which the vendor serves it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from emulator import data
from emulator.contract.message import Message, Part, Store, Violation

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, or the header of an answer."""

    name: str
    place: str  # path, query, header
    required: bool
    message: Message
    kind: str = "string"
    tail: bool = False

    def allows(self, text: str) -> bool:
        """Whether a text stands for a value that the schema takes."""
        return self.message.allows(_READ.get(self.kind, str)(text))


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that the contract declares: its headers, and for each media type its message."""

    status: int
    shared: bool
    """Whether it is one of those that every operation may give, and not this operation's own."""
    headers: tuple[Parameter, ...]
    content: Mapping[str, Message]
    choices: Mapping[str, Message]
    """The messages of which it is one, by name, where its schema is `anyOf` several."""
    bare: bool = False
    """Whether it may come without a body all the same."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented endpoint. `path` is the full template, from the root, with the query that is part of it."""

    api: str
    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Message | None
    responses: Mapping[int, Response]
    secured: bool
    job: str | None
    secret: bool
    aliases: tuple[str, ...] = ()
    """Further templates that lead to it."""
    body_limit: int | None = None
    role: str | None = None
    """What the call is to a job, where it is no poll: `result`, `cancel` or `control`."""
    beside: tuple[Parameter, ...] = ()
    """Those of the parameters that the address does not tell."""


class Unpaired(LookupError):  # noqa: N818 - reads as what it says
    """An operation that nothing serves, or a function that serves none: a mistake of ours, found at the start."""


class Contract:
    """One API's operations by `operationId`."""

    def __init__(self, api: str, text: bytes) -> None:
        """`text` is the document as JSON. What is made of it here is all that is held, beside the text."""
        self.api = api
        self._store = Store(api, text)
        document = self._store.document
        self.hosts: tuple[str, ...] = tuple(document.get("x-hosts", ()))
        read = _Reader(api, document, self._store)
        self.operations: Mapping[str, Operation] = {each.id: each for each in read.operations()}
        self.shared: Mapping[int, Response] = read.shared()

    @property
    def document(self) -> Mapping[str, Any]:
        """The document, read anew each time: it is seldom asked for, and takes more room than all made of it."""
        return self._store.document

    def compile(self) -> None:
        """Compile every schema: one that cannot be is found before it is shipped. UnknownFormat, ValueError."""
        for name in self.document.get("components", {}).get("schemas", {}):
            self.message(name)
        self._store.compile()

    def message(self, name: str) -> Message:
        """A message by the name of its schema file: `task`."""
        return self._store.message(f"#/components/schemas/{name}")

    def pair(self, handlers: Iterable[str]) -> None:
        """Unpaired unless `handlers` are the operations, each of them."""
        served = set(handlers)
        alone = [f"{each} is served by nothing" for each in sorted(self.operations.keys() - served)]
        alone += [f"{each} is no operation" for each in sorted(served - self.operations.keys())]
        if alone:
            raise Unpaired(f"{self.api}: {', '.join(alone)}")

    def breaches(
        self,
        operation: Operation | None,
        status: int,
        headers: Mapping[str, str],
        media_type: str,
        payload: object,
        choice: str | None = None,
    ) -> list[Violation]:
        """What is wrong with an answer of ours; empty when nothing is. `payload` None is no body.

        `choice` is the name of its message where the contract declares a choice of several: so it is checked
        against the one it is meant to be, and against no other.
        """
        response = (operation.responses if operation else self.shared).get(status)
        if response is None:
            return [Violation((), "responses", None, status, f"status {status} is not declared")]
        for header in response.headers:
            if header.name in headers or header.required:
                value = headers.get(header.name)
                if not header.message.allows(value):
                    return header.message.violations(value)
        if payload is None and (response.bare or not response.content):
            return []
        message = response.content.get(media_type) if choice is None else response.choices.get(choice)
        if message is None:
            declared, said = list(response.choices or response.content), choice or media_type
            return [Violation((), "content", declared, said, f"{said!r} is not declared")]
        if isinstance(payload, Part) and payload.message is message:
            return []
        if isinstance(payload, bytes):  # a file: of its content, a contract says nothing
            return []
        return [] if message.allows(payload) else message.violations(payload)


class _Reader:
    """What a document says, read once."""

    def __init__(self, api: str, document: Mapping[str, Any], store: Store) -> None:
        self._api = api
        self._document = document
        self._store = store
        self._places: dict[bytes, str] = {}  # of schemas within operations: what is written twice is compiled once
        self._answers: dict[tuple[str, str, bool], Response] = {}  # those that operations share are the same to all

    def operations(self) -> Iterator[Operation]:
        """All of them."""
        for path, item in self._document["paths"].items():
            servers = item.get("servers", self._document["servers"])
            templates = tuple(each["url"].rstrip("/") + path for each in servers)
            for method in _METHODS:
                if method in item:
                    pointer = f"#/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}"
                    yield self._operation(method.upper(), templates, pointer, item[method])

    def shared(self) -> dict[int, Response]:
        """The answers that every operation may give, by status."""
        return {
            int(status): self._response(status, pointer, response, shared=True)
            for status, pointer, response in self._each("#/x-shared-responses", self._document)
        }

    def _operation(self, method: str, templates: tuple[str, ...], pointer: str, item: Mapping[str, Any]) -> Operation:
        body = item.get("requestBody", {}).get("content", {}).get("application/json")
        parameters = tuple(
            self._parameter(f"{pointer}/parameters/{n}", each) for n, each in enumerate(item.get("parameters", ()))
        )
        return Operation(
            api=self._api,
            id=item["operationId"],
            method=method,
            path=templates[0],
            parameters=parameters,
            body=body and self._schema(f"{pointer}/requestBody/content/application~1json/schema", body["schema"]),
            responses={
                int(status): self._response(status, found, response, shared=status not in item["x-own"])
                for status, found, response in self._each(f"{pointer}/responses", item)
            },
            secured=item.get("security") != [],
            job=item.get("x-job"),
            secret=item.get("x-secret", False),
            aliases=templates[1:],
            body_limit=item.get("x-body-limit"),
            role=item.get("x-role"),
            beside=tuple(each for each in parameters if each.place == "header"),
        )

    def _each(self, pointer: str, holder: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """The answers under `pointer`: status, where it really stands, what stands there."""
        for status, response in holder.get(pointer.rsplit("/", 1)[-1], {}).items():
            if "$ref" in response:
                yield status, response["$ref"], self._at(response["$ref"])
            else:
                yield status, f"{pointer}/{status}", response

    def _response(self, status: str, pointer: str, item: Mapping[str, Any], *, shared: bool) -> Response:
        known = status, pointer, shared
        if known not in self._answers:
            self._answers[known] = self._answer(int(status), pointer, item, shared=shared)
        return self._answers[known]

    def _answer(self, status: int, pointer: str, item: Mapping[str, Any], *, shared: bool) -> Response:
        return Response(
            status=status,
            shared=shared,
            headers=tuple(
                self._parameter(f"{pointer}/headers/{name}", {"name": name, "in": "header"} | each)
                for name, each in item.get("headers", {}).items()
            ),
            content={
                media_type: self._schema(
                    f"{pointer}/content/{media_type.replace('/', '~1')}/schema", each.get("schema", {})
                )
                for media_type, each in item.get("content", {}).items()
            },
            choices={
                each["$ref"].rsplit("/", 1)[-1]: self._store.message(each["$ref"])
                for content in item.get("content", {}).values()
                for each in content.get("schema", {}).get("anyOf", ())
                if "$ref" in each
            },
            bare=item.get("x-bare", False),
        )

    def _parameter(self, pointer: str, item: Mapping[str, Any]) -> Parameter:
        if item.get("$ref"):
            return self._parameter(item["$ref"], {**item, "$ref": None, **self._at(item["$ref"])})
        message = self._schema(f"{pointer}/schema", item.get("schema", {}))
        return Parameter(
            name=item["name"],
            place=item["in"],
            required=item.get("required", False),
            message=message,
            kind=item.get("schema", {}).get("type", "string"),
            tail=item.get("x-tail", False),
        )

    def _schema(self, pointer: str, schema: Mapping[str, Any]) -> Message:
        if set(schema) == {"$ref"}:
            return self._store.message(schema["$ref"])
        return self._store.message(self._places.setdefault(orjson.dumps(schema), pointer))

    def _at(self, pointer: str) -> Any:  # noqa: ANN401 - JSON is any of six types
        node: Any = self._document
        for part in pointer.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node


def _integer(text: str) -> int | str:
    return int(text) if _INTEGER.fullmatch(text) else text


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


_INTEGER = re.compile(r"-?[0-9]{1,18}")
_READ: Mapping[str, Callable[[str], Any]] = {"integer": _integer, "boolean": _boolean}
"""By the type a schema names: text to value. Text that stands for none stays text, which the schema then refuses."""


@cache
def load(api: str) -> Contract:
    """The contract of `schemas/<api>/bundle.json`. Immutable, so one serves all."""
    return Contract(api, (data.directory("schemas") / api / "bundle.json").read_bytes())

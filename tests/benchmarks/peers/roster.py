"""Who is measured: how each is started and configured, what it is asked, and what it does of the exchange."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from emulator import __version__
from tests.benchmarks.peers import athena, configured
from tests.benchmarks.peers.exchange import Asked, Exchange, told_by
from tests.benchmarks.server import FLAGS

HERE = Path(__file__).parent
INSTALLED = HERE.parents[2] / ".peers"
ON_EXCHANGE = "exchange.json {port}"
REQUIREMENT = re.compile(r"^([\w-]+)(?:\[\w+\])?==(\S+)$", re.MULTILINE)


def pinned() -> dict[str, str]:
    """The versions that package.json and requirements.txt ask for, by package."""
    packages: dict[str, str] = json.loads((HERE / "package.json").read_bytes())["dependencies"]
    return packages | dict(REQUIREMENT.findall((HERE / "requirements.txt").read_text(encoding="utf-8")))


VERSIONS = pinned()
JAR = INSTALLED / f"node_modules/wiremock/build/wiremock-standalone-{VERSIONS['wiremock']}.jar"


def tool(name: str) -> tuple[str, ...]:
    """A program from the npm registry."""
    return (str(INSTALLED / "node_modules/.bin" / name),)


def by_hand(name: str, python: str = str(INSTALLED / "bin/python")) -> tuple[str, ...]:
    """A server in by_hand/; it takes the exchange and a port."""
    return (python, str(HERE / "by_hand" / name))


def as_ours(_origin: str, exchange: Exchange) -> Asked:
    """Just what the emulator was asked."""
    return exchange.asked


def of_its_own(origin: str, _exchange: Exchange) -> Asked:
    """The emulator's requests, about a task of this server."""
    return told_by(origin).asked


def creating(_origin: str, exchange: Exchange) -> Asked:
    """The same of a server that answers a submission with 201."""
    return replace(exchange.asked, submit=replace(exchange.asked.submit, status=201))


@dataclass(frozen=True)
class Peer:
    """A server to be measured; `{port}` and `{spare}` in its arguments are two free ports."""

    name: str
    version: str
    program: tuple[str, ...]
    arguments: str
    does: str
    files: Callable[[Exchange, int], configured.Files] = configured.exchange_file
    asked: Callable[[str, Exchange], Asked] = as_ours

    def command(self, port: int, spare: int) -> list[str]:
        """What is run, in the folder where its files are."""
        return [*self.program, *self.arguments.format(port=port, spare=spare).split()]


PEERS = (
    Peer(
        "async-api-emulator",
        __version__,
        (sys.executable, "-m", "emulator", "serve", *FLAGS),
        "--port {port}",
        "A submission is checked against the vendor's schema and makes a job that lives on by itself; a poll finds "
        "the job in its account and tells its state. Both answers are held against the contract, both exchanges are"
        " kept in the journal with their bodies, credentials taken out. Token, limits and the scenario's faults are"
        " looked at on each call.",
        configured.nothing,
        of_its_own,
    ),
    Peer(
        "bare aiohttp",
        version("aiohttp"),
        by_hand("bare.py", sys.executable),
        ON_EXCHANGE,
        "The floor: two routed handlers that send given bytes. A submission is parsed and forgotten; no check, no "
        "state, no journal.",
    ),
    Peer(
        "FastAPI by hand",
        VERSIONS["fastapi"],
        by_hand("by_fastapi.py"),
        ON_EXCHANGE,
        "Under uvicorn with uvloop and httptools, its fastest. Pydantic models check a submission, which makes an "
        "entry in a dict; a poll looks its job up there and encodes it anew. The jobs never change; no journal, no "
        "faults.",
    ),
    Peer(
        "pytest-httpserver",
        VERSIONS["pytest-httpserver"],
        by_hand("by_httpserver.py"),
        ON_EXCHANGE,
        "Outside of a test, with two expectations and fixed answers, and a thread for each request. Werkzeug's "
        "server closes the connection after each answer, so each request pays for a new one. It has no check "
        "against a schema and no state; each exchange is kept in its log, which grows.",
    ),
    Peer(
        "Prism",
        VERSIONS["@stoplight/prism-cli"],
        tool("prism"),
        "mock --host 127.0.0.1 --port {port} --verboseLevel error openapi.json",
        "From an OpenAPI document with our schema and both bodies as examples. It checks the parameters and the "
        "body of every call, and negotiates the answer. Stateless by intent: a poll of any id has the same answer; "
        "no journal.",
        configured.prism,
    ),
    Peer(
        "Mockoon",
        VERSIONS["@mockoon/cli"],
        tool("mockoon-cli"),
        "start --disable-log-to-file --data environment.json --port {port}",
        "Two routes with fixed answers. A rule checks the submission against our schema, which it compiles anew for"
        " each: that is nearly all a submission costs. No job is made; the last 100 exchanges are kept for its "
        "admin API.",
        configured.mockoon,
    ),
    Peer(
        "json-server",
        VERSIONS["json-server"],
        tool("json-server"),
        "--quiet --no-gzip --host 127.0.0.1 --port {port} --routes routes.json db.js",
        "Two collections in memory (from a JSON file it would write the file anew at each submission). A submission"
        " is stored under a new id and can be asked for; the answer is the submission itself with 201, instead of "
        "our body. A poll is a look-up, its answer indented. No check, no journal, no change of state.",
        configured.json_server,
        creating,
    ),
    Peer(
        "mountebank",
        VERSIONS["@mbtest/mountebank"],
        tool("mb"),
        "start --host 127.0.0.1 --port {spare} --nologfile --loglevel error --noParse --configfile imposters.json",
        "An imposter with two stubs, told to keep connections open. It has no check against a schema and no state; "
        "recording is off, as it is by default.",
        configured.mountebank,
    ),
    Peer(
        "WireMock",
        VERSIONS["wiremock"],
        ("java", "-jar", str(JAR)),
        "--port {port} --bind-address 127.0.0.1 --disable-banner --use-chunked-encoding never",
        "The standalone jar. Three mappings with fixed answers; a submission is matched against our schema. No job "
        "is made. Each exchange is kept in its journal, which grows. On one core the JVM takes its serial "
        "collector, and compiles while it serves; what it would gain by running longer is not seen.",
        configured.wiremock,
    ),
    Peer(
        "moto (Athena)",
        VERSIONS["moto"],
        (str(INSTALLED / "bin/moto_server"),),
        "--host 127.0.0.1 --port {port}",
        "It serves AWS alone, so it is asked the nearest it has: StartQueryExecution and GetQueryExecution of "
        "Athena, each a POST of JSON to `/`, with other bytes and 200. A submission makes a query with a state, "
        "which its state manager can move on at a poll. The server checks no schema, the AWS client does; the wrong"
        " one has a list for a query string. Werkzeug's server closes after each answer, and writes a line for "
        "each, which no flag prevents.",
        configured.nothing,
        athena.queries,
    ),
)

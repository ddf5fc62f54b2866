"""The command line. Light: what a verb needs is imported when the verb is run.

serving     serve
scenarios   validate, show, init: scenario files; shelf finds them, reports tells their mistakes
catalogue   list, states, schema: what the emulator knows
remote      clock, scenario, reset, healthcheck: verbs for a running server; server asks it
journal     requests, wait, timeline: what a running server was asked
snapshots   snapshot, restore, fork: a running server's state
table       rows as lines of text
exits       how a verb ends that cannot go on

Exit codes: 0 fine, 1 a verification found problems, 2 bad usage or a bad file, 3 cannot bind.
"""

import click

from emulator import __version__
from emulator.cli.catalogue import listing, schema, states
from emulator.cli.journal import requests, timeline, wait
from emulator.cli.remote import clock, healthcheck, reset, scenario
from emulator.cli.scenarios import init, show, validate
from emulator.cli.serving import serve
from emulator.cli.snapshots import fork, restore, snapshot

CONTEXT = {"auto_envvar_prefix": "EMULATOR", "help_option_names": ["-h", "--help"], "max_content_width": 100}

VERBS = (
    serve,
    validate,
    listing,
    show,
    states,
    schema,
    init,
    clock,
    scenario,
    requests,
    wait,
    timeline,
    reset,
    snapshot,
    restore,
    fork,
    healthcheck,
)


class InOrder(click.Group):
    """A group whose help lists its verbs in the order in which they are met."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """The names of the verbs."""
        return list(self.commands)


@click.group(cls=InOrder, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="emulator")
def main() -> None:
    """A contract-compatible emulator of asynchronous-job HTTP APIs.

    Flags may be given as environment variables: EMULATOR_SERVE_PORT for `serve --port`; those that a container
    wants also in short, such as EMULATOR_HOST.
    """


for verb in VERBS:
    verb.help = (verb.help or "").replace(r"\b", "\b")  # click's mark for lines that stay as they are
    main.add_command(verb)

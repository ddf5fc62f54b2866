"""The vendors. One module or folder each; none of them knows another.

A new one is a module here, its schemas, its scenarios, its tests, and a line in `PROVIDERS` and in `ERROR_TEXTS`.
"""

from collections.abc import Mapping
from typing import Any

from emulator.provider import AnyProvider
from emulator.providers import deposco, ivvy, kladana, synapse, waylay
from emulator.providers.deposco.errors import ERRORS as DEPOSCO_ERRORS
from emulator.providers.ivvy.errors import ERROR_CODES, SPECIFIC_CODES
from emulator.providers.kladana.errors import TASK_ERRORS
from emulator.providers.synapse.errors import ERRORS as SYNAPSE_ERRORS
from emulator.providers.synapse.errors import EXCEPTIONS
from emulator.providers.waylay.errors import ERRORS as WAYLAY_ERRORS

PROVIDERS: tuple[AnyProvider, ...] = (kladana.api, waylay.api, deposco.api, ivvy.api, synapse.api)

ERROR_TEXTS: Mapping[str, Mapping[Any, str]] = {
    "kladana": {code: entry[1] for code, entry in TASK_ERRORS.items()},
    "waylay": {code: entry[1] for code, entry in WAYLAY_ERRORS.items()},
    "deposco": {code: entry[1] for code, entry in DEPOSCO_ERRORS.items()},
    "ivvy": {**ERROR_CODES, **{code: entry[1] for code, entry in SPECIFIC_CODES.items()}},
    "synapse": {
        **{code: entry[1] for code, entry in SYNAPSE_ERRORS.items()},
        **{code: thrown.message for code, thrown in EXCEPTIONS.items()},
    },
}
"""By API: what the vendor's table says of each error code, for people who read a scenario."""

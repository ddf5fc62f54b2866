"""The vendors. One module or folder each; none of them knows another.

A new one is a module here, its schemas, its scenarios, its tests, and a line in `PROVIDERS`.
"""

from emulator.provider import AnyProvider
from emulator.providers import deposco, ivvy, kladana, synapse, waylay

PROVIDERS: tuple[AnyProvider, ...] = (kladana.api, waylay.api, deposco.api, ivvy.api, synapse.api)

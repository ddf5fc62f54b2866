"""`/__admin`: our own API, which never leaks into a vendor's. Errors are problem+json.

api         the dispatch: guard, contract, handler, contract again
guard       who may ask: Host, Origin, token
operations  one function per operation
scenarios   the operations on scenarios
namespaces  those on namespaces; snapshots: namespaces as documents; clocks: how a clock is told
callbacks   the operation on callbacks
requests    the operations on the journal: list, find, count, wait, verify
wishes      which exchanges are meant
audience    room for calls that stay
har         the journal as an HTTP Archive
timeline    all that happened to one job
events      server-sent events
metrics     what Prometheus scrapes
openapi     this API's own document
jobs        which job is meant
paging      pages of lists
"""

from emulator.admin.api import Admin
from emulator.admin.guard import Guard

__all__ = ["Admin", "Guard"]
